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

  @OptionGroup var training: TrainingOptions<PretrainingSettings>
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (model == nil) != (tokenizer == nil) else {
      throw ValidationError("Give either --model to go on from, or --tokenizer for a new model.")
    }
  }

  func run() throws {
    let settings = training.settings
    let device = try Device(parsing: training.device)
    let (decoder, words) = try start(device, seed: settings.seed)
    let end = words.eos ?? decoder.configuration.endOfText
    let documents = try TextRows(words, options: dataOptions.reading, endOfText: end, warn: Log.warning).documents(data)
    let division = training.division(of: documents, share: training.learner.evalShare, as: "documents") { $0 }
    let length = min(training.learner.context, decoder.configuration.contextLength)
    let rows = try TokenRows(
      division.training, length: length, path: data.joined(separator: ", "))
    let heldOut = division.evaluation.flatMap { document in
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
    try training.drive(learner, of: self)
  }

  private func start(_ device: Device, seed: UInt64) throws -> (Decoder, Tokenizer) {
    if let model { return try ModelFolder.load(model, device: device) }
    let words = try TokenizerCommand.load(tokenizer ?? "")
    let shape = training.learner.shape(vocabularySize: words.vocabularySize, endOfText: words.eos)
    // Weights, their gradients, and at least one moment of each.
    if device == .cpu { try shape.requireMemory(copies: 3) }
    let decoder = try Decoder(shape, generator: Generator(seed: seed))
    decoder.to(device: device)
    return (decoder, words)
  }
}
