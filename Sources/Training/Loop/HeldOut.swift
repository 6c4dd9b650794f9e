/// Examples divided into those that are learnt from and those that are kept for evaluation.
public struct HeldOut<Item> {
  /// The items that are learnt from, in their order.
  public var training: [Item] = []
  /// The items that are kept, in their order.
  public var evaluation: [Item] = []

  /// Draws the kept examples by the seed, all of one prompt together.
  ///
  /// The last rows of a file would be another kind of example where the file is sorted, and examples of one prompt on both
  /// sides would measure memory. At least one prompt is left to learn from.
  ///
  /// - Parameters:
  ///   - share: how many of the examples are kept, from 0 to below 1, to the nearest number; the last prompt drawn may
  ///     bring more.
  ///   - prompt: what must not stand on both sides.
  public init<Prompt: Hashable>(_ items: [Item], share: Double, seed: UInt64, by prompt: (Item) -> Prompt) {
    let wanted = Int((Double(items.count) * share).rounded())
    var groups: [Prompt: Int] = [:]
    var group: [Int] = []
    var sizes: [Int] = []
    for item in items {
      let number = groups[prompt(item)] ?? groups.count
      if number == groups.count {
        groups[prompt(item)] = number
        sizes.append(0)
      }
      sizes[number] += 1
      group.append(number)
    }
    var (kept, count) = (Set<Int>(), 0)
    // A seed of its own, so that the division is not that of an epoch's order.
    for number in EpochOrder.permutation(sizes.count, seed: seed &+ 0x48_65_6C_64)
    where count < wanted && kept.count < sizes.count - 1 {
      kept.insert(number)
      count += sizes[number]
    }
    for (item, number) in zip(items, group) {
      if kept.contains(number) { evaluation.append(item) } else { training.append(item) }
    }
  }
}
