public import Torch

/// Normalises groups of channels of `[N, C, …]`, then scales and shifts each channel (Wu 2018).
public final class GroupNorm: Module {
  /// `[channels]`.
  @Parameter public var weight: Tensor
  /// `[channels]`.
  @Parameter public var bias: Tensor
  /// The number of groups that the channels fall into.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Double

  /// Starts as plain normalisation.
  public init(groups: Int, channels: Int, epsilon: Double = 1e-5) {
    precondition(
      groups > 0 && channels % groups == 0, "\(channels) channels do not fall into \(groups) groups")
    self.groups = groups
    self.epsilon = epsilon
    super.init()
    weight = Tensor.ones([channels])
    bias = Tensor.zeros([channels])
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.groupNorm(groups: groups, weight: weight, bias: bias, epsilon: epsilon)
  }
}
