import Torch

/// Returns and lengths of whole episodes of a policy that stays as it is.
public struct PolicyEvaluation: Sendable, Codable, Equatable {
  /// The undiscounted return of each episode.
  public var returns: [Double]
  /// The steps of each episode.
  public var lengths: [Int]

  /// Results by hand.
  public init(returns: [Double], lengths: [Int]) {
    self.returns = returns
    self.lengths = lengths
  }

  /// The mean return.
  public var mean: Double { returns.reduce(0, +) / Double(returns.count) }

  /// Plays episodes with actions drawn from the policy, as the published scores are measured.
  ///
  /// Every environment plays the same number of episodes from its present state on: were the first to end taken, short ones
  /// would be seen more often.
  ///
  /// - Parameters:
  ///   - episodes: at least so many are played, a multiple of the number of environments.
  ///   - isStopped: looked at each step; nil is returned when it says so.
  /// - Throws: an error of the environments'.
  public static func play(
    _ network: ActorCritic, in environments: any AgentEnvironments, episodes: Int, seed: UInt64,
    isStopped: () -> Bool = { false }
  ) throws -> PolicyEvaluation? {
    let count = environments.count
    var left = [Int](repeating: (episodes + count - 1) / count, count: count)
    var (sums, steps) = ([Double](repeating: 0, count: count), [Int](repeating: 0, count: count))
    var result = PolicyEvaluation(returns: [], lengths: [])
    let sampler = PolicySampler(network, count: count)
    let stretch = 64
    var (noise, step) = (Tensor.zeros([0]), 0)
    while left.contains(where: { $0 > 0 }) {
      if isStopped() { return nil }
      if step % stretch == 0 {
        noise = PolicySampler.gumbel(
          [stretch, count, network.actions], seed: seed &+ UInt64(step / stretch), device: network.device)
      }
      sampler.look(at: [environments])
      let drawn = sampler.draw(noise.select(step % stretch, axis: 0))
      try environments.step(drawn.actions.array(of: Int32.self))
      step += 1
      for i in 0..<count where left[i] > 0 {
        sums[i] += Double(environments.rewards[i])
        steps[i] += 1
        guard environments.isDone(i) else { continue }
        result.returns.append(sums[i])
        result.lengths.append(steps[i])
        (sums[i], steps[i]) = (0, 0)
        left[i] -= 1
      }
    }
    return result
  }
}
