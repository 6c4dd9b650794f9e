public import Expressions
internal import RealModule

/// The prior over expressions: minus the natural logarithm of the probability that a simple grammar
/// of expressions writes this one.
///
/// A sequence goes on with probability 3/4 after each item. An item is a character class, a
/// repeated one, or an alternation; a class is a literal (uniform over 95), a named class, a set or
/// range, or a negated set. Repetition counts have P(n) = 1/(n(n+1)). All choices are in
/// ``DescriptionLength/Costs``, so that another prior is another value.
public struct DescriptionLength: Sendable, Hashable {
  /// The probabilities of the grammar's choices.
  public struct Costs: Sendable, Hashable {
    /// That a sequence has another item.
    public var anotherItem = 0.75
    /// That an item stands alone, is repeated, or is an alternation, in this order.
    public var plain = 0.60
    /// See ``plain``.
    public var repeated = 0.36
    /// See ``plain``.
    public var alternation = 0.04
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
    /// That a repetition is an option, a star, a plus, `{n}`, `{n,}`, `{n,m}`.
    public var quantifiers = [0.15, 0.20, 0.30, 0.20, 0.08, 0.07]

    /// The default choices.
    public init() {}
  }

  /// The choices' probabilities.
  public var costs: Costs

  /// Makes a prior.
  public init(costs: Costs = Costs()) { self.costs = costs }

  /// How much each named class is liked, relative to the others.
  static let namedWeights: [(CharacterClass, Double)] = [
    (.digit, 6), (.lower, 4), (.upper, 4), (.letter, 3), (.alphanumeric, 3), (.any, 5),
    (.word, 1), (.lowerAlphanumeric, 1), (.upperAlphanumeric, 1), (.lowerHexadecimal, 0.7),
    (.upperHexadecimal, 0.7), (.hexadecimal, 0.7), (.blank, 0.3), (.punctuation, 0.5),
  ]

  private static let namedCosts: [CharacterClass: Double] = {
    let total = namedWeights.reduce(0) { $0 + $1.1 }
    return Dictionary(
      uniqueKeysWithValues: namedWeights.map { ($0.0, -.log($0.1 / total)) })
  }()

  /// The description length of an expression, in nats.
  public func callAsFunction(_ expression: RegularExpression) -> Double {
    let parts = expression.parts
    return -Double(parts.count) * .log(costs.anotherItem) - .log(1 - costs.anotherItem)
      + parts.reduce(0) { $0 + item($1) }
  }

  private func item(_ expression: RegularExpression) -> Double {
    switch expression {
    case .empty, .sequence: return self(expression) - .log(costs.plain * costs.group)
    case .characters(let members): return characters(members) - .log(costs.plain)
    case .alternation(let branches):
      return -.log(costs.alternation) - .log(1 - costs.anotherBranch)
        - Double(max(0, branches.count - 2)) * .log(costs.anotherBranch)
        + branches.reduce(0) { $0 + self($1) }
    case .repetition(let body, let minimum, let maximum):
      var length = -Double.log(costs.repeated) + quantifier(minimum, maximum)
      if case .characters(let members) = body {
        length += characters(members) - .log(1 - costs.group)
      } else {
        length += self(body) - .log(costs.group)
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

  /// A set is written as ranges and single characters, each ended by a fair coin.
  private func set(_ members: CharacterClass) -> Double {
    var length = 0.0
    var scalar: UInt32 = 0
    while scalar < 128 {
      guard members.contains(scalar) else {
        scalar += 1
        continue
      }
      let start = scalar
      while scalar < 128, members.contains(scalar) { scalar += 1 }
      let run = scalar - start
      length += run <= 2 ? Double(run) * .log(95 * 2.5) : .log(95 * 10) + .log(95 / 2)
    }
    if members.holdsAllBeyondASCII { return length + .log(95) }
    return length + Double(members.countBeyondASCII) * (.log(95) + .log(1000))
  }
}
