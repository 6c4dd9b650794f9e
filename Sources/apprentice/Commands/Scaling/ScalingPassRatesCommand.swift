import ArgumentParser
import Documents
import ScalingLaws
import Settings

/// `apprentice scaling pass-rates`.
struct ScalingPassRatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass-rates",
    abstract: "Let the models of a sweep over mathematics solve a set of problems, many times each.",
    discussion: """
      The counts are what 'apprentice scaling predict --pass-rates' reads. Of the sweep's models those are asked that no \
      cheaper one beats.

      EXAMPLE:
        apprentice scaling pass-rates --runs runs/math/runs --out pass-rates.csv
      """)

  @Option(help: .init("The folder of the runs.", valueName: "folder"))
  var runs: String

  @Option(in: .count(), help: .init("How many problems.", valueName: "count"))
  var problems = 270

  @Option(in: .count(), help: .init("How many answers to each.", valueName: "count"))
  var samples = 2_000

  @Option(help: .init("Seeds the problems and the answers.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: .init("The file to write, CSV.", valueName: "file"))
  var out: String

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let rates = try PassRateSurvey(problems: problems, samples: samples, seed: seed).rates(ofRunsIn: runs)
    try rates.write(to: out)
    output.show(
      ["file": .string(out), "models": .int(rates.budgets.count), "problems": .int(problems)],
      text: "\(out): \(problems) problems, \(rates.budgets.count) models")
  }
}
