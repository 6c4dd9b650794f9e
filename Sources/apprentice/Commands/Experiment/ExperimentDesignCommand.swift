import ArgumentParser
import Console
import Documents
import Experiments
import Foundation
import Settings

/// `apprentice experiment design`.
struct ExperimentDesignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "design",
    abstract: "Rank the experiments of a specification by what each is expected to tell.",
    discussion: """
      The specification is a JSON or YAML file of models, experiments and the responses that each model predicts:

        {"experiments": ["HHHH", "HTHT"],
         "responses": {"kind": "binomial", "trials": 20},
         "models": [
           {"name": "fair", "predictions": {"HHHH": 0.5, "HTHT": 0.5}},
           {"name": "streaks", "predictions": {"HHHH": 0.83, "HTHT": 0.17}}]}

      Responses of the kind "categorical" are predicted by an object of probabilities instead: {"yes": 0.2, \
      "no": 0.8}. Optional: a model's "prior"; "costs" by experiment; "weighting", predictive or uniform; \
      "observed", a list of {"experiment", "response"} already seen. Gains are exact; of very many experiments \
      the best are found by bounds. 'apprentice experiment adaptive' goes on from answer to answer.

      EXAMPLE:
        apprentice experiment design --spec coins.json
      """)

  @OptionGroup var source: SpecificationOptions

  @Option(in: .count(), help: .init("How many of the best experiments to show.", valueName: "count"))
  var top = 100

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let design = try source.design()
    let count = design.specification.experiments.count
    let table = design.best(top, progress: SpecificationOptions.progress(of: count))
    output.show(document(design, table), text: text(design, table))
  }

  private func document(_ design: SpecifiedDesign, _ table: [SpecifiedDesign.Evaluation]) -> JSONValue {
    [
      "experiments": .array(
        table.map {
          [
            "experiment": .string($0.experiment), "eig": .double($0.gain),
            "cost": .double($0.cost), "value": .double($0.value),
          ]
        }),
      "experiment_count": .int(design.specification.experiments.count),
      "models": .array(
        zip(design.specification.models, design.probabilities).map {
          ["name": .string($0), "probability": .double($1)]
        }),
      "uncertainty": .double(design.uncertainty),
    ]
  }

  private func text(_ design: SpecifiedDesign, _ table: [SpecifiedDesign.Evaluation]) -> String {
    var models = Table([("model", .left), ("probability", .right)])
    for (model, probability) in zip(design.specification.models, design.probabilities) {
      models.add([model, String(format: "%.4f", probability)])
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
    let left = design.specification.experiments.count - table.count
    return models.text
      + String(format: "\nleft to learn: %.4f nats\n\n", design.uncertainty) + rows.text
      + (left > 0 ? "\n… and \(left) more that tell less (--top)" : "")
  }
}

/// The specification of a design problem, the same in every command that takes one.
struct SpecificationOptions: ParsableArguments {
  @Option(help: .init("The specification, JSON or YAML; - is standard input.", valueName: "file"))
  var spec: String

  /// The problem, with what was observed taken in.
  func design() throws -> SpecifiedDesign {
    let specification = try DesignSpecification(path: spec)
    do {
      return try SpecifiedDesign(specification)
    } catch {
      throw DataError(.badData, path: spec, problem: error.description)
    }
  }

  /// Says on stderr how far the work is, where that takes longer than a moment.
  static func progress(of count: Int, named things: String = "experiments") -> (Int) -> Void {
    let start = ContinuousClock.now
    var last = start
    return { done in
      let now = ContinuousClock.now
      guard now - last > .seconds(1), done > 0 else { return }
      last = now
      let left = (now - start) / Double(done) * Double(count - done)
      Log.info("\(done) of \(count) \(things), about \(left.components.seconds) s left")
    }
  }
}
