public import Documents

/// An error of the painting room: what, and what to do about it.
public struct PaintingError: UserFacingError {
  /// The problem and the way out.
  public let description: String
  /// The exit status of a command that meets it.
  public let exitStatus: ExitStatus

  init(_ description: String, _ status: ExitStatus = .badData) {
    self.description = description
    exitStatus = status
  }
}
