public import Torch

/// A format in which weights are kept for inference.
public enum WeightFormat: String, CaseIterable, Codable, Sendable {
  /// In a GGUF file's own blocks where the model comes from one, else bfloat16 where the processor multiplies it, else float32.
  case auto
  /// As they are, and restored where a file has them in blocks.
  case float32
  /// Rounded to bfloat16.
  case bfloat16
  /// Eight bits a weight.
  case int8
  /// Four bits a weight.
  case int4

  /// Whether a GGUF file's matrices stay in its own blocks.
  public var keepsBlocks: Bool { self == .auto }

  /// The format in which a model is kept, in words.
  public var kept: String { self == .auto ? "the file's own blocks" : rawValue }

  /// The format that the weights are packed into; nil leaves them as they are.
  public var packing: PackedLinear.Format? {
    switch self {
    case .auto, .float32: nil
    case .bfloat16: .bfloat16
    case .int8: .int8
    case .int4: .int4
    }
  }
}
