public import Torch

/// Momentum made orthogonal for hidden matrices, AdamW for the rest (Jordan 2024).
///
/// b ← b + (1 − μ)(g − b), u = g + μ(b − g), θ ← θ(1 − ηλ) − η·s·NS(u). NS brings all singular values of u near 1 by
/// five Newton–Schulz steps X ← aX + (bA + cA²)X, A = XXᵀ, after dividing by the Frobenius norm, with Jordan's
/// coefficients (3.4445, −4.7750, 2.0315), whose steep start leaves the values in about 0.7 … 1.2 rather than at 1.
/// The state is `momentum_buffer` for the matrices and AdamW's three tensors for the others.
public final class Muon: Optimizer {
  /// The factor s, which makes updates of matrices of unlike shapes alike.
  public enum Scaling: String, Sendable, Codable {
    /// √max(1, rows/columns), as published; takes learning rates near 0.02.
    case original
    /// 0.2·√max(rows, columns): the root mean square of an AdamW step, so that AdamW's learning rate and decay do for
    /// both (Liu 2025, section 2.2).
    case matchAdamW = "match_rms_adamw"
  }

  /// Settings of the matrices' rule.
  public struct Options: Sendable, Codable, Equatable {
    /// μ.
    public var momentum = 0.95
    /// Whether the step looks ahead along the momentum.
    public var nesterov = true
    /// Newton–Schulz steps.
    public var iterations = 5
    /// s.
    public var scaling = Scaling.matchAdamW
    /// The type that the products run in; nil is bfloat16 on GPUs, as published, and float32 elsewhere.
    public var precision: DType?
    /// The rule for the other parameters.
    public var adamW = AdamW.Options(beta1: 0.9, beta2: 0.95)

    /// Jordan's settings with AdamW's scale.
    public init() {}
  }

  /// The matrices' groups, then the others'.
  public var groups: [ParameterGroup] { matrices + others.groups }
  /// The settings.
  public let options: Options
  private let matrices: [ParameterGroup]
  private let slots: [[Slot]]
  private let others: AdamW

  /// Starts with momenta of zero.
  ///
  /// - Parameters:
  ///   - matrices: parameters of two axes; ``ParameterGroup/muon(for:weightDecay:heads:)`` finds them.
  ///   - others: everything else, trained by ``AdamW``.
  public init(matrices: [ParameterGroup], others: [ParameterGroup], options: Options = Options()) {
    for (name, tensor) in matrices.flatMap(\.parameters) {
      precondition(tensor.rank == 2, "Muon takes matrices, not \(name) of shape \(tensor.shape)")
    }
    self.matrices = matrices
    self.options = options
    slots = matrices.slots { [.zeros($0.shape, device: $0.device)] }
    self.others = AdamW(others, options: options.adamW)
  }

  /// `momentum_buffer` of the matrices and AdamW's state of the others.
  public var state: [(name: String, tensor: Tensor)] { slots.state("momentum_buffer") + others.state }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) {
    withoutGradients {
      for (group, slots) in zip(matrices, slots) {
        let (slots, gradients) = slots.ready
        let rate = learningRate * group.learningRateScale
        let directions = zip(slots, gradients).map { slot, gradient in
          let momentum = slot.memory[0]
          let gradient = gradient.to(.float32)
          momentum.lerpInPlace(gradient, 1 - options.momentum)
          return options.nesterov ? gradient.lerp(momentum, options.momentum) : momentum
        }
        for (slot, update) in zip(slots, orthogonalized(directions)) {
          slot.parameter.multiplyInPlace(1 - rate * group.weightDecay)
          slot.parameter.addInPlace(update, factor: -rate * scale(slot.parameter.shape))
        }
      }
    }
    others.step(learningRate: learningRate)
  }

  private func scale(_ shape: [Int]) -> Double {
    let (rows, columns) = (Double(shape[0]), Double(shape[1]))
    return switch options.scaling {
    case .original: max(1, rows / columns).squareRoot()
    case .matchAdamW: 0.2 * max(rows, columns).squareRoot()
    }
  }

  /// Matrices of one shape go through the products together: a small model's own are too small to keep a machine busy.
  private func orthogonalized(_ matrices: [Tensor]) -> [Tensor] {
    var updates = matrices
    for alike in Dictionary(grouping: matrices.indices, by: { matrices[$0].shape }).values {
      let together = Self.orthogonalized(
        alike.count == 1 ? matrices[alike[0]] : Tensor.stacked(alike.map { matrices[$0] }),
        iterations: options.iterations, precision: options.precision)
      for (i, index) in alike.enumerated() {
        updates[index] = alike.count == 1 ? together : together.select(i, axis: 0)
      }
    }
    return updates
  }

  /// The matrix with its singular values brought near 1: about U·Vᵀ of its singular value decomposition.
  ///
  /// - Parameter matrix: `[rows, columns]`, or several of one shape, `[count, rows, columns]`.
  public static func orthogonalized(
    _ matrix: Tensor, iterations: Int = 5, precision: DType? = nil
  ) -> Tensor {
    let dtype = precision ?? (matrix.device.kind == .cuda ? .bfloat16 : .float32)
    let isTall = matrix.size(-2) > matrix.size(-1)
    // The smaller side is squared: a [m, n] matrix costs min(m, n) where the other order costs max(m, n).
    var x = (isTall ? matrix.transposed() : matrix).to(dtype)
    x = x / (x * x).sum(axis: -2, -1, keepAxes: true).sqrt().clamped(1e-7)
    for _ in 0..<iterations {
      let gram = x.matmul(x.transposed())
      let polynomial = (gram * -4.7750).addedProduct(gram * 2.0315, gram)
      x = (x * 3.4445).addedProduct(polynomial, x)
    }
    return isTall ? x.transposed() : x
  }
}

extension Tensor {
  /// This matrix plus a · b.
  fileprivate func addedProduct(_ a: Tensor, _ b: Tensor) -> Tensor { a.matmul(b, adding: self) }
}
