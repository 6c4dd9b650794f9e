import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Tokenization
import Torch
import Training

/// `apprentice train pretrain`.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Train a decoder to predict the next token of plain text.",
    discussion: """
      Starts from --model, or makes a new decoder of the given shape. Documents are packed into rows \
      of the context's length; attention stays inside each document.

      EXAMPLE:
        apprentice train pretrain --data books/ --tokenizer tokenizer --layers 6 --hidden-size 384 \\
          --heads 6 --context 256 --max-steps 500 --run runs/base
      """)

  @Option(parsing: .upToNextOption, help: .init("Files and folders of text.", valueName: "path"))
  var data: [String]

  @Option(help: .init("A model to go on from.", valueName: "folder"))
  var model: String?

  @Option(help: .init("The tokenizer of a new model.", valueName: "folder"))
  var tokenizer: String?

  @Option(help: "A new model's family: gpt2 or llama.")
  var modelType = NewModelType.llama

  @Option(help: .init("A new model's layers.", valueName: "count"))
  var layers = 6

  @Option(help: .init("A new model's features.", valueName: "count"))
  var hiddenSize = 384

  @Option(help: .init("A new model's heads.", valueName: "count"))
  var heads = 6

  @Option(help: .init("Tokens per row, and a new model's context.", valueName: "count"))
  var context = 256

  @Option(help: .init("The share of documents kept for evaluation.", valueName: "share"))
  var evalShare = 0.02

  @OptionGroup var training: TrainingOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (model == nil) != (tokenizer == nil) else {
      throw ValidationError("Give either --model to go on from, or --tokenizer for a new model.")
    }
    guard hiddenSize % heads == 0 else {
      throw ValidationError("--hidden-size \(hiddenSize) must be a multiple of --heads \(heads).")
    }
    guard (0..<1).contains(evalShare) else { throw ValidationError("--eval-share must lie in 0..<1.") }
  }

  func run() throws {
    let settings = try training.settings(learningRate: 1e-3)
    let device = try Device(parsing: training.device)
    let (decoder, words) = try start(device, seed: settings.seed)
    let end = words.eos ?? decoder.configuration.endOfText
    let documents = try TextRows(words, options: dataOptions.reading, endOfText: end, warn: Log.warning).documents(data)
    let held = min(documents.count - 1, Int(Double(documents.count) * evalShare))
    let length = min(context, decoder.configuration.contextLength)
    let rows = try TokenRows(
      Array(documents.dropLast(max(0, held))), length: length, path: data.joined(separator: ", "))
    let heldOut = documents.suffix(max(0, held)).flatMap { document in
      stride(from: 0, to: document.count, by: length).map {
        TargetedTokens(
          prompt: [], completion: Array(document[$0..<min($0 + length, document.count)]), endOfText: nil)
      }
    }.filter { !$0.tokens.isEmpty }
    Log.raw(
      "\(documents.count) documents, \(rows.tokens) tokens, \(rows.rows) rows of \(length); "
        + "\(decoder.parameterCount) parameters")
    let learner = NextTokenLearner(
      decoder, tokenizer: words,
      source: RowSource(rows, batchSize: settings.batchSize, seed: settings.seed), heldOut: heldOut,
      settings: settings)
    try training.drive(
      learner, title: "pretrain", settings: settings,
      extra: [
        "data": .array(data.map { .string($0) }), "model": model.map { .string($0) } ?? .null,
        "context": .int(length),
      ])
  }

  private func start(_ device: Device, seed: UInt64) throws -> (Decoder, Tokenizer) {
    if let model { return try ModelFolder.load(model, device: device) }
    let words = try Tokenizer(contentsOf: URL(fileURLWithPath: tokenizer ?? ""))
    let shape: DecoderConfiguration =
      switch modelType {
      case .gpt2:
        .gpt2(
          vocabularySize: words.vocabularySize, width: hiddenSize, layers: layers, heads: heads,
          contextLength: context, endOfText: words.eos)
      case .llama:
        .llama(
          vocabularySize: words.vocabularySize, width: hiddenSize, layers: layers, heads: heads,
          feedForwardWidth: hiddenSize * 8 / 3 / 32 * 32, contextLength: context, tiesEmbeddings: true,
          endOfText: words.eos)
      }
    let decoder = try Decoder(shape, generator: Generator(seed: seed))
    decoder.to(device: device)
    return (decoder, words)
  }
}

/// The families of which new models are made here; any of ``DecoderConfiguration/Family`` can be gone on from.
enum NewModelType: String, CaseIterable, ExpressibleByArgument {
  case gpt2
  case llama
}
