/// What a step brought.
public struct StepResult: Sendable, Equatable {
  /// The reward.
  public var reward: Float
  /// Whether the game ended the episode.
  public var isTerminated: Bool
  /// Whether the time limit cut it off.
  public var isTruncated: Bool

  /// Whether the episode is over for either reason: `done` of the published protocol, which doesn't tell them apart.
  public var isDone: Bool { isTerminated || isTruncated }
}

/// What follows when an episode ends, in Gymnasium's terms.
public enum Autoreset: String, Sendable, CaseIterable {
  /// The step that ends an episode begins the next: its observation is the new one's first. The benchmark's way.
  case sameStep
  /// The step that ends an episode shows its last observation; the next step takes no heed of its action, begins a new one and has no
  /// reward. Gymnasium's default for vectors, and EnvPool's.
  case nextStep
  /// Nothing; `reset` begins a new one.
  case disabled
}
