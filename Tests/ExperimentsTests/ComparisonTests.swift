import Experiments
import Foundation
import Probability
import Testing

@Suite struct ComparisonTests {
  @Test func disagreementCountsAndUncertaintyDoesNot() throws {
    // Pair 0: all guesses unsure. Pair 1: guesses sure and divided. Pair 2: sure and agreed.
    let chooser = try QuestionChooser([[0.5, 0.01, 0.99], [0.5, 0.99, 0.99]])
    let gains = chooser.gains()
    #expect(gains[0] < 1e-12)
    #expect(gains[2] < 1e-12)
    let h = -0.01 * log(0.01) - 0.99 * log(0.99)
    #expect(abs(gains[1] - (log(2) - h)) < 1e-12)
    #expect(try chooser.batch(of: 1).first?.question == 1)
  }

  /// Pairs 0 and 1 are the same question; 2 is another, a little less telling.
  @Test func batchesAvoidRedundancy() throws {
    let probabilities = [
      [0.99, 0.99, 0.95], [0.99, 0.99, 0.05], [0.01, 0.01, 0.95], [0.01, 0.01, 0.05],
    ]
    let chooser = try QuestionChooser(probabilities)
    let gains = chooser.gains()
    #expect(gains[0] == gains[1] && gains[1] > gains[2])
    let batch = try chooser.batch(of: 2)
    #expect(Set(batch.map(\.question)) == [0, 2])
  }

  /// The joint information of a batch against a sum over all answers.
  @Test func batchGainIsJointInformation() throws {
    var random = RandomSource(seed: 1)
    let probabilities = (0..<6).map { _ in (0..<8).map { _ in random.uniform() } }
    let chooser = try QuestionChooser(probabilities)
    let batch = try chooser.batch(of: 4)
    let pairs = batch.map(\.question)
    var joint = 0.0
    for answers in 0..<16 {
      var mean = 0.0
      for row in probabilities {
        var p = 1.0
        for (place, pair) in pairs.enumerated() {
          p *= answers >> place & 1 == 1 ? row[pair] : 1 - row[pair]
        }
        mean += p / 6
      }
      joint -= mean * log(mean)
    }
    var conditional = 0.0
    for row in probabilities {
      for pair in pairs {
        conditional -= (row[pair] * log(row[pair]) + (1 - row[pair]) * log(1 - row[pair])) / 6
      }
    }
    #expect(abs(batch.reduce(0) { $0 + $1.gain } - (joint - conditional)) < 1e-9)
    #expect(Set(pairs).count == 4)
  }

  /// Beyond what can be followed exactly, sampled answers keep the batch sensible.
  @Test func longBatchesAreSampled() throws {
    var random = RandomSource(seed: 2)
    let probabilities = (0..<16).map { _ in (0..<60).map { _ in random.uniform() } }
    let batch = try QuestionChooser(probabilities).batch(of: 20, seed: 3)
    #expect(batch.count > 9)
    #expect(Set(batch.map(\.question)).count == batch.count)
    // Information about sixteen guesses can't exceed log 16, up to the sampling of answers.
    #expect(batch.reduce(0) { $0 + $1.gain } < log(16) * 1.15)
  }

  /// Weights are repetitions: a guess of weight 3 is three guesses.
  @Test func weightedGuessesAreRepeatedOnes() throws {
    var random = RandomSource(seed: 5)
    let rows = (0..<3).map { _ in (0..<12).map { _ in random.uniform() } }
    let weighted = try QuestionChooser(rows, weights: [3, 1, 2])
    let repeated = try QuestionChooser([rows[0], rows[0], rows[0], rows[1], rows[2], rows[2]])
    for (a, b) in zip(weighted.gains(), repeated.gains()) { #expect(abs(a - b) < 1e-12) }
    let (a, b) = (try weighted.batch(of: 5), try repeated.batch(of: 5))
    #expect(a.map(\.question) == b.map(\.question))
    #expect(zip(a, b).allSatisfy { abs($0.gain - $1.gain) < 1e-9 })
    #expect(try QuestionChooser(rows).gains() != weighted.gains())
    for weights in [[1, 1], [0, 0, 0], [1, -1, 1], [1, .nan, 1]] as [[Double]] {
      #expect(throws: ExperimentError.self) { try QuestionChooser(rows, weights: weights) }
    }
  }

  /// Rewards become preferences by Bradley and Terry's model.
  @Test func rewardModelsAreAnEnsemble() throws {
    let chooser = try QuestionChooser(rewards: [[(2, 0), (1, 1)], [(0, 2), (3, 3)]])
    let p = 1 / (1 + exp(-2.0))
    let expected = log(2) + p * log(p) + (1 - p) * log(1 - p)
    #expect(abs(chooser.gains()[0] - expected) < 1e-12)
    #expect(chooser.gains()[1] < 1e-12)
    #expect(QuestionChooser.preference(800, over: -800) == 1)
  }

  @Test func costsAreWeighed() throws {
    let probabilities = [[0.9, 0.8], [0.1, 0.2]]
    #expect(try QuestionChooser(probabilities).batch(of: 1)[0].question == 0)
    #expect(try QuestionChooser(probabilities, costs: [10, 1]).batch(of: 1)[0].question == 1)
  }

  @Test func badPoolsAreErrors() {
    #expect(throws: ExperimentError.self) { try QuestionChooser([]) }
    #expect(throws: ExperimentError.self) { try QuestionChooser([[]]) }
    #expect(throws: ExperimentError.self) { try QuestionChooser([[0.5], [0.5, 0.5]]) }
    #expect(throws: ExperimentError.self) { try QuestionChooser([[.nan]]) }
    #expect(throws: ExperimentError.self) { try QuestionChooser([[0.5]], costs: [0]) }
    #expect(throws: ExperimentError.self) { try QuestionChooser([[0.5]]).batch(of: 0) }
    #expect(throws: ExperimentError.self) { try QuestionChooser(rewards: [[(.nan, 0)]]) }
  }

  /// Logistic regression's mode is where the gradient of its log posterior is zero.
  @Test func preferencePosteriorIsAtItsMode() throws {
    var random = RandomSource(seed: 4)
    let truth = [1.5, -1]
    let x = (0..<400).map { _ in [random.normal(), random.normal()] }
    let y = x.map { random.uniform() < PreferencePosterior.probability(truth, $0) }
    let posterior = try PreferencePosterior(
      differences: x, firstPreferred: y, dimensions: 2, priorDeviation: 2)
    for k in 0...1 {
      var gradient = -posterior.mode[k] / 4
      for (row, preferred) in zip(x, y) {
        let p = PreferencePosterior.probability(posterior.mode, row)
        gradient += ((preferred ? 1 : 0) - p) * row[k]
      }
      #expect(abs(gradient) < 1e-6)
      #expect(abs(posterior.mode[k] - truth[k]) < 0.5)
    }
    #expect(throws: ExperimentError.self) {
      try PreferencePosterior(differences: [[1]], firstPreferred: [], dimensions: 1)
    }
  }

  /// The goal: at most half the labels for the accuracy that random asking ends with.
  @Test func choosingHalvesTheLabels() throws {
    var study = LabelSavings()
    study.repetitions = 4
    study.maximumLabels = 120
    study.poolSize = 500
    let curve = try study.run()
    #expect(curve.ratio <= 0.5, "\(curve.ratio)")
    #expect(try #require(curve.chosen.last) > 0.8)
  }

  /// Labelled comparisons: the labels that choosing asks for teach more, and groups stay together.
  @Test func labelledComparisonsAreAskedForOneByOne() throws {
    var random = RandomSource(seed: 7)
    let truth = (0..<6).map { _ in 2 * random.normal() }
    let rows: [[Double]] = (0..<500).map { index in
      // Four in five differ hardly at all.
      let scale = index % 5 == 0 ? 1 : 0.05
      return (0..<6).map { _ in scale * random.normal() }
    }
    // The labeller is sure of every answer; the learner can't know that.
    let labels: [Bool] = rows.map { PreferencePosterior.probability(truth, $0) > 0.5 }
    var study = LabelSavings()
    study.maximumLabels = 60
    study.repetitions = 4
    let curve = try study.run(on: rows, firstPreferred: labels, groups: rows.indices.map { $0 / 2 })
    #expect(curve.labels.last == 60)
    let (chosen, randomly) = (curve.chosen.reduce(0, +), curve.random.reduce(0, +))
    #expect(chosen / 12 > randomly / 12 + 0.01, "\(chosen / 12) and \(randomly / 12)")
    #expect(try #require(curve.chosen.last) > 0.85)
    #expect(throws: ExperimentError.self) {
      try study.run(on: Array(rows.prefix(40)), firstPreferred: Array(labels.prefix(40)), groups: Array(0..<40))
    }
    #expect(throws: ExperimentError.self) {
      try study.run(on: rows, firstPreferred: [true], groups: rows.indices.map { $0 })
    }
  }
}
