extension CharacterClass: CustomStringConvertible {
  /// The class in regular-expression notation: a literal, `.`, or a bracket expression.
  public var description: String {
    if let member = onlyMember { return Self.literal(member) }
    if self == .any { return "." }
    if self == .everything { return "[\\s\\S]" }
    return contains(0x10FFFF) ? "[^" + inverted.bracketed + "]" : "[" + bracketed + "]"
  }

  /// The members as they stand between brackets.
  private var bracketed: String {
    ranges.map { range in
      let (first, last) = (range.lowerBound, range.upperBound)
      return Self.bracketed(first) + (last > first + 1 ? "-" : "") + (last > first ? Self.bracketed(last) : "")
    }.joined()
  }

  private static func escaped(_ scalar: UInt32, special: String) -> String {
    switch scalar {
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0..<0x20, 0x7F:
      // Two digits without braces: what PCRE, Python, JavaScript and constrained decoding all read.
      return "\\x" + (scalar < 16 ? "0" : "") + String(scalar, radix: 16)
    default:
      guard let character = Unicode.Scalar(scalar) else { return "" }
      let text = String(character)
      return special.unicodeScalars.contains(character) ? "\\" + text : text
    }
  }

  private static func bracketed(_ scalar: UInt32) -> String {
    escaped(scalar, special: "\\]^-[")
  }

  /// One scalar as a literal outside brackets.
  static func literal(_ scalar: UInt32) -> String {
    escaped(scalar, special: "\\^$.|?*+()[]{}")
  }
}
