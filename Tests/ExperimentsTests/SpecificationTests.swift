import Documents
import Experiments
import Foundation
import Probability
import TestSupport
import Testing

/// Design problems written down in files.
@Suite struct SpecificationTests {
  static let json = """
    {"experiments": ["HHHH", "HTHT"],
     "responses": {"kind": "binomial", "trials": 20},
     "models": [
       {"name": "fair", "predictions": {"HHHH": 0.5, "HTHT": 0.5}},
       {"name": "streaks", "prior": 1, "predictions": {"HHHH": 0.8, "HTHT": 0.5}}],
     "observed": [{"experiment": "HHHH", "response": "16"}]}
    """

  private func design(_ text: String, named name: String = "spec.json") throws -> SpecifiedDesign {
    try SpecifiedDesign(DesignSpecification(StructuredFile(data: Data(text.utf8), path: name)))
  }

  @Test func aSpecificationIsReadAndObservationsAreTakenIn() throws {
    let design = try design(Self.json)
    // 16 of 20: the likelihood ratio is (0.8/0.5)¹⁶ (0.2/0.5)⁴.
    let ratio: Double = pow(1.6 as Double, 16 as Double) * pow(0.4 as Double, 4 as Double)
    #expect(abs(design.probabilities[1] - ratio / (1 + ratio)) < 1e-12)
    #expect(design.best(2).map(\.experiment) == ["HHHH", "HTHT"])
    #expect(try design.gain(of: "HTHT") < 1e-12)
  }

  @Test func yamlSaysTheSame() throws {
    let yaml = """
      # comments are welcome here
      experiments: [HHHH, HTHT]
      responses: {kind: binomial, trials: 20}
      models:
        - name: fair
          predictions: {HHHH: 0.5, HTHT: 0.5}
        - name: streaks
          predictions:
            HHHH: 0.8
            HTHT: 5e-1
      observed:
        - {experiment: HHHH, response: 16}
      """
    #expect(try design(yaml, named: "spec.yaml").probabilities == design(Self.json).probabilities)
    // What comes through a pipe has no name that tells.
    #expect(try design(yaml, named: "/dev/fd/63").probabilities == design(Self.json).probabilities)
  }

  @Test func eachFaultIsToldByLineFieldAndReason() throws {
    func bad(_ old: String, _ new: String) -> String { Self.json.replacingOccurrences(of: old, with: new) }
    for (text, line, words) in [
      ("{", 1, "the JSON ends too early"),
      ("{\"experiments\": []}", 1, "experiments must hold at least one experiment"),
      ("[1]", 1, "the document must be a mapping"),
      (bad("\"prior\"", "\"priorr\""), 5, "unknown key 'models[1].priorr'; the nearest one is 'prior'"),
      (bad("\"observed\"", "\"cost\""), 6, "unknown key 'cost'; the nearest one is 'costs'"),
      (bad("\"trials\"", "\"trails\""), 2, "unknown key 'responses.trails'; the nearest one is 'trials'"),
      (bad("\"response\": \"16\"", "\"respones\": \"16\""), 6, "the nearest one is 'response'"),
      (bad("\"prior\": 1", "\"prior\": NaN"), 5, "models[1].prior: NaN and Infinity are not JSON"),
      (bad("\"prior\": 1", "\"prior\": 1e999"), 5, "models[1].prior: the number is too large"),
      (bad("\"prior\": 1", "\"prior\": -1"), 5, "models[1].prior must be from 0 to"),
      (bad("\"prior\": 1", "\"prior\": \"1\""), 5, "models[1].prior must be a finite number, not \"1\""),
      (bad("20}", "20.5}"), 2, "responses.trials must be a whole number from 1 to 10000, not 20.5"),
      (bad("20}", "0}"), 2, "responses.trials must be a whole number from 1 to 10000, not 0"),
      (bad(" \"models\"", " // two of them\n \"models\""), 3, "JSON has no comments"),
      (bad("0.8", "1.8"), 5, "models[1].predictions.HHHH must be a probability from 0 to 1, not 1.8"),
      (bad("\"binomial\"", "\"normal\""), 2, "must be \"binomial\" or \"categorical\", not \"normal\""),
      (bad("\"HTHT\": 0.5}},", "\"X\": 0.5}},"), 4, "has no prediction for the experiment \"HTHT\""),
      (bad("\"HTHT\": 0.5}},", "\"HHHH\": 0.5}},"), 4, "stands there twice"),
      (bad("\"HTHT\"],", "\"HHHH\"],"), 1, "experiments[1] is \"HHHH\", as an experiment before it"),
      (bad("\"streaks\"", "\"fair\""), 5, "as of another model"),
      (bad("\"16\"", "\"99\""), 6, "no model allows: a response is a whole number from 0 to 20"),
      (bad("[{\"experiment\": \"HHHH\"", "[{\"experiment\": \"H\""), 6, "isn't among the experiments"),
      (
        bad("\"observed\": [{\"experiment\": \"HHHH\", \"response\": \"16\"}]", "\"costs\": {\"HHHH\": 0}"), 6,
        "costs.HHHH must be a number from 1e-100 to 1e100, not 0"
      ),
    ] {
      let error = #expect(throws: DataError.self, "\(text)") { try design(text) }
      #expect(error?.path == "spec.json")
      #expect(error?.line == line, "\(words): line \(error?.line ?? 0)")
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    for (yaml, line, words) in [
      ("experiments: [a]\nresponses: {kind: binomial, trials: 3}\nmodels:\n  - name: m\n    priorr: 2\n", 5, "'prior'"),
      ("experiments: [a]\nresponses: {kind: binomial, trials: .nan}\nmodels:\n  - name: m\n", 2, "a whole number"),
      ("experiments: [a]\nexperiments: [b]\n", 1, "twice"),
    ] {
      let error = #expect(throws: DataError.self, "\(yaml)") { try design(yaml, named: "spec.yaml") }
      #expect(error?.line == line, "\(error?.description ?? "")")
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }

  /// The sum of such weights is more than a number can hold.
  @Test func enormousPriorsWeighLikeAnyOthers() throws {
    func gain(_ weight: String) throws -> Double {
      let text = Self.json.replacingOccurrences(
        of: "\"name\": \"fair\"", with: "\"name\": \"fair\", \"prior\": \(weight)"
      )
      .replacingOccurrences(of: "\"prior\": 1,", with: "\"prior\": \(weight),")
      return try design(text).gain(of: "HHHH")
    }
    #expect(try gain("1") > 0.01)
    #expect(try gain("1e308") == gain("1"))
    #expect(try gain("1e-308") == gain("1"))
    let model = WorldModel("a") { (_: Int) in try Distribution([(true, 0.9), (false, 0.1)]) }
    let other = WorldModel("b") { (_: Int) in try Distribution([(true, 0.2), (false, 0.8)]) }
    let plain = try ExperimentDesign(models: [model, other], experiments: [0]).gain(of: 0)
    #expect(
      try ExperimentDesign(models: [model, other], prior: [1e308, 1e308], experiments: [0]).gain(of: 0) == plain)
    let chooser = try QuestionChooser([[0.9], [0.2]], weights: [1e308, 1e308])
    #expect(abs(chooser.gains()[0] - plain) < 1e-12)
  }

  /// SciPy's values of the coin study, by way of a file: both weightings, up to 50 people.
  @Test func gainsAgreeWithSciPy() throws {
    for row in try DesignTests.Golden.load().sequences {
      let theories = try row.theories.map { try #require(SequencePrediction.Theory(rawValue: $0)) }
      let sequences = SequencePrediction.sequences
      let models = try theories.map { theory -> JSONValue in
        let predictions = try sequences.map {
          (key: $0, value: JSONValue.double(try SequencePrediction.predictive(theory, after: $0)))
        }
        return ["name": .string(theory.rawValue), "predictions": .object(JSONObject(predictions))]
      }
      let text: JSONValue = [
        "experiments": .array(sequences.map { .string($0) }), "models": .array(models),
        "responses": ["kind": "binomial", "trials": .int(row.participants)], "weighting": .string(row.responses),
      ]
      let design = try design(text.serialized())
      for sequence in sequences {
        #expect(abs(try design.gain(of: sequence) - (row.gains[sequence] ?? .nan)) < 1e-9, "\(row) \(sequence)")
      }
    }
  }

  private func random(
    _ experiments: Int, models: Int, trials: Int, seed: UInt64, spread: Double = 1
  ) throws -> SpecifiedDesign {
    var random = RandomSource(seed: seed)
    let names = (0..<experiments).map { "e\($0)" }
    func member(_ name: String) -> (key: String, value: JSONValue) {
      (key: name, value: .double(0.5 + spread * (random.uniform() - 0.5)))
    }
    let list = (0..<models).map { model -> JSONValue in
      [
        "name": .string("m\(model)"), "prior": .double(random.uniform() + 0.1),
        "predictions": .object(JSONObject(names.map(member))),
      ]
    }
    let costs = names.enumerated().filter { $0.offset % 3 == 0 }.map { (key: $0.element, value: JSONValue.double(1.5)) }
    let text: JSONValue = [
      "experiments": .array(names.map { .string($0) }), "models": .array(list),
      "responses": ["kind": "binomial", "trials": .int(trials)], "costs": .object(JSONObject(costs)),
    ]
    return try design(text.serialized())
  }

  @Test(arguments: [(20, 1.0), (300, 0.05), (5_000, 1.0)])
  func theBestByBoundsAreTheBestOfAll(trials: Int, spread: Double) throws {
    let design = try random(400, models: 4, trials: trials, seed: 5, spread: spread)
    let all = design.best(400)
    #expect(Set(all.map(\.experiment)).count == 400)
    for count in [1, 10, 390] {
      let best = design.best(count)
      #expect(best.map(\.experiment) == all.prefix(count).map(\.experiment))
      #expect(best.map(\.gain) == all.prefix(count).map(\.gain))
    }
    // Exact means the whole sum: as the other mechanism, which goes over every response, has it.
    for evaluation in all.prefix(3) {
      let likelihoods = try (0..<4).map { model -> Distribution<Int> in
        let p = try design.prediction(of: model, for: evaluation.experiment)
        return try enumerate { try $0.sample(Binomial(trials: trials, p: p)) }
      }
      let reference = try ExperimentDesign(
        models: likelihoods.enumerated().map { place, predicted in WorldModel("\(place)") { (_: Int) in predicted } },
        prior: design.probabilities, experiments: [0]
      ).gain(of: 0)
      #expect(abs(evaluation.gain - reference) < 1e-10, "\(evaluation) \(reference)")
    }
  }

  /// However cheap or dear an experiment is, order goes by gain for cost.
  @Test func extremeCostsKeepTheirOrder() throws {
    let text = Self.json.replacingOccurrences(
      of: "\"observed\": [{\"experiment\": \"HHHH\", \"response\": \"16\"}]", with: "\"costs\": COSTS"
    ).replacingOccurrences(of: "0.8, \"HTHT\": 0.5", with: "0.8, \"HTHT\": 0.7")
    #expect(
      try design(text.replacingOccurrences(of: "COSTS", with: "{\"HHHH\": 1e90, \"HTHT\": 2e90}"))
        .best(1)[0].experiment == "HHHH")
    #expect(
      try design(text.replacingOccurrences(of: "COSTS", with: "{\"HHHH\": 1e90, \"HTHT\": 1e89}"))
        .best(1)[0].experiment == "HTHT")
  }
}
