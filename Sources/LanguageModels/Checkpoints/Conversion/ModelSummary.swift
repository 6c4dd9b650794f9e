import Documents
public import Foundation
import NeuralNetworks
import Settings
import Tokenization
import Torch

/// What a model on disk holds and what it needs: read from its headers, without its weights.
///
/// ```swift
/// let summary = try ModelSummary(of: URL(filePath: "model.gguf"))
/// print(summary.parameters, summary.servingBytes(tokens: 4096))
/// ```
public struct ModelSummary: Sendable {
  /// Tensors of one type.
  public struct Group: Sendable, Equatable {
    /// ggml's name of the type, such as `Q5_0` or `BF16`.
    public var type: String
    /// How many there are.
    public var tensors: Int
    /// Their numbers.
    public var parameters: Int
    /// Their bytes.
    public var bytes: Int
  }

  /// The file or folder.
  public let place: URL
  /// `GGUF` or `safetensors`.
  public let format: String
  /// The scheme by which a GGUF file says that it was made.
  public let scheme: QuantizationScheme?
  /// The shape.
  public let configuration: DecoderConfiguration
  /// Tensors by type, the largest group first.
  public let groups: [Group]
  /// The folders of adapters over the model, from the innermost on.
  public let adapters: [URL]
  /// Parameters of those adapters.
  public let adapterParameters: Int
  /// The tokenizer's kind; nil without one.
  public let tokenizerKind: String?
  /// Its tokens.
  public let tokens: Int
  /// The texts of the tokens that begin and end a text or a turn.
  public let beginning: String?
  /// The texts of the tokens that end a text or a turn.
  public let ends: [String]
  /// Whether there is a chat template.
  public let hasChatTemplate: Bool

  /// Reads the headers of a model, and of the adapters over it.
  ///
  /// - Throws: ``CheckpointError``, `AdapterError` or a tokenizer's error, each with its path.
  public init(of place: URL) throws {
    self.place = place
    let (base, adapters) = try Checkpoint.adapterChain(from: try Checkpoint.located(place))
    self.adapters = adapters
    configuration = try Checkpoint.loadConfiguration(base)
    let file: any WeightFile
    if GGUFFile.isOne(base) {
      let gguf = try GGUFFile(base)
      (file, format) = (gguf, "GGUF")
      let number = gguf.metadata["general.file_type"]?.int
      scheme = QuantizationScheme.allCases.first { $0.fileType == number }
    } else {
      (file, format, scheme) = (try Checkpoint.weights(of: base), "safetensors", nil)
    }
    var groups: [String: Group] = [:]
    for name in file.names {
      guard let shape = file.shape(of: name) else { continue }
      let count = shape.reduce(1, *)
      let type = file.storedType(of: name)
      var group = groups[
        type?.description ?? "other",
        default: Group(type: type?.description ?? "other", tensors: 0, parameters: 0, bytes: 0)]
      group.tensors += 1
      group.parameters += count
      group.bytes += type.map { $0.bytes(ofRow: count) } ?? count
      groups[group.type] = group
    }
    self.groups = groups.values.sorted { ($1.bytes, $0.type) < ($0.bytes, $1.type) }
    adapterParameters = try adapters.reduce(0) { sum, folder in
      let file = try Safetensors(folder.appendingPathComponent(LowRankAdapters.weightsFile))
      return sum + file.names.reduce(0) { $0 + (file.shape(of: $1)?.reduce(1, *) ?? 0) }
    }
    var found: Tokenizer?
    for place in adapters.reversed() + [base] where found == nil { found = try Checkpoint.optionalTokenizer(place) }
    tokenizerKind = found?.document["model"]?["type"]?.string ?? (found == nil ? nil : "BPE")
    tokens = found?.vocabularySize ?? 0
    beginning = found.flatMap { own in (own.bos ?? nil).flatMap(own.idToToken) }
    let c = configuration
    var seen: Set<Int> = []
    let ids = (found?.specialTokens.stops ?? []) + ([c.endOfText].compactMap { $0 } + c.otherEnds)
    ends = ids.filter { seen.insert($0).inserted }.compactMap { found?.idToToken($0) }
    hasChatTemplate = found.map { $0.configuration["chat_template"].map { !$0.isNull } ?? false } ?? false
  }

  /// Parameters of the model, a tied table counted once.
  public var parameters: Int { configuration.parameterCount }
  /// Bytes of the weights on disk.
  public var fileBytes: Int { groups.reduce(0) { $0 + $1.bytes } }
  /// Bytes of one token's keys and values, in the type in which a server keeps them on the CPU.
  public var cacheBytesPerToken: Int { PagedCache.bytesPerToken(configuration, dtype: .float32) }

  /// Bytes of the weights in memory as `serve` keeps them by default on the CPU.
  public var weightBytes: Int {
    guard format != "GGUF" else { return fileBytes }
    // Without libtorch there is no model to serve, and this need not say how it would be.
    let isHalf = (try? TorchLibrary.load()) != nil && PackedLinear.multipliesBFloat16
    return parameters * (isHalf ? 2 : 4)
  }

  /// Bytes that serving takes at the least: weights, a cache of so many tokens, and the program itself.
  public func servingBytes(tokens: Int) -> Int { weightBytes + tokens * cacheBytesPerToken + Self.program }

  /// Bytes that training adapters over the frozen model takes at the least: weights, the adapters with gradients and moments, and what
  /// a pass of so many tokens keeps for its backward pass.
  public func adapterBytes(rank: Int, tokens: Int) -> Int {
    let c = configuration
    let layer = CheckpointLayout.own(c, layers: 1).filter { $0.name.hasPrefix("layers.") && $0.shape.count == 2 }
    let adapters = c.layers * rank * layer.reduce(0) { $0 + $1.shape[0] + $1.shape[1] }
    return weightBytes + 16 * adapters + tokens * c.trainingBytesPerToken + Self.program
  }

  /// libtorch's code and tables, the tool, the tokenizer.
  private static let program = 300_000_000
}
