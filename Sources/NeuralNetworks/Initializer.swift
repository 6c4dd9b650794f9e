public import Torch

/// A distribution from which a weight starts.
///
/// A weight of shape `[out, in, …]` has fan-in in·(product of the rest) and fan-out out·(product of the rest), as in
/// PyTorch.
///
/// ```swift
/// Initializer.kaimingUniform().fill(layer.weight, generator: generator)
/// ```
public enum Initializer: Sendable, Equatable {
  /// The same number everywhere.
  case constant(Double)
  /// N(0, σ²).
  case normal(standardDeviation: Double)
  /// N(0, σ²) without what lies beyond ±`bound`·σ.
  case truncatedNormal(standardDeviation: Double, bound: Double = 2)
  /// Uniform in ±gain·√(6/(fan-in + fan-out)) (Glorot 2010).
  case xavierUniform(gain: Double = 1)
  /// N(0, gain²·2/(fan-in + fan-out)) (Glorot 2010).
  case xavierNormal(gain: Double = 1)
  /// Uniform in ±gain·√(3/fan-in) (He 2015); the gain for ReLU is √2.
  case kaimingUniform(gain: Double = 2.0.squareRoot())
  /// N(0, gain²/fan-in) (He 2015); the gain for ReLU is √2.
  case kaimingNormal(gain: Double = 2.0.squareRoot())
  /// gain times a random matrix with orthonormal rows or columns, whichever are fewer (Saxe 2014).
  case orthogonal(gain: Double = 1)

  /// Overwrites a tensor's elements, without a trace in any graph.
  public func fill(_ tensor: Tensor, generator: Generator) {
    withoutGradients {
      let (fanIn, fanOut) = Self.fans(tensor.shape)
      switch self {
      case .constant(let value): tensor.fillInPlace(value)
      case .normal(let sigma): tensor.normalInPlace(standardDeviation: sigma, generator: generator)
      case .truncatedNormal(let sigma, let bound):
        fillTruncated(tensor, sigma, bound: bound * sigma, generator)
      case .xavierUniform(let gain):
        let limit = gain * (6 / (fanIn + fanOut)).squareRoot()
        tensor.uniformInPlace(-limit, limit, generator: generator)
      case .xavierNormal(let gain):
        tensor.normalInPlace(
          standardDeviation: gain * (2 / (fanIn + fanOut)).squareRoot(), generator: generator)
      case .kaimingUniform(let gain):
        let limit = gain * (3 / fanIn).squareRoot()
        tensor.uniformInPlace(-limit, limit, generator: generator)
      case .kaimingNormal(let gain):
        tensor.normalInPlace(standardDeviation: gain / fanIn.squareRoot(), generator: generator)
      case .orthogonal(let gain): fillOrthogonal(tensor, gain, generator)
      }
    }
  }

  /// A new tensor.
  public func callAsFunction(_ shape: [Int], generator: Generator) -> Tensor {
    let tensor = Tensor.empty(shape, device: generator.device)
    fill(tensor, generator: generator)
    return tensor
  }

  static func fans(_ shape: [Int]) -> (in: Double, out: Double) {
    guard shape.count >= 2 else {
      let width = Double(max(shape.first ?? 1, 1))
      return (width, width)
    }
    let field = shape.dropFirst(2).reduce(1, *)
    return (Double(max(shape[1] * field, 1)), Double(max(shape[0] * field, 1)))
  }

  /// Draws again whatever fell outside: each pass leaves 5% of the last at 2σ.
  private func fillTruncated(_ tensor: Tensor, _ sigma: Double, bound: Double, _ generator: Generator) {
    precondition(bound > 0 || sigma == 0, "a truncated normal needs a bound above 0")
    tensor.normalInPlace(standardDeviation: sigma, generator: generator)
    while true {
      let outside = tensor.abs() .> bound
      guard outside.any() else { return }
      let again = tensor.emptyLike()
      again.normalInPlace(standardDeviation: sigma, generator: generator)
      tensor.copyInPlace(outside.choose(again, tensor))
    }
  }

  /// The orthogonal factor of a Gaussian matrix's polar decomposition, which is uniform over orthogonal matrices.
  ///
  /// X ← X(3 − XᵀX)/2 takes every singular value in (0, √3) to 1, growing small ones by half each time and converging
  /// quadratically at the end; in float64, as the smallest value of a square matrix is about 1/n of the norm.
  private func fillOrthogonal(_ tensor: Tensor, _ gain: Double, _ generator: Generator) {
    let shape = tensor.shape
    precondition(shape.count >= 2, "an orthogonal tensor needs two axes or more, not \(shape)")
    let columns = shape.dropFirst().reduce(1, *)
    let drawn = Tensor.randn([shape[0], columns], generator: generator, dtype: .float64)
    var x = shape[0] > columns ? drawn.transposed() : drawn
    let identity = Tensor.eye(x.size(0), dtype: .float64, device: x.device)
    x = x * (1 / max(x.norm().item(), 1e-300))
    for _ in 0..<200 {
      let gram = x.matmul(x.transposed())
      if (gram - identity).abs().max().item() < 1e-12 { break }
      x = x * 1.5 - gram.matmul(x) * 0.5
    }
    x = shape[0] > columns ? x.transposed() : x
    tensor.copyInPlace((x * gain).reshaped(shape))
  }
}
