/// The classes of characters that pre-tokenizer patterns distinguish, as bits.
package struct ScalarClass: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `\p{L}`.
  package static let letter = ScalarClass(rawValue: 1)
  /// `\p{N}`.
  package static let number = ScalarClass(rawValue: 2)
  /// `\s`: Unicode's White_Space.
  package static let space = ScalarClass(rawValue: 4)
  /// `\r` and `\n`.
  static let lineBreak = ScalarClass(rawValue: 8)
  /// `\p{P}`.
  static let punctuation = ScalarClass(rawValue: 16)
  /// `\p{M}`.
  static let mark = ScalarClass(rawValue: 32)
  /// `\w`: alphabetic characters, marks, decimal digits, connectors and joiners.
  static let word = ScalarClass(rawValue: 64)

  /// The classes of one scalar.
  package static func of(_ scalar: Unicode.Scalar) -> ScalarClass {
    let value = Int(scalar.value)
    return value < tableSize ? table[value] : computed(scalar)
  }

  /// Planes 0 to 3 as far as letters go; the rest is rare enough to compute.
  static let tableSize = 0x32400

  /// The classes of every scalar below `tableSize`.
  static let table: [ScalarClass] = (0..<UInt32(tableSize)).map {
    Unicode.Scalar($0).map(computed) ?? []
  }

  private static func computed(_ scalar: Unicode.Scalar) -> ScalarClass {
    var result: ScalarClass = []
    let properties = scalar.properties
    // The `tokenizers` library knows Unicode 16; younger characters are unassigned to it.
    if let age = properties.age, age.major > 16 { return [] }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      result = .letter
    case .decimalNumber: result = [.number, .word]
    case .letterNumber, .otherNumber: result = .number
    case .connectorPunctuation: result = [.punctuation, .word]
    case .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      result = .punctuation
    case .nonspacingMark, .spacingMark, .enclosingMark: result = [.mark, .word]
    default: break
    }
    if properties.isAlphabetic || properties.isJoinControl { result.insert(.word) }
    if properties.isWhitespace { result.insert(.space) }
    if scalar == "\n" || scalar == "\r" { result.insert(.lineBreak) }
    return result
  }
}
