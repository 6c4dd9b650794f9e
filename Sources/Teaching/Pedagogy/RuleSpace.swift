internal import Expressions
internal import Probability

/// A finite set of candidate rules for learners that choose among rules.
public struct RuleSpace: Sendable {
  /// The rules, no two the same expression.
  public let rules: [StringConcept]
  let automata: [PositionAutomaton]

  /// Makes a space; of rules with the same expression the first is kept.
  public init(_ rules: [StringConcept]) {
    var seen: Set<RegularExpression> = []
    self.rules = rules.filter { seen.insert($0.expression).inserted }
    automata = self.rules.map { PositionAutomaton($0.expression) }
  }

  /// The index of a rule by name.
  public func index(of name: String) -> Int? { rules.firstIndex { $0.name == name } }

  /// The twelve published rules among others of the same making: a class repeated, exactly or at
  /// least n times, at the start, at the end, or somewhere.
  public static let study: RuleSpace = {
    let classes = [
      "a", "[aA]", "[0-9]", "[a-z]", "[A-Z]", "[A-Za-z]", "[0-9A-Za-z]", "s", "\\[", "\\]", ".",
    ]
    var texts: [String] = []
    for members in classes {
      texts.append(members + "+")
      for count in 3...6 { texts += [members + "{\(count)}", members + "{\(count),}"] }
      if members != "." {
        texts += [".*" + members, members + ".*", ".*" + members + ".*"]
      }
    }
    texts += [
      ".*", "\\[[0-9]*\\]", "\\[[a-z]*\\]", "\\[[0-9A-Za-z]*\\]", "\\[.+\\]", "[a-z]+s",
      "[0-9A-Za-z]*s", "s.*s", "a.*a", "[a-z]*s[a-z]*",
    ]
    return RuleSpace(
      StringConcept.publishedRules
        + texts.compactMap { try? StringConcept(name: $0, group: "other", $0) })
  }()

  /// A pool of strings that tell the rules apart: members of rules and near misses of them.
  public func pool(_ count: Int, seed: UInt64) -> [String] {
    var random = RandomSource(seed: seed)
    var seen: Set<String> = []
    var pool: [String] = []
    var attempts = 0
    while pool.count < count, attempts < count * 100 {
      attempts += 1
      let rule = rules[random.integer(below: rules.count)]
      guard let member = rule.expression.sample(using: &random), member.unicodeScalars.count <= 12
      else { continue }
      let string =
        random.uniform() < 0.5
        ? member : StringEdit.random(of: member.unicodeScalars.map(\.value), using: &random).text
      if seen.insert(string).inserted { pool.append(string) }
    }
    return pool
  }

  /// Whether each string belongs, by rule.
  public func membership(of pool: [String]) -> [[Bool]] {
    automata.map { automaton in pool.map { automaton.accepts($0) } }
  }

  /// The characters of ``StringEdit/alphabet`` grouped by the classes of all rules: those of one
  /// group are treated alike by every rule, so one stands for all.
  func alphabetGroups() -> [(representative: UInt32, size: Double)] {
    let classes = Set(automata.flatMap(\.classes)).sorted { $0.description < $1.description }
    var order: [[Bool]] = []
    var groups: [[Bool]: (UInt32, Double)] = [:]
    for scalar in StringEdit.alphabet {
      let signature = classes.map { $0.contains(scalar) }
      if let (representative, size) = groups[signature] {
        groups[signature] = (representative, size + 1)
      } else {
        order.append(signature)
        groups[signature] = (scalar, 1)
      }
    }
    return order.compactMap { groups[$0] }
  }
}
