import Documents
import Foundation
internal import GRDB

extension FeedbackStore {
  /// Runs a body whose ``ProjectError``s are the caller's to see, and all else a fault of the store.
  func inProjects<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ProjectError { throw error } catch {
      throw FeedbackStoreError(error, path: path)
    }
  }

  /// Writes an event into the log that is never changed.
  static func note(
    _ kind: String, _ content: [String: String] = [:], project: Int?, account: Int?, in db: Database
  ) throws {
    let text = JSONValue.object(
      JSONObject(content.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue.string($0.value)) })
    ).serialized()
    try db.cachedStatement(
      sql: "INSERT INTO event (project, account, kind, content, date) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [project, account, kind, text, Provenance.text(.now)])
  }

  /// Makes a project whose owner is `account`.
  ///
  /// - Throws: ``ProjectError`` for a name that is taken, and `DataError` for a form that can't be read.
  @discardableResult
  public func addProject(_ draft: Project.Draft, by account: Int) throws -> Project {
    let name = draft.name.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...120).contains(name.count) else { throw ProjectError(.invalid, "A project's name has 1 to 120 letters.") }
    try Self.check(draft.settings)
    return try inProjects {
      try database.write { db in
        guard try Row.fetchOne(db, sql: "SELECT 1 FROM project WHERE name = ?", arguments: [name]) == nil else {
          throw ProjectError(.conflict, "There is a project “\(name)” already; choose another name.")
        }
        try db.execute(
          sql: "INSERT INTO project (name, kind, settings, created) VALUES (?, ?, ?, ?)",
          arguments: [name, draft.kind.rawValue, try Self.text(draft.settings), Provenance.text(.now)])
        let id = Int(db.lastInsertedRowID)
        try db.execute(
          sql: "INSERT INTO guidelines (project, version, text, date) VALUES (?, 1, ?, ?)",
          arguments: [id, draft.guidelines, Provenance.text(.now)])
        try db.execute(
          sql: "INSERT INTO membership (project, account, role) VALUES (?, ?, 'owner')", arguments: [id, account])
        try Self.note(
          "project made", ["name": name, "kind": draft.kind.rawValue], project: id, account: account, in: db)
        return try Self.project(id, in: db)
      }
    }
  }

  private static func check(_ settings: Project.Settings) throws {
    guard (1...50).contains(settings.overlap) else {
      throw ProjectError(.invalid, "Between 1 and 50 people can be asked for each task.")
    }
    guard settings.patience >= 60 else { throw ProjectError(.invalid, "A task is held for a minute at least.") }
    if let form = settings.form { _ = try LabellingForm(yaml: form) }
    if let choice = settings.choice, !["information", "uncertainty", "random"].contains(choice) {
      throw ProjectError(.invalid, "The next comparison is chosen by information, uncertainty or random.")
    }
    if let webhook = settings.webhook {
      guard let url = URL(string: webhook), ["http", "https"].contains(url.scheme?.lowercased()), url.host != nil else {
        throw ProjectError(
          .invalid, "“\(webhook)” is no address that answers could be sent to: it begins with https://.")
      }
    }
  }

  private static func text(_ settings: Project.Settings) throws -> String {
    String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
  }

  static func project(_ id: Int, in db: Database) throws -> Project {
    let statement = try db.cachedStatement(
      sql: """
        SELECT *, (SELECT max(version) FROM guidelines WHERE project = project.id) AS version
        FROM project WHERE id = ?
        """)
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw ProjectError(.notFound, "There is no such project; it may have been removed.")
    }
    return try project(row)
  }

  private static func project(_ row: Row) throws -> Project {
    let settings: String = row["settings"]
    return Project(
      id: row["id"], name: row["name"], kind: Project.Kind(rawValue: row["kind"]) ?? .comparison,
      settings: try JSONDecoder().decode(Project.Settings.self, from: Data(settings.utf8)),
      guidelinesVersion: row["version"], created: Provenance.date(row["created"] as String) ?? .distantPast)
  }

  /// The project of that number.
  public func project(_ id: Int) throws -> Project {
    try inProjects { try database.read { try Self.project(id, in: $0) } }
  }

  /// The projects that somebody has a part in, and which; all of them for an owner of everything.
  public func projects(of account: Account) throws -> [(project: Project, role: Role)] {
    try inProjects {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT project.*, role, (SELECT max(version) FROM guidelines WHERE project = project.id) AS version
            FROM project LEFT JOIN membership ON membership.project = project.id AND account = ?
            WHERE role IS NOT NULL OR ? ORDER BY project.id DESC
            """, arguments: [account.id, account.isOwner]
        ).map { row in
          let own = (row["role"] as String?).flatMap(Role.init) ?? .labeller
          return (try Self.project(row), account.isOwner ? .owner : own)
        }
      }
    }
  }

  /// What somebody may do in a project; nil for nothing.
  public func role(of account: Account, in project: Int) throws -> Role? {
    if account.isOwner { return .owner }
    return try inProjects {
      try database.read { db in
        try String.fetchOne(
          db, sql: "SELECT role FROM membership WHERE project = ? AND account = ?", arguments: [project, account.id]
        ).flatMap(Role.init)
      }
    }
  }

  /// Whoever has a part in a project, by name.
  public func members(of project: Int) throws -> [Member] {
    try inProjects {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT account, name, role FROM membership JOIN account ON account.id = account
            WHERE project = ? ORDER BY name
            """, arguments: [project]
        ).map { Member(account: $0["account"], name: $0["name"], role: Role(rawValue: $0["role"]) ?? .labeller) }
      }
    }
  }

  /// Changes a project's settings; tasks that wait want as many answers as the new ones say.
  public func setSettings(_ settings: Project.Settings, of project: Int, by account: Int) throws {
    try Self.check(settings)
    try inProjects {
      try database.write { db in
        let old = try Self.project(project, in: db)
        try db.execute(
          sql: "UPDATE project SET settings = ? WHERE id = ?", arguments: [try Self.text(settings), project])
        if old.settings.overlap != settings.overlap {
          try db.execute(
            sql: "UPDATE task SET wanted = ? WHERE project = ? AND gold IS NULL",
            arguments: [settings.overlap, project])
        }
        try Self.note("settings changed", [:], project: project, account: account, in: db)
      }
    }
  }

  /// Adds a version of the guidelines; labels name the version that was shown.
  @discardableResult
  public func setGuidelines(_ text: String, of project: Int, by account: Int) throws -> Int {
    try inProjects {
      try database.write { db in
        let version = try Self.project(project, in: db).guidelinesVersion + 1
        try db.execute(
          sql: "INSERT INTO guidelines (project, version, text, date) VALUES (?, ?, ?, ?)",
          arguments: [project, version, text, Provenance.text(.now)])
        try Self.note("guidelines changed", ["version": "\(version)"], project: project, account: account, in: db)
        return version
      }
    }
  }

  /// The guidelines of a project, the newest unless another version is asked for.
  public func guidelines(of project: Int, version: Int? = nil) throws -> Guidelines {
    try inProjects {
      try database.read { db in
        let row = try Row.fetchOne(
          db,
          sql: "SELECT * FROM guidelines WHERE project = ? AND version <= ? ORDER BY version DESC LIMIT 1",
          arguments: [project, version ?? .max])
        guard let row else { throw ProjectError(.notFound, "There are no guidelines of that version.") }
        return Guidelines(
          version: row["version"], text: row["text"], date: Provenance.date(row["date"] as String) ?? .distantPast)
      }
    }
  }

  /// Removes a project with its tasks and its record; the feedback that it gave stays in the store.
  public func removeProject(_ project: Int, by account: Int) throws {
    try inProjects {
      try database.write { db in
        let name = try Self.project(project, in: db).name
        try Self.note("project removed", ["name": name], project: project, account: account, in: db)
        try db.execute(sql: "DELETE FROM project WHERE id = ?", arguments: [project])
      }
    }
  }
}
