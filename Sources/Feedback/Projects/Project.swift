public import Foundation

/// A piece of work for people: tasks of one kind, who may do them, and by which guidelines.
///
/// ```swift
/// let store = try FeedbackStore(path: "feedback.sqlite")
/// let owner = try store.addAccount("ana", isOwner: true)
/// let project = try store.addProject(Project.Draft(name: "summaries", kind: .comparison), by: owner.id)
/// try store.addTasks([TaskDraft(prompt: "Sum it up.", responses: ["Short.", "Shorter."])], to: project.id)
/// let assignment = try store.nextAssignment(in: project.id, for: owner.id)
/// ```
public struct Project: Sendable, Equatable, Identifiable {
  /// A kind of task.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Write the answer.
    case demonstration
    /// Say which of two is better, on nine points.
    case comparison
    /// Order several from best to worst, ties allowed.
    case ranking
    /// Answer the questions of a form about one answer.
    case rating
    /// Mark what is wrong with an answer.
    case critique
    /// Talk to the model and choose between its replies.
    case conversation

    /// The number of responses that a task of this kind has.
    public var responses: ClosedRange<Int> {
      switch self {
      case .demonstration, .conversation: 0...0
      case .comparison: 2...2
      case .ranking: 2...12
      case .rating, .critique: 1...1
      }
    }
  }

  /// The settings that an owner may change.
  public struct Settings: Sendable, Codable, Equatable {
    /// The number of labellers whose answer each task wants.
    public var overlap = 1
    /// The form of ratings as YAML; nil for ``LabellingForm/instructGPT``.
    public var form: String?
    /// Whether each response is read and put into words before the prompt is shown, as in the summarization study.
    public var readsFirst = false
    /// Whether the model's own samples may be asked for.
    public var offersSamples = true
    /// The time after which a task that somebody opened and left goes to others, in seconds.
    public var patience = 3600.0
    /// How the comparison that comes next is chosen, as `experiment queue --by` has it; nil for the order by chance.
    public var choice: String?
    /// The address that each answer is sent to as JSON; nil for none.
    public var webhook: String?
    /// What the receiver knows answers by: the key of their HMAC-SHA-256; nil leaves them unsigned.
    public var webhookSecret: String?

    /// The defaults.
    public init() {}
  }

  /// What a project is made from.
  public struct Draft: Sendable {
    /// The name, which is the batch of its feedback.
    public var name: String
    /// The kind of its tasks.
    public var kind: Kind
    /// The first version of its guidelines, in Markdown.
    public var guidelines: String
    /// The settings.
    public var settings: Settings

    /// Describes a project.
    public init(name: String, kind: Kind, guidelines: String = "", settings: Settings = Settings()) {
      (self.name, self.kind, self.guidelines, self.settings) = (name, kind, guidelines, settings)
    }
  }

  /// Its number.
  public let id: Int
  /// Its name, which is the batch of its feedback.
  public var name: String
  /// The kind of its tasks.
  public let kind: Kind
  /// Its settings.
  public var settings: Settings
  /// The version of its guidelines.
  public var guidelinesVersion: Int
  /// The date of its making.
  public let created: Date

  /// The form by which responses are rated.
  public var form: LabellingForm {
    get throws { try settings.form.map { try LabellingForm(yaml: $0) } ?? .instructGPT }
  }
}

/// A version of a project's guidelines.
public struct Guidelines: Sendable, Equatable {
  /// The version, counted from 1.
  public var version: Int
  /// The text, in Markdown.
  public var text: String
  /// The date from which they hold.
  public var date: Date
}

/// A task as it is given to a project.
public struct TaskDraft: Sendable, Equatable {
  /// The prompt.
  public var prompt: Prompt
  /// The responses to be judged; none where one is to be written.
  public var responses: [Response]
  /// The known answer, by which attention is measured; nil for an ordinary task.
  public var gold: Answer?
  /// The task's name in its source, the same of which isn't taken in twice; nil for one from its content.
  public var key: String?

  /// Describes a task.
  public init(prompt: Prompt, responses: [Response] = [], gold: Answer? = nil, key: String? = nil) {
    (self.prompt, self.responses, self.gold, self.key) = (prompt, responses, gold, key)
  }
}

/// A task of a project, and one labeller's hold on it.
public struct Assignment: Sendable, Equatable, Identifiable {
  /// What has become of it.
  public enum State: String, Sendable, Codable {
    /// The labeller is at it.
    case open
    /// It is answered.
    case done
    /// The labeller passed it over.
    case skipped
  }

  /// Its number.
  public let id: Int
  /// The task's number.
  public let task: Int
  /// The project's number.
  public let project: Int
  /// The account of the labeller.
  public let account: Int
  /// The prompt.
  public let prompt: Prompt
  /// The responses in the task's own order, with the policies that wrote them.
  public let responses: [Response]
  /// The order in which the responses are shown: `shown[0]` is the index of the one that comes first.
  public let shown: [Int]
  /// What has become of it.
  public let state: State
  /// The unfinished answer that was saved last.
  public let draft: String?
  /// The answers of others, for whoever decides between them; empty for labellers.
  public var others: [Submission] = []

  /// The responses as they are shown.
  public var shownResponses: [Response] { shown.map { responses[$0] } }
}

/// An answer that was given, as the raw record keeps it.
public struct Submission: Sendable, Equatable, Identifiable {
  /// The identifier that the labeller's browser made.
  public let id: String
  /// The assignment that it answers.
  public let assignment: Int
  /// The task.
  public let task: Int
  /// The labeller's name.
  public let labeller: String
  /// The version of the guidelines that was shown.
  public let guidelines: Int
  /// The answer as it was given, in terms of what was shown.
  public let answer: Answer
  /// The order in which the responses were shown.
  public let shown: [Int]
  /// The time that it took, in seconds.
  public let seconds: Double
  /// The date.
  public let date: Date
}
