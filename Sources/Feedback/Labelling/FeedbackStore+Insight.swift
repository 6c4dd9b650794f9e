public import Documents
import Foundation
internal import GRDB
public import Statistics

extension FeedbackStore {
  /// How far a project is.
  public struct ProjectProgress: Sendable, Equatable {
    /// The number of tasks, gold questions left out.
    public var tasks = 0
    /// The answers that they want in all.
    public var wanted = 0
    /// The answers that they have.
    public var done = 0
    /// The tasks that labellers answered differently and nobody decided.
    public var disputed = 0
  }

  /// What one labeller did in a project.
  public struct LabellerTally: Sendable, Equatable {
    /// The name.
    public var name: String
    /// The number of answers.
    public var labels = 0
    /// The number of tasks passed over.
    public var skipped = 0
    /// The mean time of an answer, in seconds.
    public var meanSeconds = 0.0
    /// The share of gold questions answered as they should be; n is 0 where none was asked.
    public var gold: Estimate
    /// The share of preferences for what was shown first: about a half for who doesn't mind sides.
    public var preferredFirst: Estimate
  }

  /// How well labellers agree.
  public struct ProjectAgreement: Sendable, Equatable {
    /// The share of pairs of labellers that agree.
    public var percent: Estimate
    /// Fleiss' kappa.
    public var kappa: Estimate
    /// Krippendorff's alpha, ordinal for ratings and nominal else.
    public var alpha: Estimate
    /// Gwet's AC1.
    public var ac1: Estimate
    /// The number of tasks that these are computed from.
    public var tasks: Int
    /// Whether there are more tasks with several answers than those.
    public var isSample: Bool
  }

  /// How far a project is.
  public func progress(of project: Int) throws -> ProjectProgress {
    try inProjects {
      try database.read { db in
        var progress = ProjectProgress()
        if let row = try Row.fetchOne(
          db,
          sql: "SELECT tasks, wanted, done FROM project WHERE id = ?", arguments: [project])
        {
          (progress.tasks, progress.wanted, progress.done) = (row["tasks"], row["wanted"], row["done"])
        }
        progress.disputed =
          try Int.fetchOne(
            db, sql: "SELECT count(*) FROM task WHERE project = ? AND disputed AND NOT decided", arguments: [project])
          ?? 0
        return progress
      }
    }
  }

  /// What each labeller did, the busiest first.
  public func tallies(of project: Int) throws -> [LabellerTally] {
    try inProjects {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT name, sum(labels) AS labels, sum(skipped) AS skipped, sum(seconds) AS seconds, sum(gold) AS gold,
              sum(gold_right) AS gold_right, sum(preferences) AS preferences, sum(preferred_first) AS first
            FROM tally JOIN account ON account.id = account WHERE project = ? GROUP BY account
            ORDER BY labels DESC, name
            """, arguments: [project]
        ).map { row in
          let (labels, seconds) = (row["labels"] as Int, row["seconds"] as Double)
          return LabellerTally(
            name: row["name"], labels: labels, skipped: row["skipped"],
            meanSeconds: labels == 0 ? 0 : seconds / Double(labels),
            gold: .wilson(successes: row["gold_right"], n: row["gold"]),
            preferredFirst: .wilson(successes: row["first"], n: row["preferences"]))
        }
      }
    }
  }

  /// The number of answers on each day that had some, the earliest first, of the last `days` such days.
  public func throughput(of project: Int, days: Int = 60) throws -> [(day: String, labels: Int)] {
    try inProjects {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: "SELECT day, sum(labels) AS labels FROM tally WHERE project = ? GROUP BY day ORDER BY day DESC LIMIT ?",
          arguments: [project, days]
        ).map { ($0["day"], $0["labels"]) }.reversed()
      }
    }
  }

  /// How well labellers agree on the tasks that several answered; nil where kinds have no number to compare or too few answers.
  ///
  /// - Parameter limit: the most tasks that are looked at, the newest.
  public func agreement(of project: Int, limit: Int = 2_000) throws -> ProjectAgreement? {
    let (kind, found) = try inProjects {
      try database.read { db in
        let kind = try Self.project(project, in: db).kind
        let rows = try Row.fetchAll(
          db,
          sql: """
            SELECT task, account, value FROM submission
            WHERE task IN (SELECT id FROM task WHERE project = ? AND done > 1 ORDER BY id DESC LIMIT ?)
              AND value IS NOT NULL AND NOT withdrawn AND NOT decides
            """, arguments: [project, limit + 1])
        return (
          kind, rows.map { (task: $0["task"] as Int, account: $0["account"] as Int, value: $0["value"] as Double) }
        )
      }
    }
    let columns = Set(found.map(\.account)).sorted()
    guard columns.count > 1 else { return nil }
    let place = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    var rows: [Int: [Double?]] = [:]
    for (task, account, value) in found {
      guard let column = place[account] else { continue }
      // Nine points say how much; agreement asks which.
      rows[task, default: [Double?](repeating: nil, count: columns.count)][column] =
        kind == .comparison ? Double(value < 0 ? -1 : value > 0 ? 1 : 0) : value
    }
    let isSample = rows.count > limit
    let kept = rows.keys.sorted(by: >).prefix(limit).compactMap { rows[$0] }
    let table = AgreementTable(rows: Array(kept))
    let bootstrap = Bootstrap(resamples: 400, method: .percentile)
    return ProjectAgreement(
      percent: table.percentAgreement(bootstrap: bootstrap), kappa: table.fleissKappa(),
      alpha: table.krippendorffAlpha(kind == .rating ? .ordinal : .nominal, bootstrap: bootstrap),
      ac1: table.gwetAC1(), tasks: kept.count, isSample: isSample)
  }

  /// A line of the log.
  public struct Event: Sendable, Equatable, Identifiable {
    /// Its number, which grows with time.
    public let id: Int
    /// Who did it.
    public let account: String?
    /// What was done.
    public let kind: String
    /// The particulars.
    public let content: JSONValue
    /// The date, in ISO 8601.
    public let date: String

    /// The event as a line of the raw log.
    public var document: JSONValue {
      [
        "id": .int(id), "date": .string(date), "account": account.map { .string($0) } ?? nil, "event": .string(kind),
        "content": content,
      ]
    }
  }

  /// A page of a project's log, the newest first, those before the number `before`.
  public func events(of project: Int, before: Int = .max, limit: Int = 50) throws -> [Event] {
    try inProjects {
      try database.read {
        try Self.events(
          $0, "WHERE project = ? AND event.id < ? ORDER BY event.id DESC LIMIT ?", [project, before, limit])
      }
    }
  }

  static func events(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> [Event] {
    try Row.fetchAll(
      db, sql: "SELECT event.*, name FROM event LEFT JOIN account ON account.id = account \(condition)",
      arguments: arguments
    ).map { row in
      Event(
        id: row["id"], account: row["name"], kind: row["kind"],
        content: try JSONValue(parsing: row["content"] as String), date: row["date"])
    }
  }

  /// The raw record of a project's answers as they were given, the oldest first, those after the answer `after`.
  ///
  /// Each says what was shown in which order, by which guidelines, how long it took, and what was said.
  public func submissions(of project: Int, after: String? = nil, limit: Int = 500) throws -> [Submission] {
    try inProjects {
      try database.read { db in
        try Self.submissions(
          db,
          """
          WHERE +submission.project = ? AND NOT withdrawn AND submission.rowid > coalesce(
            (SELECT rowid FROM submission WHERE id = ?), 0) ORDER BY submission.rowid LIMIT ?
          """, [project, after, limit])
      }
    }
  }
}
