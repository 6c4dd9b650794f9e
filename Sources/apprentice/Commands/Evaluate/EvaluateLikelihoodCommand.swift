import Alignment
import ArgumentParser
import Documents
import Evaluation
import Foundation
import LanguageModels
import Settings
import Torch

/// `apprentice evaluate likelihood`.
struct EvaluateLikelihoodCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "likelihood",
    abstract: "Loss, perplexity and bits per byte of a text.",
    discussion: """
      Each document is cut into pieces of the model's context; a piece's first token is not counted, as \
      nothing predicts it. With --weights bfloat16, int8 or int4 the text is scored with the weights in full and as \
      packed, which shows what packing costs.

      EXAMPLE:
        apprentice evaluate likelihood --model runs/base --data held-out.txt
        apprentice evaluate likelihood --model runs/base --data held-out.txt --weights int8
      """)

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of text.", valueName: "path"))
  var data: [String]

  @Option(in: .count(), help: .init("The most tokens in one forward pass.", valueName: "count"))
  var microBatchTokens = 8192

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let weights = memory.settings.weights, device = try Device(parsing: device)
    let (decoder, tokenizer, _) = try ModelFolder.load(
      model, device: device, weights: weights == .auto ? .auto : .float32, isExact: true)
    let reader = try ExampleReader<TextExample>(
      paths: data, columns: dataOptions.columns, options: dataOptions.readerOptions)
    var texts: [String] = []
    while let example = try reader.next() { texts.append(example.text) }
    func measure(_ decoder: Decoder) -> Likelihood {
      Likelihood(of: texts, under: decoder, tokenizer: tokenizer, microBatchTokens: microBatchTokens)
    }
    let found = measure(decoder)
    DataOptions.reportBadLines(of: reader.records)
    guard found.tokens > 0 else {
      throw DataError(
        .noInput, path: data.joined(separator: ", "), problem: "no text of two tokens or more",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    var values: JSONObject = [
      "loss": .double(found.lossPerToken), "perplexity": .double(found.perplexity),
      "bits_per_byte": .double(found.bitsPerByte), "tokens": .int(found.tokens),
      "bytes": .int(found.bytes),
    ]
    var text =
      "loss \(found.lossPerToken.short) nats per token, perplexity \(found.perplexity.short), "
      + "\(found.bitsPerByte.short) bits per byte; \(found.tokens) tokens"
    if weights.packing != nil {
      let packed = measure(try ModelFolder.load(model, device: device, weights: weights).model)
      let rise = packed.perplexity / found.perplexity - 1
      let comparison: JSONValue = [
        "weights": .string(weights.rawValue), "loss": .double(packed.lossPerToken),
        "perplexity": .double(packed.perplexity), "perplexity_rise": .double(rise),
      ]
      values.members.append((key: "packed", value: comparison))
      text +=
        "\nas \(weights.rawValue): "
        + String(
          format: "loss %.5f where it was %.5f, perplexity %.4f where it was %.4f (%+.3f%%)",
          packed.lossPerToken, found.lossPerToken, packed.perplexity, found.perplexity, 100 * rise)
    }
    output.show(.object(values), text: text)
  }
}
