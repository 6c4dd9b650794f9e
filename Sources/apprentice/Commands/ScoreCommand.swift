import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Tokenization
import Torch
import Training

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
    let ids = tokenizer.encode(text)
    let packed = PackedTokens([ids])
    try decoder.check(packed)
    let values: [Float] =
      ids.isEmpty ? [] : withoutGradients { decoder.logProbabilities(packed).array() }
    let tokens = ids.map { tokenizer.decode([$0], skipSpecialTokens: false) }
    let logProbabilities: [JSONValue] = values.indices.map {
      // The first token has nothing before it that could predict it.
      $0 == 0 ? .null : .double(Double(values[$0]))
    }
    output.show(
      [
        "tokens": .array(tokens.map { .string($0) }), "ids": .array(ids.map { .int($0) }),
        "logprobs": .array(logProbabilities),
      ],
      text: zip(tokens, values).enumerated().map { i, pair in
        "\(i == 0 ? "     -" : String(format: "%.4f", pair.1))  \(pair.0)"
      }.joined(separator: "\n"))
  }
}
