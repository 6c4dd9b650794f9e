public import Documents

/// A request for text that can't be served or couldn't be finished, and whose doing that is.
///
/// ```swift
/// do { _ = try scheduler.submit(request) } catch let error as GenerationError { print(error.cause, error) }
/// ```
public struct GenerationError: UserFacingError, Equatable {
  /// Whose doing it is.
  public enum Cause: Sendable, Equatable {
    /// The request asks for what can't be: a setting out of range, a token outside the vocabulary, a prompt without room.
    case request
    /// The request's constraint allows nothing that the vocabulary could say, or takes too much work.
    case constraint
    /// The model's own numbers are no distribution.
    case model
  }
  /// Whose doing it is.
  public var cause: Cause
  /// The message: what is wrong and where.
  public var description: String

  /// An error of a request, unless something else is to blame.
  public init(_ description: String, cause: Cause = .request) {
    self.description = description
    self.cause = cause
  }

  /// The same error with where it happened in front.
  func located(in place: String) -> GenerationError { GenerationError("\(place): \(description)", cause: cause) }
}
