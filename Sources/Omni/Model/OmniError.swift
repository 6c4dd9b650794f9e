public import Documents

/// Something that the model of several senses can't take or do, and why.
public struct OmniError: UserFacingError, Equatable {
  /// The message: what is wrong and what to do.
  public var description: String
  init(_ description: String) { self.description = description }
}
