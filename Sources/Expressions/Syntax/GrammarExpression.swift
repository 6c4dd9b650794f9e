/// A symbol in the rules of a grammar besides characters.
package enum GrammarSymbol: Hashable, Sendable {
  /// The pattern of the rule of that name.
  case rule(String)
  /// The texts that an automaton accepts.
  case automaton(FiniteAutomaton)
}

/// The right side of a rule: what JSON schemas, grammars and regular expressions all become before they are compiled.
package typealias GrammarExpression = ExpressionTree<GrammarSymbol>

extension GrammarExpression {
  /// The pattern of the rule of that name.
  package static func rule(_ name: String) -> GrammarExpression { .symbol(.rule(name)) }

  /// The texts that an automaton accepts.
  package static func automaton(_ automaton: FiniteAutomaton) -> GrammarExpression { .symbol(.automaton(automaton)) }

  /// The expression as a part of a grammar.
  package init(_ expression: RegularExpression) {
    self = expression.replacingSymbols { (_: Never) -> GrammarExpression in }
  }

  /// Whether some text matches, given the rules that are known to have one.
  func isProductive(_ productive: Set<String>) -> Bool {
    switch self {
    case .empty: true
    case .characters(let members): !members.isEmpty
    case .sequence(let parts): parts.allSatisfy { $0.isProductive(productive) }
    case .alternation(let branches): branches.contains { $0.isProductive(productive) }
    case .repetition(let body, let minimum, _): minimum == 0 || body.isProductive(productive)
    case .symbol(.rule(let name)): productive.contains(name)
    case .symbol(.automaton(let automaton)): !automaton.isEmpty
    }
  }

  /// The same without the parts that match nothing, so that whatever is begun can be finished.
  func pruned(_ productive: Set<String>) -> GrammarExpression {
    switch self {
    case .sequence(let parts): .sequence(parts.map { $0.pruned(productive) })
    case .alternation(let branches):
      .alternation(branches.filter { $0.isProductive(productive) }.map { $0.pruned(productive) })
    case .repetition(let body, let minimum, let maximum):
      body.isProductive(productive)
        ? .repetition(body.pruned(productive), minimum: minimum, maximum: maximum) : .empty
    default: self
    }
  }

  /// Whether the empty text matches, given the rules that match it.
  func isNullable(_ nullable: Set<String>) -> Bool {
    matchesEmptyString { symbol in
      switch symbol {
      case .rule(let name): nullable.contains(name)
      case .automaton(let automaton): automaton.acceptsEmpty
      }
    }
  }

  /// The rules that a match can begin with.
  func firstRules(_ nullable: Set<String>) -> Set<String> {
    switch self {
    case .empty, .characters, .symbol(.automaton): return []
    case .symbol(.rule(let name)): return [name]
    case .alternation(let branches):
      return branches.reduce(into: []) { $0.formUnion($1.firstRules(nullable)) }
    case .repetition(let body, _, _): return body.firstRules(nullable)
    case .sequence(let parts):
      var found: Set<String> = []
      for part in parts {
        found.formUnion(part.firstRules(nullable))
        if !part.isNullable(nullable) { break }
      }
      return found
    }
  }

  /// Calls `body` with the name of each rule that is used.
  func forEachRule<Failure>(_ body: (String) throws(Failure) -> Void) throws(Failure) {
    switch self {
    case .symbol(.rule(let name)): try body(name)
    case .sequence(let parts), .alternation(let parts):
      for part in parts { try part.forEachRule(body) }
    case .repetition(let part, _, _): try part.forEachRule(body)
    default: break
    }
  }
}
