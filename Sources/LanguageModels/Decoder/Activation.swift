public import Torch

/// The activations that published configurations name.
public enum Activation: String, Sendable, CaseIterable {
  case gelu
  case geluNew = "gelu_new"
  case geluTanh = "gelu_pytorch_tanh"
  case geluFast = "gelu_fast"
  case relu
  case silu
  case swish

  /// Applies it element by element.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .gelu: x.gelu()
    case .geluNew, .geluTanh, .geluFast: x.gelu(tanhApproximation: true)
    case .relu: x.relu()
    case .silu, .swish: x.silu()
    }
  }
}
