public import Expressions

extension RegularExpression {
  /// The expression in words, one line for each part in order.
  public var explanation: [String] {
    let parts = parts
    return parts.isEmpty ? ["the empty string"] : parts.map(\.words)
  }

  private var words: String {
    switch self {
    case .empty: return "nothing"
    case .characters(let members): return members.words(plural: false)
    case .sequence(let parts): return parts.map(\.words).joined(separator: ", then ")
    case .alternation(let branches):
      return "either " + branches.map(\.words).joined(separator: " or ")
    case .repetition(let body, let minimum, let maximum):
      if case .characters(let members) = body {
        let plural = members.words(plural: maximum != 1)
        return minimum == 0 && maximum == 1
          ? "optionally " + plural : Self.amount(minimum, maximum) + " " + plural
      }
      let group = "(" + body.words + ")"
      if minimum == 0, maximum == 1 { return "optionally " + group }
      return group + " " + Self.times(minimum, maximum)
    }
  }

  private static func amount(_ minimum: Int, _ maximum: Int?) -> String {
    guard let maximum else {
      return minimum == 0 ? "any number of" : minimum == 1 ? "one or more" : "\(minimum) or more"
    }
    return minimum == maximum ? "\(minimum)" : "\(minimum) to \(maximum)"
  }

  private static func times(_ minimum: Int, _ maximum: Int?) -> String {
    guard let maximum else {
      return minimum == 0 ? "any number of times" : "\(minimum) or more times"
    }
    return minimum == maximum ? "\(minimum) times" : "\(minimum) to \(maximum) times"
  }
}

extension CharacterClass {
  private static let names: [CharacterClass: (one: String, many: String)] = [
    .digit: ("a digit", "digits"), .lower: ("a lower-case letter", "lower-case letters"),
    .upper: ("an upper-case letter", "upper-case letters"), .letter: ("a letter", "letters"),
    .alphanumeric: ("a letter or digit", "letters or digits"),
    .word: ("a letter, digit or _", "letters, digits or _"),
    .lowerAlphanumeric: ("a lower-case letter or digit", "lower-case letters or digits"),
    .upperAlphanumeric: ("an upper-case letter or digit", "upper-case letters or digits"),
    .lowerHexadecimal: ("a hexadecimal digit", "hexadecimal digits"),
    .upperHexadecimal: ("an upper-case hexadecimal digit", "upper-case hexadecimal digits"),
    .hexadecimal: ("a hexadecimal digit of either case", "hexadecimal digits of either case"),
    .blank: ("a space or tab", "spaces or tabs"),
    .punctuation: ("a punctuation mark", "punctuation marks"),
    .any: ("any character", "any characters"),
  ]

  func words(plural: Bool) -> String {
    if let name = Self.names[self] { return plural ? name.many : name.one }
    if let member = onlyMember { return "\u{201C}" + [member].text + "\u{201D}" }
    return plural ? "characters of \(self)" : "a character of \(self)"
  }
}

extension RegularExpressionPosterior {
  /// Why the best expression was chosen, in a few lines for a person.
  public var explanation: [String] {
    guard let first = entries.first else { return ["nothing was found that fits the examples"] }
    let automaton = PositionAutomaton(first.expression)
    let matched = examples.memberScalars.count { automaton.accepts($0) }
    let rejected = examples.negativeScalars.count { !automaton.accepts($0) }
    var lines = ["It reads: " + first.expression.explanation.joined(separator: ", then ") + "."]
    var evidence = "It matches \(matched) of \(examples.memberScalars.count) positive examples"
    if !examples.negatives.isEmpty {
      evidence += " and rejects \(rejected) of \(examples.negatives.count) negative ones"
    }
    lines.append(evidence + ".")
    let bits = -first.logPrior / 0.6931471805599453
    let fit = -(first.logPosterior - first.logPrior) / 0.6931471805599453
    lines.append(
      "Writing it takes \(Self.rounded(bits)) bits and the examples given it "
        + "\(Self.rounded(fit)) bits: the least in sum of \(evaluations) expressions tried.")
    if entries.count > 1 {
      let second = entries[1]
      lines.append(
        "It has probability \(Self.rounded(first.probability)); next is \(second.expression) "
          + "with \(Self.rounded(second.probability)).")
    }
    return lines
  }

  private static func rounded(_ value: Double) -> String {
    value >= 10 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
  }
}
