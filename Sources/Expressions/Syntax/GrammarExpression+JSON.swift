extension GrammarExpression {
  /// The same texts as they stand inside a JSON string: quotes, backslashes and control characters escaped.
  package var escapedForJSON: GrammarExpression {
    switch self {
    case .empty: return .empty
    case .characters(let members):
      var choices: [GrammarExpression] = [.characters(members.subtracting(.escapedInJSON))]
      for value in CharacterClass.escapedInJSON.asciiMembers where members.contains(value) {
        choices.append(.literal(Self.jsonEscape(value)))
      }
      return choices.count == 1 ? choices[0] : .alternation(choices)
    case .sequence(let parts): return .sequence(parts.map(\.escapedForJSON))
    case .alternation(let branches): return .alternation(branches.map(\.escapedForJSON))
    case .repetition(let body, let minimum, let maximum):
      return .repetition(body.escapedForJSON, minimum: minimum, maximum: maximum)
    case .symbol(.automaton(var automaton)):
      automaton.isEscapedForJSON = true
      return .symbol(.automaton(automaton))
    case .symbol(.rule): return self
    }
  }

  private static func jsonEscape(_ value: UInt32) -> String {
    switch value {
    case 0x22: return "\\\""
    case 0x5C: return "\\\\"
    case 0x08: return "\\b"
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0C: return "\\f"
    case 0x0D: return "\\r"
    default:
      let digits = String(value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}

extension CharacterClass {
  /// The characters that can't stand in a JSON string as they are.
  package static let escapedInJSON = CharacterClass(ranges: [0...0x1F, 0x22...0x22, 0x5C...0x5C])
}
