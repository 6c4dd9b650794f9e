/// Two categories of objects with four binary features, shown to participants: an experiment of
/// ``CategoryLearning``.
///
/// Objects are numbers from 0 to 15; the first feature is the highest bit, so that object 0b1110 is
/// written `1110`.
public struct CategoryStructure: Hashable, Sendable, CustomStringConvertible {
  /// The objects shown as As.
  public let a: [Int]
  /// The objects shown as Bs.
  public let b: [Int]

  /// A structure by the numbers of its objects.
  public init(a: [Int], b: [Int]) {
    self.a = a
    self.b = b
  }

  /// A structure by its objects as four binary digits each.
  ///
  /// - Throws: An ``ExperimentError`` for an object that isn't four digits 0 or 1, an object in
  ///   both categories or twice in one, or an empty category.
  public init(a: [String], b: [String]) throws {
    func number(_ text: String) throws -> Int {
      guard text.count == 4, text.allSatisfy({ $0 == "0" || $0 == "1" }),
        let number = Int(text, radix: 2)
      else { throw ExperimentError("the object \"\(text)\" must be four binary digits, as 0110") }
      return number
    }
    self.init(a: try a.map(number), b: try b.map(number))
    let all = self.a + self.b
    guard !a.isEmpty, !b.isEmpty, Set(all).count == all.count else {
      throw ExperimentError("categories must hold something, and no object twice: A \(a), B \(b)")
    }
  }

  /// The objects of both categories: `A 1110 1010 … | B 1100 …`.
  public var description: String {
    "A \(a.map(Self.digits).joined(separator: " ")) | B \(b.map(Self.digits).joined(separator: " "))"
  }

  /// An object as four binary digits.
  public static func digits(_ object: Int) -> String {
    String((0..<4).map { object >> (3 - $0) & 1 == 1 ? "1" : "0" })
  }

  /// Medin and Schaffer's (1978) 5–4 structure.
  public static let medinSchaffer = CategoryStructure(
    a: [0b1110, 0b1010, 0b1011, 0b1101, 0b0111], b: [0b1100, 0b0110, 0b0001, 0b0000])

  /// The structure that Ouyang and others (2016) found to be the best.
  public static let publishedOptimum = CategoryStructure(
    a: [0b0001, 0b0011, 0b1100, 0b1110, 0b1111], b: [0b0100, 0b0110, 0b1000, 0b1010])

  /// All structures of five As and four Bs, one for each class that renaming and flipping features
  /// makes alike.
  ///
  /// There are 4,223. The published search went over a list of 934, whose selection isn't
  /// described.
  public static func fiveFour() -> [CategoryStructure] {
    let renamings = renamingTables()
    var seen: Set<Int> = []
    var structures: [CategoryStructure] = []
    for a in subsets(of: Array(0..<16), size: 5) {
      let rest = (0..<16).filter { !a.contains($0) }
      for b in subsets(of: rest, size: 4) {
        let key = mask(a) | mask(b) << 16
        if seen.contains(key) { continue }
        structures.append(CategoryStructure(a: a, b: b))
        for table in renamings {
          seen.insert(mask(a.map { table[$0] }) | mask(b.map { table[$0] }) << 16)
        }
      }
    }
    return structures
  }

  private static func mask(_ objects: [Int]) -> Int { objects.reduce(0) { $0 | 1 << $1 } }

  /// The image of each object under each of the 384 symmetries of the four-cube.
  private static func renamingTables() -> [[Int]] {
    var tables: [[Int]] = []
    for order in permutations([0, 1, 2, 3]) {
      for flips in 0..<16 {
        tables.append(
          (0..<16).map { object in
            var image = 0
            for (place, feature) in order.enumerated() { image |= (object >> feature & 1) << place }
            return image ^ flips
          })
      }
    }
    return tables
  }

  private static func permutations(_ items: [Int]) -> [[Int]] {
    if items.count <= 1 { return [items] }
    return items.flatMap { first in
      permutations(items.filter { $0 != first }).map { [first] + $0 }
    }
  }

  private static func subsets(of items: [Int], size: Int) -> [[Int]] {
    if size == 0 { return [[]] }
    guard items.count >= size else { return [] }
    let rest = Array(items.dropFirst())
    return subsets(of: rest, size: size - 1).map { [items[0]] + $0 } + subsets(of: rest, size: size)
  }
}
