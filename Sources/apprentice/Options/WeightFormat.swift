import ArgumentParser
import Torch

/// How weights are kept in memory for inference.
enum WeightFormat: String, ExpressibleByArgument, CaseIterable {
  case float32, bfloat16, int8, int4

  /// What the weights are packed into; nil leaves them as they are.
  var packing: PackedLinear.Format? {
    switch self {
    case .float32: nil
    case .bfloat16: .bfloat16
    case .int8: .int8
    case .int4: .int4
    }
  }
}
