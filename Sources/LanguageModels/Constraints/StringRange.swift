internal import Expressions

/// A schema's conditions on strings.
struct StringRange: Sendable {
  var least = 0
  var most: Int?
  /// Regular expressions that must all be found.
  var expressions: [RegularExpression] = []
  var formats: [String] = []

  var isWhole: Bool { least == 0 && most == nil && expressions.isEmpty && formats.isEmpty }

  mutating func merge(_ other: StringRange) {
    least = max(least, other.least)
    most = [most, other.most].compactMap { $0 }.min()
    expressions += other.expressions
    formats += other.formats.filter { !formats.contains($0) }
  }

  /// Whether a string is allowed; formats count only if they are taken strictly.
  func contains(_ text: String, strictly: Bool) throws -> Bool {
    let count = text.unicodeScalars.count
    guard count >= least, count <= most ?? count else { return false }
    return try (expressions + (strictly ? formatExpressions() : [])).allSatisfy {
      try Self.automaton($0).accepts(text)
    }
  }

  private func formatExpressions() throws -> [RegularExpression] {
    try formats.map { try ExpressionParser.parse(Self.known[$0] ?? "", syntax: .ecmaScript).matchingWhole() }
  }

  private static func automaton(_ expression: RegularExpression) throws(ConstraintError) -> FiniteAutomaton {
    try ConstraintError.fromGrammar { () throws(GrammarError) in try FiniteAutomaton(expression) }
  }

  /// The inside of a JSON string where there is more to say than its length; nil otherwise.
  func inside() throws -> GrammarExpression? {
    let parts = try expressions + formatExpressions()
    guard let first = parts.first else { return nil }
    guard parts.count > 1 || least > 0 || most != nil else { return GrammarExpression(first).escapedForJSON }
    var shared = try Self.automaton(first)
    try ConstraintError.fromGrammar { () throws(GrammarError) in
      for part in parts.dropFirst() { shared = try shared.intersection(try FiniteAutomaton(part)) }
      shared = try shared.limited(from: least, to: most)
    }
    return GrammarExpression.automaton(shared).escapedForJSON
  }

  // February ends on the 28th, so that every date exists.
  private static let day =
    #"[0-9]{3}[1-9]-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"#
  private static let time =
    #"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"#
  private static let host = #"[a-z]([a-z0-9-]{0,30}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,30}[a-z0-9])?){0,4}"#
  private static let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
  private static let segment = "[A-Za-z0-9._~-]{1,64}"

  /// The formats that can be asked for; of the wide ones their everyday texts.
  static let known = [
    "date": day, "time": time, "date-time": day + "T" + time,
    "duration": "P([1-9][0-9]{0,3}W|[1-9][0-9]{0,3}D(T[1-9][0-9]{0,3}[HMS])?|T[1-9][0-9]{0,3}[HMS])",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "email": #"[a-z0-9]([a-z0-9_+-]{0,30}[a-z0-9])?(\.[a-z0-9]{1,16}){0,2}@"# + host,
    "hostname": host, "ipv4": "\(byte)(\\.\(byte)){3}", "ipv6": "[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}",
    "uri":
      "https?://\(host)(:[1-9][0-9]{0,3})?(/\(segment)){0,8}/?(\\?\(segment)(=\(segment))?(&\(segment)(=\(segment))?){0,4})?(#\(segment))?",
  ]
}
