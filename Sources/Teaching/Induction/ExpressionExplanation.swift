public import Expressions

extension RegularExpression {
  /// The expression in words, one line for each part in order.
  public var explanation: [String] {
    let parts = spelledParts
    return parts.isEmpty ? ["the empty string"] : parts.map(\.words)
  }

  /// The parts in order, characters that stand next to each other as one: words are read, not spelled.
  package var spelledParts: [ExplainedPart] {
    var result: [ExplainedPart] = []
    for part in parts {
      guard let text = part.onlyText else {
        result.append(.expression(part))
        continue
      }
      if case .text(let before)? = result.last {
        result[result.count - 1] = .text(before + text)
      } else {
        result.append(.text(text))
      }
    }
    return result
  }

  /// The text that the expression spells, if it is a character or one a few times.
  private var onlyText: [UInt32]? {
    var (body, times) = (self, 1)
    if case .repetition(let inner, let minimum, let maximum) = self, minimum == maximum, minimum <= 3 {
      (body, times) = (inner, minimum)
    }
    guard case .characters(let members) = body, let scalar = members.onlyMember else { return nil }
    return [UInt32](repeating: scalar, count: times)
  }

  fileprivate var words: String {
    switch self {
    case .empty: return "nothing"
    case .characters(let members): return members.words(plural: false)
    case .sequence: return spelledParts.map(\.words).joined(separator: ", then ")
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

/// A part of an expression as it is explained: a text that is spelled out, or anything else.
package enum ExplainedPart: Hashable, Sendable {
  /// Exactly this text.
  case text([UInt32])
  /// The texts that an expression matches.
  case expression(RegularExpression)

  /// The part as an expression.
  var expression: RegularExpression {
    switch self {
    case .text(let text): .literal(text)
    case .expression(let expression): expression
    }
  }

  var words: String {
    switch self {
    case .text(let text): "\u{201C}" + text.text + "\u{201D}"
    case .expression(let expression): expression.words
    }
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
    if let script = Self.scripts.first(where: { $0.classes.contains(self) }) {
      return plural ? "\(script.name) letters" : "a \(script.name) letter"
    }
    if let member = onlyMember { return "\u{201C}" + [member].text + "\u{201D}" }
    return plural ? "characters of \(self)" : "a character of \(self)"
  }
}

extension RegularExpressionPosterior {
  /// An explanation of the best expression, in a few lines for a person.
  public var explanation: [String] {
    guard let first = entries.first else { return ["nothing was found that fits the examples"] }
    let matcher = DeterministicMatcher(first.expression)
    let matched = examples.memberScalars.count { matcher.accepts($0) }
    let rejected = examples.negativeScalars.count { !matcher.accepts($0) }
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
