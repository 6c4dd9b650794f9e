public import Torch

/// How weights are kept in memory for inference.
public enum WeightFormat: String, CaseIterable, Sendable {
  /// As they are.
  case float32
  /// Rounded to bfloat16.
  case bfloat16
  /// Eight bits a weight.
  case int8
  /// Four bits a weight.
  case int4

  /// What the weights are packed into; nil leaves them as they are.
  public var packing: PackedLinear.Format? {
    switch self {
    case .float32: nil
    case .bfloat16: .bfloat16
    case .int8: .int8
    case .int4: .int4
    }
  }
}
