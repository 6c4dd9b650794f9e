/// Advantages and returns of one episode.
public struct Advantages: Sendable, Equatable {
  /// The advantage of each action over what was expected.
  public var advantages: [Float]
  /// The targets of the value function: advantage + value.
  public var returns: [Float]

  /// Generalised advantage estimation (Schulman 2016, equation 16): A_t = Σ (γλ)^l δ_{t+l} with
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
    var advantages = [Float](repeating: 0, count: rewards.count)
    var running: Float = 0
    var following = next
    for t in rewards.indices.reversed() {
      let delta = rewards[t] + gamma * following - values[t]
      running = delta + gamma * lambda * running
      advantages[t] = running
      following = values[t]
    }
    return Advantages(advantages: advantages, returns: zip(advantages, values).map { $0 + $1 })
  }
}

/// Shifts to mean 0 (unless `keepsMean`) and scales to variance 1, as PPO does with advantages.
///
/// The variance has Bessel's correction and 1e-8 is added under the root, as in TRL; fewer than two values stay.
public func whitened(_ values: [Float], keepsMean: Bool = false) -> [Float] {
  guard values.count > 1 else { return values }
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  let variance =
    values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count - 1)
  let scale = 1 / (variance + 1e-8).squareRoot()
  return values.map { Float((Double($0) - mean) * scale + (keepsMean ? mean : 0)) }
}
