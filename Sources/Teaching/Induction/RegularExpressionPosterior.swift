public import Expressions
public import Probability
internal import RealModule

/// Expressions learned from examples, with their probabilities, best first.
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

    init(
      expression: RegularExpression, probability: Double, logPosterior: Double, logPrior: Double
    ) {
      self.expression = expression
      self.probability = probability
      self.logPosterior = logPosterior
      self.logPrior = logPrior
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
  /// The number of expressions that were scored.
  public let evaluations: Int
  /// Warnings to read before relying on the result.
  public let caveats: [String]

  /// The most probable expression; `.*` if nothing at all was found.
  public var best: RegularExpression { entries.first?.expression ?? .anything }

  /// The probability that a string belongs to the language, over all expressions found.
  public func membershipProbability(of string: String) -> Double {
    membershipProbabilities(of: [string])[0]
  }

  /// The probability of each of several strings that it belongs, in their order.
  public func membershipProbabilities(of strings: [String]) -> [Double] {
    var probabilities = [Double](repeating: 0, count: strings.count)
    for (entry, accepts) in zip(entries, acceptances(of: strings)) {
      for place in accepts.indices where accepts[place] {
        probabilities[place] += entry.probability
      }
    }
    return probabilities.map { min(1, $0) }
  }

  /// Which of the strings each expression accepts, by expression and string.
  func acceptances(of strings: [String]) -> [[Bool]] {
    let scalars = strings.map { $0.unicodeScalars.map(\.value) }
    let short = scalars.indices.filter { scalars[$0].count <= StringBatch.lengthLimit }
    // Laid out a few at a time, so that the vectors stay in the processor's cache.
    let batches = stride(from: 0, to: short.count, by: 64).map { start in
      let places = short[start..<min(start + 64, short.count)]
      return (places: places, batch: StringBatch(places.map { scalars[$0] }))
    }
    return entries.map { entry in
      var accepts = [Bool](repeating: false, count: strings.count)
      // A batch goes round a repeated group as often as the longest string has room for; the
      // automaton gives up on a string where it fails.
      let isLooping = entry.expression.repeatsGroupsWithoutEnd
      if isLooping || short.count < strings.count {
        let automaton = PositionAutomaton(entry.expression)
        for place in strings.indices
        where isLooping || scalars[place].count > StringBatch.lengthLimit {
          accepts[place] = automaton.accepts(scalars[place])
        }
      }
      if !isLooping {
        for (places, batch) in batches {
          for (place, generated) in zip(places, batch.probabilities(of: entry.expression)) {
            accepts[place] = generated > 0
          }
        }
      }
      return accepts
    }
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
