import ArgumentParser
import Evaluation
import LanguageModels
import Tokenization
import Torch
import Training

/// `apprentice evaluate likelihood`.
struct EvaluateLikelihoodCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "likelihood",
    abstract: "Loss, perplexity and bits per byte of a text.",
    discussion: """
      Each document is cut into pieces of the model's context; a piece's first token is not counted, as \
      nothing predicts it.

      EXAMPLE:
        apprentice evaluate likelihood --model runs/base --data held-out.txt
      """)

  @Option(help: .init("A checkpoint or a run.", valueName: "folder"))
  var model: String

  @Option(parsing: .upToNextOption, help: .init("Files of text.", valueName: "path"))
  var data: [String]

  @Option(help: .init("The most tokens in one forward pass.", valueName: "count"))
  var microBatchTokens = 8192

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (decoder, tokenizer) = try ModelFolder.load(model, device: try Device(parsing: device))
    let reader = try ExampleReader<TextExample>(
      paths: data, columns: dataOptions.columns, options: dataOptions.readerOptions)
    let context = decoder.configuration.contextLength
    var pieces: [[Int]] = []
    while let example = try reader.next() {
      let ids = tokenizer.encode(example.text)
      pieces += stride(from: 0, to: ids.count, by: context)
        .map { Array(ids[$0..<min($0 + context, ids.count)]) }.filter { $0.count > 1 }
    }
    var found = Likelihood()
    for pass in microBatches(pieces, tokens: microBatchTokens, size: \.count) {
      let packed = PackedTokens(pass)
      let values = withoutGradients { decoder.logProbabilities(packed).array() }
      for (piece, range) in zip(pass, packed.ranges) {
        found.add(
          logProbabilities: values[range].dropFirst().map(Double.init),
          bytes: tokenizer.decode(Array(piece.dropFirst()), skipSpecialTokens: false).utf8.count)
      }
    }
    DataOptions.reportBadLines(of: reader.records)
    guard found.tokens > 0 else {
      throw DataError(
        .noInput, path: data.joined(separator: ", "), problem: "no text of two tokens or more",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    output.show(
      [
        "loss": .double(found.lossPerToken), "perplexity": .double(found.perplexity),
        "bits_per_byte": .double(found.bitsPerByte), "tokens": .int(found.tokens),
        "bytes": .int(found.bytes),
      ],
      text: "loss \(found.lossPerToken.short) nats per token, perplexity \(found.perplexity.short), "
        + "\(found.bitsPerByte.short) bits per byte; \(found.tokens) tokens")
  }
}
