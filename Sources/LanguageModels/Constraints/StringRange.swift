internal import Expressions

/// A schema's conditions on strings.
struct StringRange: Sendable {
  var least = 0
  var most: Int?
  /// Regular expressions that must all be found.
  var expressions: [RegularExpression] = []
  /// Regular expressions none of which may be found.
  var forbidden: [RegularExpression] = []
  /// Texts that it must not be.
  var excluded: [String] = []
  /// The only texts that it can be.
  var choices: [String]?
  var formats: [String] = []

  var isWhole: Bool {
    least == 0 && most == nil && expressions.isEmpty && forbidden.isEmpty && excluded.isEmpty && formats.isEmpty
      && choices == nil
  }

  mutating func merge(_ other: StringRange) {
    least = max(least, other.least)
    most = [most, other.most].compactMap { $0 }.min()
    expressions += other.expressions
    forbidden += other.forbidden
    excluded += other.excluded
    choices = other.choices.map { list in choices.map { $0.filter(list.contains) } ?? list } ?? choices
    formats += other.formats.filter { !formats.contains($0) }
  }

  /// Adds an expression that must be found.
  ///
  /// Look-aheads right behind a leading `^` are conditions on the whole text and taken as such: pydantic writes `^(?!^[-+.]*$)…` for
  /// decimal numbers.
  mutating func require(_ source: String) throws(RegularExpressionSyntaxError) {
    func found(_ text: some StringProtocol) throws(RegularExpressionSyntaxError) -> RegularExpression {
      try ExpressionParser.parse(String(text), syntax: .ecmaScript).searching()
    }
    guard source.hasPrefix("^(?") else { return expressions.append(try found(source)) }
    var rest = source.dropFirst()
    while rest.hasPrefix("(?!") || rest.hasPrefix("(?="),
      let end = Self.index(in: rest, where: { $0 == ")" && $1 == 1 })
    {
      let isForbidden = rest.hasPrefix("(?!")
      let inner = rest[rest.index(rest.startIndex, offsetBy: 3)..<end]
      let hasChoices = Self.index(in: inner) { $0 == "|" && $1 == 0 } != nil
      let bare = inner.hasPrefix("^") ? inner.dropFirst() : inner
      let expression = try found(hasChoices ? "^(?:\(inner))" : "^" + bare)
      if isForbidden { forbidden.append(expression) } else { expressions.append(expression) }
      rest = rest[rest.index(after: end)...]
    }
    expressions.append(try found("^" + rest))
  }

  /// The first index outside of classes whose character, with the depth of brackets around it, is sought.
  private static func index(in text: Substring, where isSought: (Character, Int) -> Bool) -> String.Index? {
    var (depth, isInClass, isEscaped) = (0, false, false)
    for (index, character) in zip(text.indices, text) {
      if isEscaped || character == "\\" {
        isEscaped.toggle()
        continue
      }
      if character == "[" { isInClass = true }
      if character == "]" { isInClass = false }
      guard !isInClass else { continue }
      if character == "(" { depth += 1 }
      if isSought(character, depth) { return index }
      if character == ")" { depth -= 1 }
    }
    return nil
  }

  /// Whether a string is allowed; formats count only if they are taken strictly.
  func contains(_ text: String, strictly: Bool) throws -> Bool {
    let count = text.unicodeScalars.count
    guard count >= least, count <= most ?? count else { return false }
    guard !excluded.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else { return false }
    if let choices, !choices.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return false }
    for expression in forbidden where try Self.automaton(expression).accepts(text) { return false }
    return try (expressions + (strictly ? formatExpressions() : [])).allSatisfy {
      try Self.automaton($0).accepts(text)
    }
  }

  private func formatExpressions() throws -> [RegularExpression] {
    try formats.map { try ExpressionParser.parse(Self.known[$0] ?? "", syntax: .ecmaScript).matchingWhole() }
  }

  static func automaton(_ expression: RegularExpression) throws(ConstraintError) -> FiniteAutomaton {
    try ConstraintError.fromGrammar { () throws(GrammarError) in try FiniteAutomaton(expression) }
  }

  /// The inside of a JSON string where there is more to say than its length; nil otherwise.
  func inside() throws -> GrammarExpression? {
    let parts = try expressions + formatExpressions()
    if forbidden.isEmpty, excluded.isEmpty, choices == nil {
      guard let first = parts.first else { return nil }
      guard parts.count > 1 || least > 0 || most != nil else { return GrammarExpression(first).escapedForJSON }
    }
    return GrammarExpression.automaton(try automaton(parts)).escapedForJSON
  }

  /// The texts that it allows, as an automaton: those of names, where the range is one of names.
  ///
  /// - Parameter others: automata that must accept them, too.
  func automaton(and others: [FiniteAutomaton]) throws -> FiniteAutomaton {
    try automaton(expressions + formatExpressions(), others)
  }

  private func automaton(
    _ parts: [RegularExpression], _ others: [FiniteAutomaton] = []
  ) throws -> FiniteAutomaton {
    try ConstraintError.fromGrammar { () throws(GrammarError) in
      var shared = FiniteAutomaton.everything
      for (index, part) in parts.enumerated() {
        let next = try FiniteAutomaton(part)
        shared = index == 0 ? next : try shared.intersection(next)
      }
      for part in forbidden { shared = try shared.intersection(try FiniteAutomaton(part).complement()) }
      if !excluded.isEmpty { shared = try shared.intersection(try FiniteAutomaton(texts: excluded).complement()) }
      for other in others { shared = try shared.intersection(other) }
      if let choices { shared = try shared.intersection(FiniteAutomaton(texts: choices)) }
      return try shared.limited(from: least, to: most)
    }
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
