import ArgumentParser
import Documents
import ScalingLaws
import Settings

/// `apprentice scaling predict`.
struct ScalingPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Foretell a run's loss, and its pass rate, from smaller runs.",
    discussion: """
      The two predictions of GPT-4's report: the final loss by a power law of compute plus a constant, and \
      -E log pass rate on a bucket of problems by a power law without one. --share keeps runs above a share of the \
      foretold run's compute out of the fit. --register writes the predictions to a dated file with a SHA-256 over all \
      of it, before the run has ended; 'apprentice scaling score' holds what came against it.

      EXAMPLE:
        apprentice scaling predict --points runs.csv --flops 1e15 --share 0.001 --register prediction.json
      """)

  @OptionGroup var options: ScalingFitOptions

  @Option(in: .above(0), help: .init("The foretold run's compute.", valueName: "FLOP"))
  var flops: Double?

  @Option(in: .above(0), help: .init("The foretold run's parameters.", valueName: "count"))
  var parameters: Double?

  @Option(in: .above(0), help: .init("The foretold run's tokens.", valueName: "count"))
  var tokens: Double?

  @Option(
    in: .above(0, to: 1),
    help: .init("The most compute of a run to learn from, as a share of the foretold one's.", valueName: "share"))
  var share = 1.0

  @Option(
    help: .init(
      "How often models solved problems: CSV or JSON Lines with problem, flops, samples, passes.", valueName: "file"))
  var passRates: String?

  @Option(in: .count(), help: .init("Which bucket of problems, the easiest being 1.", valueName: "number"))
  var bucket = 3

  @Option(in: .count(), help: .init("How many buckets.", valueName: "count"))
  var buckets = 6

  @Option(
    in: .from(0, to: 1_000_000), help: .init("How many of the hardest problems to leave out.", valueName: "count"))
  var dropHardest = 15

  @Option(help: .init("Write the predictions to a file that can't be changed unnoticed.", valueName: "file"))
  var register: String?

  @Option(
    name: .customLong("run"),
    help: .init("The folder of the run that is foretold: its manifest's digest is registered too.", valueName: "folder")
  )
  var runFolder: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard flops != nil || (parameters != nil && tokens != nil) else {
      throw ValidationError("Say which run is foretold: --flops, or --parameters and --tokens.")
    }
    guard bucket <= buckets else { throw ValidationError("There is no bucket \(bucket) of \(buckets).") }
    guard runFolder == nil || register != nil else { throw ValidationError("--run goes with --register.") }
  }

  func run() throws {
    let file = try PointFile(path: options.points)
    let point = TrainingPoint(parameters: parameters, tokens: tokens, flops: flops, loss: .nan)
    var predictions = try Prediction.loss(
      of: point, from: file.points, share: share, constant: options.constant, options: options.fit)
    if let passRates, let flops = point.flops {
      predictions.append(
        try Prediction.passRate(
          at: flops, from: PassRates(path: passRates), share: share, bucket: bucket, of: buckets,
          droppingHardest: dropHardest, options: options.fit))
    }
    var sources = ["points": options.points]
    sources["pass rates"] = passRates
    let record = try PredictionRecord(predictions, sources: sources, run: runFolder)
    if let register { try record.write(to: register) }
    output.show(record.json, text: record.text(registered: register))
  }
}
