public import Documents

/// Something that browsing can't go on from: what, where and what to do.
public struct BrowsingError: UserFacingError, Equatable {
  /// The message.
  public let description: String
  /// The exit code.
  public let exitStatus: ExitStatus

  /// An error.
  public init(_ description: String, exitStatus: ExitStatus = .badData) {
    (self.description, self.exitStatus) = (description, exitStatus)
  }
}
