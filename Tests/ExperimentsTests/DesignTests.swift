import Experiments
import Foundation
import Probability
import TestSupport
import Testing

@Suite struct DesignTests {
  private func gains(
    _ theories: [SequencePrediction.Theory], _ responses: ResponseWeighting
  ) throws -> [String: Double] {
    let table = try SequencePrediction(theories: theories, responses: responses)
      .design().evaluate()
    return Dictionary(uniqueKeysWithValues: table.map { ($0.experiment, $0.gain) })
  }

  private func expect(
    _ gains: [String: Double], _ expected: [String: Double],
    _ location: SourceLocation = #_sourceLocation
  ) {
    for (sequence, value) in expected {
      let gain = gains[sequence] ?? .nan
      #expect(abs(gain - value) < 5e-5, "\(sequence): \(gain)", sourceLocation: location)
    }
  }

  /// Values computed apart from this project, with 20 participants, in nats.
  @Test func publishedCoinStudyByPredictiveResponses() throws {
    expect(
      try gains([.fair, .bias], .predictive),
      ["HHHH": 0.6125, "TTTT": 0.6125, "TTTH": 0.2288, "HHTT": 0, "HTHT": 0, "HTTH": 0])
    expect(
      try gains([.fair, .markov], .predictive),
      [
        "HHHH": 0.5674, "TTTT": 0.5674, "HTHT": 0.5674, "THTH": 0.5674, "HHHT": 0.0934,
        "HHTH": 0.0934,
      ])
    expect(
      try gains([.bias, .markov], .predictive),
      ["HTHT": 0.5674, "THTH": 0.5674, "HHHH": 0.0211])
    let all = try gains([.fair, .bias, .markov], .predictive)
    expect(all, ["HHHH": 0.5528, "HTHT": 0.5176, "HHTT": 0.0836])
    // HHHH and TTTT are equal but for rounding, which must not decide their order.
    let best = try SequencePrediction().design().evaluate().prefix(4).map(\.experiment)
    #expect(best == ["HHHH", "TTTT", "HTHT", "THTH"])
  }

  @Test func publishedCoinStudyByUniformResponses() throws {
    expect(try gains([.fair, .bias], .uniform), ["HHHH": 0.6091, "TTTH": 0.4696])
    expect(
      try gains([.fair, .bias, .markov], .uniform), ["HHHH": 0.7843, "TTTH": 0.6389])
  }

  struct Golden: Decodable {
    struct Sequences: Decodable {
      var theories: [String]
      var participants: Int
      var responses: String
      var gains: [String: Double]
    }
    struct Category: Decodable {
      var name: String
      var a: [String]
      var b: [String]
      var responses: String
      var gain: Double
    }
    var sequences: [Sequences]
    var categories: [Category]

    static func load() throws -> Golden {
      let folder = try Bundle.module.fixtures
      return try JSONDecoder().decode(
        Golden.self, from: Data(contentsOf: folder.appending(path: "gains.json")))
    }
  }

  /// All sequences, four sets of theories, three numbers of people, both weightings.
  @Test func coinStudyAgreesWithSciPy() throws {
    let rows = try Golden.load().sequences
    #expect(rows.count == 24)
    for row in rows {
      let theories = try row.theories.map { try #require(SequencePrediction.Theory(rawValue: $0)) }
      let table = try SequencePrediction(
        theories: theories, participants: row.participants,
        responses: try #require(ResponseWeighting(rawValue: row.responses))
      ).design().evaluate()
      #expect(table.count == row.gains.count)
      for evaluation in table {
        let gain = try #require(row.gains[evaluation.experiment])
        #expect(
          abs(evaluation.gain - gain) < 1e-9,
          "\(row.theories) \(row.participants) \(row.responses) \(evaluation.experiment)")
      }
    }
  }

  /// Drawn parameters here against quadrature there.
  @Test func categoryStudyAgreesWithNumPy() throws {
    let rows = try Golden.load().categories
    #expect(rows.count == 6)
    for row in rows {
      let gain = try CategoryLearning(
        responses: try #require(ResponseWeighting(rawValue: row.responses)), draws: 60_000
      ).gain(of: CategoryStructure(a: row.a, b: row.b))
      #expect(abs(gain.value - row.gain) < 0.003, "\(row.name) \(row.responses) \(gain.value)")
    }
  }

  @Test func predictivesOfTheTheories() throws {
    for (theory, sequence, value) in [
      (SequencePrediction.Theory.fair, "HHHH", 0.5), (.bias, "HHHH", 0.866),
      (.markov, "HHHH", 0.833), (.bias, "HTTH", 0.5), (.markov, "HTTH", 0.399),
      (.markov, "HTHT", 0.833),
    ] {
      let heads = try SequencePrediction.predictive(theory, after: sequence)
      #expect(abs(heads - value) < 5e-4, "\(theory) \(sequence) \(heads)")
    }
  }

  @Test func gainIsMutualInformation() throws {
    // Two models and two responses: H(Y) − H(Y | M), by hand.
    let design = try ExperimentDesign(
      models: [
        WorldModel("a") { (_: Int) in try Distribution([(true, 0.9), (false, 0.1)]) },
        WorldModel("b") { (_: Int) in try Distribution([(true, 0.2), (false, 0.8)]) },
      ], prior: [3, 1], experiments: [0])
    func h(_ p: Double) -> Double { -p * log(p) - (1 - p) * log(1 - p) }
    let expected = h(0.725) - 0.75 * h(0.9) - 0.25 * h(0.2)
    #expect(abs(try design.gain(of: 0) - expected) < 1e-12)
  }

  @Test func costsChangeTheOrder() throws {
    let models = [
      WorldModel("a") { (x: Int) in try Distribution([(true, 0.5 + 0.1 * Double(x)), (false, 0.5 - 0.1 * Double(x))]) },
      WorldModel("b") { (_: Int) in try Distribution([(true, 0.5), (false, 0.5)]) },
    ]
    let free = try ExperimentDesign(models: models, experiments: [1, 2, 4]).evaluate()
    #expect(free.map(\.experiment) == [4, 2, 1])
    let costly = try ExperimentDesign(
      models: models, experiments: [1, 2, 4], cost: { $0 == 4 ? 100 : 1 }
    ).evaluate()
    #expect(costly.map(\.experiment) == [2, 1, 4])
    #expect(throws: ExperimentError.self) {
      try ExperimentDesign(models: models, experiments: [1], cost: { _ in 0 }).evaluate()
    }
  }

  @Test func sequentialDesignFindsTheTruth() throws {
    var design = try SequencePrediction(participants: 5).design()
    var random = RandomSource(seed: 3)
    let truth = design.models[2]
    let before = design.uncertainty
    for _ in 0..<12 {
      let next = try #require(try design.evaluate().first).experiment
      let response = try truth.predict(next).draw(using: &random)
      try design.observe(response, to: next)
    }
    #expect(design.probabilities[2] > 0.9)
    #expect(design.uncertainty < before)
  }

  /// Observing in sequence is Bayes' rule on the product of likelihoods.
  @Test func updatesMultiply() throws {
    var design = try SequencePrediction(theories: [.fair, .bias]).design()
    try design.observe(17, to: "HHHH")
    try design.observe(3, to: "TTTH")
    var weights: [Double] = []
    for theory in [SequencePrediction.Theory.fair, .bias] {
      var weight = 1.0
      for (sequence, count) in [("HHHH", 17), ("TTTH", 3)] {
        let p = try SequencePrediction.predictive(theory, after: sequence)
        weight *= pow(p, Double(count)) * pow(1 - p, Double(20 - count))
      }
      weights.append(weight)
    }
    #expect(abs(design.probabilities[1] - weights[1] / (weights[0] + weights[1])) < 1e-10)
  }

  @Test func problemsThatMakeNoSenseAreErrors() throws {
    #expect(throws: ExperimentError.self) {
      try ExperimentDesign<Int, Bool>(models: [], experiments: [1])
    }
    let model = WorldModel("m") { (_: Int) in try Distribution([(true, 1.0)]) }
    #expect(throws: ExperimentError.self) {
      try ExperimentDesign<Int, Bool>(models: [model], experiments: [])
    }
    #expect(throws: ExperimentError.self) {
      try ExperimentDesign(models: [model], prior: [-1], experiments: [1])
    }
    var design = try ExperimentDesign(models: [model], experiments: [1])
    let error = #expect(throws: ExperimentError.self) { try design.observe(false, to: 1) }
    #expect(error?.description.contains("no model allows") == true)
    #expect(throws: ExperimentError.self) { try SequencePrediction(theories: [.fair]).design() }
    #expect(throws: ExperimentError.self) { try SequencePrediction(participants: 0).design() }
  }

  @Test func categoryStructures() throws {
    let structures = CategoryStructure.fiveFour()
    // 1,441,440 labelled structures in classes of at most 384; counted apart from this code.
    #expect(structures.count == 4_223)
    #expect(CategoryStructure.digits(0b1010) == "1010")
    let read = try CategoryStructure(
      a: ["1110", "1010", "1011", "1101", "0111"], b: ["1100", "0110", "0001", "0000"])
    #expect(read == .medinSchaffer)
    #expect(throws: ExperimentError.self) { try CategoryStructure(a: ["11"], b: ["0000"]) }
    #expect(throws: ExperimentError.self) { try CategoryStructure(a: ["1111"], b: ["1111"]) }
  }

  @Test func categoryStudyPrefersThePublishedOptimum() throws {
    let study = CategoryLearning(draws: 2_000)
    let standard = try study.gain(of: .medinSchaffer)
    let optimum = try study.gain(of: .publishedOptimum)
    #expect(optimum.value > standard.value)
    #expect(optimum.value < log(2))
    // One and many participants: a sampled estimate of the exact sum must agree with it.
    var drawn = study
    drawn.participants = 1
    let exact = try drawn.gain(of: .publishedOptimum).value
    drawn.participants = 2
    let more = try drawn.gain(of: .publishedOptimum)
    #expect(more.value > exact)
    #expect(more.value < 2 * exact)
  }

  /// With all weights 1 an object is as similar to all: the exemplar model must give nA/(nA + nB)
  /// on average over symmetric structures, and complementary structures complementary answers.
  @Test func theoriesAreSymmetric() throws {
    let study = CategoryLearning(draws: 4_000)
    let structure = CategoryStructure.medinSchaffer
    let swapped = CategoryStructure(a: structure.b, b: structure.a)
    let exemplar = try study.predictive(.exemplar, of: structure)
    let other = try study.predictive(.exemplar, of: swapped)
    for object in 0..<16 { #expect(abs(exemplar[object] + other[object] - 1) < 1e-9) }
    // An object never shown, with no cue either way, is a coin flip to the prototype model.
    let prototype = try study.predictive(
      .prototype, of: CategoryStructure(a: [0b1111], b: [0b0000]))
    #expect(abs(prototype[0b1100] - 0.5) < 0.02)
    #expect(prototype[0b1111] > 0.7 && prototype[0b0000] < 0.3)
  }
}
