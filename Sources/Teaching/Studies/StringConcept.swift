public import Expressions

/// A language of strings to be learned from examples, given by an expression.
public struct StringConcept: Sendable, Hashable {
  /// The name in tables.
  public let name: String
  /// The group of the concept, such as dates or prices.
  public let group: String
  /// The language.
  public let expression: RegularExpression

  /// Makes a concept from ordinary regular-expression syntax.
  public init(name: String, group: String, _ text: String) throws(RegularExpressionSyntaxError) {
    self.name = name
    self.group = group
    expression = try RegularExpression(parsing: text)
  }

  /// The twelve rules of the published teaching study, by their names in its data.
  public static let publishedRules: [StringConcept] = concepts([
    ("published", "3a", "a{3,}"), ("published", "3a-1", "a{6,}"), ("published", "3a-2", "[aA]+"),
    ("published", "zip-code", "[0-9]{5}"), ("published", "zip-code-1", ".{5}"),
    ("published", "zip-code-2", "[0-9]+"), ("published", "suffix-s", ".*s"),
    ("published", "suffix-s-1", ".*s.*"), ("published", "suffix-s-2", ".*[a-z].*"),
    ("published", "delimiters", "\\[.*\\]"), ("published", "delimiters-1", "\\[.*"),
    ("published", "delimiters-2", ".*\\]"),
  ])

  /// The concepts of the regex study: everyday formats, and the published rules.
  public static let study: [StringConcept] =
    concepts([
      ("date", "iso-date", "[0-9]{4}-[01][0-9]-[0-3][0-9]"),
      ("date", "slash-date", "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"),
      ("date", "dotted-date", "[0-3][0-9]\\.[01][0-9]\\.[0-9]{2}"),
      ("date", "named-date", "(?:Jan|Mar|May|Jul) [0-9]{1,2}, [0-9]{4}"),
      ("time", "clock", "[0-2][0-9]:[0-5][0-9]"),
      ("time", "clock-seconds", "[0-9]{2}:[0-9]{2}:[0-9]{2}"),
      ("time", "half-day-clock", "1?[0-9]:[0-5][0-9] [AP]M"),
      ("phone", "local-phone", "[0-9]{3}-[0-9]{4}"),
      ("phone", "area-phone", "\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}"),
      ("phone", "international-phone", "\\+[0-9]{1,3} [0-9]{6,10}"),
      ("price", "dollars", "\\$[0-9]+\\.[0-9]{2}"),
      ("price", "euros", "[0-9]+(?:,[0-9]{2})? EUR"),
      ("price", "thousands", "[0-9]{1,3}(?:,[0-9]{3})+"),
      ("identifier", "ticket", "[A-Z]{2,4}-[0-9]+"),
      ("identifier", "variable", "[a-z_][a-z0-9_]*"),
      ("identifier", "colour", "#[0-9a-f]{6}"),
      ("identifier", "hexadecimal", "0x[0-9A-F]+"),
      ("identifier", "plate", "[A-Z]{3}[0-9]{3}"),
      ("identifier", "short-uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}"),
      ("identifier", "handle", "@[a-z0-9_]+"),
      ("identifier", "camel-case", "[a-z]+(?:[A-Z][a-z]+)+"),
      ("identifier", "kebab-case", "[a-z]+(?:-[a-z]+)+"),
      ("identifier", "constant", "[A-Z]+(?:_[A-Z]+)*"),
      ("address", "e-mail", "[a-z0-9]+@[a-z]+\\.[a-z]{2,3}"),
      ("address", "dotted-e-mail", "[a-z]+\\.[a-z]+@[a-z]+\\.com"),
      ("address", "web", "https?://[a-z]+\\.(?:com|org)"),
      ("address", "file", "[a-z0-9]+\\.(?:txt|csv)"),
      ("address", "path", "(?:/[a-z]+)+"),
      ("postcode", "zip-plus-four", "[0-9]{5}(?:-[0-9]{4})?"),
      ("postcode", "british", "[A-Z]{2}[0-9] [0-9][A-Z]{2}"),
      ("postcode", "canadian", "[A-Z][0-9][A-Z] [0-9][A-Z][0-9]"),
      ("version", "semantic-version", "[0-9]+\\.[0-9]+\\.[0-9]+"),
      ("version", "v-version", "v[0-9]+(?:\\.[0-9]+)*"),
      ("network", "ip-address", "[0-9]{1,3}(?:\\.[0-9]{1,3}){3}"),
      ("network", "mac-address", "[0-9A-F]{2}(?::[0-9A-F]{2}){5}"),
      ("number", "decimal", "-?[0-9]+\\.[0-9]+"),
      ("number", "binary", "[01]+"),
      ("number", "percentage", "[0-9]{1,2}%"),
      ("number", "number-list", "[0-9]+(?:,[0-9]+)*"),
      ("text", "quoted", "\"[^\"]*\""),
      ("text", "tag", "<[a-z]+>"),
      ("text", "capitalised", "[A-Z][a-z]+"),
      ("text", "two-words", "[A-Z][a-z]+ [A-Z][a-z]+"),
    ]) + publishedRules

  private static func concepts(
    _ rows: [(group: String, name: String, text: String)]
  ) -> [StringConcept] {
    rows.compactMap { try? StringConcept(name: $0.name, group: $0.group, $0.text) }
  }
}
