import Foundation
public import Probability

/// A ``DesignSpecification`` at work: what its experiments are expected to tell, and what the models' probabilities become.
///
/// ```swift
/// var design = try SpecifiedDesign(DesignSpecification(path: "coins.json"))
/// let next = try design.best(1)[0]                      // the most informative experiment
/// try design.observe("14", to: next.experiment)         // …and what came of it
/// ```
///
/// Gains that are reported are exact sums. To find the best of very many experiments, each gets an upper bound first that
/// costs a fraction of the sum, and only those are summed that may be among the best.
public struct SpecifiedDesign: Sendable {
  /// One experiment's worth.
  public typealias Evaluation = ExperimentDesign<String, String>.Evaluation

  /// The problem.
  public private(set) var specification: DesignSpecification
  /// The logarithm of each model's weight, up to a common term.
  private var logWeights: [Double]
  /// The probability of each model, in the specification's order.
  public private(set) var probabilities: [Double]

  /// Takes in what the specification says was observed.
  ///
  /// - Throws: An ``ExperimentError`` for an observation that no model allows.
  public init(_ specification: DesignSpecification) throws(ExperimentError) {
    self.specification = specification
    probabilities = InformationGain.normalized(specification.prior)
    logWeights = probabilities.map { log($0) }
    for (experiment, response) in specification.observed { try observe(response, to: experiment) }
  }

  /// The entropy of the models' probabilities, in nats: what is left to learn.
  public var uncertainty: Double { InformationGain.entropy(probabilities) }

  // MARK: Observing

  /// The models' probabilities once an experiment has had a response.
  ///
  /// - Throws: An ``ExperimentError`` for an unknown experiment and a response that no model allows.
  public mutating func observe(_ response: String, to experiment: String) throws(ExperimentError) {
    guard let place = specification.places[experiment] else {
      throw ExperimentError("\"\(experiment)\" is not among the experiments")
    }
    guard let number = specification.table.response(response) else {
      throw ExperimentError("\"\(response)\" is no response: \(specification.table.responseHint)")
    }
    try observe(number, to: place)
  }

  private mutating func observe(_ response: Int, to experiment: Int) throws(ExperimentError) {
    let likelihoods = specification.table.logLikelihoods(of: response, to: experiment)
    let weights = zip(logWeights, likelihoods).map { $0 + $1 }
    guard let largest = weights.max(), largest > -.infinity else {
      throw ExperimentError(
        "no model allows the response \(specification.table.text(of: response)) to "
          + "\(specification.experiments[experiment]): the models need noise, or one more of them")
    }
    logWeights = weights.map { $0 - largest }
    probabilities = InformationGain.normalized(logWeights.map { exp($0) })
  }

  /// The responses that some model allows to an experiment, in the order of the specification.
  public func responses(to experiment: String) -> [String] {
    guard let place = specification.places[experiment] else { return [] }
    return specification.table.responses(to: place).map { specification.table.text(of: $0) }
  }

  /// A model's probability of success, for binomial responses.
  ///
  /// - Throws: An ``ExperimentError`` for an unknown experiment and for other responses.
  public func prediction(of model: Int, for experiment: String) throws(ExperimentError) -> Double {
    guard let place = specification.places[experiment], let p = specification.table.probability(of: place, model) else {
      throw ExperimentError("there is no probability of success for \"\(experiment)\"")
    }
    return p
  }

  /// A response as a model of the specification would give it.
  public func response(of model: Int, to experiment: String, using random: inout RandomSource) -> String {
    guard let place = specification.places[experiment] else { return "" }
    let responses = specification.table.responses(to: place)
    var rest = random.uniform()
    for response in responses {
      rest -= exp(specification.table.logLikelihoods(of: response, to: place)[model])
      if rest < 0 { return specification.table.text(of: response) }
    }
    // Rounding may leave a trace; what comes last may be impossible, so the likeliest is taken.
    let likeliest = responses.max {
      specification.table.logLikelihoods(of: $0, to: place)[model]
        < specification.table.logLikelihoods(of: $1, to: place)[model]
    }
    return specification.table.text(of: likeliest ?? 0)
  }

  // MARK: Choosing

  /// Makes choices quick that come one after the other: what bounds are made of is computed once and kept, where memory
  /// allows.
  public mutating func prepareForSequence() { specification.table.keepAffinities() }

  /// The expected information gain of one experiment, in nats.
  ///
  /// - Throws: An ``ExperimentError`` for an unknown experiment.
  public func gain(of experiment: String) throws(ExperimentError) -> Double {
    guard let place = specification.places[experiment] else {
      throw ExperimentError("\"\(experiment)\" is not among the experiments")
    }
    var scratch = PredictionTable.Scratch(models: probabilities.count)
    return specification.table.gain(
      of: place, prior: probabilities, weighting: specification.weighting, scratch: &scratch)
  }

  /// The experiments with most gain for their cost, best first; equals stay in the specification's order.
  ///
  /// - Parameters:
  ///   - count: how many; fewer where there aren't as many.
  ///   - progress: called now and then with how many experiments have been looked at.
  public func best(_ count: Int, progress: ((Int) -> Void)? = nil) -> [Evaluation] {
    var scratch = PredictionTable.Scratch(models: probabilities.count)
    let total = specification.experiments.count
    let wanted = min(count, total)
    guard wanted > 0 else { return [] }
    var evaluated: [Ranked] = []
    func evaluate(_ place: Int) {
      let gain = specification.table.gain(
        of: place, prior: probabilities, weighting: specification.weighting, scratch: &scratch)
      evaluated.append(Ranked(place: place, gain: gain, cost: specification.costs[place]))
    }
    if wanted < total, let bounds = bounds(&scratch, progress) {
      for place in Self.highest(bounds, wanted) { evaluate(place) }
      var floor = Self.last(of: evaluated, wanted)
      let taken = Set(evaluated.map(\.place))
      let rest = bounds.indices.filter { floor.isBehind(bounds[$0], $0) && !taken.contains($0) }
        .sorted { (bounds[$1], $0) < (bounds[$0], $1) }
      var nextCheck = 2 * evaluated.count
      for place in rest {
        if evaluated.count >= nextCheck {
          floor = Self.last(of: evaluated, wanted)
          nextCheck += max(64, evaluated.count / 8)
        }
        guard floor.isBehind(bounds[place], place) else { continue }
        evaluate(place)
      }
    } else {
      for place in 0..<total {
        evaluate(place)
        if place.isMultiple(of: 4_096) { progress?(place) }
      }
    }
    evaluated.sort { $1.isBehind($0.key, $0.place) }
    return evaluated.prefix(wanted).map {
      Evaluation(experiment: specification.experiments[$0.place], gain: $0.gain, cost: specification.costs[$0.place])
    }
  }

  /// An experiment with its place in the order.
  private struct Ranked {
    let place: Int
    let gain: Double
    let key: Double

    init(place: Int, gain: Double, cost: Double) {
      (self.place, self.gain) = (place, gain)
      key = InformationGain.orderingKey(gain: gain, cost: cost)
    }

    /// Whether an experiment with this key at this place comes before this one.
    func isBehind(_ key: Double, _ place: Int) -> Bool { key > self.key || (key == self.key && place < self.place) }
  }

  /// The last of so many best.
  private static func last(of evaluated: [Ranked], _ wanted: Int) -> Ranked {
    evaluated.sorted { $1.isBehind($0.key, $0.place) }[wanted - 1]
  }

  /// The places of the highest numbers, earlier ones first among equals, in no certain order.
  private static func highest(_ numbers: [Double], _ count: Int) -> [Int] {
    if count > 256 { return Array(numbers.indices.sorted { (numbers[$1], $0) < (numbers[$0], $1) }.prefix(count)) }
    var places: [Int] = []
    for place in numbers.indices {
      if places.count == count, numbers[places[count - 1]] >= numbers[place] { continue }
      if places.count == count { places.removeLast() }
      let index = places.firstIndex { numbers[$0] < numbers[place] } ?? places.count
      places.insert(place, at: index)
    }
    return places
  }

  /// Upper bounds of the ordering keys; nil where the sums themselves are as cheap.
  private func bounds(_ scratch: inout PredictionTable.Scratch, _ progress: ((Int) -> Void)?) -> [Double]? {
    guard specification.weighting == .predictive, specification.table.hasCheapBounds else { return nil }
    let most = uncertainty
    return specification.experiments.indices.map { place in
      if place.isMultiple(of: 4_096) { progress?(place) }
      let bound = specification.table.upperBound(of: place, prior: probabilities, scratch: &scratch)
      // A hair above it, as both are rounded; but nothing tells more than all.
      return InformationGain.orderingKey(
        gain: min(bound * (1 + 1e-9) + 1e-12, most), cost: specification.costs[place])
    }
  }
}
