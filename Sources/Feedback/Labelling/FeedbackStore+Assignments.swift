import Foundation
internal import GRDB

extension FeedbackStore {
  /// The task that a labeller is at, or the next one that is open to them; nil where there is none.
  ///
  /// Whoever comes back finds the task that they left. A task that somebody else opened and left for longer than the
  /// project's patience is given on.
  public func nextAssignment(in project: Int, for account: Int) throws -> Assignment? {
    var generator = SystemRandomNumberGenerator()
    return try nextAssignment(in: project, for: account, using: &generator)
  }

  /// The same with the chance given by which sides and orders are shuffled.
  public func nextAssignment(
    in project: Int, for account: Int, using generator: inout some RandomNumberGenerator
  ) throws -> Assignment? {
    try inProjects {
      try database.write { try Self.nextAssignment(in: project, for: account, using: &generator, in: $0) }
    }
  }

  static func nextAssignment(
    in project: Int, for account: Int, using generator: inout some RandomNumberGenerator, in db: Database
  ) throws -> Assignment? {
    let open = try db.cachedStatement(
      sql: """
        SELECT id FROM assignment
        WHERE project = ? AND account = ? AND state = 'open' AND NOT decides ORDER BY id LIMIT 1
        """)
    if let id = try Int.fetchOne(open, arguments: [project, account]) { return try assignment(id, in: db) }
    if let task = try openTask(in: project, for: account, db) {
      return try assign(task, to: account, decides: false, using: &generator, in: db)
    }
    // Nothing is left but what others hold: what they have left goes back into the queue.
    let patience = try Self.project(project, in: db).settings.patience
    let stale = try Int.fetchAll(
      db,
      sql:
        "SELECT id FROM assignment WHERE project = ? AND state = 'open' AND account <> ? AND opened < ? AND NOT decides",
      arguments: [project, account, Date.now.timeIntervalSince1970 - patience])
    guard !stale.isEmpty else { return nil }
    for id in stale {
      try db.execute(
        sql: """
          UPDATE task SET taken = taken - 1 WHERE id = (SELECT task FROM assignment WHERE id = ?);
          DELETE FROM assignment WHERE id = ?
          """, arguments: [id, id])
    }
    try note("tasks given on", ["tasks": "\(stale.count)"], project: project, account: account, in: db)
    guard let task = try openTask(in: project, for: account, db) else { return nil }
    return try assign(task, to: account, decides: false, using: &generator, in: db)
  }

  private static func openTask(in project: Int, for account: Int, _ db: Database) throws -> Int? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT id FROM task INDEXED BY task_open WHERE project = ? AND taken < wanted
          AND NOT EXISTS (SELECT 1 FROM assignment WHERE task = task.id AND account = ?)
        ORDER BY position LIMIT 1
        """)
    return try Int.fetchOne(statement, arguments: [project, account])
  }

  private static func assign(
    _ task: Int, to account: Int, decides: Bool, using generator: inout some RandomNumberGenerator, in db: Database
  ) throws -> Assignment {
    guard
      let row = try Row.fetchOne(
        try db.cachedStatement(sql: "SELECT content, project FROM task WHERE id = ?"), arguments: [task])
    else { throw ProjectError(.gone, "This task was removed from the project.") }
    let shown = Array(try content(row).responses.indices).shuffled(using: &generator)
    let project: Int = row["project"]
    try db.cachedStatement(
      sql: """
        INSERT INTO assignment (task, project, account, shown, state, decides, opened) VALUES (?, ?, ?, ?, 'open', ?, ?)
        """
    ).execute(arguments: [
      task, project, account, "[\(shown.map(String.init).joined(separator: ","))]", decides,
      Date.now.timeIntervalSince1970,
    ])
    let id = Int(db.lastInsertedRowID)
    if !decides {
      try db.cachedStatement(sql: "UPDATE task SET taken = taken + 1 WHERE id = ?").execute(arguments: [task])
    }
    try note("shown", ["task": "\(task)", "order": "\(shown)"], project: project, account: account, in: db)
    return try assignment(id, in: db)
  }

  static func assignment(_ id: Int, in db: Database) throws -> Assignment {
    let statement = try db.cachedStatement(
      sql: "SELECT assignment.*, content FROM assignment JOIN task ON task.id = task WHERE assignment.id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw ProjectError(
        .gone,
        "This task was removed from the project while you had it open; there is nothing to submit. Go on with the next."
      )
    }
    let content = try content(row)
    return Assignment(
      id: id, task: row["task"], project: row["project"], account: row["account"], prompt: content.prompt,
      responses: content.responses, shown: order(row["shown"]),
      state: Assignment.State(rawValue: row["state"]) ?? .open,
      draft: row["draft"])
  }

  static func order(_ text: String) -> [Int] {
    text.dropFirst().dropLast().split(separator: ",").compactMap { Int($0) }
  }

  /// The assignment of that number, which must be the account's own.
  public func assignment(_ id: Int, of account: Int) throws -> Assignment {
    try inProjects { try database.read { try Self.assignment(id, of: account, in: $0) } }
  }

  static func assignment(_ id: Int, of account: Int, in db: Database) throws -> Assignment {
    let found = try assignment(id, in: db)
    guard found.account == account else { throw ProjectError(.notFound, "There is no such task of yours.") }
    return found
  }

  /// Keeps an unfinished answer, so that a reload or another device finds it.
  public func setDraft(_ draft: String?, of assignment: Int, by account: Int) throws {
    try inProjects {
      try database.write { db in
        try db.execute(
          sql: "UPDATE assignment SET draft = ?, opened = ? WHERE id = ? AND account = ? AND state = 'open'",
          arguments: [draft, Date.now.timeIntervalSince1970, assignment, account])
        if db.changesCount == 0 { _ = try Self.assignment(assignment, of: account, in: db) }
      }
    }
  }

  /// Passes a task over, for a reason; somebody else gets it, and this labeller doesn't again.
  public func skip(_ assignment: Int, reason: String, by account: Int) throws {
    try inProjects {
      try database.write { db in
        let held = try Self.assignment(assignment, of: account, in: db)
        guard held.state == .open else {
          if held.state == .skipped { return }
          throw ProjectError(.conflict, "This task was answered already, perhaps in another tab.")
        }
        try db.execute(
          sql: "UPDATE assignment SET state = 'skipped', reason = ?, draft = NULL WHERE id = ?",
          arguments: [reason, assignment])
        try db.execute(sql: "UPDATE task SET taken = taken - 1 WHERE id = ?", arguments: [held.task])
        try Self.count(["skipped": 1], project: held.project, account: account, in: db)
        try Self.note(
          "skipped", ["task": "\(held.task)", "reason": reason], project: held.project, account: account, in: db)
      }
    }
  }

  /// Opens a task to whoever decides between its answers, and brings the answers along.
  public func decision(on task: Int, of project: Int, by account: Int) throws -> Assignment {
    var generator = SystemRandomNumberGenerator()
    return try inProjects {
      try database.write { db in
        guard
          try Row.fetchOne(
            db, sql: "SELECT 1 FROM task WHERE id = ? AND project = ?", arguments: [task, project]) != nil
        else { throw ProjectError(.notFound, "There is no such task in this project.") }
        let held = try Int.fetchOne(
          db, sql: "SELECT id FROM assignment WHERE task = ? AND account = ? AND decides", arguments: [task, account])
        var assignment =
          try held.map { try Self.assignment($0, in: db) }
          ?? Self.assign(task, to: account, decides: true, using: &generator, in: db)
        assignment.others = try Self.submissions(
          db, "WHERE submission.task = ? AND NOT withdrawn AND NOT submission.decides", [task])
        return assignment
      }
    }
  }

  /// Adds to a labeller's counts of the day.
  static func count(_ changes: [String: Double], project: Int, account: Int, in db: Database) throws {
    let columns = changes.keys.sorted()
    let values = columns.map { changes[$0] ?? 0 }
    let day = String(Provenance.text(.now).prefix(10))
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO tally (project, account, day, \(columns.joined(separator: ", ")))
        VALUES (?, ?, ?, \(columns.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT DO UPDATE SET \(columns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", "))
        """)
    try statement.execute(arguments: [project, account, day] + StatementArguments(values))
  }
}
