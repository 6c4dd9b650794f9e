import Alignment
public import Documents
import Foundation
import LanguageModels
import Statistics

/// How often the models of a sweep over mathematics solve each problem of a fixed set.
///
/// Each problem has one answer as a string, so that a sample drawn at temperature 1 is right with the probability that the model gives
/// that string: the samples' rights and wrongs are drawn by it, without writing the wrong ones out.
///
/// ```swift
/// let survey = PassRateSurvey(problems: 300, samples: 1_000, seed: 1)
/// let rates = try survey.rates(ofRunsIn: "runs/sweep/runs")
/// ```
public struct PassRateSurvey: Sendable {
  /// The problems, with their names.
  public let problems: [(name: String, problem: MathematicsProblem)]
  /// How many answers are drawn to each by each model.
  public let samples: Int
  private let seed: UInt64

  /// Draws problems of one to five free digits, as many of each kind; small models must solve some of them at least once.
  public init(problems count: Int, samples: Int, seed: UInt64) {
    let kinds = MathematicsProblem.Kind.allCases
    problems = (0..<count).map { index in
      var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "problems of the survey", index: index).value)
      let kind = kinds[index % kinds.count]
      return ("\(kind.rawValue) \(index)", MathematicsProblem(kind, entropy: 1 + 4 * random.uniform(), &random))
    }
    (self.samples, self.seed) = (samples, seed)
  }

  /// The probability of each problem's answer under a model of ``MathematicsDomain``.
  func probabilities(under model: LanguageModels.Decoder) -> [Double] {
    let sequences = problems.map { _, problem in
      let (tokens, targets) = MathematicsDomain.encoded(problem)
      return TargetedTokens(tokens: [0] + tokens.dropLast(), targets: targets)
    }
    return DomainLoss.sums(of: sequences, under: model).map { exp(-$0) }
  }

  /// What one model did, by its compute.
  func rows(of model: LanguageModels.Decoder, flops: Double) -> [PassRates.Row] {
    zip(problems, probabilities(under: model)).enumerated().map { index, pair in
      var random = SeededGenerator(
        seed: DerivedSeed(run: seed, for: "answers at \(flops)", index: index).value)
      let passes = (0..<samples).count { _ in random.uniform() < pair.1 }
      return PassRates.Row(problem: pair.0.name, flops: flops, samples: samples, passes: passes)
    }
  }

  /// Asks the models of all finished runs in a folder, those only that no cheaper one beats in loss.
  ///
  /// - Throws: ``ScalingError`` where there are none of mathematics.
  public func rates(ofRunsIn folder: String) throws -> PassRates {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    var found: [TrainingPoint] = []
    for name in names {
      guard let run = try DomainRun.described(by: "\(folder)/\(name)"), run.isFinished, run.run.domain == "math",
        let loss = run.loss
      else { continue }
      found.append(TrainingPoint(run: name, parameters: run.run.parameters, tokens: run.run.tokens, loss: loss))
    }
    guard !found.isEmpty else {
      throw ScalingError.unusable(
        "\(folder): there is no finished run of the domain 'math' here. Give the folder 'runs' of a sweep over it.")
    }
    var rows: [PassRates.Row] = []
    for point in ComputeFrontier.pareto(found) {
      guard let name = point.run, let flops = point.flops else { continue }
      rows += self.rows(of: try DomainRun.trained("\(folder)/\(name)").model, flops: flops)
    }
    return PassRates(rows)
  }
}

extension PassRates {
  /// Writes the counts as CSV that this type reads.
  public func write(to path: String) throws(DataError) {
    let lines = rows.map { "\($0.problem),\($0.flops),\($0.samples),\($0.passes)\n" }
    try DurableFile.write("problem,flops,samples,passes\n" + lines.joined(), to: path)
  }
}
