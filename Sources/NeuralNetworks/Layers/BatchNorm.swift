public import Torch

/// Normalises each channel of `[N, C, …]` over the batch while training, by running statistics in evaluation (Ioffe 2015).
public final class BatchNorm: Module {
  /// `[channels]`.
  @Parameter public var weight: Tensor
  /// `[channels]`.
  @Parameter public var bias: Tensor
  /// The running mean of each channel.
  @Buffer("running_mean") public var runningMean: Tensor
  /// The running variance of each channel, divided by n − 1.
  @Buffer("running_var") public var runningVariance: Tensor
  /// The number of batches that the statistics have seen, an int64 scalar.
  @Buffer("num_batches_tracked") public var batches: Tensor
  /// The weight of the newest batch in the running statistics.
  public let momentum: Double
  /// Added to the variance.
  public let epsilon: Double

  /// Starts as plain normalisation, with running mean 0 and variance 1.
  public init(channels: Int, momentum: Double = 0.1, epsilon: Double = 1e-5) {
    self.momentum = momentum
    self.epsilon = epsilon
    super.init()
    weight = Tensor.ones([channels])
    bias = Tensor.zeros([channels])
    runningMean = Tensor.zeros([channels])
    runningVariance = Tensor.ones([channels])
    batches = Tensor(0, dtype: .int64)
  }

  /// Applies the layer, and updates the running statistics while training.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    if isTraining { batches.addInPlace(Tensor(1, dtype: .int64, device: batches.device)) }
    return x.batchNorm(
      weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance,
      training: isTraining, momentum: momentum, epsilon: epsilon)
  }
}
