/// A set of texts: what regular expressions, JSON schemas and grammars all become before they are compiled.
indirect enum Pattern: Sendable {
  /// One character of the set.
  case characters(CodePoints)
  /// One after the other; empty is the empty text.
  case sequence([Pattern])
  /// Any of them; empty is no text at all.
  case alternatives([Pattern])
  /// So many times; nil is without bound.
  case repeated(Pattern, least: Int, most: Int?)
  /// What the rule of that name says.
  case rule(String)
  /// What a network of characters accepts.
  case network(Network)
  /// The beginning or the end of the text, for regular expressions that are searched for.
  case start, end

  static let misplacedAnchor = ConstraintError(
    "'^' and '$' are supported only at the beginning and the end of a regular expression")

  static let empty = Pattern.sequence([])

  /// Exactly this text.
  static func literal(_ text: String) -> Pattern {
    .sequence(text.unicodeScalars.map { .characters(CodePoints([$0.value...$0.value])) })
  }

  static func optional(_ pattern: Pattern) -> Pattern { .repeated(pattern, least: 0, most: 1) }
  static func any(_ pattern: Pattern) -> Pattern { .repeated(pattern, least: 0, most: nil) }

  /// Whether some text matches, given the rules that are known to have one.
  func isProductive(_ productive: Set<String>) -> Bool {
    switch self {
    case .characters(let set): !set.isEmpty
    case .sequence(let parts): parts.allSatisfy { $0.isProductive(productive) }
    case .alternatives(let parts): parts.contains { $0.isProductive(productive) }
    case .repeated(let part, let least, _): least == 0 || part.isProductive(productive)
    case .rule(let name): productive.contains(name)
    case .network(let network): !network.isEmpty
    case .start, .end: true
    }
  }

  /// The same without the parts that match nothing, so that whatever is begun can be finished.
  func pruned(_ productive: Set<String>) -> Pattern {
    switch self {
    case .sequence(let parts): .sequence(parts.map { $0.pruned(productive) })
    case .alternatives(let parts):
      .alternatives(parts.filter { $0.isProductive(productive) }.map { $0.pruned(productive) })
    case .repeated(let part, let least, let most):
      part.isProductive(productive)
        ? .repeated(part.pruned(productive), least: least, most: most) : .empty
    default: self
    }
  }

  /// Whether the empty text matches.
  func isNullable(_ nullable: Set<String>) -> Bool {
    switch self {
    case .characters: false
    case .sequence(let parts): parts.allSatisfy { $0.isNullable(nullable) }
    case .alternatives(let parts): parts.contains { $0.isNullable(nullable) }
    case .repeated(let part, let least, _): least == 0 || part.isNullable(nullable)
    case .rule(let name): nullable.contains(name)
    case .network(let network): network.acceptsEmpty
    case .start, .end: true
    }
  }

  /// The rules that a match can begin with.
  func firstRules(_ nullable: Set<String>) -> Set<String> {
    switch self {
    case .characters, .network, .start, .end: return []
    case .rule(let name): return [name]
    case .alternatives(let parts):
      return parts.reduce(into: []) { $0.formUnion($1.firstRules(nullable)) }
    case .repeated(let part, _, _): return part.firstRules(nullable)
    case .sequence(let parts):
      var found: Set<String> = []
      for part in parts {
        found.formUnion(part.firstRules(nullable))
        if !part.isNullable(nullable) { break }
      }
      return found
    }
  }

  /// The same texts as they stand inside a JSON string: quotes, backslashes and control characters escaped.
  var escapedForJSON: Pattern {
    switch self {
    case .characters(let set):
      let special = CodePoints([0...0x1F, 0x22...0x22, 0x5C...0x5C])
      var choices: [Pattern] = [.characters(set.subtracting(special))]
      for value in special.ranges.joined() where set.contains(value) {
        choices.append(.literal(Self.escape(value)))
      }
      return choices.count == 1 ? choices[0] : .alternatives(choices)
    case .sequence(let parts): return .sequence(parts.map(\.escapedForJSON))
    case .alternatives(let parts): return .alternatives(parts.map(\.escapedForJSON))
    case .repeated(let part, let least, let most):
      return .repeated(part.escapedForJSON, least: least, most: most)
    case .network(var network):
      network.isEscaped = true
      return .network(network)
    case .rule, .start, .end: return self
    }
  }

  private static func escape(_ value: UInt32) -> String {
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
