public import Torch

/// The activations by the names that Hugging Face's configurations give them (`hidden_act`, `activation_function`).
///
/// ```swift
/// let f = Activation(rawValue: "gelu_new")      // GPT-2's; nil for a name that is not known
/// ```
public enum Activation: String, Sendable, Codable, CaseIterable {
  /// x·Φ(x) (Hendrycks 2016).
  case gelu
  /// The tanh approximation as GPT-2 and BERT wrote it.
  case geluNew = "gelu_new"
  /// The tanh approximation; the same function as `geluNew`.
  case geluTanh = "gelu_pytorch_tanh"
  /// The tanh approximation; the same function as `geluNew`.
  case geluFast = "gelu_fast"
  /// x·sigmoid(1.702x), as CLIP has it.
  case quickGelu = "quick_gelu"
  /// max(x, 0).
  case relu
  /// max(x, 0)² (So 2021).
  case reluSquared = "relu2"
  /// min(max(x, 0), 6).
  case relu6
  /// x where positive, 0.01x elsewhere.
  case leakyReLU = "leaky_relu"
  /// x·sigmoid(x).
  case silu
  /// The same function as `silu`.
  case swish
  /// x·tanh(ln(1 + eˣ)) (Misra 2019).
  case mish
  /// The hyperbolic tangent.
  case tanh
  /// 1/(1 + e⁻ˣ).
  case sigmoid
  /// x.
  case linear

  /// Applies it element by element.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .gelu: x.gelu()
    case .geluNew, .geluTanh, .geluFast: x.gelu(tanhApproximation: true)
    case .quickGelu: x * (x * 1.702).sigmoid()
    case .relu: x.relu()
    case .reluSquared: x.relu().square()
    case .relu6: x.clamped(0, 6)
    case .leakyReLU: x.leakyReLU()
    case .silu, .swish: x.silu()
    case .mish: x * x.softplus().tanh()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .linear: x
    }
  }

  /// The form of this activation that a packed product computes in the same call; nil where there is none.
  var curve: PackedLinear.Curve? {
    switch self {
    case .silu, .swish: .silu
    case .geluNew, .geluTanh, .geluFast: .tanhGELU
    default: nil
    }
  }

  /// Of `[…, 2·n]` the first half, activated, times the second: `[…, n]`.
  public func gated(_ x: Tensor) -> Tensor {
    switch self {
    case .silu, .swish: return x.gated(gelu: false)
    case .geluNew, .geluTanh, .geluFast: return x.gated(gelu: true)
    default:
      let half = x.size(-1) / 2
      let parts = x.split([half, half], axis: -1)
      return self(parts[0]) * parts[1]
    }
  }
}
