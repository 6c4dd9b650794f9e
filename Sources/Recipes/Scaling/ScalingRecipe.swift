// Scaling laws and a prediction on record (Henighan 2020, section 3.1 and table 1; GPT-4 report, OpenAI 2023, section 3.1): small runs on
// one domain give L(N, D); from them alone the loss of a run of a hundred times the compute is foretold, written down with its SHA-256,
// and only then the larger runs are made.
//
// Covered: sizes by the domain's rule, several a budget; the prediction's digest in the largest run's manifest; L∞ against the domain's
// entropy where it is known; N_opt(C) and L(C) beside the published ones; the parameters that are needed for so much divergence. Not
// covered: a learning rate searched for each size (Muon's is carried over), the papers' data, and their compute.

public import Documents
import Evaluation
import Foundation
import ScalingLaws
import Statistics
import Training

/// Laws of loss over size, data and compute on one domain, and a large run foretold from small ones.
public struct ScalingRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "scaling", title: "Scaling laws, and a prediction on record",
    paper:
      "Henighan et al. 2020, Scaling Laws for Autoregressive Generative Modeling; OpenAI 2023, GPT-4 Technical Report",
    summary:
      "Decoders of many sizes learn one domain, each for several budgets. Their losses follow a power law plus a constant, which is the "
      + "domain's entropy where that is known. From runs of at most a hundredth of its compute the largest run's loss is foretold and "
      + "written down before that run begins.")

  /// A sweep's budgets with the tokens a parameter that its runs read.
  struct Grid: Sendable {
    /// Shares of the largest run's compute.
    var shares: [Double]
    /// D/N of the runs of each budget.
    var ratios: [Double]
  }

  let options: RecipeOptions
  let domain: any ScalingDomain
  /// The largest run's compute in FLOP.
  let largest: Double
  /// The largest runs that the prediction may learn from, over the largest run.
  let share: Double
  private let small: Grid
  private let middle: Grid
  private let evaluations: Int
  let fit: FitOptions

  /// The sizes that belong to the scale.
  ///
  /// - Throws: `ScalingError` for a domain that there isn't.
  public init(_ options: RecipeOptions) throws {
    self.options = options
    domain = try ScalingDomains.named(options.domain ?? "grammar", seed: options.seed)
    var fit = FitOptions()
    if options.isQuick {
      (largest, share, evaluations, fit.bootstraps) = (8e9, 1.0 / 4, 2, 50)
      small = Grid(shares: [1.0 / 40, 1.0 / 13, 1.0 / 4], ratios: [1, 3, 12])
      middle = Grid(shares: [], ratios: [])
    } else {
      (largest, share, evaluations) = (5e12 * options.scale, 1.0 / 100, 8)
      small = Grid(shares: [1.0 / 3_200, 1.0 / 1_000, 1.0 / 320, 1.0 / 100], ratios: [4, 12, 36, 108])
      middle = Grid(shares: [1.0 / 30, 1.0 / 10], ratios: [6, 18, 54])
    }
    self.fit = fit
  }

  /// The domain and the sizes.
  public var configuration: [String: JSONValue] {
    [
      "domain": .string(domain.name), "largest_flops": .double(largest), "share": .double(share),
      "small": .array(small.shares.map { .double($0) }), "middle": .array(middle.shares.map { .double($0) }),
      "ratios": .array(small.ratios.map { .double($0) }), "evaluations": .int(evaluations),
    ]
  }

  /// Seconds on two cores of an EPYC.
  public var plan: [PlannedStage] {
    [
      .init("small", seconds: 120), .init("prediction", seconds: 5), .init("middle", seconds: 300),
      .init("largest", seconds: 420), .init("laws", seconds: 10),
    ]
  }

  /// What the laws are read off.
  struct Outcome {
    var small: [TrainingPoint]
    var others: [TrainingPoint]
    var largest: [TrainingPoint]
    var record: PredictionRecord
    var failed: [String]
    /// The end of the largest run.
    var end: TrainingPoint
    /// All learning curves.
    var all: [TrainingPoint] { small + others + largest }
  }

  /// Small runs, the prediction, the others, the largest; then the laws.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    guard let program = options.program else {
      throw RecipeError(description: "The recipe 'scaling' trains by the program 'apprentice', which must be named.")
    }
    var failed: [String] = []
    let small = try sweep("small", small.runs(largest, on: domain), by: program, run, &failed)
    let path = run.path(of: "prediction.json")
    let wanted = try await run.stored("prediction", file: "largest-run") { try choice(small) }
    let big = SweepSpecification.Run(wanted.shape, on: domain, tokens: wanted.tokens)
    if !FileManager.default.fileExists(atPath: path) {
      let point = TrainingPoint(parameters: big.shape.parameters, tokens: big.tokens, loss: .nan)
      // Small runs may be too few to tell a constant; the record's formula says which law it was.
      let predictions: [Prediction]
      do {
        predictions = try Prediction.loss(of: point, from: small, share: share * 1.05, options: fit)
      } catch {
        predictions = try Prediction.loss(of: point, from: small, share: share * 1.05, constant: .zero, options: fit)
      }
      try PointFile.write(small, to: run.path(of: "small-points.csv"))
      try PredictionRecord(predictions, sources: ["points": run.path(of: "small-points.csv")]).write(to: path)
    }
    let record = try PredictionRecord(path: path)
    let others = try sweep("middle", middle.runs(largest, on: domain), by: program, run, &failed)
    var failedLargest: [String] = []
    let last = try sweep("largest", [big], by: program, prediction: path, run, &failedLargest)
    guard let end = last.last else {
      throw RecipeError(
        description:
          "The largest run failed (\(failedLargest.joined())); its log is in \(run.path(of: "largest/logs")).")
    }
    let outcome = Outcome(small: small, others: others, largest: last, record: record, failed: failed, end: end)
    return try run.stage("laws") { try findings(outcome, run) }
  }

  // MARK: Runs

  private func sweep(
    _ stage: String, _ runs: [SweepSpecification.Run], by program: String, prediction: String? = nil, _ run: RecipeRun,
    _ failed: inout [String]
  ) throws -> [TrainingPoint] {
    guard !runs.isEmpty else { return [] }
    let specification = SweepSpecification(
      domain: domain, sourceSeed: options.seed, runs: runs, evaluations: evaluations,
      seed: Int(truncatingIfNeeded: options.seed))
    var sweep = Sweep(specification, folder: run.path(of: stage)) { each, folder in
      (program, specification.arguments(of: each, into: folder, prediction: prediction))
    }
    // Small models leave a second core idle, so that as many are trained at a time.
    sweep.workers = min(Machine.cores, runs.count)
    let states = try run.stage(stage) {
      try sweep.run(log: run.log, shouldStop: { InterruptSignals.stopRequested })
    }
    if InterruptSignals.stopRequested { throw RecipeRun.Interrupted() }
    for (each, state) in zip(sweep.specification.runs, states) {
      if case .failed(let reason) = state { failed.append("\(each.name): \(reason)") }
    }
    return zip(sweep.specification.runs, states).flatMap { $1 == .done ? sweep.points(of: $0) : [] }
  }

  /// The shape and the tokens of the largest run.
  struct Choice: Codable {
    var shape: ModelShape
    var tokens: Double
  }

  /// The best size for the largest budget by the small runs' law, not beyond the ratios that they tried.
  private func choice(_ points: [TrainingPoint]) throws -> Choice {
    func size(_ ratio: Double) -> Double { (largest / (6 * ratio)).squareRoot() }
    let law = try? FittedLaw(
      LawForm([.parameters, .tokens]), to: ScalingStudy.ends(of: points), options: FitOptions(bootstraps: 0))
    // Where the small runs tell no law of both, the middle of the ratios that they tried.
    let wanted =
      try law.map { try ComputeOptimum($0).parameters.value(at: largest) } ?? size(small.ratios[small.ratios.count / 2])
    let within = min(max(wanted, size(small.ratios.max() ?? 20)), size(small.ratios.min() ?? 20))
    let shape = ModelShape(parameters: within, proportions: domain.proportions)
    return Choice(shape: shape, tokens: largest / (6 * shape.parameters))
  }
}

extension ScalingRecipe.Grid {
  /// The runs of each budget, those of equal shape and length once.
  func runs(_ largest: Double, on domain: any ScalingDomain) -> [SweepSpecification.Run] {
    var runs: [SweepSpecification.Run] = []
    for share in shares {
      for ratio in ratios {
        let shape = ModelShape(
          parameters: (share * largest / (6 * ratio)).squareRoot(), proportions: domain.proportions)
        let run = SweepSpecification.Run(shape, on: domain, tokens: share * largest / (6 * shape.parameters))
        if !runs.contains(where: { $0.name == run.name }) { runs.append(run) }
      }
    }
    return runs
  }
}
