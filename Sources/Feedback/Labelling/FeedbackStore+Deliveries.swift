import Documents
import Foundation
internal import GRDB

extension FeedbackStore {
  /// Something that happened in a project which tells another program of its answers.
  public struct Delivery: Sendable {
    /// The project.
    public let project: Project
    /// What happened: `answered`, `decided` or `taken back`.
    public let event: Event
    /// The answer, also where it was taken back.
    public let submission: Submission
  }

  /// What is yet to be told, the oldest of each project: an answer is told once the one before it is known to have arrived.
  ///
  /// A project tells of what happens after its first call with an address.
  public func dueDeliveries() throws -> [Delivery] {
    try inProjects {
      // Most stores tell nobody, and are left alone.
      let tells =
        "SELECT EXISTS (SELECT 1 FROM project WHERE settings ->> 'webhook' IS NOT NULL) OR EXISTS (SELECT 1 FROM delivery)"
      guard try database.read({ try Bool.fetchOne($0, sql: tells) ?? false }) else { return [] }
      let waiting = try database.write { db -> [(project: Int, event: Int)] in
        // Projects that tell nobody keep no place; one that begins to starts at now.
        try db.execute(
          sql: """
            DELETE FROM delivery WHERE project IN (SELECT id FROM project WHERE settings ->> 'webhook' IS NULL);
            INSERT INTO delivery (project, event)
            SELECT id, coalesce((SELECT max(id) FROM event), 0) FROM project WHERE settings ->> 'webhook' IS NOT NULL
            ON CONFLICT DO NOTHING
            """)
        return try Row.fetchAll(
          db,
          sql: """
            SELECT project, (
              SELECT min(event.id) FROM event WHERE event.project = delivery.project AND event.id > delivery.event
                AND kind IN ('answered', 'decided', 'taken back')
            ) AS due FROM delivery WHERE due IS NOT NULL
            """
        ).map { ($0["project"], $0["due"]) }
      }
      return try database.read { db in
        try waiting.compactMap { project, id in
          guard let event = try Self.events(db, "WHERE event.id = ?", [id]).first,
            let name = event.content["submission"]?.string,
            let submission = try Self.submissions(db, "WHERE submission.id = ?", [name]).first
          else { return nil }
          return Delivery(project: try Self.project(project, in: db), event: event, submission: submission)
        }
      }
    }
  }

  /// Notes that a delivery has arrived.
  public func setDelivered(_ delivery: Delivery) throws {
    try inProjects {
      try database.write {
        try $0.execute(
          sql: "UPDATE delivery SET event = max(event, ?) WHERE project = ?",
          arguments: [delivery.event.id, delivery.project.id])
      }
    }
  }
}
