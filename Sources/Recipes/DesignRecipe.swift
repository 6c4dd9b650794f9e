// Optimal experiment design (Ouyang, Tessler, Ly and Goodman 2016): which experiment tells theories apart, in the paper's
// two case studies, and the same idea used to choose which comparisons a labeller is asked for.
//
// Covered: the exact gains of case study 1 and what they are worth with simulated people; case study 2's gain of the
// published optimum over the standard; labels saved. Not covered: the papers' people, whose answers are not published.

import Evaluation
import Experiments
import Foundation
import Statistics
import Documents

/// Choosing the experiment that tells most.
public struct DesignRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "oed", title: "Choosing the experiment that tells most",
    paper: "Ouyang, Tessler, Ly and Goodman 2016, Practical optimal experiment design with probabilistic programs",
    summary:
      "Expected information gains are computed for the paper's two case studies, simulated people are put through "
      + "the best and the other experiments, and comparisons for a reward model are chosen by the same principle.")

  let options: RecipeOptions
  private let simulations: Int
  private let repeats: Int
  private let draws: Int
  private var savings = LabelSavings()

  /// The sizes that belong to the scale.
  public init(_ options: RecipeOptions) {
    self.options = options
    simulations = options.isQuick ? 100 : Int(2000 * options.scale)
    repeats = options.isQuick ? 3 : 12
    draws = options.isQuick ? 200 : 5000
    savings.seed = options.seed
    savings.repetitions = options.isQuick ? 2 : max(3, Int((10 * options.scale).rounded()))
    if options.isQuick {
      savings.poolSize = 200
      savings.maximumLabels = 30
    }
  }

  /// Seconds on two cores.
  public var plan: [PlannedStage] {
    [.init("sequences", seconds: 2), .init("categories", seconds: 8), .init("labels", seconds: 40)]
  }

  /// Gains of the sixteen sequences, and how well simulated people's answers tell the theories apart.
  struct Sequences: Codable {
    /// By sequence, in nats.
    var gains: [Double]
    /// By simulation and sequence: the probability of the theory by which the people answered.
    var truth: [[Double]]
  }

  /// Gains by repetition, in nats.
  struct Categories: Codable {
    var standard: [Double]
    var optimum: [Double]
  }

  /// The three studies.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let sequences = try await run.stored("sequences") { try tellTheoriesApart() }
    let categories = try await run.stored("categories") { try compareStructures() }
    let labels = try await run.stored("labels") { try savings.run() }
    var findings = RecipeFindings(effects: effects(sequences) + effects(categories) + effects(labels))
    findings.pictures = [[picture(sequences), picture(labels)]]
    findings.details["sequences"] = .object(
      JSONObject(zip(SequencePrediction.sequences, sequences.gains).map { (key: $0, value: .double($1)) }))
    findings.details["categories"] = try JSONValue(encoding: categories)
    findings.details["labels"] = try JSONValue(encoding: labels)
    findings.cautions = [
      "All answers are simulated, by the theories that are to be told apart and by a labeller of the kind that the "
        + "posterior assumes; people won't be so kind."
    ]
    findings.sections = { page in
      page.heading("Case study 1: which four flips to show")
      let truth = truth(sequences)
      page.table(
        header: ["flips", "expected gain, nats", "probability of the true theory after 20 answers"],
        rows: SequencePrediction.sequences.indices.sorted { sequences.gains[$0] > sequences.gains[$1] }.map { i in
          [
            .text(SequencePrediction.sequences[i]), .number(sequences.gains[i], decimals: 4),
            .estimate(truth[i], isPercentage: true),
          ]
        }, caption: "Theories: a fair coin, a biased one, one that tends to repeat or to switch.")
    }
    return findings
  }

  // MARK: Case study 1

  private func tellTheoriesApart() throws -> Sequences {
    let study = SequencePrediction(theories: SequencePrediction.Theory.allCases, participants: 20)
    let design = try study.design()
    let gains = try SequencePrediction.sequences.map { try design.gain(of: $0) }
    let heads = try SequencePrediction.sequences.map { sequence in
      try study.theories.map { try SequencePrediction.predictive($0, after: sequence) }
    }
    var random = SeededGenerator(seed: options.seed)
    let truth = (0..<simulations).map { number in
      let theory = number % study.theories.count
      return heads.map { predictions -> Double in
        let answers = (0..<study.participants).count { _ in random.uniform() < predictions[theory] }
        let likelihoods = predictions.map { p in
          pow(p, Double(answers)) * pow(1 - p, Double(study.participants - answers))
        }
        return likelihoods[theory] / likelihoods.reduce(0, +)
      }
    }
    return Sequences(gains: gains, truth: truth)
  }

  private func truth(_ sequences: Sequences) -> [Estimate] {
    SequencePrediction.sequences.indices.map { i in Bootstrap(seed: 1).mean(sequences.truth.map { $0[i] }) }
  }

  private func effects(_ sequences: Sequences) -> [Effect] {
    let best = sequences.gains.indices.max { sequences.gains[$0] < sequences.gains[$1] } ?? 0
    let name = SequencePrediction.sequences[best]
    let others = sequences.truth.map { row in (row.reduce(0, +) - row[best]) / Double(row.count - 1) }
    return [
      Effect(
        "P(true theory) that \(name) adds to other sequences",
        Bootstrap(seed: 1).meanDifference(sequences.truth.map { $0[best] }, others), goal: .above(0), isShare: true),
      Effect(
        "rank correlation of expected and realised worth",
        Bootstrap(seed: 1).estimate(of: sequences.truth) { rows in
          Correlation.spearman(
            sequences.gains, sequences.gains.indices.map { i in rows.reduce(0) { $0 + $1[i] } / Double(rows.count) }
          ).value
        }, goal: .atLeast(0.9)),
    ]
  }

  private func picture(_ sequences: Sequences) -> Plot {
    var plot = Plot(
      title: "What an experiment is expected to tell, and tells", x: "expected information gain (nats)",
      y: Plot.Axis("probability of the true theory", range: 0...1))
    plot.add(
      "16 sequences", points: zip(sequences.gains, truth(sequences)).map { Plot.Point(x: $0, estimate: $1) },
      style: .points)
    return plot
  }

  // MARK: Case study 2

  private func compareStructures() throws -> Categories {
    var result = Categories(standard: [], optimum: [])
    for repetition in 0..<repeats {
      let study = CategoryLearning(draws: draws, seed: options.seed &+ UInt64(repetition) &<< 32)
      result.standard.append(try study.gain(of: .medinSchaffer).value)
      result.optimum.append(try study.gain(of: .publishedOptimum).value)
    }
    return result
  }

  private func effects(_ categories: Categories) -> [Effect] {
    [
      Effect(
        "nats that the published optimum adds",
        Bootstrap(seed: 1).meanDifference(categories.optimum, categories.standard), goal: .above(0))
    ]
  }

  // MARK: Labels saved

  private func effects(_ labels: LabelSavings.Curve) -> [Effect] {
    let at = labels.labels.firstIndex { $0 >= 50 } ?? labels.labels.count - 1
    let count = labels.labels[at]
    return [
      Effect(
        "accuracy that choosing adds at \(count) labels",
        Bootstrap(seed: 1).meanDifference(
          labels.chosenByRepetition.map { $0[at] }, labels.randomByRepetition.map { $0[at] }), goal: .above(0),
        isShare: true),
      Effect(
        "labels needed, as a share of random ones",
        Bootstrap(seed: 1).estimate(of: Array(zip(labels.chosenByRepetition, labels.randomByRepetition))) { pairs in
          LabelSavings.Curve(
            labels: labels.labels, chosenByRepetition: pairs.map(\.0), randomByRepetition: pairs.map(\.1)
          ).ratio
        }, goal: .atMost(0.5), isShare: true),
    ]
  }

  private func picture(_ labels: LabelSavings.Curve) -> Plot {
    var plot = Plot(title: "Labels saved", x: "labels", y: "accuracy on held-out pairs")
    for (name, all) in [("chosen", labels.chosenByRepetition), ("random", labels.randomByRepetition)] {
      plot.add(
        name,
        points: labels.labels.enumerated().map { i, count in
          Plot.Point(x: Double(count), estimate: Bootstrap(seed: 1).mean(all.map { $0[i] }))
        })
    }
    return plot
  }
}
