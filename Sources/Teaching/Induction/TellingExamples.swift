internal import Expressions

/// The few of very many examples that an expression is learned from.
///
/// A hundred thousand dates say no more about a date than forty do, and cost two thousand times as much. So a few are
/// chosen, an expression is learned, all examples are checked, and those that it judges wrongly are added, until there are
/// none.
enum TellingExamples {
  /// Up to how many of one label all are learned from.
  static let limit = 60
  /// The number of examples that are looked at for their shape.
  private static let looked = 20_000

  /// The first choice: some at equal distances, so that what is frequent stays frequent, then one of each shape that they
  /// leave out, then the shortest and the longest.
  static func choice(of strings: [[UInt32]]) -> [Int] {
    guard strings.count > limit else { return Array(strings.indices) }
    var chosen = Set((0..<30).map { $0 * strings.count / 30 })
    let stride = max(1, strings.count / looked)
    let places = Swift.stride(from: 0, to: strings.count, by: stride)
    if let shortest = places.min(by: { strings[$0].count < strings[$1].count }) { chosen.insert(shortest) }
    if let longest = places.max(by: { strings[$0].count < strings[$1].count }) { chosen.insert(longest) }
    chosen.formUnion(ofNewShapes(places, in: strings, besides: chosen, count: 16))
    return chosen.sorted()
  }

  /// The first of each shape that none of the others has.
  static func ofNewShapes(
    _ places: some Sequence<Int>, in strings: [[UInt32]], besides chosen: Set<Int>, count: Int
  ) -> [Int] {
    var shapes = Set(chosen.map { shape(of: strings[$0]) })
    var result: [Int] = []
    for place in places where result.count < count && !chosen.contains(place) {
      if shapes.insert(shape(of: strings[place])).inserted { result.append(place) }
    }
    return result
  }

  private static func shape(of string: [UInt32]) -> [UInt32] {
    StringTemplate.Cut.kinds.runs(of: string).map(\.kind)
  }
}
