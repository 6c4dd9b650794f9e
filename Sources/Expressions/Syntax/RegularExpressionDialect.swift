/// The notation of an engine that an expression is written for.
public enum RegularExpressionDialect: String, CaseIterable, Sendable {
  /// PCRE, Perl and what follows them.
  case pcre
  /// Python's `re`, for `fullmatch`.
  case python
  /// ECMAScript with the flag `u`.
  case javascript
  /// POSIX's extended expressions, of `grep -E` and `awk`, for lines of text; ranges are those of the C locale.
  case posix
  /// Swift's `Regex` with `matchingSemantics(.unicodeScalar)`, so that scalars are matched and not characters.
  case swift
  /// Rust's `regex` crate, and ripgrep.
  case rust

  /// A group that doesn't capture, where there is one.
  var group: String { self == .posix ? "(" : "(?:" }

  /// The notation of any character: dialects differ in what `.` leaves out, and where that is more than the newline the
  /// class is written out.
  var any: String {
    switch self {
    case .pcre, .python, .posix, .rust: "."
    case .javascript, .swift: "[^\\n]"
    }
  }

  /// Every scalar.
  var everything: String { self == .posix ? "." : "[\\s\\S]" }

  /// The notation of an expression that matches nothing at all.
  var nothing: String {
    switch self {
    case .pcre, .python, .javascript, .swift: "(?!)"
    case .rust: "[^\\s\\S]"
    case .posix: "x^"
    }
  }

  /// A scalar as it stands outside brackets.
  func literal(_ scalar: UInt32) -> String {
    let special = self == .javascript || self == .swift ? "\\^$.|?*+()[]{}/" : "\\^$.|?*+()[]{}"
    return character(scalar, special: special)
  }

  /// The members of a class as they stand between brackets, after `^` if it is negated.
  func bracketed(_ members: CharacterClass, isNegated: Bool) -> String {
    self == .posix
      ? bracketedForPOSIX(members, isNegated: isNegated)
      : members.ranges.map { range in
        written(range) { character($0, special: "\\]^-[") }
      }.joined()
  }

  private func written(_ range: ClosedRange<UInt32>, _ end: (UInt32) -> String) -> String {
    let (first, last) = (range.lowerBound, range.upperBound)
    return end(first) + (last > first + 1 ? "-" : "") + (last > first ? end(last) : "")
  }

  /// There are no escapes between POSIX's brackets: `]` stands first, `-` last, `^` and `[` before it.
  private func bracketedForPOSIX(_ members: CharacterClass, isNegated: Bool) -> String {
    let special = CharacterClass(of: "]^-[")
    var text = ""
    for range in members.ranges {
      let isPlain = !special.contains(range.lowerBound) && !special.contains(range.upperBound)
      let parts = isPlain ? [range] : range.filter { !special.contains($0) }.map { $0...$0 }
      text += parts.map { written($0) { String(Unicode.Scalar($0).map(Character.init) ?? " ") } }.joined()
    }
    func has(_ sign: Unicode.Scalar) -> Bool { members.contains(sign.value) }
    // A range that runs over a special sign has it already; naming it again does no harm.
    let isFirst = text.isEmpty && !has("]") && !isNegated
    let hyphenFirst = isFirst && has("^")
    return (has("]") ? "]" : "") + (hyphenFirst && has("-") ? "-" : "") + text
      + (has("[") && hyphenFirst ? "[" : "") + (has("^") ? "^" : "") + (has("[") && !hyphenFirst ? "[" : "")
      + (has("-") && !hyphenFirst ? "-" : "")
  }

  private func character(_ scalar: UInt32, special: String) -> String {
    guard let value = Unicode.Scalar(scalar) else { return "" }
    let text = String(Character(value))
    if special.unicodeScalars.contains(value) { return "\\" + text }
    if self == .posix { return text }
    switch scalar {
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0..<0x20, 0x7F:
      // Two digits without braces: what all but POSIX read.
      return "\\x" + (scalar < 16 ? "0" : "") + String(scalar, radix: 16)
    default:
      return scalar >= 128 && Self.isInvisible(value) ? escape(scalar) : text
    }
  }

  /// Whether a scalar can't be told from another, or from nothing, by looking.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control, .spaceSeparator, .lineSeparator, .paragraphSeparator,
      .privateUse, .unassigned:
      true
    default: false
    }
  }

  private func escape(_ scalar: UInt32) -> String {
    let digits = String(scalar, radix: 16)
    func padded(_ count: Int) -> String { String(repeating: "0", count: max(0, count - digits.count)) + digits }
    return switch self {
    case .pcre, .rust, .posix: "\\x{" + digits + "}"
    case .javascript, .swift: "\\u{" + digits + "}"
    case .python: scalar > 0xFFFF ? "\\U" + padded(8) : "\\u" + padded(4)
    }
  }
}
