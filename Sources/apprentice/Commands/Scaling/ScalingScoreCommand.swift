import ArgumentParser
import ScalingLaws

/// `apprentice scaling score`.
struct ScalingScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Hold what a run reached against what was registered before.",
    discussion: """
      Checks that the registered file is as it was written, finds the foretold run among the points by its compute, and \
      says how far off the prediction was and whether the run lies within the interval.

      EXAMPLE:
        apprentice scaling score --prediction prediction.json --points large.csv
      """)

  @Option(help: .init("The file of 'apprentice scaling predict --register'.", valueName: "file"))
  var prediction: String

  @Option(help: .init("Runs, the foretold one among them.", valueName: "file"))
  var points: String

  @Option(help: .init("How often models solved problems, the foretold one among them.", valueName: "file"))
  var passRates: String?

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let record = try PredictionRecord(path: prediction)
    let scores = try record.scores(
      from: PointFile(path: points).points, rates: try passRates.map { try PassRates(path: $0) })
    output.show(try record.document(scores), text: record.text(scores))
  }
}
