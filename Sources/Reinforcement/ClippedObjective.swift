public import Torch

/// PPO's clipped losses (Schulman 2017), used by text and games alike.
public enum ClippedObjective {
  /// The losses and what practitioners watch.
  public struct Policy {
    /// −mean min(ratio·A, clip(ratio)·A), a scalar.
    public var loss: Tensor
    /// The share of actions where the clipped term was the smaller.
    public var clipFraction: Double
    /// mean ½(ln ratio)², an estimate of how far the policy moved.
    public var approximateKL: Double
    /// mean ratio.
    public var ratio: Double
    /// The variance of the ratio.
    public var ratioVariance: Double
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
        loss: loss, clipFraction: (clipped .> plain).to(.float32).mean().item(),
        approximateKL: 0.5 * logRatio.square().mean().item(), ratio: ratio.mean().item(),
        ratioVariance: ratio.count > 1 ? ratio.variance().item() : 0)
    }
  }

  /// ½·mean max((V − R)², (clip(V, V_old ± clip) − R)²), and the share that was clipped.
  public static func value(
    _ values: Tensor, old: Tensor, returns: Tensor, clip: Double, normaliser: Double
  ) -> (loss: Tensor, clipFraction: Double) {
    let limited = old + (values - old).clamped(-clip, clip)
    let plain = (values - returns).square()
    let clipped = (limited - returns).square()
    let loss = plain.maximum(clipped).sum() * 0.5 / normaliser
    return (loss, withoutGradients { (clipped .> plain).to(.float32).mean().item() })
  }
}
