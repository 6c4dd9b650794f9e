public import Documents

/// A tokenizer file, template or training request that can't be used, with the place and the remedy.
public struct TokenizationError: UserFacingError, Equatable {
  /// The message: what happened, where, and what to do.
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  /// The same error with the file it came from in front.
  func located(in path: String) -> TokenizationError {
    TokenizationError("\(path): \(description)")
  }
}
