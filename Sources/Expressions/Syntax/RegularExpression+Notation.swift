extension RegularExpression: CustomStringConvertible {
  /// The expression in PCRE's notation; unanchored, so use it with a whole-string match or wrap it with ``anchored``.
  ///
  /// As long as it names no invisible character beyond ASCII, Python, Rust and most others read it alike;
  /// ``written(for:)`` writes for an engine by name.
  public var description: String { written(for: .pcre) }

  /// The expression between anchors, for engines that search: `^(?:…)$`.
  public var anchored: String { anchored(for: .pcre) }

  /// The expression in the notation of an engine, for a match of the whole string.
  public func written(for dialect: RegularExpressionDialect) -> String {
    written(inside: .top, dialect)
  }

  /// The expression between anchors in the notation of an engine, for a search.
  public func anchored(for dialect: RegularExpressionDialect) -> String {
    let inner = written(inside: .top, dialect)
    if case .alternation = self { return "^" + dialect.group + inner + ")$" }
    return "^" + inner + "$"
  }

  private enum Place { case top, sequence, repeated }

  private func written(inside place: Place, _ dialect: RegularExpressionDialect) -> String {
    func grouped(_ text: String) -> String { dialect.group + text + ")" }
    switch self {
    case .empty:
      return place == .top ? "" : grouped("")
    case .characters(let members):
      return members.isEmpty ? dialect.nothing : members.written(for: dialect)
    case .sequence(let parts):
      let text = parts.map { $0.written(inside: .sequence, dialect) }.joined()
      return place == .repeated ? grouped(text) : text
    case .alternation(let branches):
      if branches.isEmpty { return dialect.nothing }
      let text = branches.map { $0.written(inside: .top, dialect) }.joined(separator: "|")
      return place == .top ? text : grouped(text)
    case .repetition(let body, let minimum, let maximum):
      if minimum == maximum, case .characters(let members) = body, members.onlyMember != nil,
        minimum <= 3
      {
        let text = String(repeating: body.written(inside: .repeated, dialect), count: minimum)
        return place == .repeated ? grouped(text) : text
      }
      let text = body.written(inside: .repeated, dialect) + Self.quantifier(minimum, maximum)
      return place == .repeated ? grouped(text) : text
    }
  }

  private static func quantifier(_ minimum: Int, _ maximum: Int?) -> String {
    switch (minimum, maximum) {
    case (0, nil): return "*"
    case (1, nil): return "+"
    case (0, 1): return "?"
    case (let minimum, nil): return "{\(minimum),}"
    case (let minimum, let maximum?):
      return minimum == maximum ? "{\(minimum)}" : "{\(minimum),\(maximum)}"
    }
  }
}
