public import Documents

/// A model that answers a task's requests: one in memory, or one behind HTTP.
public protocol EvaluatedModel: AnyObject {
  /// The name by which results are kept.
  var name: String { get }
  /// What decides about its answers, so that a stopped evaluation isn't gone on with by another model.
  var identity: String { get }
  /// What results say of it.
  var facts: JSONObject { get }

  /// Answers requests, in whatever order suits the model.
  ///
  /// - Parameter answered: is told each request's place and answer, and how many tokens the model read and wrote for it; false
  ///   asks to stop.
  /// - Throws: an error with what, where and what to do for requests that can't be answered; never a made-up answer.
  func answer(
    _ requests: [ModelRequest], answered: (_ place: Int, _ response: ModelResponse, _ tokens: Int) throws -> Bool
  ) throws

  /// How a request becomes tokens, in words.
  func tokenization(of request: ModelRequest) -> String

  /// Renders a conversation by the model's template; see ``ChatPrompting``.
  func chatPrompting(isMultiturn: Bool) throws -> ChatPrompting
}

/// An error of a model while it is evaluated.
public struct EvaluationError: UserFacingError {
  /// What is wrong and what to do.
  public let description: String
  /// The exit status of a command that meets it.
  public let exitStatus: ExitStatus

  /// An error in words.
  public init(_ description: String, exitStatus: ExitStatus = .badData) {
    (self.description, self.exitStatus) = (description, exitStatus)
  }
}
