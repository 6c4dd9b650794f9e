import Alignment
import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Programming
import Statistics
import Tokenization
import Torch
import Training

extension ScratchStudy {
  // MARK: 1. Corpus and tokenizer

  /// What the corpus came to.
  struct CorpusSummary: Codable {
    var files: Int
    var bytes: Int
    var dropped: [String: Int]

    init(_ corpus: CodeCorpus) {
      files = corpus.documents.count
      bytes = corpus.documents.reduce(0) { $0 + $1.text.utf8.count }
      dropped = Dictionary(uniqueKeysWithValues: corpus.dropped.map { ($0.key.rawValue, $0.value) })
    }
  }

  func corpus() throws -> CodeCorpus {
    let library = try CodeCorpus.pythonLibrary()
    return try CodeCorpus(folder: options.isQuick ? "\(library)/json" : library)
  }

  func makeTokenizer(_ corpus: CodeCorpus, _ run: RecipeRun) throws -> Tokenizer {
    let place = URL(fileURLWithPath: run.path(of: "tokenizer"))
    if FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(contentsOf: place)
    }
    var trainer = try BytePairTrainer(
      vocabularySize: options.isQuick ? 320 : 2048, specialTokens: ["<|endoftext|>"] + FillInMiddle.usualSpelling)
    for document in corpus.documents { trainer.count(document.text) }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: place)
    return tokenizer
  }

  // MARK: 2. Pretraining

  func pretrained(
    _ corpus: CodeCorpus, _ tokenizer: Tokenizer, _ run: RecipeRun
  ) async throws -> (Decoder, bitsPerByte: Double) {
    let end = tokenizer.eos ?? 0
    let shape = DecoderConfiguration.small(
      vocabularySize: tokenizer.vocabularySize, width: width, layers: layers, heads: max(1, width / 32),
      feedForwardWidth: width * 8 / 3 / 32 * 32, contextLength: 1024, endOfText: end)
    let model = try Decoder(shape, generator: Generator(seed: seed(for: "weights")))
    model.to(device: options.device)
    // One file in twenty is held out.
    let documents = corpus.documents.enumerated().map { (isHeldOut: $0 % 20 == 0, text: $1.text) }
    let heldOut = documents.filter(\.isHeldOut).map(\.text)
    let rows = try TokenRows(
      learnt(documents.filter { !$0.isHeldOut }.map(\.text), tokenizer, end), length: context, path: "the library")
    let training = TrainingSettings.fromScratch(
      steps: pretrainSteps, batchSize: options.isQuick ? 2 : 16, seed: seed(for: "pretrain"))
    try run.stage("pretrain") {
      try run.train(
        "pretrain",
        NextTokenLearner(
          model, tokenizer: tokenizer, source: RowSource(rows, batchSize: training.batchSize, seed: training.seed),
          settings: training), training)
    }
    let bits = try await run.stored("bits per byte") { try bitsPerByte(of: model, on: heldOut, tokenizer) }
    return (model, bits)
  }

  /// ln p of held-out files, in bits for each of their bytes; each piece of the context's length by itself.
  private func bitsPerByte(of model: Decoder, on texts: [String], _ tokenizer: Tokenizer) throws -> Double {
    model.train(false)
    let end = tokenizer.eos ?? 0
    var pieces: [[Int]] = []
    for text in texts {
      let ids = tokenizer.encode(text)
      for start in stride(from: 0, to: ids.count, by: context) {
        pieces.append([end] + ids[start..<min(start + context, ids.count)])
      }
    }
    let sum = withoutGradients {
      microBatches(pieces, tokens: 8192, size: \.count).reduce(0.0) {
        $0 + model.logProbabilities(PackedTokens($1)).sum().item()
      }
    }
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    return -sum / log(2) / Double(bytes)
  }

  /// The library's files as they are learnt: every other one in pieces whose middle stands at their end, so that the decoder learns to
  /// fill in as well as to go on (Bavarian 2022: at such a share going on suffers hardly at all).
  private func learnt(_ texts: [String], _ tokenizer: Tokenizer, _ end: Int) -> [[Int]] {
    guard let fill = FillInMiddle(tokenizer) else { return texts.map { tokenizer.encode($0) + [end] } }
    var random = SeededGenerator(seed: seed(for: "gaps"))
    return texts.flatMap { text -> [[Int]] in
      guard random.index(below: 2) == 0 else { return [tokenizer.encode(text) + [end]] }
      // A gap whose surroundings lie in another row would teach nothing.
      return Self.pieces(of: text, characters: 3 * context / 2).map {
        fill.example($0, tokenizer, using: &random) + [end]
      }
    }
  }

  /// A text in pieces of whole lines.
  private static func pieces(of text: String, characters: Int) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !piece.isEmpty, piece.count + line.count > characters {
        pieces.append(piece)
        piece = ""
      }
      piece += line + "\n"
    }
    return pieces + (piece.isEmpty ? [] : [piece])
  }

  /// What lines of held-out files cost, in bits for each of their bytes, after what stands before them and between that and what follows.
  struct FilledLines: Codable {
    var after: [Double]
    var between: [Double]
  }

  /// Scores lines of held-out files both ways.
  func filledLines(of model: Decoder, _ corpus: CodeCorpus, _ tokenizer: Tokenizer) throws -> FilledLines {
    model.train(false)
    guard let fill = FillInMiddle(tokenizer) else { return FilledLines(after: [], between: []) }
    var random = SeededGenerator(seed: seed(for: "lines"))
    let heldOut = corpus.documents.enumerated().filter { $0.offset % 20 == 0 }.map(\.element.text)
    var filled = FilledLines(after: [], between: [])
    for text in heldOut {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + "\n" }
      let wanted = lines.indices.dropFirst(3).dropLast(3).filter { lines[$0].count { !$0.isWhitespace } >= 10 }
      for place in wanted.shuffled(using: &random).prefix(options.isQuick ? 1 : 8) {
        // As much around it as the pieces had that were learnt.
        let before = String(lines[..<place].joined().suffix(context))
        let behind = String(lines[(place + 1)...].joined().prefix(context / 2))
        let line = tokenizer.encode(String(lines[place]))
        let bytes = Double(lines[place].utf8.count)
        func bits(after prompt: [Int]) -> Double {
          let scores: [Float] = withoutGradients {
            model.logProbabilities(PackedTokens([prompt + line])).array()
          }
          return -scores[prompt.count...].reduce(0) { $0 + Double($1) } / log(2) / bytes
        }
        filled.after.append(bits(after: [tokenizer.eos ?? 0] + tokenizer.encode(before)))
        filled.between.append(bits(after: fill.prompt(before: before, after: behind, tokenizer)))
      }
    }
    return filled
  }
}
