public import Probability
internal import RealModule

/// What was learned from examples: expressions with their probabilities, best first.
public struct RegularExpressionPosterior: Sendable {
  /// One expression and how likely it is.
  public struct Entry: Sendable, Hashable {
    /// The expression.
    public let expression: RegularExpression
    /// Its share of the posterior over the expressions that were found.
    public let probability: Double
    /// Prior times likelihood, unnormalised, in nats.
    public let logPosterior: Double
    /// The logarithm of its prior, in nats: minus its description length.
    public let logPrior: Double
    fileprivate let automaton: PositionAutomaton

    init(
      expression: RegularExpression, probability: Double, logPosterior: Double, logPrior: Double
    ) {
      self.expression = expression
      self.probability = probability
      self.logPosterior = logPosterior
      self.logPrior = logPrior
      automaton = PositionAutomaton(expression)
    }

    /// Whether both are the same expression with the same probability.
    public static func == (a: Entry, b: Entry) -> Bool {
      a.expression == b.expression && a.probability == b.probability
    }

    /// Feeds the expression to the hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(expression) }
  }

  /// The expressions, best first; their probabilities sum to 1.
  public let entries: [Entry]
  /// The examples learned from.
  public let examples: InductionExamples
  /// The probability of a wrong label that was assumed.
  public let noise: Double
  /// How many expressions were scored.
  public let evaluations: Int
  /// What a reader should know before relying on the result.
  public let caveats: [String]

  /// The most probable expression; `.*` if nothing at all was found.
  public var best: RegularExpression { entries.first?.expression ?? .anything }

  /// The probability that a string belongs to the language, over all expressions found.
  public func membershipProbability(of string: String) -> Double {
    let scalars = string.unicodeScalars.map(\.value)
    return min(
      1, entries.reduce(0) { $0 + ($1.automaton.accepts(scalars) ? $1.probability : 0) })
  }

  /// The same as a distribution over expressions, for everything that works on distributions.
  public func distribution() throws -> Distribution<RegularExpression> {
    try Distribution(entries.map { ($0.expression, $0.probability) })
  }

  /// The entropy over expressions, in nats; 0 when one has all the weight.
  public var entropy: Double {
    entries.reduce(0) { $1.probability > 0 ? $0 - $1.probability * .log($1.probability) : $0 }
  }
}
