public import Torch

/// Adam with decoupled weight decay (Kingma 2015, Loshchilov 2019), one fused call for each group.
///
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η(λθ + m̂/(√v̂ + ε)), where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ).
/// The state is two tensors for each parameter (`exp_avg`, `exp_avg_sq`) and its `step`, in float32 as in PyTorch.
public final class AdamW: Optimizer {
  /// The moments' decay, what is added to the denominator.
  public struct Options: Sendable, Codable, Equatable {
    /// Decay of the mean of the gradients, β₁.
    public var beta1 = 0.9
    /// Decay of the mean of their squares, β₂.
    public var beta2 = 0.999
    /// Added to the root of the second moment, ε.
    public var epsilon = 1e-8

    /// PyTorch's defaults unless given; language models are usually trained with β₂ = 0.95.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
    }
  }

  /// The trained parameters, in groups.
  public let groups: [ParameterGroup]
  /// The decays.
  public let options: Options
  private let slots: [[Slot]]

  /// Starts with moments of zero.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.groups = groups
    self.options = options
    slots = groups.slots { [$0.momentLike(), $0.momentLike(), Tensor(0, device: $0.device)] }
  }

  /// `exp_avg`, `exp_avg_sq` and `step` of every parameter.
  public var state: [(name: String, tensor: Tensor)] { slots.state("exp_avg", "exp_avg_sq", "step") }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) {
    for (group, slots) in zip(groups, slots) {
      let (slots, gradients) = slots.ready
      guard !slots.isEmpty else { continue }
      FusedOptimizers.adamW(
        parameters: slots.map(\.parameter), gradients: gradients, first: slots.map { $0.memory[0] },
        second: slots.map { $0.memory[1] }, steps: slots.map { $0.memory[2] },
        learningRate: learningRate * group.learningRateScale, beta1: options.beta1,
        beta2: options.beta2, epsilon: options.epsilon, weightDecay: group.weightDecay)
    }
  }
}

extension Tensor {
  /// Zeros shaped like a parameter, outside any graph.
  func momentLike() -> Tensor { withoutGradients { detached().zerosLike() } }
}
