/// Advantages and returns of episodes.
public struct Advantages: Sendable, Equatable {
  /// The advantage of each action over what was expected.
  public var advantages: [Float]
  /// The targets of the value function: advantage + value.
  public var returns: [Float]

  /// Generalised advantage estimation of one episode (Schulman 2016, equation 16): A_t = Σ (γλ)^l δ_{t+l} with
  /// δ_t = r_t + γ·V_{t+1} − V_t.
  ///
  /// - Parameters:
  ///   - rewards: after each action.
  ///   - values: before each action; as many as rewards.
  ///   - next: the value after the last action, 0 if the episode ended there.
  public static func generalized(
    rewards: [Float], values: [Float], next: Float = 0, gamma: Float = 1, lambda: Float = 0.95
  ) -> Advantages {
    precondition(rewards.count == values.count, "\(rewards.count) rewards and \(values.count) values")
    return generalized(
      rewards: rewards, values: values + [next], ends: [Bool](repeating: false, count: rewards.count),
      environments: 1, gamma: gamma, lambda: lambda)
  }

  /// The same of several environments that take their steps together, one episode after another in each.
  ///
  /// - Parameters:
  ///   - rewards: `[steps · environments]`, those of a step beside each other.
  ///   - values: before each action and, at the end, after the last ones: `[(steps + 1) · environments]`.
  ///   - ends: `[steps · environments]`, whether the episode ended with the action; the value after it is then another
  ///     episode's and counts for nothing.
  public static func generalized(
    rewards: [Float], values: [Float], ends: [Bool], environments: Int, gamma: Float, lambda: Float
  ) -> Advantages {
    let count = rewards.count
    precondition(
      environments > 0 && count % environments == 0 && values.count == count + environments && ends.count == count,
      "\(count) rewards, \(values.count) values and \(ends.count) ends of \(environments) environments")
    var advantages = [Float](repeating: 0, count: count)
    var running = [Float](repeating: 0, count: environments)
    for i in rewards.indices.reversed() {
      let environment = i % environments
      let lives: Float = ends[i] ? 0 : 1
      let delta = rewards[i] + gamma * lives * values[i + environments] - values[i]
      running[environment] = delta + gamma * lambda * lives * running[environment]
      advantages[i] = running[environment]
    }
    return Advantages(advantages: advantages, returns: zip(advantages, values).map { $0 + $1 })
  }
}
