import Feedback
import Foundation
import GRDB
import Testing

@Suite struct StoreTests {
  @Test func givesBackWhatWasAdded() throws {
    let folder = try Folder()
    let store = try FeedbackStore(path: folder.path("f.sqlite"))
    #expect(try store.add(Samples.all).added == 5)
    #expect(try store.items() == Samples.all)
    #expect(try store.item(id: "r1") == Samples.ranking("r1"))
    #expect(try store.item(id: "none") == nil)
    #expect(try store.comparisons().map(\.id) == ["c1"])
    #expect(try store.demonstrations().map(\.id) == ["d1"])
    #expect(try store.rankings().map(\.id) == ["r1"])
    #expect(try store.critiques().map(\.id) == ["k1"])
    #expect(try store.ratings().map(\.id) == ["m1"])
    try store.verify()
    let again = try FeedbackStore(path: folder.path("f.sqlite"))
    #expect(try again.items() == Samples.all)
  }

  @Test func addingTwiceChangesNothing() throws {
    let store = try FeedbackStore.inMemory()
    try store.add(Samples.all)
    let again = try store.add(Samples.all)
    #expect(again.added == 0 && again.alreadyPresent == 5)
    #expect(try store.count() == 5)
  }

  @Test func anotherContentUnderTheSameIdentifierIsRefused() throws {
    let store = try FeedbackStore.inMemory()
    try store.add(Samples.comparison("c1"))
    let error = #expect(throws: FeedbackStoreError.self) {
      try store.add([Samples.rating("m1"), Samples.comparison("c1", preferred: nil)])
    }
    #expect(error?.kind == .conflict)
    #expect(error?.description.contains("'c1'") ?? false)
    // The whole addition is undone.
    #expect(try store.items() == [Samples.comparison("c1")])
  }

  @Test func answersQueries() throws {
    let store = try FeedbackStore.inMemory()
    try store.add(Samples.all)
    try store.add([
      Samples.comparison("c2", labeller: "bo", at: 2_000),
      Samples.comparison("c3", labeller: "bo", preferred: nil, at: 3_000),
    ])
    func ids(_ query: FeedbackQuery) throws -> [String] { try store.items(query).map(\.id) }
    #expect(try ids(.init(kinds: [.comparison])) == ["c1", "c2", "c3"])
    #expect(try ids(.init(kinds: [.rating, .critique])) == ["k1", "m1"])
    #expect(try ids(.init(labellers: ["bo"])) == ["r1", "c2", "c3"])
    #expect(try ids(.init(labellers: [])) == [])
    #expect(try ids(.init(policy: "ppo")) == ["c1", "m1", "c2", "c3"])
    #expect(try ids(.init(kinds: [.demonstration], policy: "sft")) == ["d1"])
    #expect(try ids(.init(policyVersion: "step-000400")) == ["d1", "c1", "c2", "c3"])
    #expect(try ids(.init(policy: "sft", policyVersion: "step-1")) == [])
    let start = Date(timeIntervalSince1970: 1_790_002_000)
    #expect(try ids(.init(since: start)) == ["c2", "c3"])
    #expect(try ids(.init(since: start, before: start.addingTimeInterval(1_000))) == ["c2"])
    #expect(try ids(.init(batch: "batch1", split: "train", limit: 2)) == ["d1", "c1"])
    #expect(try ids(.init(batch: "nothing")) == [])
    #expect(try ids(.init(labellers: ["x' OR 1=1 --"])) == [])
    #expect(try store.count(.init(kinds: [.comparison])) == 3)
    #expect(try store.count(.init(limit: 2)) == 2)
    #expect(try store.comparisons(.init(kinds: [.rating])).isEmpty)
  }

  @Test func summarisesLabellersAndPolicies() throws {
    let store = try FeedbackStore.inMemory()
    try store.add(Samples.all)
    #expect(
      try store.labellers().map { "\($0.labeller) \($0.count) \($0.meanSeconds ?? -1)" }
        == ["ana 2 12.5", "cy 2 12.5", "bo 1 -1.0"])
    #expect(try store.policies() == [Samples.ppo, Samples.sft])
    #expect(try store.remove(ids: ["d1", "c1", "none"]) == 2)
    #expect(try store.policies() == [Samples.ppo])
    #expect(try store.count() == 3)
    try store.verify()
  }

  @Test func manyReadWhileOneWrites() async throws {
    let folder = try Folder()
    let store = try FeedbackStore(path: folder.path("f.sqlite"))
    try store.add(Samples.comparison("0"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for step in 1...100 {
          try store.add([Samples.comparison("\(step)"), Samples.rating("m\(step)")])
        }
      }
      for _ in 0..<4 {
        group.addTask {
          var last = 0
          for _ in 0..<100 {
            let items = try store.items()
            // A reader sees whole transactions only, and never goes back in time.
            #expect(items.count % 2 == 1 && items.count >= last)
            last = items.count
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.count() == 201)
  }

  @Test func twoStoresOnOneFileWait() async throws {
    let folder = try Folder()
    let path = folder.path("f.sqlite")
    _ = try FeedbackStore(path: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<3 {
        group.addTask {
          let store = try FeedbackStore(path: path)
          for step in 0..<30 { try store.add(Samples.rating("\(writer)-\(step)")) }
        }
      }
      try await group.waitForAll()
    }
    #expect(try FeedbackStore(path: path).count() == 90)
  }
}

/// Files that are not what they should be, and crashes.
@Suite struct StoreFaultTests {
  private func failure(_ open: () throws -> FeedbackStore) -> FeedbackStoreError? {
    do {
      _ = try open()
      return nil
    } catch {
      return error as? FeedbackStoreError
    }
  }

  @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
    let folder = try Folder()
    let text = String(repeating: "prompt,chosen,rejected\n", count: 200)
    let path = try folder.write("pairs.csv", text)
    let error = failure { try FeedbackStore(path: path) }
    #expect(error?.kind == .notAStore)
    #expect(error?.description.hasPrefix(path) ?? false)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test func aDatabaseOfAnotherProgramIsLeftAlone() throws {
    let folder = try Folder()
    let path = folder.path("other.sqlite")
    try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE photo (id INTEGER)") }
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(failure { try FeedbackStore(path: path) }?.kind == .notAStore)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test func aNewerStoreIsRefused() throws {
    let folder = try Folder()
    let path = folder.path("f.sqlite")
    try FeedbackStore(path: path).add(Samples.all)
    try DatabaseQueue(path: path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 the future')")
    }
    let error = failure { try FeedbackStore(path: path) }
    #expect(error?.kind == .fromNewerVersion)
    #expect(error?.description.contains("Update") ?? false)
  }

  @Test func anOlderStoreIsBroughtUpToDate() throws {
    let folder = try Folder()
    let path = folder.path("f.sqlite")
    // What the first version of the schema left on disk, written without this package's help.
    try DatabaseQueue(path: path).write { db in
      try db.execute(
        sql: """
          PRAGMA application_id = \(0x4150_4642);
          CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
          INSERT INTO grdb_migrations VALUES ('1 items');
          CREATE TABLE feedback (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            content TEXT NOT NULL CHECK (json_valid(content)),
            labeller TEXT GENERATED ALWAYS AS (json_extract(content, '$.provenance.labeller')) VIRTUAL,
            date TEXT GENERATED ALWAYS AS (json_extract(content, '$.provenance.date')) VIRTUAL,
            seconds REAL GENERATED ALWAYS AS (json_extract(content, '$.provenance.seconds')) VIRTUAL
          );
          CREATE INDEX feedback_by_kind ON feedback (kind);
          """)
      for item in Samples.all {
        let content = String(decoding: try JSONEncoder().encode(item), as: UTF8.self)
        try db.execute(
          sql: "INSERT INTO feedback (id, kind, content) VALUES (?, ?, ?)",
          arguments: [item.id, item.kind.rawValue, content])
      }
    }
    #expect(failure { try FeedbackStore(path: path, isReadOnly: true) }?.kind == .readOnly)
    let store = try FeedbackStore(path: path)
    #expect(try store.items() == Samples.all)
    #expect(try store.items(.init(policy: "sft")).map(\.id) == ["d1", "c1"])
    #expect(try store.items(.init(batch: "batch1")).count == 5)
    try store.add(Samples.rating("m2"))
    try store.verify()
    #expect(try FeedbackStore(path: path, isReadOnly: true).count() == 6)
  }

  @Test func missingFilesAndFoldersAreNamed() throws {
    let folder = try Folder()
    let missing = folder.path("none.sqlite")
    #expect(failure { try FeedbackStore(path: missing, isReadOnly: true) }?.kind == .cannotOpen)
    #expect(!FileManager.default.fileExists(atPath: missing))
    #expect(failure { try FeedbackStore(path: folder.path("no/f.sqlite")) }?.kind == .cannotOpen)
    #expect(failure { try FeedbackStore(path: folder.url.path) }?.kind == .cannotOpen)
  }

  @Test func readOnlyStoresRefuseWriting() throws {
    let folder = try Folder()
    let path = folder.path("f.sqlite")
    try FeedbackStore(path: path).add(Samples.all)
    let store = try FeedbackStore(path: path, isReadOnly: true)
    #expect(try store.items() == Samples.all)
    let error = #expect(throws: FeedbackStoreError.self) { try store.add(Samples.rating("m2")) }
    #expect(error?.kind == .readOnly)
  }

  @Test func aFullDiskLosesNothing() throws {
    let folder = try Folder()
    let path = folder.path("f.sqlite")
    try FeedbackStore(path: path).add(Samples.all)
    let store = try FeedbackStore(path: path, maximumPages: 120)
    let long = (0..<200).map { index -> FeedbackItem in
      .critique(
        Critique(
          id: "long\(index)", prompt: "p", response: "r",
          text: String(repeating: "x", count: 2_000),
          provenance: Provenance(labeller: "ana")))
    }
    let error = #expect(throws: FeedbackStoreError.self) { try store.add(long) }
    #expect(error?.kind == .diskFull)
    #expect(try store.items() == Samples.all)
    try store.verify()
    #expect(try FeedbackStore(path: path).add(long).added == 200)
  }

  @Test func aDamagedFileIsReported() throws {
    let folder = try Folder()
    let path = folder.path("f.sqlite")
    var store: FeedbackStore? = try FeedbackStore(path: path)
    try store?.add((0..<500).map { Samples.critique("\($0)") })
    store = nil
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    try #require(data.count > 100_000)
    for index in 8_192..<90_000 { data[index] = UInt8(truncatingIfNeeded: index &* 31) }
    try data.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: FeedbackStoreError.self) {
      let damaged = try FeedbackStore(path: path)
      _ = try damaged.items()
      try damaged.verify()
    }
    #expect(error?.kind == .damaged)
  }

  #if os(Linux) || os(macOS)
    /// A child process is killed in the middle of a transaction that has reached the log on disk.
    @Test func killedInMidTransactionLosesOnlyThatTransaction() async throws {
      let folder = try Folder()
      let path = folder.path("f.sqlite")
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
        let store = try FeedbackStore(path: path)
        try store.add((0..<100).map { Samples.comparison("kept\($0)") })
        let text = String(repeating: "long ", count: 2_000)
        // Some 20 MB, more than SQLite's page cache: uncommitted pages are on disk by then.
        try store.add(
          (0..<4_000).lazy.map { index -> FeedbackItem in
            if index == 2_000 { kill(getpid(), SIGKILL) }
            return .critique(
              Critique(
                id: "lost\(index)", prompt: "p", response: "r", text: text,
                provenance: Provenance(labeller: "ana")))
          })
      }
      let log = try FileManager.default.attributesOfItem(atPath: path + "-wal")
      #expect((log[.size] as? NSNumber)?.intValue ?? 0 > 1_000_000, "nothing was in the log")
      let store = try FeedbackStore(path: path)
      #expect(try store.items() == (0..<100).map { Samples.comparison("kept\($0)") })
      try store.verify()
      #expect(try store.add(Samples.all).added == 5)
    }
  #endif
}
