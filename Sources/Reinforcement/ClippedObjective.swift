public import Torch

/// PPO's clipped losses (Schulman 2017), used by text and games alike.
///
/// What practitioners watch besides the loss stays on the tensors' device until it is read, so that a loop over many
/// minibatches waits once at its end.
public enum ClippedObjective {
  /// The policy's loss and what is watched besides.
  public struct Policy {
    /// −mean min(ratio·A, clip(ratio)·A), a scalar.
    public var loss: Tensor
    /// Clip fraction, approximate KL, mean and variance of the ratio, `[4]`, without gradients.
    public var statistics: Tensor
    /// The share of actions where the clipped term was the smaller.
    public var clipFraction: Double { statistics[0].item() }
    /// mean ½(ln ratio)², an estimate of how far the policy moved.
    public var approximateKL: Double { statistics[1].item() }
    /// mean ratio.
    public var ratio: Double { statistics[2].item() }
    /// The variance of the ratio.
    public var ratioVariance: Double { statistics[3].item() }
  }

  /// The value function's loss and what is watched besides.
  public struct Value {
    /// ½·mean max((V − R)², (clip(V) − R)²), a scalar.
    public var loss: Tensor
    /// The share of values where the clipped term was the larger, a scalar without gradients.
    public var clipped: Tensor
    /// The same as a number.
    public var clipFraction: Double { clipped.item() }
  }

  /// The policy's loss over actions (equation 7).
  ///
  /// - Parameters:
  ///   - logProbabilities: ln π(a|s) now, `[actions]`, differentiable.
  ///   - old: ln π(a|s) when the actions were drawn.
  ///   - advantages: `[actions]`.
  ///   - normaliser: what the sum is divided by; the number of actions in the whole minibatch.
  public static func policy(
    _ logProbabilities: Tensor, old: Tensor, advantages: Tensor, clip: Double, normaliser: Double
  ) -> Policy {
    let logRatio = logProbabilities - old
    let ratio = logRatio.exp()
    let plain = -(advantages * ratio)
    let clipped = -(advantages * ratio.clamped(1 - clip, 1 + clip))
    let loss = plain.maximum(clipped).sum() / normaliser
    return withoutGradients {
      Policy(
        loss: loss,
        statistics: Tensor.stacked([
          (clipped .> plain).to(.float32).mean(), 0.5 * logRatio.square().mean(), ratio.mean(),
          ratio.count > 1 ? ratio.variance() : Tensor(0, device: ratio.device),
        ]))
    }
  }

  /// ½·mean max((V − R)², (clip(V, V_old ± clip) − R)²), and the share that was clipped; an infinite `clip` clips nothing.
  public static func value(
    _ values: Tensor, old: Tensor, returns: Tensor, clip: Double, normaliser: Double
  ) -> Value {
    let limited = clip.isFinite ? old + (values - old).clamped(-clip, clip) : values
    let plain = (values - returns).square()
    let clipped = (limited - returns).square()
    let loss = plain.maximum(clipped).sum() * 0.5 / normaliser
    return Value(loss: loss, clipped: withoutGradients { (clipped .> plain).to(.float32).mean() })
  }
}
