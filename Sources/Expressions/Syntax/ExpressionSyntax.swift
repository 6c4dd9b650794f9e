/// The points on which the notations that ``ExpressionParser`` reads differ.
package struct ExpressionSyntax: Sendable {
  /// The class that `.` stands for.
  var anyCharacter: CharacterClass
  /// The class that `\s` stands for.
  var whiteSpace: CharacterClass
  /// Whether `\u0041`, `\u{1F600}`, `\v`, `\0` and, between brackets, `\b` are characters.
  var hasScriptEscapes: Bool
  /// Whether `*?` and its like are read; which strings match as a whole does not depend on laziness.
  var allowsLazyQuantifiers: Bool

  /// The syntax that PCRE, Python and Rust share with Perl: `apprentice teach regex` prints it.
  package static let pcre = ExpressionSyntax(
    anyCharacter: .any, whiteSpace: CharacterClass(of: " \t\n\r\u{B}\u{C}"), hasScriptEscapes: false,
    allowsLazyQuantifiers: false)

  /// ECMA-262's, which JSON Schema's `pattern` uses.
  package static let ecmaScript = ExpressionSyntax(
    anyCharacter: CharacterClass(of: "\n\r\u{2028}\u{2029}").inverted, whiteSpace: .scriptSpace,
    hasScriptEscapes: true, allowsLazyQuantifiers: true)
}

extension CharacterClass {
  /// White space as ECMAScript has it.
  static let scriptSpace = CharacterClass(ranges: [
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
}
