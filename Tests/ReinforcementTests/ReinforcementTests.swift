import Foundation
import Reinforcement
import Testing
import Torch

@Suite struct ReinforcementTests {
  @Test func advantagesEqualTheDefinition() {
    let rewards: [Float] = [0.1, -0.4, 0.9, 0.3]
    let values: [Float] = [0.5, 0.2, -0.3, 0.8]
    for (gamma, lambda) in [(Float(1), Float(0.95)), (0.9, 0.5), (0.99, 1), (1, 0)] {
      let made = Advantages.generalized(
        rewards: rewards, values: values, next: 0.7, gamma: gamma, lambda: lambda)
      for t in rewards.indices {
        // A_t = Σ (γλ)^l (r_{t+l} + γ V_{t+l+1} − V_{t+l}), written out.
        var expected: Float = 0
        for l in 0..<(rewards.count - t) {
          let following = t + l + 1 < values.count ? values[t + l + 1] : 0.7
          expected += pow(gamma * lambda, Float(l)) * (rewards[t + l] + gamma * following - values[t + l])
        }
        #expect(abs(made.advantages[t] - expected) < 1e-5)
        #expect(abs(made.returns[t] - expected - values[t]) < 1e-5)
      }
    }
  }

  @Test func whitening() {
    let values: [Float] = [1, 2, 4, 9]
    let white = whitened(values)
    #expect(abs(white.reduce(0, +)) < 1e-5)
    #expect(abs(white.reduce(0) { $0 + $1 * $1 } / 3 - 1) < 1e-5)
    #expect(abs(whitened(values, keepsMean: true).reduce(0, +) / 4 - 4) < 1e-5)
    #expect(whitened([3]) == [3])
  }

  @Test func clippedPolicyLossByHand() {
    let old: [Float] = [-1, -1, -1, -1]
    let now: [Float] = [-0.5, -0.5, -2, -2]
    let advantages: [Float] = [1, -1, 1, -1]
    let result = ClippedObjective.policy(
      Tensor(now), old: Tensor(old), advantages: Tensor(advantages), clip: 0.2, normaliser: 4)
    let up = exp(Float(0.5)), down = exp(Float(-1))
    // Only moves that the advantage asks for are clipped.
    let expected = (-1.2 + up + -down + 0.8) / 4
    #expect(abs(result.loss.item() - Double(expected)) < 1e-6)
    #expect(result.clipFraction == 0.5)
    #expect(abs(result.approximateKL - 0.5 * (0.25 + 0.25 + 1 + 1) / 4) < 1e-6)
  }

  @Test func clippedValueLossByHand() {
    let result = ClippedObjective.value(
      Tensor([1, 0] as [Float]), old: Tensor([0, 0] as [Float]), returns: Tensor([1, 1] as [Float]),
      clip: 0.2, normaliser: 2)
    // First: |1 − 1| against |0.2 − 1|: the clipped one is the larger. Second: equal.
    #expect(abs(result.loss.item() - 0.5 * (0.64 + 1) / 2) < 1e-6)
    #expect(result.clipFraction == 0.5)
  }

  @Test func adaptiveControllerMovesTowardTheTarget() {
    var controller = KLController(coefficient: 0.1, rule: .adaptive(target: 6, horizon: 1000))
    controller.update(kl: 60, episodes: 100)
    #expect(abs(controller.coefficient - 0.1 * (1 + 0.2 * 0.1)) < 1e-12)
    controller.update(kl: 0, episodes: 100)
    #expect(abs(controller.coefficient - 0.102 * (1 - 0.2 * 0.1)) < 1e-12)
    var fixed = KLController(coefficient: 0.1)
    fixed.update(kl: 60, episodes: 100)
    #expect(fixed.coefficient == 0.1)
  }
}
