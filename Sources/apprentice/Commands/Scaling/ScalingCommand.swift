public import ArgumentParser
public import ScalingLaws
import Settings

/// `apprentice scaling`.
struct ScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Laws of loss over size, data and compute: fit them, plan and predict by them.",
    subcommands: [
      ScalingFitCommand.self, ScalingPlanCommand.self, ScalingPredictCommand.self, ScalingScoreCommand.self,
      ScalingSweepCommand.self, ScalingTrainCommand.self, ScalingDomainsCommand.self,
      ScalingPassRatesCommand.self, ScalingClassifyCommand.self, ScalingSourceCommand.self,
    ])
}

/// Points and how laws are fitted to them, the same in every command that fits.
struct ScalingFitOptions: ParsableArguments {
  @Option(
    help: .init(
      "The runs: CSV or JSON Lines with loss and parameters, tokens or flops; run and step for learning curves.",
      valueName: "file"))
  var points: String

  @Option(help: .init("Whether laws have a constant: fitted, zero or held-out.", valueName: "kind"))
  var constant = ScalingStudy.Constant.fitted

  @Option(in: .above(0, to: 10), help: .init("Huber's delta on residuals of log loss.", valueName: "number"))
  var delta = FitOptions().delta

  @Option(
    in: .from(0, to: 100_000), help: .init("How many bootstrap fits the intervals come from.", valueName: "count"))
  var bootstraps = FitOptions().bootstraps

  @Option(in: .above(0.5, below: 1), help: .init("The share of intervals to contain the truth.", valueName: "share"))
  var confidence = FitOptions().confidence

  @Option(help: .init("What a bootstrap draws anew: points or residuals.", valueName: "kind"))
  var resampling = FitOptions().resampling

  @Option(help: .init("The seed of the bootstrap.", valueName: "number"))
  var seed: UInt64 = 0

  /// The choices.
  var fit: FitOptions {
    var options = FitOptions()
    (options.delta, options.bootstraps, options.confidence) = (delta, bootstraps, confidence)
    (options.resampling, options.seed) = (resampling, seed)
    return options
  }

  /// The points and what they tell.
  func study() throws -> (file: PointFile, study: ScalingStudy) {
    let file = try PointFile(path: points)
    return (file, try ScalingStudy(points: file.points, constant: constant, options: fit))
  }
}

extension ScalingStudy.Constant: ExpressibleByArgument {}
extension FitOptions.Resampling: ExpressibleByArgument {}
extension DomainPart: ExpressibleByArgument {}
