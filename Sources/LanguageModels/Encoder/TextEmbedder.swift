import Documents
public import Foundation
import NeuralNetworks
public import Tokenization
public import Torch

/// Texts as vectors, whose products say how alike they are: an encoder or a decoder, with the pooling and scaling that
/// sentence-transformers' files name.
///
/// ```swift
/// let embedder = try TextEmbedder(contentsOf: URL(fileURLWithPath: "models/all-MiniLM-L6-v2"))
/// let vectors = try embedder.embeddings(of: ["A man eats.", "Somebody is eating.", "It rains."])
/// let similarity = TextEmbedder.cosine(vectors[0], vectors[1])
/// ```
/// Texts are sorted by length and read a few thousand tokens at a time, without padding, so that a batch costs what its tokens cost.
public final class TextEmbedder {
  private enum Backbone {
    case encoder(TextEncoder)
    case decoder(Decoder)
  }

  private let backbone: Backbone
  private let pipeline: EmbeddingPipeline
  /// The model's tokenizer.
  public let tokenizer: Tokenizer
  /// Features of a text's vector.
  public let width: Int
  /// The most tokens of a text; longer ones are cut by ``tokens(of:prompt:)``.
  public let maximumTokens: Int
  /// Number of tokens in the vocabulary.
  public let vocabularySize: Int
  /// Whether vectors have length 1.
  public var normalizes: Bool { pipeline.normalizes }
  /// The texts that the model was trained to have before others, by their names, such as `query`.
  public var prompts: [String: String] { pipeline.prompts }

  /// Tokens that are read at a time.
  private static let batch = 4096

  /// Reads a folder or a GGUF file: the model, its tokenizer, and `modules.json` with what it names.
  ///
  /// Without that file the mean of the last hidden vectors is scaled to length 1; a GGUF file says itself how it pools.
  /// - Throws: ``CheckpointError``, or a tokenizer's or safetensors' own error.
  public convenience init(contentsOf url: URL, device: Device = .cpu) throws {
    let backbone: Backbone
    let found: Tokenizer?
    // Files of 2019 have the transformer in a folder of its own.
    let inner = url.appendingPathComponent("0_Transformer")
    let place = FileManager.default.fileExists(atPath: inner.appendingPathComponent("config.json").path) ? inner : url
    if TextEncoder.isOne(place) {
      let (model, tokenizer) = try TextEncoder.load(place, device: device)
      (backbone, found) = (.encoder(model), tokenizer)
    } else {
      let (model, tokenizer) = try Checkpoint.load(place, device: device)
      (backbone, found) = (.decoder(model), tokenizer)
    }
    guard let tokenizer = found else {
      throw CheckpointError(path: url.path, message: "there is no tokenizer with this model")
    }
    let pipeline =
      GGUFFile.isOne(url) ? try Self.pipeline(of: GGUFFile(url)) : try EmbeddingPipeline(url, device: device)
    self.init(backbone, tokenizer, pipeline ?? .usual)
  }

  /// A decoder's vectors: the mean of its last hidden vectors, scaled to length 1.
  public convenience init(_ model: Decoder, tokenizer: Tokenizer) {
    self.init(.decoder(model), tokenizer, .usual)
  }

  private init(_ backbone: Backbone, _ tokenizer: Tokenizer, _ pipeline: EmbeddingPipeline) {
    (self.backbone, self.tokenizer, self.pipeline) = (backbone, tokenizer, pipeline)
    let (hidden, context, vocabulary): (Int, Int, Int)
    switch backbone {
    case .encoder(let model):
      let c = model.configuration
      (hidden, context, vocabulary) = (c.width, c.contextLength, c.vocabularySize)
    case .decoder(let model):
      let c = model.configuration
      (hidden, context, vocabulary) = (c.width, c.contextLength, c.vocabularySize)
    }
    width = pipeline.width(of: hidden)
    maximumTokens = min(context, pipeline.maximumTokens ?? context)
    vocabularySize = vocabulary
  }

  private static func pipeline(of file: GGUFFile) throws -> EmbeddingPipeline {
    let name = file.metadata["general.architecture"]?.string ?? ""
    switch file.metadata["\(name).pooling_type"]?.int ?? 1 {
    case 1: return .usual
    case 2: return EmbeddingPipeline(steps: [.pool([.first]), .normalize])
    case 3: return EmbeddingPipeline(steps: [.pool([.last]), .normalize])
    case let other:
      throw CheckpointError(path: file.url.path, message: "\(name).pooling_type \(other) is not supported")
    }
  }

  /// Whether a folder's or GGUF file's model is there to make vectors: an encoder, or anything with sentence-transformers' files.
  public static func isOne(_ url: URL) -> Bool {
    TextEncoder.isOne(url) || FileManager.default.fileExists(atPath: url.appendingPathComponent("modules.json").path)
  }

  /// Keeps the weights in a form made for inference; see ``Decoder/pack(_:)``.
  ///
  /// - Throws: `TorchError`.
  public func pack(_ format: PackedLinear.Format) throws {
    switch backbone {
    case .encoder(let model): try model.pack(format)
    case .decoder(let model): try model.pack(format)
    }
  }

  // MARK: Texts

  /// The tokens of texts, each cut to ``maximumTokens`` as sentence-transformers cuts them: what ends a text stays.
  ///
  /// The text of a control token, such as `[SEP]`, is text.
  /// - Parameters:
  ///   - prompt: the name of one of ``prompts``, or nil for the model's own default.
  ///   - most: cuts to fewer or more tokens than ``maximumTokens``.
  /// - Returns: the tokens, and how many texts were cut.
  /// - Throws: ``GenerationError`` for a prompt that the model hasn't, or a length that special tokens alone fill.
  public func tokens(
    of texts: [String], prompt: String? = nil, atMost most: Int? = nil
  ) throws -> (tokens: [[Int]], cut: Int) {
    let before = try text(ofPrompt: prompt)
    let most = most ?? maximumTokens
    var cut = 0
    let tokens = try texts.map { text -> [Int] in
      let whole = before + text
      let ids = tokenizer.encode(whole)
      guard ids.count > most else { return ids }
      cut += 1
      do {
        return try tokenizer.encoding(
          of: whole, truncation: .some(Truncation(maximumLength: most)), padding: .some(nil)
        ).ids
      } catch let error as TokenizationError { throw GenerationError(error.description) }
    }
    return (tokens, cut)
  }

  private func text(ofPrompt name: String?) throws -> String {
    guard let name = name ?? pipeline.defaultPrompt else { return "" }
    guard let text = prompts[name] else {
      let known = prompts.keys.sorted().joined(separator: ", ")
      throw GenerationError("the model has no prompt '\(name)'" + (known.isEmpty ? "" : "; it has \(known)"))
    }
    guard pipeline.poolsPrompts || text.isEmpty else {
      throw GenerationError("the model leaves its prompts out of what it pools, which is not supported")
    }
    return text
  }

  /// The vectors of texts, in their order; ones that are too long are cut.
  ///
  /// - Parameters:
  ///   - prompt: the name of one of ``prompts``.
  ///   - dimensions: how many features to keep, from the first on; what is left is scaled to length 1 again where the whole was. Models
  ///     trained for it lose little (Kusupati 2022).
  ///   - onProgress: called with how many texts are done.
  /// - Throws: ``GenerationError``.
  public func embeddings(
    of texts: [String], prompt: String? = nil, dimensions: Int? = nil, onProgress: ((Int) -> Void)? = nil
  ) throws -> [[Float]] {
    try embeddings(ofTokens: tokens(of: texts, prompt: prompt).tokens, dimensions: dimensions, onProgress: onProgress)
  }

  /// The same of tokens, special ones included.
  ///
  /// - Throws: ``GenerationError`` for one that is empty, too long or outside the vocabulary.
  public func embeddings(
    ofTokens tokens: [[Int]], dimensions: Int? = nil, onProgress: ((Int) -> Void)? = nil
  ) throws -> [[Float]] {
    if let dimensions, !(1...width).contains(dimensions) {
      throw GenerationError("\(dimensions) dimensions were asked for; the model has \(width)")
    }
    var results = [[Float]](repeating: [], count: tokens.count)
    var done = 0
    try forEachBatch(of: tokens) { order, packed in
      var x = pipeline(hidden(packed).to(.float32), packed.runs)
      if let dimensions, dimensions < width {
        x = x.slice(0..<dimensions, axis: -1)
        if normalizes { x = EmbeddingPipeline.normalized(x) }
      }
      let (numbers, columns) = (x.array(), x.size(1))
      for (row, i) in order.enumerated() { results[i] = Array(numbers[row * columns..<(row + 1) * columns]) }
      done += order.count
      onProgress?(done)
    }
    return results
  }

  /// The hidden vectors of each token, `[tokens, features]` for each text: what BERTScore compares (Zhang 2020).
  ///
  /// - Parameter layers: after how many layers, for encoders; all of them unless given.
  /// - Throws: ``GenerationError`` for a text that is empty, too long or outside the vocabulary.
  public func tokenVectors(ofTokens tokens: [[Int]], layers: Int? = nil) throws -> [Tensor] {
    var results = [Tensor?](repeating: nil, count: tokens.count)
    try forEachBatch(of: tokens) { order, packed in
      let all = hidden(packed, layers: layers)
      for (range, i) in zip(packed.ranges, order) { results[i] = all.slice(range).clone() }
    }
    return results.compactMap { $0 }
  }

  private func hidden(_ packed: PackedTokens, layers: Int? = nil) -> Tensor {
    switch backbone {
    case .encoder(let model): model(packed, layers: layers)
    case .decoder(let model): model(packed)
    }
  }

  /// Calls `body` with the numbers of some texts of about one length and their tokens, until all have had their turn.
  private func forEachBatch(of tokens: [[Int]], _ body: ([Int], PackedTokens) throws -> Void) throws {
    for (i, ids) in tokens.enumerated() {
      guard !ids.isEmpty else { throw GenerationError("text \(i + 1) has no tokens") }
      guard ids.count <= maximumTokens else {
        throw GenerationError("text \(i + 1) has \(ids.count) tokens; the model reads at most \(maximumTokens)")
      }
    }
    let order = tokens.indices.sorted { (tokens[$0].count, $0) < (tokens[$1].count, $1) }
    var start = 0
    while start < order.count {
      var end = start, count = 0
      while end < order.count, end == start || count + tokens[order[end]].count <= Self.batch {
        count += tokens[order[end]].count
        end += 1
      }
      let own = Array(order[start..<end])
      let packed = PackedTokens(own.map { tokens[$0] })
      switch backbone {
      case .encoder(let model): try model.check(packed)
      case .decoder(let model): try model.check(packed)
      }
      try withTensorErrors { try withoutGradients { try body(own, packed) } }
      start = end
    }
  }

  /// The cosine of the angle between two vectors; 0 where one has no length.
  public static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      first += Double(x) * Double(x)
      second += Double(y) * Double(y)
    }
    return first > 0 && second > 0 ? product / (first * second).squareRoot() : 0
  }
}
