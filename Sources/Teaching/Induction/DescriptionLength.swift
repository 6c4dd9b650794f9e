public import Expressions
internal import RealModule

/// The prior over expressions: minus the natural logarithm of the probability that a simple grammar
/// of expressions writes this one.
///
/// A sequence goes on with probability 3/4 after each item. An item is a character class, a
/// repeated one, a word, an alternation, or once more an item that stands further left; a class is a literal (uniform over
/// 95), a named class, a set or range, or a negated set. Repetition counts have P(n) = 1/(n(n+1)). All choices are in
/// ``DescriptionLength/Costs``, so that another prior is another value.
public struct DescriptionLength: Sendable, Hashable {
  /// The probabilities of the grammar's choices.
  public struct Costs: Sendable, Hashable {
    /// That a sequence has another item.
    public var anotherItem = 0.75
    /// That an item stands alone, is repeated, is a word, or is an alternation, in this order.
    public var plain = 0.50
    /// See ``plain``.
    public var repeated = 0.34
    /// See ``plain``.
    public var word = 0.10
    /// See ``plain``.
    public var alternation = 0.06
    /// That a word has another letter, and the probability of a letter in the place where it stands: English has some
    /// 3.7 bits a letter.
    public var anotherLetter = 0.85
    /// See ``anotherLetter``.
    public var letter = 0.09
    /// That an item is one that stands further left once more, if there is any.
    public var again = 0.06
    /// That what is repeated is a group rather than a class.
    public var group = 0.15
    /// That an alternation has another branch.
    public var anotherBranch = 0.5
    /// That a class is a literal.
    public var literal = 0.50
    /// That a class is a named one.
    public var named = 0.42
    /// That a class is a set or a range.
    public var set = 0.05
    /// That a class is the inverse of a set.
    public var inverse = 0.03
    /// That a part of a set is a whole kind of characters, a mark, a letter or digit, a range.
    public var members = [0.45, 0.25, 0.22, 0.08]
    /// That a repetition is an option, a star, a plus, `{n}`, `{n,}`, `{n,m}`, `{1,m}`.
    public var quantifiers = [0.15, 0.14, 0.32, 0.273, 0.0005, 0.0065, 0.11]
    /// That the maximum of `{1,m}` is one more.
    public var oneMore = 0.3
    /// The factor on the probability of a `.` that is not repeated.
    public var singleAny = 0.15

    /// The default choices.
    public init() {}
  }

  /// The choices' probabilities.
  public var costs: Costs

  /// Makes a prior.
  public init(costs: Costs = Costs()) { self.costs = costs }

  /// The weight of each named class, relative to the others; a script's letters come last.
  private static let namedWeights: [(CharacterClass, Double)] =
    [
      (.digit, 6), (.lower, 4), (.upper, 4), (.letter, 3), (.alphanumeric, 3), (.any, 5),
      (.word, 1), (.lowerAlphanumeric, 1), (.upperAlphanumeric, 1), (.lowerHexadecimal, 0.7),
      (.upperHexadecimal, 0.7), (.hexadecimal, 0.7), (.blank, 0.3), (.punctuation, 0.5),
    ] + CharacterClass.scripts.flatMap(\.classes).map { ($0, 0.1) }

  private static let namedCosts: [CharacterClass: Double] = {
    let total = namedWeights.reduce(0) { $0 + $1.1 }
    return Dictionary(namedWeights.map { ($0.0, -.log($0.1 / total)) }, uniquingKeysWith: min)
  }()

  /// The description length of an expression, in nats.
  public func callAsFunction(_ expression: RegularExpression) -> Double {
    var written: [RegularExpression] = []
    return sequence(expression, &written)
  }

  /// The length of a sequence; `written` holds the items further left, which may come again.
  private func sequence(_ expression: RegularExpression, _ written: inout [RegularExpression]) -> Double {
    let parts = expression.parts
    var length = -Double.log(1 - costs.anotherItem)
    var place = 0
    while place < parts.count {
      length -= .log(costs.anotherItem)
      let word = wordLength(parts[place...])
      if word.letters > 1 {
        let spelled =
          -.log(costs.word) - .log(1 - costs.anotherLetter)
          - Double(word.letters) * (.log(costs.letter) + .log(costs.anotherLetter))
        var plain = 0.0
        for part in parts[place..<(place + word.parts)] { plain += item(part, &written) - .log(costs.anotherItem) }
        length += min(spelled, plain + .log(costs.anotherItem))
        place += word.parts
        continue
      }
      length += item(parts[place], &written)
      place += 1
    }
    return length
  }

  /// The number of letters that stand at the beginning, each by itself or a few times in a row, and in how many parts.
  private func wordLength(_ parts: ArraySlice<RegularExpression>) -> (letters: Int, parts: Int) {
    var letters = 0
    var count = 0
    for part in parts {
      var body = part
      var times = 1
      if case .repetition(let inner, let minimum, let maximum) = part, minimum == maximum, minimum <= 3 {
        (body, times) = (inner, minimum)
      }
      guard case .characters(let members) = body, let scalar = members.onlyMember,
        scalar >= 128 || CharacterClass.letter.contains(scalar)
      else { break }
      letters += times
      count += 1
    }
    return (letters, count)
  }

  private func item(_ expression: RegularExpression, _ written: inout [RegularExpression]) -> Double {
    // Single literals are not worth pointing back to.
    if case .characters(let members) = expression, members.onlyMember != nil {
      return characters(members) - .log(costs.plain)
    }
    let before = written.count
    let known = written.contains(expression)
    var length = newItem(expression, &written)
    if before > 0 {
      length -= .log(1 - costs.again)
      if known { length = min(length, .log(Double(before)) - .log(costs.again)) }
    }
    if !known { written.append(expression) }
    return length
  }

  private func newItem(_ expression: RegularExpression, _ written: inout [RegularExpression]) -> Double {
    switch expression {
    case .empty, .sequence: return sequence(expression, &written) - .log(costs.plain * costs.group)
    case .characters(let members):
      return characters(members) - .log(costs.plain) - (members == .any ? .log(costs.singleAny) : 0)
    case .alternation(let branches):
      var length = -Double.log(costs.alternation) - .log(1 - costs.anotherBranch)
      length -= Double(max(0, branches.count - 2)) * .log(costs.anotherBranch)
      for branch in branches { length += sequence(branch, &written) }
      return length
    case .repetition(let body, let minimum, let maximum):
      var length = -Double.log(costs.repeated) + quantifier(minimum, maximum)
      if case .characters(let members) = body {
        length += characters(members) - .log(1 - costs.group)
      } else {
        length += sequence(body, &written) - .log(costs.group)
      }
      // A short literal run such as "oo" is two items or one repetition, whichever is shorter.
      if minimum == maximum, case .characters(let members) = body {
        let one = characters(members) - .log(costs.plain) - .log(costs.anotherItem)
        length = min(length, Double(minimum) * one + .log(costs.anotherItem))
      }
      return length
    }
  }

  private func count(_ n: Int) -> Double {
    let n = Double(max(1, n))
    return .log(n) + .log(n + 1)
  }

  private func quantifier(_ minimum: Int, _ maximum: Int?) -> Double {
    let kind: Int
    var length = 0.0
    switch (minimum, maximum) {
    case (0, 1): kind = 0
    case (0, nil): kind = 1
    case (1, nil): kind = 2
    case (let minimum, nil):
      kind = 4
      length = count(minimum - 1)
    case (let minimum, let maximum?):
      if minimum == maximum {
        kind = 3
        length = count(minimum - 1)
      } else if minimum == 1 {
        kind = 6
        length = -Double(maximum - 2) * .log(costs.oneMore) - .log(1 - costs.oneMore)
      } else {
        kind = 5
        length = count(minimum + 1) + count(maximum - minimum)
      }
    }
    return length - .log(costs.quantifiers[kind])
  }

  private func characters(_ members: CharacterClass) -> Double {
    if let scalar = members.onlyMember {
      // Literals outside printable ASCII share one place among the 95.
      return -.log(costs.literal) + .log(95)
        + (CharacterClass.printable.contains(scalar) ? 0 : .log(1000))
    }
    if let named = Self.namedCosts[members] { return -.log(costs.named) + named }
    if members.contains(0x10FFFF) {
      return -.log(costs.inverse) + set(members.inverted)
    }
    return -.log(costs.set) + set(members)
  }

  private static let kinds: [CharacterClass] = [.digit, .lower, .upper] + CharacterClass.scripts.flatMap(\.classes)

  /// A set is written part by part, each ended by a fair coin: whole kinds of characters, marks, letters, ranges.
  private func set(_ members: CharacterClass) -> Double {
    var rest = members
    var length = 0.0
    for kind in Self.kinds where !rest.isEmpty && rest.isSuperset(of: kind) {
      rest = rest.subtracting(kind)
      let count =
        CharacterClass.digit == kind || CharacterClass.lower == kind || CharacterClass.upper == kind
        ? 4.0 : 4 * Double(Self.kinds.count)
      length += -.log(costs.members[0]) + .log(count) + .log(2)
    }
    for range in rest.ranges {
      let beyond: Double = range.lowerBound < 128 ? 0 : .log(1000)
      let isAlphanumeric = CharacterClass.alphanumeric.contains(range.lowerBound)
      let single =
        .log(2) + beyond
        + (isAlphanumeric ? -.log(costs.members[2]) + .log(62) : -.log(costs.members[1]) + .log(33))
      let whole = -.log(costs.members[3]) + .log(95) + .log(95 / 2) + .log(2) + 2 * beyond
      length += min(Double(range.count) * single, whole)
    }
    return length
  }
}
