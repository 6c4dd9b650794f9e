import Torch

/// How a family's tensors on disk become our modules' parameters, and back.
///
/// Our layers keep queries, keys and values (and gate and up) in one matrix; Llama's files keep them apart. GPT-2's files
/// hold linear weights transposed (its `Conv1D`). One table per family says which rows come from where.
struct CheckpointLayout {
  /// One of our parameters.
  struct Entry {
    /// Our name.
    var name: String
    /// The names on disk whose rows follow each other in our tensor, with their row counts.
    var parts: [(name: String, rows: Int)]
    /// Whether the file holds the transpose.
    var isTransposed = false
  }

  var entries: [Entry]
  /// What a file may hold besides and we make ourselves: masks, frequency tables, a copy of a tied head.
  var ignoredSuffixes: [String]
  /// A prefix that some files leave out.
  var optionalPrefix: String

  static func of(_ c: DecoderConfiguration) -> CheckpointLayout {
    switch c.family {
    case .gpt2: gpt2(c)
    case .llama: llama(c)
    }
  }

  private static func gpt2(_ c: DecoderConfiguration) -> CheckpointLayout {
    var entries = [
      Entry(name: "embed_tokens.weight", parts: [("transformer.wte.weight", c.vocabularySize)]),
      Entry(name: "embed_positions.weight", parts: [("transformer.wpe.weight", c.contextLength)]),
    ]
    for i in 0..<c.layers {
      let ours = "layers.\(i)."
      let theirs = "transformer.h.\(i)."
      func norm(_ name: String, _ file: String) {
        for kind in ["weight", "bias"] {
          entries.append(
            Entry(name: "\(ours)\(name).\(kind)", parts: [("\(theirs)\(file).\(kind)", c.width)]))
        }
      }
      func linear(_ name: String, _ file: String, rows: Int) {
        entries.append(
          Entry(
            name: "\(ours)\(name).weight", parts: [("\(theirs)\(file).weight", rows)],
            isTransposed: true))
        entries.append(Entry(name: "\(ours)\(name).bias", parts: [("\(theirs)\(file).bias", rows)]))
      }
      norm("input_layernorm", "ln_1")
      linear("self_attn.qkv_proj", "attn.c_attn", rows: 3 * c.width)
      linear("self_attn.o_proj", "attn.c_proj", rows: c.width)
      norm("post_attention_layernorm", "ln_2")
      linear("mlp.up_proj", "mlp.c_fc", rows: c.feedForwardWidth)
      linear("mlp.down_proj", "mlp.c_proj", rows: c.width)
    }
    for kind in ["weight", "bias"] {
      entries.append(Entry(name: "norm.\(kind)", parts: [("transformer.ln_f.\(kind)", c.width)]))
    }
    if !c.tiesEmbeddings {
      entries.append(Entry(name: "lm_head.weight", parts: [("lm_head.weight", c.vocabularySize)]))
    }
    return CheckpointLayout(
      entries: entries,
      ignoredSuffixes: [".attn.bias", ".attn.masked_bias"] + (c.tiesEmbeddings ? ["lm_head.weight"] : []),
      optionalPrefix: "transformer.")
  }

  private static func llama(_ c: DecoderConfiguration) -> CheckpointLayout {
    var entries = [
      Entry(name: "embed_tokens.weight", parts: [("model.embed_tokens.weight", c.vocabularySize)])
    ]
    for i in 0..<c.layers {
      let ours = "layers.\(i)."
      let theirs = "model.layers.\(i)."
      func entry(_ name: String, _ parts: [(String, Int)], bias: Bool) {
        for kind in bias ? ["weight", "bias"] : ["weight"] {
          entries.append(
            Entry(
              name: "\(ours)\(name).\(kind)", parts: parts.map { ("\(theirs)\($0.0).\(kind)", $0.1) }))
        }
      }
      entry("input_layernorm", [("input_layernorm", c.width)], bias: false)
      entry(
        "self_attn.qkv_proj",
        [
          ("self_attn.q_proj", c.heads * c.headWidth),
          ("self_attn.k_proj", c.keyValueHeads * c.headWidth),
          ("self_attn.v_proj", c.keyValueHeads * c.headWidth),
        ], bias: c.attentionBias)
      entry("self_attn.o_proj", [("self_attn.o_proj", c.width)], bias: c.outputBias)
      entry("post_attention_layernorm", [("post_attention_layernorm", c.width)], bias: false)
      entry(
        "mlp.up_proj",
        (c.isGated ? [("mlp.gate_proj", c.feedForwardWidth)] : [])
          + [("mlp.up_proj", c.feedForwardWidth)], bias: c.feedForwardBias)
      entry("mlp.down_proj", [("mlp.down_proj", c.width)], bias: c.feedForwardBias)
    }
    entries.append(Entry(name: "norm.weight", parts: [("model.norm.weight", c.width)]))
    if !c.tiesEmbeddings {
      entries.append(Entry(name: "lm_head.weight", parts: [("lm_head.weight", c.vocabularySize)]))
    }
    return CheckpointLayout(
      entries: entries,
      ignoredSuffixes: ["rotary_emb.inv_freq"] + (c.tiesEmbeddings ? ["lm_head.weight"] : []),
      optionalPrefix: "model.")
  }

  /// The tensors as the family's files hold them.
  func toDisk(_ parameters: [(name: String, tensor: Tensor)]) -> [(String, Tensor)] {
    let own = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor) })
    var result: [(String, Tensor)] = []
    for entry in entries {
      guard let tensor = own[entry.name] else { continue }
      let parts = entry.parts.count == 1 ? [tensor] : tensor.split(entry.parts.map(\.rows))
      for (part, (name, _)) in zip(parts, entry.parts) {
        result.append((name, (entry.isTransposed ? part.transposed() : part).detached().contiguous()))
      }
    }
    return result
  }

  /// Copies a file's tensors into the parameters.
  ///
  /// - Throws: ``CheckpointError`` that lists everything missing, unexpected or of another shape; nothing is copied then.
  func fromDisk(_ file: Safetensors, into parameters: [(name: String, tensor: Tensor)], path: String) throws {
    let own = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor) })
    func found(_ name: String) -> String? {
      if file.contains(name) { return name }
      guard name.hasPrefix(optionalPrefix) else { return nil }
      let short = String(name.dropFirst(optionalPrefix.count))
      return file.contains(short) ? short : nil
    }
    var missing: [String] = [], wrong: [String] = []
    var used = Set<String>()
    for entry in entries {
      guard let tensor = own[entry.name] else { continue }
      for (name, rows) in entry.parts {
        guard let actual = found(name), let info = file.entry(actual) else {
          missing.append(name)
          continue
        }
        used.insert(actual)
        var expected = [rows] + tensor.shape.dropFirst()
        if entry.isTransposed { expected.reverse() }
        if info.shape != expected { wrong.append("\(actual) is \(info.shape) where \(expected) is needed") }
      }
    }
    let unexpected = file.names.filter { name in
      !used.contains(name) && !name.hasPrefix("score.") && !ignoredSuffixes.contains { name.hasSuffix($0) }
    }
    guard missing.isEmpty, wrong.isEmpty, unexpected.isEmpty else {
      throw CheckpointError(
        path: path,
        message: "the tensors don't fit config.json"
          + CheckpointError.list("; missing", missing) + CheckpointError.list("; unexpected", unexpected)
          + CheckpointError.list("; of the wrong shape", wrong))
    }
    try withoutGradients {
      for entry in entries {
        guard let tensor = own[entry.name] else { continue }
        var row = 0
        for (name, rows) in entry.parts {
          guard let actual = found(name) else { continue }
          let source = try file.tensor(actual)
          tensor.slice(row..<row + rows).copyInPlace(entry.isTransposed ? source.transposed() : source)
          row += rows
        }
      }
    }
  }
}

/// A checkpoint folder that can't be used: which, and why.
public struct CheckpointError: Error, CustomStringConvertible, Sendable {
  /// The folder or file.
  public var path: String
  /// What is wrong and what to do.
  public var message: String
  /// An error about `path`.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }
  /// Both.
  public var description: String { "\(path): \(message)" }

  static func list(_ title: String, _ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return "\(title) (\(names.count)): \(names.prefix(8).joined(separator: ", "))"
      + (names.count > 8 ? ", …" : "")
  }
}
