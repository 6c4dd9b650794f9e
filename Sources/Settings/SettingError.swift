public import Documents

/// A value that a setting can't have, or that doesn't go with another setting's.
public struct SettingError: UserFacingError, Equatable {
  /// The setting's key.
  public var key: String
  /// The value as it was given.
  public var value: String
  /// The problem, following the value.
  public var problem: String

  /// An error about a setting.
  public init(key: String, value: String, problem: String) {
    self.key = key
    self.value = value
    self.problem = problem
  }

  /// The command was used wrongly.
  public var exitStatus: ExitStatus { .usage }

  /// The setting, its value, and what is wrong.
  public var description: String { "\(key) \(value): \(problem)." }
}
