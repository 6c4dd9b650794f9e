public import Documents

/// A design problem written down as JSON or YAML, for people who won't write Swift.
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
///   "observed": [{"experiment": "HHHH", "response": 14}]
/// }
/// ```
///
/// With `"kind": "categorical"` a prediction is an object of probabilities by response:
/// `{"yes": 0.2, "no": 0.8}`. Keys that nobody reads are refused, with the nearest that there is.
public struct DesignSpecification: Sendable {
  /// The names of the experiments to choose from.
  public let experiments: [String]
  /// The fingerprint of the file.
  public let digest: SHA256Digest
  /// The names of the models.
  public let models: [String]
  /// Over which responses gains are averaged.
  public let weighting: ResponseWeighting
  /// The models' weights before anything is seen, up to a factor.
  let prior: [Double]
  /// The models' predictions.
  var table: PredictionTable
  /// The cost of each experiment.
  let costs: [Double]
  /// Outcomes seen already: experiment and response.
  let observed: [(experiment: Int, response: Int)]
  /// The place of each experiment in the list.
  let places: [String: Int]

  /// Reads a specification of a file; `-` is standard input.
  ///
  /// - Throws: `DataError` with line, field and reason.
  public init(path: String) throws(DataError) { try self.init(StructuredFile(path: path)) }

  /// Reads a specification.
  ///
  /// - Throws: `DataError` with line, field and reason.
  public init(_ file: StructuredFile) throws(DataError) {
    digest = file.digest
    let fields = try file.fields()
    try fields.allowOnly("experiments", "responses", "models", "weighting", "costs", "observed")
    (experiments, places) = try Self.names(of: fields)
    weighting =
      fields["weighting"] == nil
      ? .predictive
      : ResponseWeighting(
        rawValue: try fields.word("weighting", of: ResponseWeighting.allCases.map(\.rawValue))) ?? .predictive
    let list = try fields.listOfFields("models")
    guard !list.isEmpty else { throw fields.error(at: "models", "must hold at least one model") }
    var models: [String] = []
    var prior: [Double] = []
    for model in list {
      try model.allowOnly("name", "prior", "predictions")
      let name = try model.string("name")
      guard !models.contains(name) else { throw model.error(at: "name", "is \"\(name)\", as of another model") }
      models.append(name)
      prior.append(
        model["prior"] == nil ? 1 : try model.number("prior", in: 0...Double.greatestFiniteMagnitude))
    }
    guard prior.contains(where: { $0 > 0 }) else {
      throw fields.error(at: "models", "must not all have the prior 0")
    }
    (self.models, self.prior) = (models, prior)
    table = try PredictionTable(fields.fields("responses"), models: list, experiments: places)
    costs = try Self.costs(fields, places)
    var observed: [(experiment: Int, response: Int)] = []
    for observation in fields["observed"] == nil ? [] : try fields.listOfFields("observed") {
      try observation.allowOnly("experiment", "response")
      let name = try observation.string("experiment")
      guard let experiment = places[name] else {
        throw observation.error(at: "experiment", "is \"\(name)\", which isn't among the experiments")
      }
      let value = try observation.value("response")
      let text = value.string ?? StructuredFields.shown(value)
      guard let response = table.response(text) else {
        throw observation.error(at: "response", "is \"\(text)\", which no model allows: \(table.responseHint)")
      }
      observed.append((experiment, response))
    }
    self.observed = observed
  }

  private static func names(of fields: StructuredFields) throws(DataError) -> ([String], [String: Int]) {
    var names: [String] = []
    var places: [String: Int] = [:]
    let list = try fields.list("experiments")
    guard !list.isEmpty else { throw fields.error(at: "experiments", "must hold at least one experiment") }
    names.reserveCapacity(list.count)
    places.reserveCapacity(list.count)
    for (place, value) in list.enumerated() {
      let steps = fields.steps + [.key("experiments"), .index(place)]
      guard let name = value.string ?? value.int.map({ "\($0)" }) else {
        throw fields.file.error(at: steps, "\(steps.fieldName) must be a string, not \(StructuredFields.shown(value))")
      }
      guard places.updateValue(place, forKey: name) == nil else {
        throw fields.file.error(at: steps, "\(steps.fieldName) is \"\(name)\", as an experiment before it")
      }
      names.append(name)
    }
    return (names, places)
  }

  /// The range of costs: far beyond any use, and nothing overflows.
  private static let costRange = 1e-100...1e100

  private static func costs(_ fields: StructuredFields, _ places: [String: Int]) throws(DataError) -> [Double] {
    var costs = [Double](repeating: 1, count: places.count)
    guard fields["costs"] != nil else { return costs }
    let given = try fields.fields("costs")
    for (name, value) in given.members.members {
      guard let place = places[name] else {
        throw given.error(at: name, "is a cost of what isn't among the experiments")
      }
      guard let cost = value.double, costRange.contains(cost) else {
        throw given.error(at: name, "must be a number from 1e-100 to 1e100, not \(StructuredFields.shown(value))")
      }
      costs[place] = cost
    }
    return costs
  }
}
