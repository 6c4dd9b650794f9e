import ArgumentParser
import Experiments
import Foundation
import Tokenization

/// `apprentice experiment example category-learning`.
struct CategoryLearningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "category-learning",
    abstract: "Which categories tell exemplar learners from prototype learners.",
    discussion: """
      Participants learn two categories of objects with four binary features and then sort all \
      sixteen objects. Prints the expected information gain, in nats, of Medin and Schaffer's 5-4 \
      structure, of the published optimum, and of the best that a search finds among all 4,223 \
      different 5-4 structures (--search 0 leaves it out).

      EXAMPLE:
        apprentice experiment example category-learning --participants 1
      """)

  @Option(help: .init("How many people sort the objects.", valueName: "count"))
  var participants = 1

  @Option(help: "Average over predictive or uniform responses.")
  var responses = ResponseWeighting.predictive

  @Option(help: .init("Parameter draws for each prediction.", valueName: "count"))
  var draws = 5_000

  @Option(help: .init("How many of the best structures to search for.", valueName: "count"))
  var search = 5

  @Option(help: "The seed of all random draws.")
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(participants) else {
      throw ValidationError("--participants must be in 1...10000.")
    }
    guard (1...1_000_000).contains(draws) else {
      throw ValidationError("--draws must be in 1...1000000.")
    }
    guard (0...100).contains(search) else { throw ValidationError("--search must be in 0...100.") }
  }

  func run() throws {
    let study = CategoryLearning(
      participants: participants, responses: responses, draws: draws, seed: seed)
    var rows: [(name: String, structure: CategoryStructure, gain: GainEstimate)] = []
    for (name, structure) in [
      ("medin-schaffer-5-4", CategoryStructure.medinSchaffer),
      ("published-optimum", .publishedOptimum),
    ] {
      rows.append((name, structure, try study.gain(of: structure)))
    }
    if search > 0 {
      let found = try study.search(CategoryStructure.fiveFour(), keeping: search)
      for (index, best) in found.enumerated() {
        rows.append(("found-\(index + 1)", best.structure, best.gain))
      }
    }
    var table = Table([
      ("structure", .left), ("As", .left), ("Bs", .left), ("gain, nats", .right), ("±", .right),
    ])
    for row in rows {
      table.add([
        row.name, row.structure.a.map(CategoryStructure.digits).joined(separator: " "),
        row.structure.b.map(CategoryStructure.digits).joined(separator: " "),
        String(format: "%.4f", row.gain.value),
        String(format: "%.4f", 1.96 * row.gain.standardError),
      ])
    }
    func objects(_ numbers: [Int]) -> JSONValue {
      .array(numbers.map { .string(CategoryStructure.digits($0)) })
    }
    output.show(
      .array(
        rows.map { row in
          .object([
            "experiment": .string(row.name), "as": objects(row.structure.a),
            "bs": objects(row.structure.b), "eig": .double(row.gain.value),
            "standard_error": .double(row.gain.standardError),
          ])
        }), text: table.text)
  }
}
