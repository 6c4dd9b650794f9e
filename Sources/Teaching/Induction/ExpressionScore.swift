internal import RealModule

/// Scores expressions against examples: prior times likelihood, in nats.
///
/// A positive example has the likelihood `(1 − ε) P(s|E)^β + ε Q(s)`, where `P` is the expression
/// as a generator, `Q` a background over all strings and ε the noise; under weak sampling, `1 − ε`
/// or ε. A confirmed string has `1 − ε` when the expression accepts it and ε when it does not, a
/// negative example the other way around.
struct ExpressionScore {
  let examples: InductionExamples
  let configuration: InductionConfiguration
  private let unique: [(scalars: [UInt32], copies: Double, outlier: Double)]

  init(_ examples: InductionExamples, _ configuration: InductionConfiguration) {
    self.examples = examples
    self.configuration = configuration
    var copies: [[UInt32]: Double] = [:]
    var order: [[UInt32]] = []
    for scalars in examples.positiveScalars {
      if copies[scalars] == nil { order.append(scalars) }
      copies[scalars, default: 0] += 1
    }
    unique = order.map { ($0, copies[$0] ?? 1, Self.background($0)) }
  }

  /// The logarithm of a background distribution over strings: a geometric length of mean 10, each
  /// character as people type it.
  static func background(_ scalars: [UInt32]) -> Double {
    let characters = scalars.reduce(0.0) { $0 + .log(CharacterClass.typed($1)) }
    return characters + Double(scalars.count) * .log(10.0 / 11) - .log(11)
  }

  struct Result {
    var logPosterior: Double
    var logPrior: Double
    var work: Int
  }

  /// The largest automaton that is scored.
  static let positionLimit = 600

  /// Scores one expression; nothing when it is too large or already below `floor`.
  func callAsFunction(_ expression: RegularExpression, floor: Double) -> Result? {
    let positions = expression.positionCount
    guard positions <= Self.positionLimit else { return nil }
    let prior = -configuration.prior(expression)
    guard prior > floor else { return nil }
    let automaton = PositionAutomaton(expression)
    let edges = max(4, automaton.edges.count / max(1, positions) + 2)
    var work = positions * 8 + 200
    var total = prior
    let epsilon = configuration.noise
    for (scalars, copies, outlier) in unique {
      work += scalars.count * edges
      total += copies * logLikelihood(of: scalars, outlier: outlier, automaton, epsilon)
      if total < floor { return Result(logPosterior: -.infinity, logPrior: prior, work: work) }
    }
    for scalars in examples.confirmedScalars {
      work += scalars.count * edges
      total += automaton.accepts(scalars) ? .log(onePlus: -epsilon) : .log(epsilon)
    }
    for scalars in examples.negativeScalars {
      work += scalars.count * edges
      total += automaton.accepts(scalars) ? .log(epsilon) : .log(onePlus: -epsilon)
    }
    return Result(logPosterior: total, logPrior: prior, work: work)
  }

  private func logLikelihood(
    of scalars: [UInt32], outlier: Double, _ automaton: PositionAutomaton, _ epsilon: Double
  ) -> Double {
    switch configuration.sampling {
    case .weak:
      return automaton.accepts(scalars) ? .log(onePlus: -epsilon) : .log(epsilon)
    case .strong:
      let inside =
        .log(onePlus: -epsilon) + configuration.sizePrinciple
        * automaton.logProbability(of: scalars)
      let outside = .log(epsilon) + outlier
      let larger = max(inside, outside)
      return larger + .log(.exp(inside - larger) + .exp(outside - larger))
    }
  }
}
