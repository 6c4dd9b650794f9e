import Torch

/// The way between a family's tensors on disk and our modules' parameters.
///
/// Our layers keep queries, keys and values (and gate and up) in one matrix; most files keep them apart. GPT-2's files hold
/// linear weights transposed. The whole table follows from the configuration, so that a file is checked before any memory
/// is taken for it.
struct CheckpointLayout {
  /// One of our parameters.
  struct Entry {
    /// Our name.
    var name: String
    var shape: [Int]
    /// The names on disk whose rows follow each other in our tensor.
    var parts: [Part]
  }
  /// One of the tensors on disk.
  struct Part {
    var name: String
    var rows: Int
    var storage = Storage.plain
  }
  /// The difference between a tensor on disk and ours.
  enum Storage: Equatable {
    case plain
    /// The transpose.
    case transposed
    /// Turned features lie in pairs rather than in halves, head by head.
    case pairs(heads: Int)
    /// One more than ours.
    case aroundZero
  }

  var entries: [Entry]
  /// Endings of the names of tensors that are skipped.
  var ignoredSuffixes: [String]
  /// A prefix that some files leave out.
  var optionalPrefix: String

  /// The parameters from the largest on: a table that is read beside its packed form then costs no memory that others need later.
  var largestFirst: [Entry] {
    entries.enumerated().map { ($0.offset, $0.element, $0.element.shape.reduce(1, *)) }
      .sorted { ($1.2, $0.0) < ($0.2, $1.0) }.map(\.1)
  }

  /// The layout of a Hugging Face folder.
  static func of(_ c: DecoderConfiguration) -> CheckpointLayout {
    CheckpointLayout(c, names: c.family.description.names)
  }

  /// The layout of files that call the tensors so.
  init(_ c: DecoderConfiguration, names: TensorNames) {
    entries = Self.own(c).map { name, shape in
      let words = name.split(separator: ".", omittingEmptySubsequences: false)
      let kind = words[words.count - 1]
      let theirs: [String]
      switch words[0] {
      case "embed_tokens": theirs = [names.prefix + names.tokenEmbedding]
      case "embed_positions": theirs = [names.prefix + (names.positionEmbedding ?? "")]
      case "norm": theirs = [names.prefix + names.norm]
      case "lm_head": theirs = [names.head]
      default:
        let layer = names.layer.split(separator: "#", omittingEmptySubsequences: false)
        let start = names.prefix + layer.joined(separator: words[1])
        let part = words[2..<words.count - 1].joined(separator: ".")
        theirs = (names.parts[part] ?? []).map { start + $0 }
      }
      let transposed = names.transposesLinears && words[0] == "layers" && shape.count == 2
      let rows = Self.rows(theirs.count, of: shape[0], c)
      return Entry(
        name: name, shape: shape,
        parts: zip(theirs, rows).map {
          Part(name: "\($0).\(kind)", rows: $1, storage: transposed ? .transposed : .plain)
        })
    }
    ignoredSuffixes = names.ignoredSuffixes + (c.tiesEmbeddings ? ["\(names.head).weight"] : [])
    optionalPrefix = names.prefix
  }

  /// The cut of a fused matrix: queries, keys and values; gate and up; or none.
  private static func rows(_ parts: Int, of all: Int, _ c: DecoderConfiguration) -> [Int] {
    let keys = c.keyValueHeads * c.headWidth
    return parts == 3 ? [all - 2 * keys, keys, keys] : parts == 2 ? [all / 2, all / 2] : [all]
  }

  /// The parameters of a decoder: their names and shapes, in the order in which ``Decoder`` lists them.
  static func own(_ c: DecoderConfiguration, layers: Int? = nil) -> [(name: String, shape: [Int])] {
    var found: [(name: String, shape: [Int])] = [("embed_tokens.weight", [c.vocabularySize, c.width])]
    func norm(_ name: String, _ width: Int) {
      found.append(("\(name).weight", [width]))
      if c.norm == .layerNorm { found.append(("\(name).bias", [width])) }
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int, _ bias: Bool) {
      found.append(("\(name).weight", [rows, columns]))
      if bias { found.append(("\(name).bias", [rows])) }
    }
    if c.positions == .learned {
      found.append(("embed_positions.weight", [c.contextLength, c.width]))
    }
    let (queries, keys) = (c.heads * c.headWidth, c.keyValueHeads * c.headWidth)
    let inner = c.feedForwardWidth
    for i in 0..<(layers ?? c.layers) {
      let layer = "layers.\(i)."
      if c.residual.normsInputs { norm("\(layer)input_layernorm", c.width) }
      linear("\(layer)self_attn.qkv_proj", queries + 2 * keys, c.width, c.attentionBias)
      linear("\(layer)self_attn.o_proj", c.width, queries, c.outputBias)
      if c.queryKeyNorm != .none {
        let isWhole = c.queryKeyNorm == .wholeProjection
        norm("\(layer)self_attn.q_norm", isWhole ? queries : c.headWidth)
        norm("\(layer)self_attn.k_norm", isWhole ? keys : c.headWidth)
      }
      if c.residual.normsOutputs { norm("\(layer)attention_output_layernorm", c.width) }
      if c.residual.normsInputs { norm("\(layer)post_attention_layernorm", c.width) }
      linear("\(layer)mlp.up_proj", inner * (c.isGated ? 2 : 1), c.width, c.feedForwardBias)
      linear("\(layer)mlp.down_proj", c.width, inner, c.feedForwardBias)
      if c.residual.normsOutputs { norm("\(layer)feed_forward_output_layernorm", c.width) }
    }
    norm("norm", c.width)
    if !c.tiesEmbeddings { found.append(("lm_head.weight", [c.vocabularySize, c.width])) }
    return found
  }

  /// The tensors as the family's files hold them.
  func toDisk(_ parameters: [(name: String, tensor: Tensor)]) -> [(String, Tensor)] {
    let own = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor) })
    var result: [(String, Tensor)] = []
    for entry in entries {
      guard let tensor = own[entry.name] else { continue }
      let pieces = entry.parts.count == 1 ? [tensor] : tensor.split(entry.parts.map(\.rows))
      for (piece, part) in zip(pieces, entry.parts) {
        result.append((part.name, part.storage.stored(piece).detached().contiguous()))
      }
    }
    return result
  }
}
