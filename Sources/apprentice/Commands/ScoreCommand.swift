import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Torch

/// `apprentice score`.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Print the log-probability of every token of a text.",
    discussion: """
      Natural logarithms; the first token has none.

      EXAMPLE:
        apprentice score --model runs/base --text "It is a truth universally acknowledged" --json
      """)

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: "The text.")
  var text: String

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (decoder, tokenizer) = try memory.measured(model, device: try Device(parsing: device))
    let scores = try TextScores(of: text, under: decoder, tokenizer: tokenizer)
    output.show(
      [
        "tokens": .array(scores.tokens.map { .string($0) }), "ids": .array(scores.ids.map { .int($0) }),
        "logprobs": .array(scores.logProbabilities.map { $0.map { .double(Double($0)) } ?? .null }),
      ],
      text: zip(scores.tokens, scores.logProbabilities).map { token, value in
        "\(value.map { String(format: "%.4f", $0) } ?? "     -")  \(token)"
      }.joined(separator: "\n"))
  }
}
