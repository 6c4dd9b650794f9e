extension CharacterClass: CustomStringConvertible {
  /// The class in regular-expression notation: a literal, `.`, or a bracket expression.
  public var description: String {
    if let member = onlyMember { return Self.literal(member) }
    if self == .any { return "." }
    if beyond == .all {
      if low == .max, high == .max { return "[\\s\\S]" }
      return "[^" + Self.ranges(of: CharacterClass(low: ~low, high: ~high)) + "]"
    }
    return "[" + Self.ranges(of: self) + "]"
  }

  private static func ranges(of members: CharacterClass) -> String {
    var text = ""
    var scalar: UInt32 = 0
    while scalar < 128 {
      guard members.contains(scalar) else {
        scalar += 1
        continue
      }
      var last = scalar
      while last + 1 < 128, members.contains(last + 1) { last += 1 }
      text += bracketed(scalar)
      if last > scalar + 1 { text += "-" }
      if last > scalar { text += bracketed(last) }
      scalar = last + 1
    }
    if case .only(let scalars) = members.beyond {
      text += scalars.map(bracketed).joined()
    }
    return text
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
