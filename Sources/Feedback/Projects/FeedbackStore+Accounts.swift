public import Foundation
internal import GRDB

// Secrets are kept as what the caller made of them: digests of links and cookies, hashes of passwords.
extension FeedbackStore {
  /// Adds somebody who can sign in.
  ///
  /// - Parameter password: what is kept of the password; nil for none.
  /// - Throws: ``ProjectError`` for a name that is taken or that can't be one.
  @discardableResult
  public func addAccount(_ name: String, password: String? = nil, isOwner: Bool = false) throws -> Account {
    try inProjects { try database.write { try Self.addAccount(name, password: password, isOwner: isOwner, in: $0) } }
  }

  private static func addAccount(_ name: String, password: String?, isOwner: Bool, in db: Database) throws -> Account {
    let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...80).contains(name.count),
      !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw ProjectError(.invalid, "A name has 1 to 80 letters.") }
    guard try Row.fetchOne(db, sql: "SELECT 1 FROM account WHERE name = ?", arguments: [name]) == nil else {
      throw ProjectError(.conflict, "Somebody here is called “\(name)” already; choose another name, or sign in.")
    }
    try db.execute(
      sql: "INSERT INTO account (name, password, is_owner, created) VALUES (?, ?, ?, ?)",
      arguments: [name, password, isOwner, Provenance.text(.now)])
    return Account(id: Int(db.lastInsertedRowID), name: name, password: password, isOwner: isOwner)
  }

  private static func account(_ row: Row) -> Account {
    Account(id: row["id"], name: row["name"], password: row["password"], isOwner: row["is_owner"])
  }

  /// The account of that name, however its letters are cased.
  public func account(named name: String) throws -> Account? {
    try inProjects {
      try database.read {
        try Row.fetchOne($0, sql: "SELECT * FROM account WHERE name = ?", arguments: [name]).map(Self.account)
      }
    }
  }

  /// Whoever owns everything here; the first of several.
  public func ownerAccount() throws -> Account? {
    try inProjects {
      try database.read {
        try Row.fetchOne($0, sql: "SELECT * FROM account WHERE is_owner ORDER BY id").map(Self.account)
      }
    }
  }

  /// Sets what is kept of a password, and ends the account's sign-ins but that of `digest`.
  public func setPassword(_ password: String?, of account: Int, keeping digest: String? = nil) throws {
    try inProjects {
      try database.write { db in
        try db.execute(sql: "UPDATE account SET password = ? WHERE id = ?", arguments: [password, account])
        try db.execute(
          sql: "DELETE FROM sign_in WHERE account = ? AND digest IS NOT ?", arguments: [account, digest])
      }
    }
  }

  /// Keeps a sign-in under the digest of its cookie, and forgets those that have ended.
  public func addSignIn(_ account: Int, digest: String, formToken: String, expires: Date) throws {
    try inProjects {
      try database.write { db in
        try db.execute(sql: "DELETE FROM sign_in WHERE expires < ?", arguments: [Date.now.timeIntervalSince1970])
        try db.execute(
          sql: "INSERT INTO sign_in (digest, account, form_token, expires) VALUES (?, ?, ?, ?)",
          arguments: [digest, account, formToken, expires.timeIntervalSince1970])
      }
    }
  }

  /// The sign-in of that digest; nil where there is none or it has ended.
  public func signIn(digest: String) throws -> SignIn? {
    try inProjects {
      try database.read { db in
        let statement = try db.cachedStatement(
          sql: """
            SELECT account.*, form_token, expires FROM sign_in JOIN account ON account.id = account
            WHERE digest = ? AND expires > ?
            """)
        return try Row.fetchOne(statement, arguments: [digest, Date.now.timeIntervalSince1970]).map { row in
          SignIn(
            account: Self.account(row), formToken: row["form_token"],
            expires: Date(timeIntervalSince1970: row["expires"]))
        }
      }
    }
  }

  /// Ends a sign-in.
  public func removeSignIn(digest: String) throws {
    try inProjects {
      try database.write { try $0.execute(sql: "DELETE FROM sign_in WHERE digest = ?", arguments: [digest]) }
    }
  }

  /// Keeps an invitation to a project under the digest of its link.
  public func addInvitation(
    to project: Int, role: Role, digest: String, expires: Date, by account: Int
  ) throws {
    try inProjects {
      try database.write { db in
        try db.execute(
          sql: "INSERT INTO invitation (digest, project, role, expires) VALUES (?, ?, ?, ?)",
          arguments: [digest, project, role.rawValue, expires.timeIntervalSince1970])
        try Self.note("invited", ["role": role.rawValue], project: project, account: account, in: db)
      }
    }
  }

  /// The project and role that an invitation is for.
  ///
  /// - Throws: ``ProjectError`` where there is no such invitation, it was used, or it has ended.
  public func invitation(digest: String) throws -> (project: Int, name: String, role: Role) {
    try inProjects { try database.read { try Self.invitation(digest, in: $0) } }
  }

  private static func invitation(_ digest: String, in db: Database) throws -> (project: Int, name: String, role: Role) {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT invitation.*, project.name AS name FROM invitation JOIN project ON project.id = project WHERE digest = ?
        """, arguments: [digest])
    guard let row else {
      throw ProjectError(.notFound, "This invitation is not known here. Ask for a new link.")
    }
    guard row["account"] == nil else {
      throw ProjectError(
        .gone,
        "This invitation was used already; it lets one person in. If it was you, sign in; else ask for a new link.")
    }
    guard row["expires"] > Date.now.timeIntervalSince1970 else {
      throw ProjectError(.gone, "This invitation has run out. Ask for a new link.")
    }
    return (row["project"], row["name"], Role(rawValue: row["role"]) ?? .labeller)
  }

  /// Lets somebody into the project that an invitation is for: a new account, or one that is signed in.
  ///
  /// - Throws: ``ProjectError`` as ``invitation(digest:)`` does, and for a name that is taken.
  public func join(
    digest: String, as member: Account?, name: String = "", password: String? = nil
  ) throws -> (account: Account, project: Int) {
    try inProjects {
      try database.write { db in
        let (project, _, role) = try Self.invitation(digest, in: db)
        let account = try member ?? Self.addAccount(name, password: password, isOwner: false, in: db)
        try db.execute(
          sql: """
            INSERT INTO membership (project, account, role) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET role = excluded.role WHERE role = 'labeller'
            """, arguments: [project, account.id, role.rawValue])
        try db.execute(
          sql: "UPDATE invitation SET account = ? WHERE digest = ?", arguments: [account.id, digest])
        try Self.note("joined", ["role": role.rawValue], project: project, account: account.id, in: db)
        return (account, project)
      }
    }
  }
}
