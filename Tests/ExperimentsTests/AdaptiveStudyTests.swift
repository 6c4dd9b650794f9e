import Documents
import Experiments
import Foundation
import Probability
import Statistics
import Testing

/// Experiments chosen after each answer, beside plans made beforehand.
@Suite struct AdaptiveStudyTests {
  /// The coin study with one person a round: which four flips tell three theories apart.
  private func coins(trials: Int = 1) throws -> SpecifiedDesign {
    let models = try SequencePrediction.Theory.allCases.map { theory -> JSONValue in
      let predictions = try SequencePrediction.sequences.map {
        (key: $0, value: JSONValue.double(try SequencePrediction.predictive(theory, after: $0)))
      }
      return ["name": .string(theory.rawValue), "predictions": .object(JSONObject(predictions))]
    }
    let text: JSONValue = [
      "experiments": .array(SequencePrediction.sequences.map { .string($0) }), "models": .array(models),
      "responses": ["kind": "binomial", "trials": .int(trials)],
    ]
    return try SpecifiedDesign(
      DesignSpecification(StructuredFile(data: Data(text.serialized().utf8), path: "coins.json")))
  }

  @Test func choosingAfterEachAnswerTakesFewerRounds() throws {
    var study = AdaptiveStudy()
    study.participants = 150
    let rows = try study.run(coins())
    let byPlan = Dictionary(uniqueKeysWithValues: rows.map { ($0.plan, $0) })
    let adaptive = try #require(byPlan[.adaptive])
    for plan in [AdaptiveStudy.Plan.ranked, .random, .repeated] {
      let row = try #require(byPlan[plan])
      #expect(row.more.low > 0, "\(plan): \(row.rounds) beside \(adaptive.rounds)")
    }
    // Probabilities mean what they say: of models found at 0.95 at least so many are right.
    for row in rows where row.plan != .repeated { #expect(row.right.high >= 0.95, "\(row.plan): \(row.right)") }
    #expect(adaptive.finished.value > 0.95)
    #expect(adaptive.rounds.value < 60)
  }

  @Test func eachProposalTellsMostGivenTheAnswersSoFar() throws {
    var design = try coins(trials: 5)
    var kept = design
    kept.prepareForSequence()
    var random = RandomSource(seed: 4)
    for _ in 0..<6 {
      let next = kept.best(1)[0]
      for experiment in SequencePrediction.sequences {
        #expect(try design.gain(of: experiment) <= next.gain + 1e-12)
      }
      let response = design.response(of: 2, to: next.experiment, using: &random)
      try design.observe(response, to: next.experiment)
      try kept.observe(response, to: next.experiment)
      #expect(kept.probabilities == design.probabilities)
    }
  }

  /// Drawn responses follow the model's prediction.
  @Test func simulatedParticipantsAnswerAsTheModelExpects() throws {
    let design = try coins(trials: 5)
    var random = RandomSource(seed: 1)
    let draws = (0..<4_000).map { _ in Double(design.response(of: 1, to: "HHHT", using: &random)) ?? .nan }
    let p = try SequencePrediction.predictive(.bias, after: "HHHT")
    let mean = draws.reduce(0, +) / 4_000
    #expect(abs(mean - 5 * p) < 4 * (5 * p * (1 - p) / 4_000).squareRoot(), "\(mean) for \(5 * p)")
  }
}
