/// The fixed decomposition of a book: which summaries each summary is made of, before any of them is written (Wu 2021, section 2).
///
/// It depends on the number of passages and the ends of chapters alone, so that the cost is known before the start, and an edit changes
/// no node's place. Nodes of one height stand in the text's order; a node's children are consecutive.
public struct TreeShape: Sendable, Equatable {
  /// A node's place.
  public struct Place: Sendable, Hashable {
    /// 0 for passages.
    public var height: Int
    /// Its number among the nodes of its height.
    public var index: Int

    /// A place.
    public init(height: Int, index: Int) { (self.height, self.index) = (height, index) }

    /// Its name in files, such as `h1-3`.
    public var name: String { "h\(height)-\(index)" }
  }

  /// For each height the passages that each node covers; the last has one node.
  public private(set) var leaves: [[Range<Int>]]
  /// For each height the children of each node, numbers of the height below; none at height 0.
  public private(set) var children: [[Range<Int>]]

  /// The shape over so many passages.
  ///
  /// - Parameters:
  ///   - chapters: each passage's chapter; groups end with a chapter where they can.
  ///   - fanIn: the most children of a node of a height from 1 on.
  public init(chapters: [Int], fanIn: (_ height: Int) -> Int) {
    leaves = [chapters.indices.map { $0..<$0 + 1 }]
    children = [chapters.indices.map { $0..<$0 }]
    while let below = leaves.last, below.count > 1 {
      let most = max(2, fanIn(leaves.count))
      // A chapter's end is worth keeping while chapters are larger than a node's share.
      let ends = below.map { $0.upperBound == chapters.count || chapters[$0.upperBound] != chapters[$0.upperBound - 1] }
      let groups = Self.groups(of: below.count, most: most, ends: ends)
      leaves.append(groups.map { below[$0.lowerBound].lowerBound..<below[$0.upperBound - 1].upperBound })
      children.append(groups)
    }
  }

  /// The height of the root.
  public var height: Int { leaves.count - 1 }
  /// All places, the lowest first.
  public var places: [Place] {
    leaves.enumerated().flatMap { height, nodes in nodes.indices.map { Place(height: height, index: $0) } }
  }
  /// The root's place.
  public var root: Place { Place(height: height, index: 0) }

  /// The node that a place is a part of; nil of the root.
  public func parent(of place: Place) -> Place? {
    guard place.height < height else { return nil }
    return children[place.height + 1].firstIndex { $0.contains(place.index) }.map {
      Place(height: place.height + 1, index: $0)
    }
  }

  /// The places that a place is made of.
  public func children(of place: Place) -> [Place] {
    place.height == 0 ? [] : children[place.height][place.index].map { Place(height: place.height - 1, index: $0) }
  }

  /// Consecutive groups of at most so many: as few as can be, of like size, and ending where `ends` says where that costs little.
  ///
  /// By dynamic programming over the end of the last group; the cost of a group is 1 for being there, ¾ for not ending well, and the
  /// square of what it lacks.
  static func groups(of count: Int, most: Int, ends: [Bool]) -> [Range<Int>] {
    guard count > most else { return [0..<count] }
    var best = [(cost: Double, from: Int)](repeating: (.infinity, 0), count: count + 1)
    best[0] = (0, 0)
    for end in 1...count {
      for start in max(0, end - most)..<end {
        let lack = Double(most - (end - start)) / Double(most)
        let cost = best[start].cost + 1 + (ends[end - 1] ? 0 : 0.75) + lack * lack
        if cost < best[end].cost { best[end] = (cost, start) }
      }
    }
    var made: [Range<Int>] = []
    var end = count
    while end > 0 {
      made.append(best[end].from..<end)
      end = best[end].from
    }
    return made.reversed()
  }
}
