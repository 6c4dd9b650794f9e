import ArgumentParser
import Documents
import Experiments
import Foundation
import Training

/// `apprentice experiment design`.
struct ExperimentDesignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "design",
    abstract: "Rank the experiments of a specification by what each is expected to tell.",
    discussion: """
      The specification is a JSON file of models, experiments and the responses that each model predicts:

        {"experiments": ["HHHH", "HTHT"],
         "responses": {"kind": "binomial", "trials": 20},
         "models": [
           {"name": "fair", "predictions": {"HHHH": 0.5, "HTHT": 0.5}},
           {"name": "streaks", "predictions": {"HHHH": 0.83, "HTHT": 0.17}}]}

      Responses of the kind "categorical" are predicted by an object of probabilities instead: {"yes": 0.2, \
      "no": 0.8}. Optional: a model's "prior"; "costs" by experiment; "weighting", predictive or uniform; \
      "observed", a list of {"experiment", "response"} already seen, for designs that go in sequence.

      EXAMPLE:
        apprentice experiment design --spec coins.json
      """)

  @Option(help: .init("The specification.", valueName: "file"))
  var spec: String

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let file = FileHandle(forReadingAtPath: spec) else {
      throw DataError(errno: errno, path: spec, action: "open the file")
    }
    guard let data = try file.readToEnd(), !data.isEmpty else {
      throw DataError(.badData, path: spec, problem: "the file is empty")
    }
    let design: ExperimentDesign<String, String>
    do {
      design = try DesignSpecification(json: data).design()
    } catch let error as ExperimentError {
      throw DataError(.badData, path: spec, problem: error.description)
    }
    let table = try design.evaluate()
    output.show(document(design, table), text: text(design, table))
  }

  private func document(
    _ design: ExperimentDesign<String, String>,
    _ table: [ExperimentDesign<String, String>.Evaluation]
  ) -> JSONValue {
    [
      "experiments": .array(
        table.map {
          [
            "experiment": .string($0.experiment), "eig": .double($0.gain),
            "cost": .double($0.cost), "value": .double($0.value),
          ]
        }),
      "models": .array(
        zip(design.models, design.probabilities).map {
          ["name": .string($0.name), "probability": .double($1)]
        }),
      "uncertainty": .double(design.uncertainty),
    ]
  }

  private func text(
    _ design: ExperimentDesign<String, String>,
    _ table: [ExperimentDesign<String, String>.Evaluation]
  ) -> String {
    var models = Table([("model", .left), ("probability", .right)])
    for (model, probability) in zip(design.models, design.probabilities) {
      models.add([model.name, String(format: "%.4f", probability)])
    }
    var rows = Table([
      ("experiment", .left), ("gain, nats", .right), ("cost", .right), ("gain / cost", .right),
    ])
    for row in table {
      rows.add([
        row.experiment, String(format: "%.4f", row.gain), RunCommand.text(of: row.cost),
        String(format: "%.4f", row.value),
      ])
    }
    return models.text
      + String(format: "\nleft to learn: %.4f nats\n\n", design.uncertainty) + rows.text
  }
}
