internal import Expressions
internal import RealModule

/// Scores expressions against examples: prior times likelihood, in nats.
///
/// A positive example has the likelihood `(1 − ε) P(s|E)^β + ε Q(s)`, where `P` is the expression
/// as a generator, `Q` a background over all strings and ε the noise; under weak sampling, `1 − ε`
/// or ε. A confirmed string has `1 − ε` when the expression accepts it and ε when it does not, a
/// negative example the other way around.
struct ExpressionScore {
  let configuration: InductionConfiguration
  /// One string: drawn by the concept or only labelled, and how often it counts.
  private struct Evidence {
    enum Kind { case drawn, member, other }
    var scalars: [UInt32]
    var kind: Kind
    var copies: Double
    var outlier: Double
  }

  /// Short strings are scored together, long ones by the automaton.
  private let short: [Evidence]
  private let long: [Evidence]
  private let batch: StringBatch

  init(_ examples: InductionExamples, _ configuration: InductionConfiguration) {
    self.configuration = configuration
    var evidence: [Evidence] = []
    for (kind, strings) in [
      (Evidence.Kind.drawn, examples.positiveScalars), (.member, examples.confirmedScalars),
      (.other, examples.negativeScalars),
    ] {
      var places: [[UInt32]: Int] = [:]
      for scalars in strings {
        if let place = places[scalars] {
          evidence[place].copies += 1
        } else {
          places[scalars] = evidence.count
          evidence.append(
            Evidence(
              scalars: scalars, kind: kind, copies: 1, outlier: Self.background(scalars)))
        }
      }
    }
    short = evidence.filter { $0.scalars.count <= StringBatch.lengthLimit }
    long = evidence.filter { $0.scalars.count > StringBatch.lengthLimit }
    batch = StringBatch(short.map(\.scalars))
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

  /// The largest automaton that is scored, in positions and in edges.
  static let positionLimit = 600
  static let edgeLimit = 12_000

  /// Scores one expression; nothing when it is too large or the examples take more than `limit` steps of its
  /// automaton.
  ///
  /// Below `floor` the result is −∞.
  func callAsFunction(_ expression: RegularExpression, floor: Double, limit: Int) -> Result? {
    let positions = expression.positionCount
    guard positions <= Self.positionLimit else { return nil }
    let prior = -configuration.prior(expression)
    guard prior > floor else { return nil }
    var work = 200 + min(positions, 20 + expression.nodeCount * 4) * (batch.count + 8)
    var total = prior
    let generator = expression.filling(openPartsBy: configuration.openPartKinds)
    if !short.isEmpty {
      for (probability, evidence) in zip(batch.probabilities(of: generator), short) {
        total += evidence.copies * logLikelihood(.log(probability), evidence)
      }
    }
    if !long.isEmpty, total > floor {
      guard let automaton = PositionAutomaton(generator, edgeLimit: Self.edgeLimit)
      else { return nil }
      work += automaton.edgeCount * 2
      for evidence in long {
        guard
          let generated = automaton.logProbability(
            of: evidence.scalars, steps: &work, limit: limit)
        else { return nil }
        total += evidence.copies * logLikelihood(generated, evidence)
      }
    }
    return Result(logPosterior: total > floor ? total : -.infinity, logPrior: prior, work: work)
  }

  private func logLikelihood(_ generated: Double, _ evidence: Evidence) -> Double {
    let epsilon = configuration.noise
    let right = Double.log(onePlus: -epsilon)
    let accepts = generated > -.infinity
    if evidence.kind == .other { return accepts ? .log(epsilon) : right }
    if evidence.kind == .member || configuration.sampling == .weak {
      return accepts ? right : .log(epsilon)
    }
    let inside = right + configuration.sizePrinciple * generated
    let outside = .log(epsilon) + evidence.outlier
    let larger = max(inside, outside)
    return larger + .log(.exp(inside - larger) + .exp(outside - larger))
  }
}
