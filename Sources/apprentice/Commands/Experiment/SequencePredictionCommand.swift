import ArgumentParser
import Console
import Documents
import Experiments
import Foundation
import Settings

/// `apprentice experiment example sequence-prediction`.
struct SequencePredictionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence-prediction",
    abstract: "Which four coin flips tell most about how people predict the fifth.",
    discussion: """
      People see four flips and predict the next. They may think the coin fair, biased, or prone to \
      repeat or switch (markov). Prints the expected information gain about the model, in nats, for each \
      of the 16 sequences, the best first (Ouyang, Tessler, Ly and Goodman 2016). Exact.

      EXAMPLE:
        apprentice experiment example sequence-prediction --models fair,bias --json
      """)

  @Option(help: .init("The models to tell apart: fair, bias, markov.", valueName: "names"))
  var models = "fair,bias,markov"

  @Option(in: .from(1, to: 10_000), help: .init("How many people predict.", valueName: "count"))
  var participants = 20

  @OptionGroup var study: CaseStudyOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    _ = try CaseStudyOptions.theories(models, SequencePrediction.Theory.self)
  }

  func run() throws {
    let theories = try CaseStudyOptions.theories(models, SequencePrediction.Theory.self)
    let table = try SequencePrediction(
      theories: theories, participants: participants, responses: study.responses
    ).design().evaluate()
    try output.show(
      .array(
        table.map { ["experiment": .string($0.experiment), "eig": .double($0.gain)] }),
      text: try text(table, theories))
  }

  private func text(
    _ table: [ExperimentDesign<String, Int>.Evaluation], _ theories: [SequencePrediction.Theory]
  ) throws -> String {
    var rows = Table(
      [("flips", .left), ("gain, nats", .right)] + theories.map { ("\($0.rawValue): P(heads)", .right) })
    for row in table {
      rows.add(
        [row.experiment, String(format: "%.4f", row.gain)]
          + (try theories.map {
            String(format: "%.3f", try SequencePrediction.predictive($0, after: row.experiment))
          }))
    }
    return rows.text
  }
}
