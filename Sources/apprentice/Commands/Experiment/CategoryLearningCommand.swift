import ArgumentParser
import Console
import Documents
import Experiments
import Foundation
import Settings

/// `apprentice experiment example category-learning`.
struct CategoryLearningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "category-learning",
    abstract: "Which categories tell most about how people learn categories.",
    discussion: """
      People see five objects called A and four called B, each with four binary features, and then sort \
      all sixteen. They may compare with the objects seen (exemplar) or weigh features (prototype). Prints \
      the expected information gain about the model, in nats, for Medin and Schaffer's (1978) categories, \
      for the best that Ouyang et al. (2016) found, and for the best found here among the 4,223 five-four \
      structures that differ by more than the naming of features.

      EXAMPLE:
        apprentice experiment example category-learning --top 5 --json
      """)

  @Option(help: .init("The models to tell apart: exemplar, prototype.", valueName: "names"))
  var models = "exemplar,prototype"

  @Option(in: .from(1, to: 10_000), help: .init("How many people sort every object.", valueName: "count"))
  var participants = 1

  @Option(
    in: .from(0, to: 4_223),
    help: .init("How many of the best structures to show; 0 skips the search.", valueName: "count"))
  var top = 10

  @Option(
    in: .from(2, to: 1_000_000), help: .init("Draws of the models' parameters for a prediction.", valueName: "count"))
  var draws = 5_000

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var study: CaseStudyOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    _ = try CaseStudyOptions.theories(models, CategoryLearning.Theory.self)
  }

  private struct Row {
    var name: String?
    var structure: CategoryStructure
    var gain: GainEstimate
  }

  func run() throws {
    let learning = CategoryLearning(
      participants: participants, responses: study.responses, draws: draws, seed: seed)
    var rows = try [
      ("Medin and Schaffer 1978", CategoryStructure.medinSchaffer),
      ("Ouyang et al. 2016", .publishedOptimum),
    ].map { Row(name: $0.0, structure: $0.1, gain: try learning.gain(of: $0.1)) }
    if top > 0 {
      rows += try learning.search(CategoryStructure.fiveFour(), keeping: top)
        .map { Row(structure: $0.structure, gain: $0.gain) }
    }
    rows = rows.enumerated()
      .sorted { ($1.element.gain.value, $0.offset) < ($0.element.gain.value, $1.offset) }
      .map(\.element)
    output.show(.array(rows.map(document)), text: text(rows))
  }

  private func document(_ row: Row) -> JSONValue {
    [
      "experiment": .string(row.structure.description),
      "eig": .double(row.gain.value),
      "standard_error": .double(row.gain.standardError),
      "name": row.name.map { .string($0) } ?? .null,
    ]
  }

  private func text(_ rows: [Row]) -> String {
    var table = Table([("gain, nats", .right), ("±", .right), ("structure", .left), ("", .left)])
    for row in rows {
      table.add([
        String(format: "%.4f", row.gain.value),
        String(format: "%.4f", row.gain.standardError), row.structure.description, row.name ?? "",
      ])
    }
    return table.text
  }
}
