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
  /// One of the tensors on disk, or one expert's share of it.
  struct Part {
    var name: String
    var rows: Int
    var storage = Storage.plain
    /// Which of how many matrices of equal shape, that the tensor holds one after the other, this is.
    var slice: (index: Int, count: Int)?
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
    /// Rows of gate and up take turns, where ours follow each other; the matrix may be transposed besides.
    case alternating(isTransposed: Bool)

    var isTransposed: Bool { self == .transposed || self == .alternating(isTransposed: true) }
  }

  var entries: [Entry]
  /// Endings of the names of tensors that are skipped.
  var ignoredSuffixes: [String]
  /// Beginnings of the names of tensors that belong to a head on top and are left to whoever wrote them.
  var ignoredPrefixes = ["score."]
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

  /// The layout of files that call a decoder's tensors so.
  init(_ c: DecoderConfiguration, names: TensorNames) {
    let keys = c.keyValueHeads * c.headWidth
    self.init(Self.own(c), names: names, keyRows: keys, experts: c.experts?.count ?? 0)
    if c.tiesEmbeddings { ignoredSuffixes.append("\(names.head).weight") }
    // Layers after the last predict tokens further ahead (DeepSeek V3), and are no part of the model itself.
    if c.latentAttention != nil {
      ignoredPrefixes.append(names.prefix + names.layer.replacing("#", with: String(c.layers)))
    }
  }

  /// The layout of files that call a network's tensors so.
  ///
  /// - Parameters:
  ///   - own: the network's parameters and their shapes.
  ///   - keyRows: rows of keys in the fused projection, and as many of values.
  ///   - experts: how many feed-forward parts a layer has, 0 for one.
  init(_ own: [(name: String, shape: [Int])], names: TensorNames, keyRows: Int, experts: Int = 0) {
    entries = own.map { name, shape in
      let words = name.split(separator: ".", omittingEmptySubsequences: false)
      let isLayer = words[0] == "layers"
      // An expert's number stands for # in the names of its parts.
      let expert = words.count > 5 && words[3] == "experts" ? Int(words[4]) : nil
      var part = words[(isLayer ? 2 : 0)..<words.count - 1].joined(separator: ".")
      if expert != nil { part = "mlp.experts.#." + words[5..<words.count - 1].joined(separator: ".") }
      let layer = names.layer.split(separator: "#", omittingEmptySubsequences: false)
      let start = isLayer ? names.prefix + layer.joined(separator: words[1]) : part == "lm_head" ? "" : names.prefix
      let theirs = (isLayer ? names.parts[part] : names.outer(part)) ?? []
      var storage: Storage =
        names.transposesLinears && isLayer && shape.count == 2 ? .transposed : .plain
      if expert != nil, names.alternatesExperts {
        let isMatrix = shape.count == 2
        storage = part.hasSuffix("up_proj") ? .alternating(isTransposed: isMatrix) : isMatrix ? .transposed : .plain
      }
      let rows = Self.rows(theirs.count, of: shape[0], keys: keyRows)
      return Entry(
        name: name, shape: shape,
        parts: zip(theirs, rows).map { theirs, rows in
          let isStacked = expert != nil && !theirs.contains("#")
          let path = start + (expert.map { theirs.replacing("#", with: String($0)) } ?? theirs)
          return Part(
            name: names.joined(path, String(words[words.count - 1])), rows: rows, storage: storage,
            slice: isStacked ? expert.map { ($0, experts) } : nil)
        })
    }
    ignoredSuffixes = names.ignoredSuffixes
    optionalPrefix = names.prefix
  }

  /// The cut of a fused matrix: queries, keys and values; gate and up; or none.
  private static func rows(_ parts: Int, of all: Int, keys: Int) -> [Int] {
    parts == 3 ? [all - 2 * keys, keys, keys] : parts == 2 ? [all / 2, all / 2] : [all]
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
    for i in 0..<(layers ?? c.layers) {
      let layer = "layers.\(i)."
      if c.residual.normsInputs { norm("\(layer)input_layernorm", c.width) }
      if let latent = c.latentAttention {
        for (name, shape) in latent.shapes(c) { found.append(("\(layer)self_attn.\(name)", shape)) }
      } else {
        let (queries, keys) = (c.heads * c.headWidth, c.keyValueHeads * c.headWidth)
        linear("\(layer)self_attn.qkv_proj", queries + 2 * keys, c.width, c.attentionBias)
        linear("\(layer)self_attn.o_proj", c.width, queries, c.outputBias)
        if c.queryKeyNorm != .none {
          let isWhole = c.queryKeyNorm == .wholeProjection
          norm("\(layer)self_attn.q_norm", isWhole ? queries : c.headWidth)
          norm("\(layer)self_attn.k_norm", isWhole ? keys : c.headWidth)
        }
        if c.hasAttentionSinks { found.append(("\(layer)self_attn.sinks", [c.heads])) }
      }
      if c.residual.normsOutputs { norm("\(layer)attention_output_layernorm", c.width) }
      if c.residual.normsInputs { norm("\(layer)post_attention_layernorm", c.width) }
      func feedForward(_ name: String, _ inner: Int) {
        linear("\(layer)\(name).up_proj", inner * (c.isGated ? 2 : 1), c.width, c.feedForwardBias)
        linear("\(layer)\(name).down_proj", c.width, inner, c.feedForwardBias)
      }
      if let experts = c.experts(ofLayer: i) {
        linear("\(layer)mlp.gate", experts.count, c.width, experts.routerBias)
        if experts.correctsScores { found.append(("\(layer)mlp.e_score_correction_bias", [experts.count])) }
        for e in 0..<experts.count { feedForward("mlp.experts.\(e)", experts.width) }
        if experts.sharedWidth > 0 { feedForward("mlp.shared_expert", experts.sharedWidth) }
        if experts.gatesShared { linear("\(layer)mlp.shared_expert_gate", 1, c.width, false) }
      } else {
        feedForward("mlp", c.feedForwardWidth)
      }
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
    // Matrices of which a tensor is made, until its last one comes.
    var waiting: [String: [Tensor]] = [:]
    for entry in entries {
      guard let tensor = own[entry.name] else { continue }
      let pieces = entry.parts.count == 1 ? [tensor] : tensor.split(entry.parts.map(\.rows))
      for (piece, part) in zip(pieces, entry.parts) {
        let stored = part.storage.stored(piece).detached().contiguous()
        guard let slice = part.slice else {
          result.append((part.name, stored))
          continue
        }
        waiting[part.name, default: []].append(stored)
        guard slice.index == slice.count - 1, let all = waiting.removeValue(forKey: part.name) else { continue }
        result.append((part.name, Tensor.stacked(all)))
      }
    }
    return result
  }
}
