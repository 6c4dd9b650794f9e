package import Torch

/// A way to quantise a whole model, by the names of llama.cpp's files: one type for most matrices, and others where they pay.
public enum QuantizationScheme: String, CaseIterable, Codable, Sendable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q8_0 = "Q8_0"
  case q6_K = "Q6_K"
  case q5_K_M = "Q5_K_M"
  case q5_K_S = "Q5_K_S"
  case q5_1 = "Q5_1"
  case q5_0 = "Q5_0"
  case q4_K_M = "Q4_K_M"
  case q4_K_S = "Q4_K_S"
  case q4_1 = "Q4_1"
  case q4_0 = "Q4_0"

  /// The scheme of a name in any case; `Q4_K` and `Q5_K` mean the medium ones, as they do in llama.cpp.
  public init?(name: String) {
    let upper = name.uppercased()
    let aliases = ["Q4_K": Self.q4_K_M, "Q5_K": .q5_K_M, "FLOAT32": .f32, "FLOAT16": .f16, "BFLOAT16": .bf16]
    guard let found = Self(rawValue: upper) ?? aliases[upper] else { return nil }
    self = found
  }

  /// llama.cpp's number of such a file (`general.file_type`).
  var fileType: Int {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q4_0: 2
    case .q4_1: 3
    case .q8_0: 7
    case .q5_0: 8
    case .q5_1: 9
    case .q4_K_S: 14
    case .q4_K_M: 15
    case .q5_K_S: 16
    case .q5_K_M: 17
    case .q6_K: 18
    case .bf16: 32
    }
  }

  /// The name of the type of most matrices.
  var usual: String {
    switch self {
    case .q5_K_M, .q5_K_S: "Q5_K"
    case .q4_K_M, .q4_K_S: "Q4_K"
    default: rawValue
    }
  }

  /// Whether matrices become blocks.
  public var isQuantized: Bool { ![.f32, .f16, .bf16].contains(self) }
}

/// The types of a model's tensors under a scheme, as llama.cpp's quantiser picks them.
///
/// More bits go to the output table, to values and the way down from the feed-forward part in the first and last eighth of the layers
/// and every third between them. A row that is no multiple of 256 can't have a K type and falls back to one of 32.
package struct QuantizationMix {
  let scheme: QuantizationScheme
  let architecture: String
  let layers: Int
  let isTied: Bool
  let isGrouped: Bool

  /// The types of a model's tensors.
  ///
  /// - Parameters:
  ///   - isTied: whether the token table is also the output table.
  ///   - isGrouped: whether several query heads share a key head.
  package init(scheme: QuantizationScheme, architecture: String, layers: Int, isTied: Bool, isGrouped: Bool) {
    (self.scheme, self.architecture, self.layers) = (scheme, architecture, layers)
    (self.isTied, self.isGrouped) = (isTied, isGrouped)
  }

  /// The type of the tensor of a name and shape (row-major).
  package func type(of name: String, shape: [Int]) -> BlockType {
    let wanted = wanted(name, shape)
    let fallbacks = [wanted] + (Self.fallbacks[wanted].map { [$0] } ?? []) + ["F16"]
    let width = shape[shape.count - 1]
    for candidate in fallbacks {
      if let type = BlockType(name: candidate), width % type.length == 0 { return type }
    }
    preconditionFailure("F16 has no blocks")
  }

  /// What takes the place of a type whose blocks don't divide a row.
  private static let fallbacks = ["Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0"]

  private func wanted(_ name: String, _ shape: [Int]) -> String {
    // What is small or is added stays exact: norms, biases, positions, routers.
    let isMatrix = shape.count >= 2 && name.hasSuffix(".weight") && !name.hasSuffix("_norm.weight")
    let isExact = ["position_embd.weight", "token_types.weight"].contains(name) || name.contains("ffn_gate_inp")
    guard isMatrix, !isExact else { return "F32" }
    guard scheme.isQuantized else { return scheme.usual }
    let isTable = name == "token_embd.weight"
    if name == "output.weight" || (isTable && isTied) {
      let usual = BlockType(name: scheme.usual)
      let fits = usual.map { shape[shape.count - 1] % $0.length == 0 } ?? false
      return scheme == .q8_0 || !fits ? "Q8_0" : "Q6_K"
    }
    guard let layer = Self.layer(of: name) else { return scheme.usual }
    if ["attn_v.", "attn_qkv.", "attn_kv_b."].contains(where: { name.contains($0) }) { return forValues(layer) }
    if name.contains("ffn_down") { return forWayDown(layer) }
    return scheme.usual
  }

  private func forValues(_ layer: Int) -> String {
    let isSeventy = layers == 80 && (architecture == "qwen2" || (architecture == "llama" && isGrouped))
    switch scheme {
    case .q4_K_M where needsMore(layer), .q5_K_M where needsMore(layer): return "Q6_K"
    case .q4_K_S where layer < 4: return "Q5_K"
    case .q4_K_M where isSeventy, .q4_K_S where isSeventy: return "Q5_K"
    default: return scheme.usual
    }
  }

  private func forWayDown(_ layer: Int) -> String {
    switch scheme {
    case .q4_K_M where needsMore(layer), .q5_K_M where needsMore(layer): "Q6_K"
    case .q4_K_S where layer < layers / 8: "Q5_K"
    default: scheme.usual
    }
  }

  private func needsMore(_ layer: Int) -> Bool {
    layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
  }

  private static func layer(of name: String) -> Int? {
    let words = name.split(separator: ".")
    return words.count > 2 && words[0] == "blk" ? Int(words[1]) : nil
  }
}
