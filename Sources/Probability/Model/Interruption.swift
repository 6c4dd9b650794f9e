public import Documents

/// The end of an execution.
@usableFromInline
enum Ending: UInt8 {
  /// With a value.
  case completed
  /// A factor of −∞ ruled it out.
  case impossible
  /// It stopped where the method wanted it to.
  case paused
  /// It made more choices or factors than the method allows, or recursed deeper than the stack
  /// does.
  case tooLong
}

/// Thrown through a model to stop an execution early; models must let it pass.
///
/// The reason is left in the sampler's state, and the error itself is made once: stopping an
/// execution is as frequent as factors are, and boxing an error each time, and casting it, would
/// cost more than most models do.
@usableFromInline
struct Interruption: Error {
  @usableFromInline static let error: any Error = Interruption()
}

/// Inference could not give a result.
public struct InferenceError: UserFacingError {
  /// A kind of failure.
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

  /// The kind of failure.
  public let kind: Kind
  /// The message: what happened, where, and what to do.
  public let description: String

  /// An error of a kind with its text.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  static func endless(_ method: String, choices: Int) -> InferenceError {
    InferenceError(
      .limit,
      "\(method): an execution did not end within \(choices) choices, \(Sampler.maximumFactors) "
        + "factors and \(Sampler.stackBudget >> 10) kB of stack. Does the model end at all? A "
        + "recursion that is rarely deep can be written as a loop.")
  }

  static func impossible(_ method: String, after executions: Int) -> InferenceError {
    InferenceError(
      .impossible,
      "\(method): all \(executions) executions have probability zero. Check the conditions and "
        + "observations of the model: together they rule everything out, or nearly everything.")
  }
}
