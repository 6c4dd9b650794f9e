import ArgumentParser
import Experiments
import Foundation
import Tokenization

/// `apprentice experiment design`.
struct ExperimentDesignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "design",
    abstract: "Rank the experiments of a specification by what they tell.",
    discussion: """
      The specification is JSON: "experiments" (names), "responses" ({"kind": "binomial", "trials": \
      20} or {"kind": "categorical"}), "models" (each with "name", "prior" and "predictions" by \
      experiment), and if wanted "weighting" (predictive or uniform), "costs" and "observed". The \
      gain is the expected information gain about which model is right, in nats.

      EXAMPLE:
        apprentice experiment design --spec study.json
      """)

  @Option(help: .init("The specification, or - for standard input.", valueName: "file"))
  var spec: String

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let data =
      spec == "-"
      ? FileHandle.standardInput.readDataToEndOfFile()
      : try Data(contentsOf: URL(fileURLWithPath: spec))
    let design = try DesignSpecification(json: data, named: spec).design()
    let evaluations = try design.evaluate()
    output.show(
      .object([
        "models": .array(
          zip(design.models, design.probabilities).map {
            .object(["name": .string($0.name), "probability": .double($1)])
          }),
        "experiments": .array(
          evaluations.map {
            .object([
              "experiment": .string($0.experiment), "eig": .double($0.gain),
              "cost": .double($0.cost), "value": .double($0.value),
            ])
          }),
      ]), text: text(design, evaluations))
  }

  private func text(
    _ design: ExperimentDesign<String, String>,
    _ evaluations: [ExperimentDesign<String, String>.Evaluation]
  ) -> String {
    var models = Table([("model", .left), ("probability", .right)])
    for (model, probability) in zip(design.models, design.probabilities) {
      models.add([model.name, String(format: "%.4f", probability)])
    }
    var table = Table([
      ("experiment", .left), ("gain, nats", .right), ("cost", .right), ("gain/cost", .right),
    ])
    for evaluation in evaluations {
      table.add([
        evaluation.experiment, String(format: "%.4f", evaluation.gain),
        String(format: "%g", evaluation.cost), String(format: "%.4f", evaluation.value),
      ])
    }
    return models.text + "\n\n" + table.text
  }
}
