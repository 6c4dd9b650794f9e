import Probability
import Foundation

/// Which experiment tells most about which model of the world is right.
///
/// ```swift
/// // Which of two boxes to draw three marbles from, to tell how they were filled?
/// let even = WorldModel("even") { (box: String, s: Sampler) in try s.sample(Binomial(trials: 3, p: 0.5)) }
/// let skewed = WorldModel("skewed") { (box: String, s: Sampler) in
///   try s.sample(Binomial(trials: 3, p: box == "left" ? 0.5 : 0.9))
/// }
/// let table = try ExperimentDesign(models: [even, skewed], experiments: ["left", "right"]).evaluate()
/// print(table[0].experiment)             // right: the most informative comes first
/// ```
///
/// The information gain of a response `y` to an experiment `x` is KL(p(m | x, y) ‖ p(m)), in nats,
/// and an experiment is worth its expectation (Lindley 1956; Ouyang, Tessler, Ly and Goodman 2016).
/// Models and responses are finite here and everything is exact; ``LikelihoodProblem`` is for the
/// rest.
public struct ExperimentDesign<Experiment: Hashable & Sendable, Response: Hashable & Sendable>:
  Sendable
{
  /// One experiment's worth.
  public struct Evaluation: Sendable {
    /// The experiment.
    public let experiment: Experiment
    /// Expected information gain in nats.
    public let gain: Double
    /// The experiment's cost.
    public let cost: Double
    /// Gain per unit of cost, by which experiments are ordered.
    public var value: Double { gain / cost }
  }

  /// The models.
  public let models: [WorldModel<Experiment, Response>]
  /// The experiments to choose from.
  public let experiments: [Experiment]
  /// Over which responses gains are averaged.
  public var responses: ResponseWeighting
  /// The probability of each model, in the models' order.
  public private(set) var probabilities: [Double]
  private let cost: @Sendable (Experiment) -> Double

  /// A design problem.
  ///
  /// - Parameters:
  ///   - prior: The models' weights; all alike if left out.
  ///   - cost: What an experiment costs; all 1 if left out.
  /// - Throws: An ``ExperimentError`` when there are no models or experiments, or the prior doesn't
  ///   fit.
  public init(
    models: [WorldModel<Experiment, Response>], prior: [Double]? = nil,
    experiments: [Experiment], responses: ResponseWeighting = .predictive,
    cost: @escaping @Sendable (Experiment) -> Double = { _ in 1 }
  ) throws {
    let weights = prior ?? models.map { _ in 1 }
    guard !models.isEmpty, !experiments.isEmpty else {
      throw ExperimentError("a design needs at least one model and one experiment")
    }
    guard weights.count == models.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }),
      weights.contains(where: { $0 > 0 })
    else {
      throw ExperimentError(
        "the prior \(weights) must be \(models.count) numbers ≥ 0, one for each model, not all 0")
    }
    self.models = models
    self.experiments = experiments
    self.responses = responses
    self.cost = cost
    probabilities = InformationGain.normalized(weights)
  }

  /// The expected information gain of one experiment, in nats.
  public func gain(of experiment: Experiment) throws -> Double {
    let predictions = try models.map { try $0.predict(experiment) }
    var seen: Set<Response> = []
    var possible: [Response] = []
    for prediction in predictions {
      for response in prediction.values where seen.insert(response).inserted {
        possible.append(response)
      }
    }
    var expected = 0.0
    var count = 0.0
    for response in possible {
      let likelihoods = predictions.map { $0.probability(of: response) }
      let (gain, evidence) = likelihoods.withUnsafeBufferPointer { likelihoods in
        probabilities.withUnsafeBufferPointer { InformationGain.of(likelihoods, prior: $0) }
      }
      guard evidence > 0 else { continue }
      count += 1
      switch responses {
      case .predictive: expected += evidence * gain
      case .uniform: expected += gain
      }
    }
    return responses == .predictive ? expected : expected / max(count, 1)
  }

  /// Every experiment, most gain per cost first; equals stay in the order given.
  ///
  /// Each is evaluated exactly, one by one; of spaces too large for that ``SuccessiveHalving`` and ``BayesianOptimization``
  /// look at a part, and ``SpecifiedDesign`` finds the best of millions.
  ///
  /// - Throws: An ``ExperimentError`` when a cost isn't a positive number.
  public func evaluate() throws -> [Evaluation] {
    let evaluations = try experiments.map { experiment in
      let cost = cost(experiment)
      guard cost > 0, cost.isFinite else {
        throw ExperimentError("the cost of \(experiment) is \(cost), but it must be finite and > 0")
      }
      return Evaluation(experiment: experiment, gain: try gain(of: experiment), cost: cost)
    }
    let keys = evaluations.map { InformationGain.orderingKey(gain: $0.gain, cost: $0.cost) }
    return evaluations.indices.sorted { (keys[$1], $0) < (keys[$0], $1) }.map { evaluations[$0] }
  }

  /// The models' probabilities once an experiment has had a response: sequential design.
  ///
  /// - Throws: An ``ExperimentError`` when no model allows the response.
  public mutating func observe(_ response: Response, to experiment: Experiment) throws {
    let joint = try zip(models, probabilities).map {
      $1 * (try $0.predict(experiment).probability(of: response))
    }
    let evidence = joint.reduce(0, +)
    guard evidence > 0 else {
      throw ExperimentError(
        "no model allows the response \(response) to \(experiment): the models need noise, or one "
          + "more of them")
    }
    probabilities = joint.map { $0 / evidence }
  }

  /// The entropy of the models' probabilities, in nats: what is left to learn.
  public var uncertainty: Double { InformationGain.entropy(probabilities) }
}
