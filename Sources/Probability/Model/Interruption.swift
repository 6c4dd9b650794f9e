/// Thrown through a model to stop an execution early; models must let it pass.
@usableFromInline
enum Interruption: Error {
  /// A factor of −∞: this execution has probability zero.
  case impossible
  /// The method has what it needs of this execution for now.
  case paused
  /// More choices than the method allows in one execution.
  case tooLong
}

/// Inference could not give a result.
public struct InferenceError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Kind: Sendable {
    /// Every execution that was tried has probability zero.
    case impossible
    /// A score is NaN or +∞.
    case badScore
    /// A choice that the method can't handle, such as a continuous one in enumeration.
    case unsupportedChoice
    /// No execution ended within the method's limits.
    case limit
    /// A setting that makes no sense.
    case badSetting
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// What happened, where, and what to do about it.
  public let description: String

  /// An error of a kind with its text.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  static func impossible(_ method: String, after executions: Int) -> InferenceError {
    InferenceError(
      .impossible,
      "\(method): all \(executions) executions have probability zero. Check the conditions and "
        + "observations of the model: together they rule everything out, or nearly everything.")
  }
}
