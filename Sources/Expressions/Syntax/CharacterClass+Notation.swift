extension CharacterClass: CustomStringConvertible {
  /// The class in PCRE's notation: a literal, `.`, or a bracket expression.
  public var description: String { written(for: .pcre) }

  /// The class in the notation of an engine.
  func written(for dialect: RegularExpressionDialect) -> String {
    if let member = onlyMember { return dialect.literal(member) }
    if self == .any { return dialect.any }
    if self == .everything { return dialect.everything }
    return contains(0x10FFFF)
      ? "[^" + dialect.bracketed(inverted, isNegated: true) + "]"
      : "[" + dialect.bracketed(self, isNegated: false) + "]"
  }
}
