/// A template grown from positive examples: slots in order, each holding the piece of every example
/// that was aligned with it, or nothing where the example has no such piece.
///
/// It is the scaffold of the recognition model. Each example is cut into runs of one kind; the
/// first makes the slots, and every further one is aligned with them at the least cost, opening
/// slots where it has something new. Noise on the costs makes the growth a random process.
struct StringTemplate {
  /// A way to cut strings into runs.
  enum Cut: CaseIterable, Sendable {
    /// Runs of one repeated character.
    case characters
    /// Runs of digits, lower-case or upper-case letters.
    case kinds
    /// Runs of digits or letters.
    case letters
    /// Runs of letters and digits.
    case alphanumerics

    func kind(of scalar: UInt32) -> UInt32 {
      // Values below 32 name kinds; larger ones are the scalar itself.
      if scalar >= 128, self != .characters, let letter = Self.kind(beyondASCII: scalar) {
        return self == .kinds ? letter : self == .letters ? 4 : 5
      }
      switch (self, scalar) {
      case (.characters, _): return scalar + 64
      case (.kinds, 0x30...0x39), (.letters, 0x30...0x39): return 1
      case (.kinds, 0x61...0x7A): return 2
      case (.kinds, 0x41...0x5A): return 3
      case (.letters, 0x61...0x7A), (.letters, 0x41...0x5A): return 4
      case (.alphanumerics, 0x30...0x39), (.alphanumerics, 0x61...0x7A),
        (.alphanumerics, 0x41...0x5A):
        return 5
      default: return scalar + 64
      }
    }

    /// Letters of other scripts by case, those without case with lower ones; an accent belongs to its letter.
    private static func kind(beyondASCII scalar: UInt32) -> UInt32? {
      switch Unicode.Scalar(scalar)?.properties.generalCategory {
      case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark: 2
      case .uppercaseLetter, .titlecaseLetter: 3
      default: nil
      }
    }

    func runs(of scalars: [UInt32]) -> [Run] {
      var runs: [Run] = []
      for scalar in scalars {
        let kind = kind(of: scalar)
        if let last = runs.indices.last, runs[last].kind == kind {
          runs[last].text.append(scalar)
        } else {
          runs.append(Run(kind: kind, text: [scalar]))
        }
      }
      return runs
    }
  }

  struct Run: Equatable {
    var kind: UInt32
    var text: [UInt32]
  }

  struct Slot {
    var kind: UInt32
    /// One piece an example, empty where the example has none.
    var texts: [[UInt32]]
    var isOptional: Bool { texts.contains(where: \.isEmpty) }
  }

  private(set) var slots: [Slot] = []
  private(set) var exampleCount = 0
  let cut: Cut

  /// The most pairs of slot and run that one alignment may look at.
  static let alignmentLimit = 40_000

  /// Grows a template from examples in this order; nothing when they have too many runs.
  init?(
    _ examples: [[UInt32]], cut: Cut, temperature: Double,
    using generator: inout some RandomNumberGenerator
  ) {
    self.cut = cut
    for example in examples {
      let runs = cut.runs(of: example)
      guard runs.count <= 200, max(1, slots.count) * max(1, runs.count) <= Self.alignmentLimit
      else {
        return nil
      }
      add(runs, temperature: temperature, using: &generator)
    }
  }

  private mutating func add(
    _ runs: [Run], temperature: Double, using generator: inout some RandomNumberGenerator
  ) {
    let absent = [[UInt32]](repeating: [], count: exampleCount)
    defer { exampleCount += 1 }
    if exampleCount == 0 {
      slots = runs.map { Slot(kind: $0.kind, texts: [$0.text]) }
      return
    }
    let steps = alignment(with: runs, temperature: temperature, using: &generator)
    var grown: [Slot] = []
    for step in steps {
      switch step {
      case .match(let slot, let run):
        var merged = slots[slot]
        merged.texts.append(runs[run].text)
        grown.append(merged)
      case .skip(let slot):
        var merged = slots[slot]
        merged.texts.append([])
        grown.append(merged)
      case .open(let run):
        grown.append(Slot(kind: runs[run].kind, texts: absent + [runs[run].text]))
      }
    }
    slots = grown
  }

  private enum Step {
    case match(slot: Int, run: Int)
    case skip(slot: Int)
    case open(run: Int)
  }

  private func cost(_ slot: Slot, _ run: Run) -> Double {
    if slot.kind == run.kind {
      return slot.texts.contains(run.text) ? 0 : 0.5
    }
    // Kinds below 32 are letters and digits; different marks are rarely the same thing.
    return slot.kind < 32 && run.kind < 32 ? 2.5 : 6
  }

  private func alignment(
    with runs: [Run], temperature: Double, using generator: inout some RandomNumberGenerator
  ) -> [Step] {
    let rows = slots.count
    let columns = runs.count
    let width = columns + 1
    var costs = [Double](repeating: 0, count: (rows + 1) * width)
    var moves = [UInt8](repeating: 0, count: costs.count)
    func noise(_ generator: inout some RandomNumberGenerator) -> Double {
      temperature == 0 ? 0 : Double.random(in: 0..<temperature, using: &generator)
    }
    for row in 0...rows {
      for column in 0...columns where row + column > 0 {
        var best = Double.infinity
        var move: UInt8 = 0
        if row > 0, column > 0 {
          best =
            costs[(row - 1) * width + column - 1] + cost(slots[row - 1], runs[column - 1])
            + noise(&generator)
          move = 0
        }
        if row > 0 {
          let skip =
            costs[(row - 1) * width + column] + (slots[row - 1].isOptional ? 1 : 2)
            + noise(&generator)
          if skip < best { (best, move) = (skip, 1) }
        }
        if column > 0 {
          let open = costs[row * width + column - 1] + 2 + noise(&generator)
          if open < best { (best, move) = (open, 2) }
        }
        costs[row * width + column] = best
        moves[row * width + column] = move
      }
    }
    var steps: [Step] = []
    var (row, column) = (rows, columns)
    while row + column > 0 {
      switch moves[row * width + column] {
      case 0:
        row -= 1
        column -= 1
        steps.append(.match(slot: row, run: column))
      case 1:
        row -= 1
        steps.append(.skip(slot: row))
      default:
        column -= 1
        steps.append(.open(run: column))
      }
    }
    return steps.reversed()
  }
}
