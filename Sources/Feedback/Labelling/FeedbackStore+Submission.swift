import Foundation
internal import GRDB

extension FeedbackStore {
  /// An answer on its way into the store.
  public struct Handing: Sendable {
    /// The identifier that the labeller's browser made, the same for every retry.
    public var id: String
    /// The assignment that is answered.
    public var assignment: Int
    /// Who answers.
    public var account: Int
    /// The answer.
    public var answer: Answer
    /// The time that it took, in seconds.
    public var seconds: Double
    /// The version of the guidelines that was shown; nil for the newest.
    public var guidelines: Int?

    /// Describes an answer.
    public init(
      id: String, assignment: Int, account: Int, answer: Answer, seconds: Double = 0, guidelines: Int? = nil
    ) {
      (self.id, self.assignment, self.account) = (id, assignment, account)
      (self.answer, self.seconds, self.guidelines) = (answer, seconds, guidelines)
    }
  }

  /// Stores an answer and its feedback, exactly once however often it is handed in.
  ///
  /// One transaction holds all of it: whoever is killed before it returns finds everything or nothing there, and hands in
  /// again under the same identifier.
  ///
  /// - Returns: false where this very answer was there already.
  /// - Throws: ``ProjectError`` for an answer that doesn't fit, a task that was answered under another identifier or removed,
  ///   and an identifier that was used for something else or taken back.
  @discardableResult
  public func submit(_ handing: Handing) throws -> Bool {
    try inProjects { try database.write { try submit(handing, in: $0) } }
  }

  /// Stores an answer and gives the labeller the next task, in one transaction.
  public func submitAndContinue(_ handing: Handing) throws -> (isNew: Bool, next: Assignment?) {
    var generator = SystemRandomNumberGenerator()
    return try inProjects {
      try database.write { db in
        let isNew = try submit(handing, in: db)
        guard
          let project = try Int.fetchOne(
            db, sql: "SELECT project FROM submission WHERE id = ?", arguments: [handing.id])
        else { return (isNew, nil) }
        let next = try Self.nextAssignment(in: project, for: handing.account, using: &generator, in: db)
        return (isNew, next)
      }
    }
  }

  private func submit(_ handing: Handing, in db: Database) throws -> Bool {
    let (id, account, answer) = (handing.id, handing.account, handing.answer)
    guard (8...80).contains(id.utf8.count), id.utf8.allSatisfy(Self.isIdentifier) else {
      throw ProjectError(.invalid, "An answer's identifier has 8 to 80 letters, digits and hyphens.")
    }
    let text = try answer.json
    if let row = try Row.fetchOne(
      try db.cachedStatement(sql: "SELECT * FROM submission WHERE id = ?"), arguments: [id])
    {
      if row["withdrawn"] { throw ProjectError(.gone, "This answer was taken back; answer the task anew.") }
      guard row["assignment"] == handing.assignment, row["account"] == account, row["answer"] == text else {
        throw ProjectError(.conflict, "Another answer was handed in under this identifier; load the page again.")
      }
      return false
    }
    let held = try Self.assignment(handing.assignment, of: account, in: db)
    guard held.state == .open else {
      throw ProjectError(
        .conflict,
        held.state == .done
          ? "You answered this task already, perhaps in another tab. That answer is kept; go on with the next."
          : "You passed this task over, perhaps in another tab. Go on with the next.")
    }
    let project = try Self.project(held.project, in: db)
    let person: String =
      try String.fetchOne(
        try db.cachedStatement(sql: "SELECT name FROM account WHERE id = ?"), arguments: [account]) ?? "unknown"
    let seconds = handing.seconds.isFinite ? min(max(0, handing.seconds), 86_400) : 0
    let version = min(handing.guidelines ?? project.guidelinesVersion, project.guidelinesVersion)
    let date = Date.now
    let provenance = Provenance(
      labeller: person, date: date, seconds: seconds, batch: project.name, guidelines: version)
    let form = project.kind == .rating ? try project.form : nil
    let items = try answer.feedback(id: id, project: project, assignment: held, provenance: provenance)
    let state = try Row.fetchOne(
      try db.cachedStatement(
        sql: "SELECT gold, decides FROM task JOIN assignment ON task.id = task WHERE assignment.id = ?"),
      arguments: [held.id])
    let gold = (state?["gold"] as String?)
    let decides: Bool = state?["decides"] ?? false
    let value = answer.value(kind: project.kind, shown: held.shown, form: form)
    // A gold question measures the labeller; its answer is known and teaches nobody.
    if gold == nil { for item in items { _ = try insert(item, into: db) } }
    try db.cachedStatement(
      sql: """
        INSERT INTO submission
          (id, assignment, task, project, account, guidelines, answer, value, items, seconds, date, decides)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      id, held.id, held.task, project.id, account, version, text, value,
      gold == nil ? items.map(\.id).joined(separator: "\n") : "", seconds, Provenance.text(date), decides,
    ])
    try db.cachedStatement(sql: "UPDATE assignment SET state = 'done', draft = NULL WHERE id = ?")
      .execute(arguments: [held.id])
    if decides {
      try db.execute(sql: "UPDATE task SET decided = 1 WHERE id = ?", arguments: [held.task])
    } else {
      try db.cachedStatement(sql: "UPDATE task SET done = done + 1 WHERE id = ?").execute(arguments: [held.task])
      if project.settings.overlap > 1, gold == nil { try Self.findDispute(held.task, kind: project.kind, in: db) }
      try Self.count(
        try Self.tally(answer, held, project, seconds: seconds, gold: gold, form: form), project: project.id,
        account: account, in: db)
    }
    try Self.note(
      decides ? "decided" : "answered", ["task": "\(held.task)", "submission": id], project: project.id,
      account: account, in: db)
    return true
  }

  private static func isIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func tally(
    _ answer: Answer, _ held: Assignment, _ project: Project, seconds: Double, gold: String?, form: LabellingForm?
  ) throws -> [String: Double] {
    var changes = ["labels": 1, "seconds": seconds]
    if project.kind == .comparison, let score = answer.score, score != 0 {
      changes["preferences"] = 1
      changes["preferred_first"] = score < 0 ? 1 : 0
    }
    if let gold,
      let isRight = answer.agrees(with: try Answer(json: gold), kind: project.kind, shown: held.shown, form: form)
    {
      changes["gold"] = 1
      changes["gold_right"] = isRight ? 1 : 0
    }
    return changes
  }

  /// Marks a task whose answers differ: another side of a comparison, another best, or more than a point of a scale.
  private static func findDispute(_ task: Int, kind: Project.Kind, in db: Database) throws {
    let values = try Double.fetchAll(
      try db.cachedStatement(
        sql: "SELECT value FROM submission WHERE task = ? AND value IS NOT NULL AND NOT withdrawn AND NOT decides"),
      arguments: [task])
    guard let low = values.min(), let high = values.max() else { return }
    let isDisputed =
      switch kind {
      case .comparison: low < 0 && high > 0
      case .rating: high - low > 1
      default: low != high
      }
    try db.cachedStatement(sql: "UPDATE task SET disputed = ? WHERE id = ?").execute(arguments: [isDisputed, task])
  }

  /// Takes an answer back: its feedback goes, the task is open again with the answer as its draft.
  ///
  /// The raw record keeps that there was one.
  public func withdraw(_ submission: String, by account: Int) throws -> Assignment {
    try inProjects {
      try database.write { db in
        guard
          let row = try Row.fetchOne(
            db, sql: "SELECT * FROM submission WHERE id = ? AND account = ?", arguments: [submission, account])
        else { throw ProjectError(.notFound, "There is no such answer of yours.") }
        let (assignment, task, project) = (row["assignment"] as Int, row["task"] as Int, row["project"] as Int)
        if row["withdrawn"] { return try Self.assignment(assignment, in: db) }
        let items: String = row["items"]
        for item in items.split(separator: "\n") {
          try db.execute(sql: "DELETE FROM feedback WHERE id = ?", arguments: [String(item)])
        }
        try db.execute(sql: "UPDATE submission SET withdrawn = 1 WHERE id = ?", arguments: [submission])
        try db.execute(
          sql: """
            UPDATE assignment SET state = 'open', draft = json_object('answer', json(?), 'seconds', ?), opened = ?
            WHERE id = ?
            """,
          arguments: [
            row["answer"] as String, row["seconds"] as Double, Date.now.timeIntervalSince1970, assignment,
          ])
        if row["decides"] {
          try db.execute(sql: "UPDATE task SET decided = 0 WHERE id = ?", arguments: [task])
        } else {
          try db.execute(sql: "UPDATE task SET done = done - 1 WHERE id = ?", arguments: [task])
          let owner = try Self.project(project, in: db)
          let held = try Self.assignment(assignment, in: db)
          let gold = try String.fetchOne(db, sql: "SELECT gold FROM task WHERE id = ?", arguments: [task])
          let counted = try Self.tally(
            try Answer(json: row["answer"]), held, owner, seconds: row["seconds"], gold: gold,
            form: owner.kind == .rating ? try owner.form : nil)
          try Self.count(counted.mapValues { -$0 }, project: project, account: account, in: db)
          if gold == nil { try Self.findDispute(task, kind: owner.kind, in: db) }
        }
        try Self.note(
          "taken back", ["task": "\(task)", "submission": submission], project: project, account: account, in: db)
        return try Self.assignment(assignment, in: db)
      }
    }
  }

  static func submissions(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> [Submission] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT submission.*, shown, name FROM submission JOIN assignment ON assignment.id = assignment
        JOIN account ON account.id = submission.account \(condition)
        """, arguments: arguments
    ).map { row in
      Submission(
        id: row["id"], assignment: row["assignment"], task: row["task"], labeller: row["name"],
        guidelines: row["guidelines"], answer: try Answer(json: row["answer"]), shown: order(row["shown"]),
        seconds: row["seconds"], date: Provenance.date(row["date"] as String) ?? .distantPast)
    }
  }
}
