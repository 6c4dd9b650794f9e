/// A text that answers a prompt, and which policy wrote it.
public struct Response: Sendable, Codable, Equatable, Hashable, ExpressibleByStringLiteral {
  /// The text.
  public var text: String
  /// The policy that wrote it, where that is known.
  public var policy: PolicyVersion?

  /// Makes a response.
  public init(_ text: String, policy: PolicyVersion? = nil) {
    self.text = text
    self.policy = policy
  }

  /// Makes a response of unknown origin.
  public init(stringLiteral value: String) { self.init(value) }
}

/// A policy at one moment of its training.
public struct PolicyVersion: Sendable, Codable, Equatable, Hashable {
  /// The policy, such as the name of its run.
  public var name: String
  /// Which of its states, such as `step-000400`.
  public var version: String?

  /// Names a policy's state.
  public init(_ name: String, version: String? = nil) {
    self.name = name
    self.version = version
  }
}
