import Statistics

/// A rule that makes one short text of letters from another: an order of the letters, then a table of letters, then a letter more.
///
/// Its name says what it does, part by part, so that a rule whose parts are known can be followed from its name alone.
struct StringRule: Equatable {
  /// The order in which the letters come out.
  enum Order: String, CaseIterable {
    case same, reverse, rotate, unrotate, swap, tail, front, stretch

    func applied(to letters: [Int]) -> [Int] {
      guard let first = letters.first, let last = letters.last else { return letters }
      return switch self {
      case .same: letters
      case .reverse: letters.reversed()
      case .rotate: letters.dropFirst() + [first]
      case .unrotate: [last] + letters.dropLast()
      case .swap: letters.count < 2 ? letters : [last] + letters.dropFirst().dropLast() + [first]
      case .tail: Array(letters.dropFirst())
      case .front: letters.dropLast()
      case .stretch: letters + [last]
      }
    }
  }

  /// The letters that stand for others.
  enum Table: Equatable {
    case none
    /// One of the ciphers that have a name.
    case named(Int)
    /// A cipher that a single document has; its name says nothing.
    case own([Int], pool: [Int])
  }

  /// The letter that is added.
  enum Affix: Equatable {
    case none, append(Int), prepend(Int)
  }

  var order = Order.same
  var table = Table.none
  var affix = Affix.none

  /// The letters that texts are made of.
  static let letters = Array("abcdefgh")
  /// The names of the ciphers that all documents share.
  ///
  /// There are many, so that what a name means is known less well than what examples show.
  static let ciphers = """
    ash birch cedar elm fir hazel oak pine alder aspen beech box cherry dogwood ebony fig ginkgo holly iris ivy juniper larch laurel \
    lime maple myrtle olive palm peach pear plum poplar rose rowan spruce sumac thorn walnut willow yew
    """.split(separator: " ").map(String.init)
  private static let tables: [[Int]] = ciphers.indices.map { number in
    var random = SeededGenerator(seed: 7000 + UInt64(number))
    return letters.indices.shuffled(using: &random)
  }

  /// The three families of which training shows no member, though each has parts that it knows.
  enum Family: String, CaseIterable, Codable {
    case cipherAppend = "cipher and append"
    case rotatedAppend = "rotate and append"
    case swappedPrepend = "swap and prepend"
  }

  /// The family that keeps it out of training; nil for the others.
  var heldOut: Family? {
    switch (order, table, affix) {
    case (_, .named, .append), (_, .own, .append): .cipherAppend
    case (.rotate, _, .append): .rotatedAppend
    case (.swap, _, .prepend): .swappedPrepend
    default: nil
    }
  }

  /// Its name, part by part.
  var name: String {
    var parts: [String] = order == .same ? [] : [order.rawValue]
    switch table {
    case .none: break
    case .named(let number): parts.append("cipher " + Self.ciphers[number])
    case .own: parts.append("code")
    }
    switch affix {
    case .none: break
    case .append(let letter): parts.append("append \(Self.letters[letter])")
    case .prepend(let letter): parts.append("prepend \(Self.letters[letter])")
    }
    return parts.isEmpty ? "same" : parts.joined(separator: ", ")
  }

  /// What becomes of a text.
  func applied(to text: [Int]) -> [Int] {
    var made = order.applied(to: text)
    switch table {
    case .none: break
    case .named(let number): made = made.map { Self.tables[number][$0] }
    case .own(let table, _): made = made.map { table[$0] }
    }
    switch affix {
    case .none: break
    case .append(let letter): made.append(letter)
    case .prepend(let letter): made.insert(letter, at: 0)
    }
    return made
  }

  /// A text for it: of one to four letters in training, where short ones show best which letter stands for which, and of two to four
  /// in tests; of those letters that a document's own cipher uses.
  func text(isTest: Bool, _ random: inout SeededGenerator) -> [Int] {
    let count = isTest ? 2 + random.index(below: 3) : [1, 1, 2, 2, 3, 4][random.index(below: 6)]
    let pool = if case .own(_, let pool) = table { pool } else { Array(Self.letters.indices) }
    return (0..<count).map { _ in pool[random.index(below: pool.count)] }
  }

  /// Letters as a text shows them.
  static func shown(_ text: [Int]) -> String { text.map { " \(letters[$0])" }.joined() }

  // MARK: Drawing rules

  /// A cipher of a document's own, over three to eight letters.
  static func ownTable(_ random: inout SeededGenerator) -> Table {
    let pool = letters.indices.shuffled(using: &random).prefix([3, 4, 6, 8][random.index(below: 4)])
    return .own(letters.indices.shuffled(using: &random), pool: Array(pool))
  }

  /// A rule of a held-out family.
  static func drawn(from family: Family, _ random: inout SeededGenerator) -> StringRule {
    let letter = random.index(below: letters.count)
    return switch family {
    case .cipherAppend: StringRule(table: .named(random.index(below: ciphers.count)), affix: .append(letter))
    case .rotatedAppend: StringRule(order: .rotate, affix: .append(letter))
    case .swappedPrepend: StringRule(order: .swap, affix: .prepend(letter))
    }
  }
}
