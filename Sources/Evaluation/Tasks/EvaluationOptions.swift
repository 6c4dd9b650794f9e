public import Documents

/// How tasks are asked, whatever they are.
public struct EvaluationOptions: Sendable {
  /// How many of a task's documents are asked about.
  public enum Limit: Sendable, Equatable {
    /// The first so many.
    case count(Int)
    /// The first part, rounded up.
    case share(Double)

    /// The harness's `--limit`: below 1 a share, else a number.
    public init(_ number: Double) { self = number < 1 ? .share(number) : .count(Int(number)) }

    func count(of documents: Int) -> Int {
      switch self {
      case .count(let count): min(documents, count)
      case .share(let share): min(documents, Int((Double(documents) * share).rounded(.up)))
      }
    }
  }

  /// The number of examples before the question instead of the tasks' own; a task that says 0 keeps it.
  public var shots: Int?
  /// Seeds the choice of examples.
  public var fewShotSeed = 1234
  /// How many documents of each task.
  public var limit: Limit?
  /// Makes conversations of prompts.
  public var chat: ChatPrompting?
  /// What is said before everything else.
  public var systemInstruction: String?
  /// The resamples of standard errors that need a bootstrap; 0 for no standard errors.
  public var bootstrapResamples = 100_000

  /// Options; those that aren't given are lm-evaluation-harness's.
  public init(
    shots: Int? = nil, fewShotSeed: Int = 1234, limit: Limit? = nil, chat: ChatPrompting? = nil,
    systemInstruction: String? = nil
  ) {
    (self.shots, self.fewShotSeed, self.limit, self.chat) = (shots, fewShotSeed, limit, chat)
    self.systemInstruction = systemInstruction
  }

  /// The number of examples of a task.
  func shots(of task: TaskConfiguration) -> Int { Self.shots(of: task, asked: shots) }

  static func shots(of task: TaskConfiguration, asked: Int?) -> Int {
    // Nothing stands before a document whose likelihood is measured whole.
    if task.outputType == .rolling { return 0 }
    return task.shots == 0 ? 0 : asked ?? task.shots ?? 0
  }
}

/// One request of one document, and the answers to it.
public struct EvaluationInstance: Sendable {
  /// The task's name.
  public let task: String
  /// The document's number in its split.
  public let documentID: Int
  /// The request's number among the document's.
  public let index: Int
  /// The document.
  public let document: JSONObject
  /// The request.
  public let request: ModelRequest
  /// The answers: one, or as many as the task repeats.
  public var responses: [ModelResponse] = []

  init(task: String, documentID: Int, index: Int, document: JSONObject, request: ModelRequest) {
    (self.task, self.documentID, self.index) = (task, documentID, index)
    (self.document, self.request) = (document, request)
  }
}
