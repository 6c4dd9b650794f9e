public import Documents
import Foundation
internal import GRDB

/// A task's prompt and responses as they are kept.
struct TaskContent: Codable {
  var prompt: Prompt
  var responses: [Response]
}

extension FeedbackStore {
  /// The outcome of giving tasks to a project.
  public struct TaskImport: Sendable, Equatable {
    /// The number of new tasks.
    public var added = 0
    /// The number of those that were there already.
    public var alreadyPresent = 0
  }

  /// Gives tasks to a project, in an order by chance: all of them, or, where one can't be, none.
  ///
  /// - Throws: ``ProjectError`` for a task that doesn't fit the project's kind.
  @discardableResult
  public func addTasks(_ tasks: some Sequence<TaskDraft>, to project: Int, by account: Int? = nil) throws -> TaskImport
  {
    var generator = SystemRandomNumberGenerator()
    return try addTasks(tasks, to: project, by: account, using: &generator)
  }

  /// The same with the chance given.
  @discardableResult
  public func addTasks(
    _ tasks: some Sequence<TaskDraft>, to project: Int, by account: Int? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws -> TaskImport {
    try inProjects {
      try database.write { db in
        let target = try Self.project(project, in: db)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var outcome = TaskImport()
        for (i, task) in tasks.enumerated() {
          let allowed = target.kind.responses
          guard allowed.contains(task.responses.count) else {
            throw ProjectError(
              .invalid,
              "task \(i + 1) has \(task.responses.count) responses; a \(target.kind.rawValue) takes "
                + (allowed.lowerBound == allowed.upperBound
                  ? "\(allowed.lowerBound)." : "\(allowed.lowerBound) to \(allowed.upperBound)."))
          }
          let content = String(
            decoding: try encoder.encode(TaskContent(prompt: task.prompt, responses: task.responses)), as: UTF8.self)
          let gold = try task.gold.map { try $0.json }
          let statement = try db.cachedStatement(
            sql: """
              INSERT INTO task (project, key, content, gold, position, wanted) VALUES (?, ?, ?, ?, ?, ?)
              ON CONFLICT DO NOTHING
              """)
          // Gold questions are asked of everybody.
          let wanted = gold == nil ? target.settings.overlap : 1_000_000
          try statement.execute(arguments: [
            project, task.key ?? ContentIdentifier.hash(content), content, gold,
            Double.random(in: 0..<1, using: &generator), wanted,
          ])
          if db.changesCount == 1 { outcome.added += 1 } else { outcome.alreadyPresent += 1 }
        }
        try Self.note(
          "tasks added", ["added": "\(outcome.added)", "already there": "\(outcome.alreadyPresent)"], project: project,
          account: account, in: db)
        return outcome
      }
    }
  }

  /// A task of a project as its owner sees it.
  public struct TaskSummary: Sendable, Equatable, Identifiable {
    /// Its number.
    public let id: Int
    /// The prompt.
    public let prompt: Prompt
    /// The responses, in the task's own order.
    public let responses: [Response]
    /// The number of answers.
    public let done: Int
    /// The number of answers wanted; nil for a gold question, which everybody gets.
    public let wanted: Int?
    /// Whether labellers answered differently.
    public let isDisputed: Bool
    /// Whether somebody decided between them.
    public let isDecided: Bool
  }

  /// A page of a project's tasks, those after the number `after`.
  ///
  /// - Parameter disputed: only those that labellers answered differently and nobody has decided.
  public func tasks(of project: Int, after: Int = 0, limit: Int = 50, disputed: Bool = false) throws -> [TaskSummary] {
    try inProjects {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: "SELECT * FROM task WHERE project = ? AND id > ?"
            + (disputed ? " AND disputed AND NOT decided" : "") + " ORDER BY id LIMIT ?",
          arguments: [project, after, limit]
        ).map { row in
          let content = try Self.content(row)
          return TaskSummary(
            id: row["id"], prompt: content.prompt, responses: content.responses, done: row["done"],
            wanted: row["gold"] == nil ? row["wanted"] : nil, isDisputed: row["disputed"], isDecided: row["decided"])
        }
      }
    }
  }

  static func content(_ row: Row) throws -> TaskContent {
    let text: String = row["content"]
    return try JSONDecoder().decode(TaskContent.self, from: Data(text.utf8))
  }

  /// Removes a task with its answers' record; the feedback that it gave stays.
  public func removeTask(_ task: Int, of project: Int, by account: Int) throws {
    try inProjects {
      try database.write { db in
        try db.execute(sql: "DELETE FROM task WHERE id = ? AND project = ?", arguments: [task, project])
        guard db.changesCount == 1 else { throw ProjectError(.notFound, "There is no such task in this project.") }
        try Self.note("task removed", ["task": "\(task)"], project: project, account: account, in: db)
      }
    }
  }
}

extension TaskDraft {
  /// Tasks out of a record of any known shape: `prompt` with `responses` or `completions`, or a piece of feedback, whose
  /// judgement is left out.
  ///
  /// - Parameters:
  ///   - kind: the kind of the project that they are for.
  /// - Throws: `DataError` with the file and line of a record without what the kind needs.
  public init(_ record: Documents.Record, for kind: Project.Kind, parser: FeedbackParser = FeedbackParser())
    throws(DataError)
  {
    var responses: [Response] = []
    let prompt: Prompt
    if record["ranking"] == nil, record["kind"] == nil, let value = record["prompt"],
      record["responses"] != nil || record["completions"] != nil || kind.responses == 0...0
    {
      do { prompt = try value.decoded(as: Prompt.self) } catch {
        throw record.error("'prompt' is neither a text nor a list of messages")
      }
      for entry in (record["responses"] ?? record["completions"])?.array ?? [] {
        guard let text = entry.string ?? entry["text"]?.string else {
          throw record.error("a response is neither a text nor an object with a 'text'")
        }
        let name = entry["model"]?.string ?? entry["policy"]?.string ?? entry["policy"]?["name"]?.string
        responses.append(Response(text, policy: name.map { PolicyVersion($0) }))
      }
    } else if kind.responses == 0...0, let text = record["text"]?.string, record.fields.members.count == 1 {
      prompt = .text(text)
    } else {
      guard let item = try parser.items(of: record).first else { throw record.error("the record holds no prompt") }
      (prompt, responses) = (item.prompt, item.responses)
    }
    if kind.responses == 0...0 { responses = [] }
    if kind.responses == 1...1, responses.count > 1 { responses = [responses[0]] }
    guard kind.responses.contains(responses.count) else {
      let wanted = kind.responses
      throw record.error(
        "there are \(responses.count) responses, and a \(kind.rawValue) needs "
          + (wanted.lowerBound == wanted.upperBound
            ? "\(wanted.lowerBound)" : "\(wanted.lowerBound) to \(wanted.upperBound)"),
        advice: "Give {\"prompt\", \"responses\": [...]}.")
    }
    var gold: Answer?
    if let value = record["gold"], !value.isNull {
      do { gold = try Answer(json: value.serialized()) } catch { throw record.error("'gold' is no answer: \(error)") }
    }
    self.init(prompt: prompt, responses: responses, gold: gold, key: record["id"]?.string)
  }
}
