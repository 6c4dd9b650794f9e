"""Fills a store with a million labels for StudioBenchmark's 'pages': fill.py STORE [LABELS]. The store is one that the studio
made (start it once with --store), so that its tables are there; rows are made by SQL, as the studio would have written them."""
import sqlite3, sys, time

path, labels = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
db = sqlite3.connect(path)
db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;")
start, tasks, people = time.time(), labels // 2, 200
owner = db.execute("SELECT id FROM account WHERE is_owner").fetchone()[0]
date = "2026-01-01T00:00:00.000Z"
db.execute("INSERT INTO project (id, name, kind, settings, created) VALUES (1, 'million', 'comparison', ?, ?)",
           ('{"overlap": 2, "readsFirst": false, "offersSamples": true, "patience": 3600}', date))
db.execute("INSERT INTO guidelines VALUES (1, 1, 'Choose the better one.', ?)", (date,))
db.execute("INSERT INTO membership VALUES (1, ?, 'owner')", (owner,))
db.executemany("INSERT INTO account (id, name, is_owner, created) VALUES (?, ?, 0, ?)",
               [(1000 + i, f"labeller {i}", date) for i in range(people)])
db.execute("""
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
  INSERT INTO task (id, project, key, content, position, wanted, taken, done, disputed)
  SELECT i, 1, 'task ' || i, json_object('prompt', 'Question ' || i || ': which of the two answers is better?', 'responses',
    json_array(json_object('text', 'The first answer to question ' || i), json_object('text', 'The second answer to question ' || i))),
    abs(random() % 1000000) / 1e6, 2, 2, 2, i % 4 = 0 FROM n""", (tasks,))
for which in range(2):
    db.execute("""INSERT INTO assignment (id, task, project, account, shown, state, opened)
      SELECT id * 2 + ?1, id, 1, 1000 + (id + ?1 * 7) % ?2, '[0,1]', 'done', 0 FROM task WHERE project = 1""", (which, people))
db.execute("""
  INSERT INTO feedback (id, kind, content)
  SELECT 'label-' || a.id, 'comparison', json_object('id', 'label-' || a.id, 'kind', 'comparison', 'prompt', json_extract(content, '$.prompt'),
    'first', json_extract(content, '$.responses[0]'), 'second', json_extract(content, '$.responses[1]'), 'preferred',
    CASE WHEN disputed AND a.id % 2 THEN 'second' ELSE 'first' END, 'strength', 0.5, 'shownFirst', 'first', 'provenance',
    json_object('batch', 'million', 'date', ?, 'guidelines', 1, 'labeller', 'labeller ' || (a.account - 1000), 'seconds', 9.5))
  FROM assignment a JOIN task ON task.id = a.task""", (date,))
db.execute("""
  INSERT INTO submission (id, assignment, task, project, account, guidelines, answer, value, items, seconds, date, decides)
  SELECT 'label-' || a.id, a.id, a.task, 1, a.account, 1, '{"score":-2}', CASE WHEN disputed AND a.id % 2 THEN 2 ELSE -2 END,
    'label-' || a.id, 9.5, ?, 0 FROM assignment a JOIN task ON task.id = a.task""", (date,))
db.execute("""INSERT INTO tally (project, account, day, labels, seconds, preferences, preferred_first)
  SELECT 1, account, '2026-01-' || printf('%02d', 1 + task % 28), count(*), 9.5 * count(*), count(*), count(*) / 2
  FROM submission GROUP BY account, 3""")
db.execute("""INSERT INTO event (project, account, kind, content, date)
  SELECT 1, account, 'answered', json_object('submission', id, 'task', '' || task), date FROM submission""")
db.execute("""INSERT INTO task (project, key, content, position, wanted)
  SELECT 1, 'open ' || id, content, position, 2 FROM task LIMIT 2000""")
db.commit()
db.execute("ANALYZE")
db.commit()
print(db.execute("SELECT count(*) FROM feedback").fetchone()[0], "labels in", round(time.time() - start), "s")
