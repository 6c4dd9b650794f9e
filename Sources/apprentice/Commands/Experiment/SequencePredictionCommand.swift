public import ArgumentParser
public import Experiments
import Foundation
import Tokenization

/// `apprentice experiment example sequence-prediction`.
struct SequencePredictionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence-prediction",
    abstract: "Which four coin flips tell most about how people think of coins.",
    discussion: """
      Participants see four flips and predict the fifth; theories are that they take the coin for \
      fair, for biased, or for one that repeats or switches (markov). Prints the expected \
      information gain of each of the sixteen sequences, in nats. --responses predictive averages over \
      the responses that the theories expect, which is the definition; uniform averages over all \
      responses alike, which is what the published code does unless told otherwise.

      EXAMPLE:
        apprentice experiment example sequence-prediction --models fair,bias --participants 20
      """)

  @Option(help: .init("Theories, separated by commas: fair, bias, markov.", valueName: "list"))
  var models = "fair,bias,markov"

  @Option(help: .init("How many people predict.", valueName: "count"))
  var participants = 20

  @Option(help: "Average over predictive or uniform responses.")
  var responses = ResponseWeighting.predictive

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  private func theories() throws -> [SequencePrediction.Theory] {
    try models.split(separator: ",").map { name in
      guard let theory = SequencePrediction.Theory(rawValue: String(name)) else {
        throw ValidationError("--models: \"\(name)\" is none of fair, bias, markov.")
      }
      return theory
    }
  }

  func validate() throws {
    let theories = try theories()
    guard theories.count >= 2, Set(theories).count == theories.count else {
      throw ValidationError("--models needs at least two different theories.")
    }
    guard (1...10_000).contains(participants) else {
      throw ValidationError("--participants must be in 1...10000.")
    }
  }

  func run() throws {
    let study = SequencePrediction(
      theories: try theories(), participants: participants, responses: responses)
    let evaluations = try study.design().evaluate()
    var table = Table([("sequence", .left), ("gain, nats", .right)])
    for evaluation in evaluations {
      table.add([evaluation.experiment, String(format: "%.4f", evaluation.gain)])
    }
    output.show(
      .array(
        evaluations.map {
          .object(["experiment": .string($0.experiment), "eig": .double($0.gain)])
        }), text: table.text)
  }
}

extension ResponseWeighting: ExpressibleByArgument {}
