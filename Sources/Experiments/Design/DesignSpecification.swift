public import Foundation
import Probability

/// A design problem written down as JSON, for people who won't write Swift.
///
/// ```json
/// {
///   "experiments": ["HHHH", "HTHT"],
///   "responses": {"kind": "binomial", "trials": 20},
///   "models": [
///     {"name": "fair", "prior": 1, "predictions": {"HHHH": 0.5, "HTHT": 0.5}},
///     {"name": "streaks", "prior": 1, "predictions": {"HHHH": 0.83, "HTHT": 0.17}}
///   ],
///   "weighting": "predictive",
///   "costs": {"HTHT": 2},
///   "observed": [{"experiment": "HHHH", "response": "14"}]
/// }
/// ```
///
/// With `"kind": "categorical"` a prediction is an object of probabilities by response:
/// `{"yes": 0.2, "no": 0.8}`.
public struct DesignSpecification: Sendable, Decodable {
  /// The experiments to choose from.
  public var experiments: [String]
  /// The kind of responses.
  public var responses: Responses
  /// The models with their predictions.
  public var models: [Model]
  /// `predictive` (the default) or `uniform`.
  public var weighting: String?
  /// The costs of experiments; 1 where nothing is said.
  public var costs: [String: Double]?
  /// Outcomes seen already, by which the models' probabilities are updated.
  public var observed: [Observation]?

  /// The kind of responses.
  public struct Responses: Sendable, Decodable {
    /// `binomial` or `categorical`.
    public var kind: String
    /// The number of people who answer, for `binomial`.
    public var trials: Int?
  }

  /// A model's name, weight and predictions.
  public struct Model: Sendable, Decodable {
    /// The name in tables.
    public var name: String
    /// The weight before anything is seen; 1 if left out.
    public var prior: Double?
    /// By experiment: a probability, or probabilities by response.
    public var predictions: [String: Prediction]
  }

  /// One prediction.
  public enum Prediction: Sendable, Decodable {
    /// The probability of success in one trial.
    case probability(Double)
    /// Probabilities by response.
    case table([String: Double])

    /// Reads a number or an object of numbers.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .probability(number)
      } else {
        self = .table(try container.decode([String: Double].self))
      }
    }
  }

  /// A response that was seen.
  public struct Observation: Sendable, Decodable {
    /// The experiment that was made.
    public var experiment: String
    /// The response to it; a count is written as a string too.
    public var response: String
  }

  /// Reads a specification.
  ///
  /// - Throws: An ``ExperimentError`` that says what is wrong with the file.
  public init(json: Data) throws {
    do {
      self = try JSONDecoder().decode(DesignSpecification.self, from: json)
    } catch let error as DecodingError {
      throw ExperimentError(Self.explain(error))
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
      return path.isEmpty ? "the document" : path.joined()
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(path(context)) lacks \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(path(context)): \(context.debugDescription)"
    case .dataCorrupted(let context): "not a JSON specification: \(context.debugDescription)"
    @unknown default: "\(error)"
    }
  }

  /// The design problem, with what was observed taken in.
  ///
  /// - Throws: An ``ExperimentError`` for an unknown kind or weighting, a prediction that is
  ///   missing or no probability, or an observation that no model allows.
  public func design() throws -> ExperimentDesign<String, String> {
    guard let weighting = ResponseWeighting(rawValue: weighting ?? "predictive") else {
      throw ExperimentError(
        "the weighting \"\(weighting ?? "")\" must be \"predictive\" or \"uniform\"")
    }
    for (experiment, _) in costs ?? [:] where !experiments.contains(experiment) {
      throw ExperimentError("there is a cost for \"\(experiment)\", which isn't an experiment")
    }
    for model in models {
      for experiment in experiments {
        _ = try distribution(of: model, in: experiment)
      }
    }
    let specification = self
    let costs = costs ?? [:]
    var design = try ExperimentDesign<String, String>(
      models: models.map { model in
        WorldModel(model.name) { try specification.distribution(of: model, in: $0) }
      }, prior: models.map { $0.prior ?? 1 }, experiments: experiments, responses: weighting,
      cost: { costs[$0] ?? 1 })
    for observation in observed ?? [] {
      guard experiments.contains(observation.experiment) else {
        throw ExperimentError(
          "\"\(observation.experiment)\" was observed, but isn't among the experiments")
      }
      try design.observe(observation.response, to: observation.experiment)
    }
    return design
  }

  private func distribution(
    of model: Model, in experiment: String
  ) throws -> Distribution<String> {
    let place = "model \"\(model.name)\", experiment \"\(experiment)\""
    switch (responses.kind, model.predictions[experiment]) {
    case (_, nil): throw ExperimentError("\(place): there is no prediction")
    case ("binomial", .probability(let p)):
      guard let trials = responses.trials, (1...10_000).contains(trials) else {
        throw ExperimentError("binomial responses need \"trials\" in 1...10000")
      }
      guard (0...1).contains(p) else {
        throw ExperimentError("\(place): the probability \(p) is outside [0, 1]")
      }
      return try enumerate { try $0.sample(Binomial(trials: trials, p: p)) }.map { "\($0)" }
    case ("categorical", .table(let table)):
      let total = table.values.reduce(0, +)
      guard table.values.allSatisfy({ $0 >= 0 }), abs(total - 1) < 1e-6 else {
        throw ExperimentError("\(place): probabilities must be ≥ 0 and sum to 1, not \(total)")
      }
      return try Distribution(table.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    case ("binomial", _), ("categorical", _):
      throw ExperimentError(
        "\(place): a \(responses.kind) prediction must be "
          + (responses.kind == "binomial" ? "a number" : "an object of probabilities"))
    default:
      throw ExperimentError(
        "the kind of responses \"\(responses.kind)\" must be \"binomial\" or \"categorical\"")
    }
  }
}
