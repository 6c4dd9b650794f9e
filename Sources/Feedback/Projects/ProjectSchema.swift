internal import GRDB

/// The tables of projects: who works on what, what was shown to whom, and everything that happened.
enum ProjectSchema {
  static let name = "3 projects"

  /// Makes the tables.
  ///
  /// `taken` counts the labellers who hold or have answered a task; it is open for as long as that is less than `wanted`.
  /// `tally` keeps each labeller's counts by the day, and triggers a project's, gold questions left out, so that no page needs to
  /// count labels or tasks.
  static func create(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE account (
          id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) BETWEEN 1 AND 80),
          password TEXT,
          is_owner INTEGER NOT NULL DEFAULT 0,
          created TEXT NOT NULL
        );
        CREATE TABLE sign_in (
          digest TEXT NOT NULL PRIMARY KEY,
          account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
          form_token TEXT NOT NULL,
          expires REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE project (
          id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL COLLATE NOCASE UNIQUE,
          kind TEXT NOT NULL,
          settings TEXT NOT NULL CHECK (json_valid(settings)),
          created TEXT NOT NULL,
          tasks INTEGER NOT NULL DEFAULT 0,
          wanted INTEGER NOT NULL DEFAULT 0,
          done INTEGER NOT NULL DEFAULT 0
        );
        CREATE TABLE guidelines (
          project INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
          version INTEGER NOT NULL,
          text TEXT NOT NULL,
          date TEXT NOT NULL,
          PRIMARY KEY (project, version)
        ) WITHOUT ROWID;
        CREATE TABLE membership (
          project INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
          account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
          role TEXT NOT NULL CHECK (role IN ('labeller', 'reviewer', 'owner')),
          PRIMARY KEY (project, account)
        ) WITHOUT ROWID;
        CREATE TABLE invitation (
          digest TEXT NOT NULL PRIMARY KEY,
          project INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
          role TEXT NOT NULL,
          expires REAL NOT NULL,
          account INTEGER REFERENCES account (id) ON DELETE SET NULL
        ) WITHOUT ROWID;
        CREATE TABLE task (
          id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          project INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
          key TEXT NOT NULL,
          content TEXT NOT NULL CHECK (json_valid(content)),
          gold TEXT,
          position REAL NOT NULL,
          wanted INTEGER NOT NULL,
          taken INTEGER NOT NULL DEFAULT 0,
          done INTEGER NOT NULL DEFAULT 0,
          decided INTEGER NOT NULL DEFAULT 0,
          disputed INTEGER NOT NULL DEFAULT 0,
          UNIQUE (project, key)
        );
        CREATE INDEX task_by_project ON task (project);
        CREATE INDEX task_open ON task (project, position) WHERE taken < wanted;
        CREATE INDEX task_disputed ON task (project, id) WHERE disputed AND NOT decided;
        CREATE INDEX task_compared ON task (project, id) WHERE done > 1;
        CREATE TRIGGER task_added AFTER INSERT ON task WHEN new.gold IS NULL BEGIN
          UPDATE project SET tasks = tasks + 1, wanted = wanted + new.wanted, done = done + min(new.done, new.wanted)
          WHERE id = new.project;
        END;
        CREATE TRIGGER task_changed AFTER UPDATE OF wanted, done ON task WHEN new.gold IS NULL BEGIN
          UPDATE project SET wanted = wanted + new.wanted - old.wanted,
            done = done + min(new.done, new.wanted) - min(old.done, old.wanted)
          WHERE id = new.project;
        END;
        CREATE TRIGGER task_removed AFTER DELETE ON task WHEN old.gold IS NULL BEGIN
          UPDATE project SET tasks = tasks - 1, wanted = wanted - old.wanted, done = done - min(old.done, old.wanted)
          WHERE id = old.project;
        END;
        CREATE TABLE assignment (
          id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          task INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE,
          project INTEGER NOT NULL,
          account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
          shown TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('open', 'done', 'skipped')),
          decides INTEGER NOT NULL DEFAULT 0,
          opened REAL NOT NULL,
          draft TEXT,
          reason TEXT,
          UNIQUE (task, account, decides)
        );
        CREATE INDEX assignment_open ON assignment (project, account) WHERE state = 'open';
        CREATE TABLE submission (
          id TEXT NOT NULL PRIMARY KEY,
          assignment INTEGER NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
          task INTEGER NOT NULL,
          project INTEGER NOT NULL,
          account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
          guidelines INTEGER NOT NULL,
          answer TEXT NOT NULL,
          value REAL,
          items TEXT NOT NULL,
          seconds REAL NOT NULL,
          date TEXT NOT NULL,
          decides INTEGER NOT NULL,
          withdrawn INTEGER NOT NULL DEFAULT 0
        );
        CREATE UNIQUE INDEX submission_by_assignment ON submission (assignment) WHERE NOT withdrawn;
        CREATE INDEX submission_by_task ON submission (task);
        CREATE INDEX submission_by_account ON submission (project, account, date);
        CREATE TABLE tally (
          project INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
          account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
          day TEXT NOT NULL,
          labels INTEGER NOT NULL DEFAULT 0,
          seconds REAL NOT NULL DEFAULT 0,
          skipped INTEGER NOT NULL DEFAULT 0,
          preferences INTEGER NOT NULL DEFAULT 0,
          preferred_first INTEGER NOT NULL DEFAULT 0,
          gold INTEGER NOT NULL DEFAULT 0,
          gold_right INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (project, account, day)
        ) WITHOUT ROWID;
        CREATE TABLE event (
          id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          project INTEGER,
          account INTEGER,
          kind TEXT NOT NULL,
          content TEXT NOT NULL,
          date TEXT NOT NULL
        );
        CREATE INDEX event_by_project ON event (project, id);
        """)
  }
}
