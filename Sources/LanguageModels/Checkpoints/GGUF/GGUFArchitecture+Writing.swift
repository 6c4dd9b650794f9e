import Documents
import NeuralNetworks
import Torch

extension GGUFArchitecture {
  /// The keys, tensors and places by which a GGUF file says what a configuration does.
  struct Description {
    /// The keys of the architecture, without the tokenizer's.
    var metadata: JSONObject
    var layout: CheckpointLayout
    /// Divisors of rotary frequencies, where the file needs them.
    var divisors: Tensor?
    /// What the file can't say, in words for a person.
    var notes: [String]
  }

  /// Describes a configuration for llama.cpp.
  ///
  /// The description is read back: what llama.cpp's architecture of that name would do otherwise is refused by name.
  /// - Throws: ``ConfigurationError``.
  static func describe(_ c: DecoderConfiguration) throws -> Description {
    guard let name = name(of: c.family) else {
      throw ConfigurationError(
        "a GGUF file of the family '\(c.family.rawValue)' can't be written; those of "
          + Set(families.values).map(\.rawValue).sorted().joined(separator: ", ") + " can")
    }
    var notes: [String] = []
    var draft = GGUFDraft(metadata: keys(of: c, name: name))
    let divisors = try frequencyDivisors(c, into: &draft.metadata, name: name)
    let layout = try GGUFArchitecture(draft).layout(c)
    for entry in layout.entries {
      for part in entry.parts { draft.shapes[part.name] = [part.rows] + entry.shape.dropFirst() }
    }
    if let divisors {
      draft.shapes[frequencies] = divisors.shape
      draft.tensors[frequencies] = divisors
    }
    let read = try GGUFArchitecture(draft).configuration()
    // Phi-3's are in the file, and llama.cpp leaves them aside.
    if let window = c.slidingWindow, read.slidingWindow == nil || (c.family == .phi3 && window < c.contextLength) {
      notes.append(
        "llama.cpp's \(name) has no sliding windows: texts beyond \(window) tokens will be continued otherwise there")
    }
    try check(read, is: c, name: name)
    return Description(metadata: draft.metadata, layout: layout, divisors: divisors, notes: notes)
  }

  /// The architecture of a family; nil where llama.cpp's files of it aren't known here.
  static func name(of family: DecoderConfiguration.Family) -> String? {
    // Mistral's files say llama.
    family == .mistral ? "llama" : families.filter { $0.value == family }.keys.min()
  }

  private static func keys(of c: DecoderConfiguration, name: String) -> JSONObject {
    var made = JSONObject([(key: "general.architecture", value: .string(name)), (key: "general.type", value: "model")])
    func set(_ key: String, _ value: JSONValue) { made["\(name).\(key)"] = value }
    set("context_length", .int(c.contextLength))
    set("embedding_length", .int(c.width))
    set("block_count", .int(c.layers))
    set("feed_forward_length", .int(c.feedForwardWidth))
    set("vocab_size", .int(c.vocabularySize))
    set("attention.head_count", .int(c.heads))
    set("attention.head_count_kv", .int(c.keyValueHeads))
    set(
      c.norm == .layerNorm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", .double(c.normEpsilon)
    )
    if c.headWidth * c.heads != c.width {
      set("attention.key_length", .int(c.headWidth))
      set("attention.value_length", .int(c.headWidth))
    }
    if let cap = c.attentionSoftCap { set("attn_logit_softcapping", .double(cap)) }
    if let cap = c.logitSoftCap { set("final_logit_softcapping", .double(cap)) }
    if let window = c.slidingWindow, [.gemma2, .gemma3, .phi3].contains(c.family) {
      set("attention.sliding_window", .int(window))
      // The layers that see everything come at a regular distance.
      if let period = c.layerTypes.firstIndex(of: .full).map({ $0 + 1 }), period != (c.family == .gemma2 ? 2 : 6) {
        set("attention.sliding_window_pattern", .int(period))
      }
    }
    guard case .rotary(let base) = c.positions else { return made }
    set("rope.freq_base", .double(base))
    set("rope.dimension_count", .int(c.rotaryWidth))
    if let sliding = c.slidingRotaryBase, sliding != 10_000 { set("rope.freq_base_swa", .double(sliding)) }
    return made
  }

  /// Says how rotary positions are stretched: by keys where llama.cpp has some, else by a divisor for each frequency.
  private static func frequencyDivisors(
    _ c: DecoderConfiguration, into metadata: inout JSONObject, name: String
  ) throws -> Tensor? {
    guard case .rotary(let base) = c.positions else { return nil }
    let scaling = c.rotaryScaling
    switch scaling.kind {
    case .standard: return nil
    case .linear, .yarn:
      metadata["\(name).rope.scaling.type"] = .string(scaling.kind.rawValue)
      if let factor = scaling.factor { metadata["\(name).rope.scaling.factor"] = .double(factor) }
      if let original = scaling.originalLength {
        metadata["\(name).rope.scaling.original_context_length"] = .int(original)
      }
      return nil
    case .llama3, .longrope, .dynamic:
      try TorchLibrary.load()
      func frequencies(_ scaling: RotaryScaling) throws -> [Float] {
        try RotaryEmbedding(width: c.rotaryWidth, base: base, contextLength: c.contextLength, scaling: scaling)
          .inverseFrequencies()
      }
      let plain = try frequencies(RotaryScaling())
      return Tensor(zip(plain, try frequencies(scaling)).map(divisor))
    }
  }

  /// The divisor that turns a frequency into another, to the bit where one of its neighbours does.
  private static func divisor(of plain: Float, into wanted: Float) -> Float {
    let power = 1 / plain
    var near = [plain / wanted]
    for _ in 0..<4 { near += [near[near.count == 1 ? 0 : near.count - 2].nextUp, near[near.count - 1].nextDown] }
    return near.first { 1 / ($0 * power) == wanted } ?? near[0]
  }

  /// Refuses to write what would be read as another model.
  private static func check(_ found: DecoderConfiguration, is wanted: DecoderConfiguration, name: String) throws {
    var (read, c) = (found, wanted)
    (read.family, read.initializerRange, read.dropout) = (c.family, c.initializerRange, c.dropout)
    (read.beginningOfText, read.endOfText, read.otherEnds) = (c.beginningOfText, c.endOfText, c.otherEnds)
    // The files keep these in single precision.
    if case .rotary(let a) = read.positions, case .rotary(let b) = c.positions, Float(a) == Float(b) {
      read.positions = c.positions
      let tables = try [read, c].map {
        try RotaryEmbedding(width: $0.rotaryWidth, base: b, contextLength: $0.contextLength, scaling: $0.rotaryScaling)
      }
      let same = zip(tables[0].inverseFrequencies(), tables[1].inverseFrequencies()).allSatisfy {
        abs($0 - $1) <= 1e-6 * $1
      }
      if same, Float(tables[0].tableFactor) == Float(tables[1].tableFactor) { read.rotaryScaling = c.rotaryScaling }
    }
    for path in [\DecoderConfiguration.normEpsilon] where Float(read[keyPath: path]) == Float(c[keyPath: path]) {
      read[keyPath: path] = c[keyPath: path]
    }
    for path in [\DecoderConfiguration.attentionSoftCap, \.logitSoftCap, \.slidingRotaryBase]
    where read[keyPath: path].map({ Float($0) }) == c[keyPath: path].map({ Float($0) }) {
      read[keyPath: path] = c[keyPath: path]
    }
    if read.queryScalar ?? Double(read.headWidth) == c.queryScalar ?? Double(c.headWidth) {
      read.queryScalar = c.queryScalar
    }
    // What no window says is a note, not another model.
    if read.slidingWindow == nil { (c.slidingWindow, c.layerTypes) = (nil, []) }
    if !c.layerTypes.contains(.sliding) { (read.layerTypes, c.layerTypes) = ([], []) }
    guard read != c else { return }
    let (a, b) = (try JSONValue(encoding: read).object, try JSONValue(encoding: c).object)
    let keys = (b?.keys ?? []).filter { a?[$0] != b?[$0] } + (a?.keys ?? []).filter { b?[$0] == nil }
    throw ConfigurationError(
      "llama.cpp's \(name) can't do what this model does: it would differ in " + keys.sorted().joined(separator: ", "))
  }
}

/// A GGUF file that isn't written yet.
struct GGUFDraft: GGUFContents {
  var metadata: JSONObject
  var shapes: [String: [Int]] = [:]
  var tensors: [String: Tensor] = [:]

  var names: [String] { Array(shapes.keys) }
  func shape(of name: String) -> [Int]? { shapes[name] }
  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else { throw ConfigurationError("there is no tensor '\(name)' yet") }
    return tensor
  }
  func release(_ name: String) {}
}
