public import Torch

/// Stochastic gradient descent with momentum (Sutskever 2013), one fused call for each group.
///
/// g ← g + λθ, b ← μb + g, θ ← θ − ηb; with Nesterov's momentum θ ← θ − η(g + μb). The decay is coupled: it enters the
/// momentum, as in PyTorch. The state is one tensor for each parameter (`momentum_buffer`), none without momentum.
public final class SGD: Optimizer {
  /// The trained parameters, in groups.
  public let groups: [ParameterGroup]
  /// μ.
  public let momentum: Double
  /// Whether the step looks ahead along the momentum.
  public let nesterov: Bool
  private let slots: [[Slot]]

  /// Starts with momenta of zero, which is the same as PyTorch's start from the first gradient.
  public init(_ groups: [ParameterGroup], momentum: Double = 0, nesterov: Bool = false) {
    precondition(!nesterov || momentum > 0, "Nesterov's momentum needs a momentum above 0")
    self.groups = groups
    self.momentum = momentum
    self.nesterov = nesterov
    slots = groups.slots { momentum > 0 ? [$0.momentLike()] : [] }
  }

  /// `momentum_buffer` of every parameter.
  public var state: [(name: String, tensor: Tensor)] { slots.state("momentum_buffer") }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) {
    for (group, slots) in zip(groups, slots) {
      let (slots, gradients) = slots.ready
      guard !slots.isEmpty else { continue }
      FusedOptimizers.sgd(
        parameters: slots.map(\.parameter), gradients: gradients, momenta: slots.flatMap(\.memory),
        learningRate: learningRate * group.learningRateScale, momentum: momentum,
        weightDecay: group.weightDecay, nesterov: nesterov, isFirst: false)
    }
  }
}
