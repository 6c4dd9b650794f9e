public import Documents

/// An error of a competition's: what is wrong, where, and what to do about it.
public struct CompetitionError: UserFacingError, Equatable {
  /// The sentence for the user.
  public var description: String
  /// The exit status of a command that meets it.
  public var exitStatus: ExitStatus

  init(_ description: String, _ exitStatus: ExitStatus = .badData) {
    self.description = description
    self.exitStatus = exitStatus
  }
}
