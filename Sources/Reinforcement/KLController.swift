/// The coefficient β of the KL penalty, which holds a policy to its reference.
public struct KLController: Sendable, Equatable, Codable {
  /// A rule by which β changes.
  public enum Rule: Sendable, Equatable, Codable {
    /// It does not.
    case fixed
    /// β ← β·(1 + clip(KL/target − 1, ±0.2)·n/horizon) after n episodes (Ziegler 2019, section 2.2).
    case adaptive(target: Double, horizon: Double)
  }
  /// β now.
  public var coefficient: Double
  /// The rule by which it changes.
  public var rule: Rule

  /// A controller that starts at `coefficient`.
  public init(coefficient: Double, rule: Rule = .fixed) {
    self.coefficient = coefficient
    self.rule = rule
  }

  /// Takes note of the mean KL of `episodes` episodes.
  public mutating func update(kl: Double, episodes: Int) {
    guard case .adaptive(let target, let horizon) = rule else { return }
    let error = min(max(kl / target - 1, -0.2), 0.2)
    coefficient *= 1 + error * Double(episodes) / horizon
  }
}
