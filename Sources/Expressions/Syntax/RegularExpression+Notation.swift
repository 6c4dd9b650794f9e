extension RegularExpression: CustomStringConvertible {
  /// The expression in ordinary syntax, as PCRE, Python, JavaScript and Swift read it; unanchored,
  /// so use it with a whole-string match or wrap it with ``anchored``.
  public var description: String { written(inside: .top) }

  /// The expression between anchors, for engines that search: `^(?:…)$`.
  public var anchored: String {
    if case .alternation = self { return "^(?:" + description + ")$" }
    return "^" + description + "$"
  }

  private enum Place { case top, sequence, repeated }

  private func written(inside place: Place) -> String {
    switch self {
    case .empty:
      return place == .top ? "" : "(?:)"
    case .characters(let members):
      return members.isEmpty ? "(?!)" : members.description
    case .sequence(let parts):
      let text = parts.map { $0.written(inside: .sequence) }.joined()
      return place == .repeated ? "(?:" + text + ")" : text
    case .alternation(let branches):
      if branches.isEmpty { return "(?!)" }
      let text = branches.map { $0.written(inside: .top) }.joined(separator: "|")
      return place == .top ? text : "(?:" + text + ")"
    case .repetition(let body, let minimum, let maximum):
      if minimum == maximum, case .characters(let members) = body, members.onlyMember != nil,
        minimum <= 3
      {
        let text = String(repeating: body.written(inside: .repeated), count: minimum)
        return place == .repeated ? "(?:" + text + ")" : text
      }
      let text = body.written(inside: .repeated) + Self.quantifier(minimum, maximum)
      return place == .repeated ? "(?:" + text + ")" : text
    }
  }

  static func quantifier(_ minimum: Int, _ maximum: Int?) -> String {
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
