public import Probability

/// A model of the world: what responses it expects to an experiment.
public struct WorldModel<Experiment: Hashable & Sendable, Response: Hashable & Sendable>: Sendable {
  /// The model's name in tables.
  public let name: String
  private let predictions: Cache<Experiment, Distribution<Response>>

  /// A model that predicts by a function; each experiment is asked about once.
  public init(
    _ name: String,
    predict: @escaping @Sendable (Experiment) throws -> Distribution<Response>
  ) {
    self.name = name
    predictions = Cache(predict)
  }

  /// A model that is a probabilistic program, with the inference that gives its predictions.
  public init(
    _ name: String, by method: some InferenceMethod = Enumeration(),
    model: @escaping @Sendable (Experiment, Sampler) throws -> Response
  ) {
    self.init(name) { experiment in try infer(method) { try model(experiment, $0) } }
  }

  /// The distribution of responses to an experiment.
  public func predict(_ experiment: Experiment) throws -> Distribution<Response> {
    try predictions(experiment)
  }
}

/// Over which responses an experiment's information gain is averaged.
public enum ResponseWeighting: String, Sendable, CaseIterable {
  /// By the models' own predictions, p(y | x) = Σ p(m) p(y | m, x). This is expected information
  /// gain.
  case predictive
  /// All responses alike, whatever the models expect. This is what the published webppl-oed
  /// computes by default; it favours experiments with responses that would be telling but never
  /// come.
  case uniform
}
