import Foundation
internal import GRDB

extension FeedbackStore {
  /// A comparison of a project, for whoever chooses which comes next.
  public struct QueuedComparison: Sendable, Identifiable {
    /// The task's number.
    public let id: Int
    /// The prompt.
    public let prompt: Prompt
    /// The two responses, in the task's own order.
    public let responses: [Response]
    /// Whether it still waits for somebody.
    public let isOpen: Bool
    /// What was said: below 0 where the first response was preferred, above 0 where the second was, 0 for equal ones.
    public let answers: [Double]
  }

  /// All comparisons of a project with what was said of them, gold questions left out.
  ///
  /// - Throws: ``ProjectError`` for a project of another kind.
  public func queuedComparisons(of project: Int) throws -> [QueuedComparison] {
    try inProjects {
      try database.read { db in
        guard try Self.project(project, in: db).kind == .comparison else {
          throw ProjectError(.invalid, "Only comparisons can be put in an order that tells most.")
        }
        var answers: [Int: [Double]] = [:]
        let said = try Row.fetchCursor(
          db,
          sql: """
            SELECT task, value FROM submission WHERE +project = ? AND NOT withdrawn AND value IS NOT NULL ORDER BY rowid
            """, arguments: [project])
        while let row = try said.next() { answers[row["task"], default: []].append(row["value"]) }
        return try Row.fetchAll(
          db,
          sql: "SELECT id, content, taken < wanted AS open FROM task WHERE project = ? AND gold IS NULL ORDER BY id",
          arguments: [project]
        ).map { row in
          let content = try Self.content(row)
          return QueuedComparison(
            id: row["id"], prompt: content.prompt, responses: content.responses, isOpen: row["open"],
            answers: answers[row["id"]] ?? [])
        }
      }
    }
  }

  /// Puts tasks in front of all others of their project, in this order; those that stood there before go back among the rest.
  public func setNext(_ tasks: [Int], of project: Int) throws {
    try inProjects {
      try database.write { db in
        // Ordinary places are by chance from 0 to 1.
        try db.execute(
          sql: "UPDATE task SET position = abs(random() / 9223372036854775808.0) WHERE project = ? AND position < 0",
          arguments: [project])
        for (place, task) in tasks.enumerated() {
          try db.execute(
            sql: "UPDATE task SET position = ? WHERE id = ? AND project = ?",
            arguments: [Double(place - tasks.count), task, project])
        }
      }
    }
  }
}
