public import Documents

/// A design problem that can't be worked on as it stands.
public struct ExperimentError: UserFacingError {
  /// The message: what is wrong, where, and what to do.
  public let description: String

  /// An error with its text.
  public init(_ description: String) { self.description = description }
}
