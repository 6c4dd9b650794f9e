internal import GRDB

/// The tables of a feedback store and how older ones become newer ones.
///
/// An item is kept whole as JSON; the columns to search by are computed from it by SQLite, so that
/// they can't say anything else. The policies that an item is about are a table of their own.
enum FeedbackSchema {
  /// SQLite's `application_id`, "APFB": tells a feedback store from other databases.
  static let applicationID: Int32 = 0x4150_4642

  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 items") { db in
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(
        sql: """
          CREATE TABLE feedback (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL
              CHECK (kind IN ('demonstration', 'comparison', 'ranking', 'critique', 'rating')),
            content TEXT NOT NULL CHECK (json_valid(content)),
            labeller TEXT GENERATED ALWAYS AS (json_extract(content, '$.provenance.labeller')) VIRTUAL,
            date TEXT GENERATED ALWAYS AS (json_extract(content, '$.provenance.date')) VIRTUAL,
            seconds REAL GENERATED ALWAYS AS (json_extract(content, '$.provenance.seconds')) VIRTUAL
          );
          CREATE INDEX feedback_by_kind ON feedback (kind);
          CREATE INDEX feedback_by_labeller ON feedback (labeller, kind);
          CREATE INDEX feedback_by_date ON feedback (date);
          """)
    }
    migrator.registerMigration("2 policies and batches") { db in
      try db.execute(
        sql: """
          ALTER TABLE feedback ADD COLUMN
            batch TEXT GENERATED ALWAYS AS (json_extract(content, '$.provenance.batch')) VIRTUAL;
          ALTER TABLE feedback ADD COLUMN
            split TEXT GENERATED ALWAYS AS (json_extract(content, '$.provenance.split')) VIRTUAL;
          CREATE INDEX feedback_by_batch ON feedback (batch);
          CREATE TABLE policy (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            version TEXT NOT NULL,
            UNIQUE (name, version)
          );
          CREATE TABLE feedback_policy (
            feedback TEXT NOT NULL REFERENCES feedback (id) ON DELETE CASCADE,
            policy INTEGER NOT NULL REFERENCES policy (id),
            PRIMARY KEY (feedback, policy)
          ) WITHOUT ROWID;
          CREATE INDEX feedback_policy_by_policy ON feedback_policy (policy);
          """)
      let rows = try Row.fetchCursor(db, sql: "SELECT id, content FROM feedback")
      while let row = try rows.next() {
        try linkPolicies(of: try FeedbackRow.item(row["content"], id: row["id"]), in: db)
      }
    }
    migrator.registerMigration(ProjectSchema.name, migrate: ProjectSchema.create)
    migrator.registerMigration("4 deliveries") { db in
      try db.execute(
        sql: """
          CREATE TABLE delivery (
            project INTEGER NOT NULL PRIMARY KEY REFERENCES project (id) ON DELETE CASCADE,
            event INTEGER NOT NULL
          )
          """)
    }
    return migrator
  }()

  /// Notes which policies wrote an item's responses; a version that isn't known is the empty text.
  static func linkPolicies(of item: FeedbackItem, in db: Database) throws {
    for policy in Set(item.responses.compactMap(\.policy)) {
      let values: StatementArguments = [policy.name, policy.version ?? ""]
      let insert = try db.cachedStatement(
        sql: "INSERT INTO policy (name, version) VALUES (?, ?) ON CONFLICT DO NOTHING")
      try insert.execute(arguments: values)
      let link = try db.cachedStatement(
        sql: """
          INSERT INTO feedback_policy (feedback, policy)
          SELECT ?, id FROM policy WHERE name = ? AND version = ?
          """)
      try link.execute(arguments: [item.id] + values)
    }
  }
}
