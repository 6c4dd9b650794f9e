import Foundation
internal import GRDB

/// A store of feedback: one SQLite file, safe against crashes, read by many at once.
///
/// ```swift
/// let store = try FeedbackStore(path: "feedback.sqlite")
/// try store.add([.comparison(comparison)])
/// let pairs = try store.comparisons(FeedbackQuery(labellers: ["ana"]))
/// ```
///
/// Write-ahead logging lets readers go on while one writes; a transaction that has returned is on
/// the disk, and one that was cut short (`kill -9`, a power failure) leaves nothing behind. Adding
/// the same item twice changes nothing, so that an import can be repeated.
public final class FeedbackStore: Sendable {
  /// The file.
  public let path: String
  let database: any DatabaseWriter

  /// Opens a store, makes it where there is none, and brings an older one up to date.
  ///
  /// - Parameters:
  ///   - path: the file; two more, ending in `-wal` and `-shm`, lie beside it while it is open.
  ///   - isReadOnly: opens without the right to write; the file must exist and be up to date.
  public convenience init(path: String, isReadOnly: Bool = false) throws(FeedbackStoreError) {
    try self.init(path: path, isReadOnly: isReadOnly, maximumPages: nil)
  }

  /// A store that ends with the process, for tests and simulations.
  public static func inMemory() throws(FeedbackStoreError) -> FeedbackStore {
    do {
      return try FeedbackStore(path: "(in memory)", database: DatabaseQueue())
    } catch {
      throw FeedbackStoreError(error, path: "(in memory)")
    }
  }

  /// Opens a store; `maximumPages` makes it full at that size, so that tests can fill it.
  package init(path: String, isReadOnly: Bool = false, maximumPages: Int?)
    throws(FeedbackStoreError)
  {
    self.path = path
    do {
      if isReadOnly, !FileManager.default.fileExists(atPath: path) {
        throw FeedbackStoreError(.cannotOpen, path, "there is no such file. Check the path.")
      }
      var configuration = Self.configuration(isReadOnly: isReadOnly)
      configuration.prepareDatabase { db in
        // With the default, NORMAL, a power failure may take the last transactions back.
        if !isReadOnly { try db.execute(sql: "PRAGMA synchronous = FULL") }
        if let maximumPages { try db.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
      }
      // The check comes first: opening a pool switches the journal mode of whatever file it is.
      try Self.check(path)
      if isReadOnly {
        database = try DatabaseQueue(path: path, configuration: configuration)
      } else {
        database = try DatabasePool(path: path, configuration: configuration)
      }
      try bringUpToDate(isReadOnly: isReadOnly)
    } catch {
      throw FeedbackStoreError(error, path: path)
    }
  }

  private init(path: String, database: any DatabaseWriter) throws {
    self.path = path
    self.database = database
    try bringUpToDate(isReadOnly: false)
  }

  /// The settings of every connection: even one that only looks waits its turn, as another program's first or last
  /// connection locks the file for a moment.
  private static func configuration(isReadOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.busyMode = .timeout(10)
    return configuration
  }

  /// Refuses files that are no feedback store, before anything of theirs is changed.
  private static func check(_ path: String) throws {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let attributes, (attributes[.size] as? NSNumber)?.intValue != 0 else { return }
    if attributes[.type] as? FileAttributeType == .typeDirectory {
      throw FeedbackStoreError(.cannotOpen, path, "is a folder. Name a file in it.")
    }
    let queue: DatabaseQueue
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: true))
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
      // A log that needs recovery can't be read without writing; the real opening will tell.
      return
    }
    try queue.read { db in
      let application = try Int32.fetchOne(db, sql: "PRAGMA application_id")
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      guard application == FeedbackSchema.applicationID || application == 0 && tables == 0 else {
        throw FeedbackStoreError(
          .notAStore, path, "the file is a database of another program. Check the path.")
      }
    }
  }

  private func bringUpToDate(isReadOnly: Bool) throws {
    let migrator = FeedbackSchema.migrator
    if try database.read(migrator.hasBeenSuperseded) {
      throw FeedbackStoreError(
        .fromNewerVersion, path, "a newer version of Apprentice wrote this store. Update first.")
    }
    if isReadOnly {
      guard try database.read(migrator.hasCompletedMigrations) else {
        throw FeedbackStoreError(
          .readOnly, path, "the store is of an older version. Open it once with the right to write."
        )
      }
    } else {
      try migrator.migrate(database)
    }
  }

  // MARK: writing

  /// The outcome of an addition.
  public struct Addition: Sendable, Equatable {
    /// The number of new items.
    public var added = 0
    /// The number of items that were there already.
    public var alreadyPresent = 0
  }

  /// Adds items in one transaction: all of them, or, if anything goes wrong, none.
  ///
  /// - Throws: ``FeedbackStoreError``, also where an item's identifier is taken by another content.
  @discardableResult
  public func add(_ items: some Sequence<FeedbackItem>) throws -> Addition {
    var iterator = items.makeIterator()
    return try add { iterator.next() }
  }

  /// Adds what `next` returns until it returns nil; if it throws, nothing is added.
  func add(next: () throws -> FeedbackItem?) throws -> Addition {
    // What the caller throws goes back as it is, not as a fault of the store.
    var thrown: (any Error)?
    do {
      return try guarded {
        try database.write { db in
          var result = Addition()
          while true {
            let item: FeedbackItem?
            do {
              item = try next()
            } catch {
              thrown = error
              throw error
            }
            guard let item else { return result }
            if try insert(item, into: db) {
              result.added += 1
            } else {
              result.alreadyPresent += 1
            }
          }
        }
      }
    } catch {
      throw thrown ?? error
    }
  }

  /// Adds one item; false where it was there already.
  @discardableResult
  public func add(_ item: FeedbackItem) throws -> Bool {
    try add(CollectionOfOne(item)).added == 1
  }

  func insert(_ item: FeedbackItem, into db: Database) throws -> Bool {
    let content = try FeedbackRow.content(item)
    let statement = try db.cachedStatement(
      sql: "INSERT INTO feedback (id, kind, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    try statement.execute(arguments: [item.id, item.kind.rawValue, content])
    if db.changesCount == 1 {
      try FeedbackSchema.linkPolicies(of: item, in: db)
      return true
    }
    let present = try String.fetchOne(
      db, sql: "SELECT content FROM feedback WHERE id = ?", arguments: [item.id])
    guard present == content else {
      throw FeedbackStoreError(
        .conflict, path,
        "an item '\(item.id)' with other content is stored already. "
          + "Give the new one its own identifier, or remove the old one.")
    }
    return false
  }

  /// Removes items by their identifiers; returns how many there were.
  @discardableResult
  public func remove(ids: some Sequence<String>) throws -> Int {
    try guarded {
      try database.write { db in
        var count = 0
        for id in ids {
          try db.execute(sql: "DELETE FROM feedback WHERE id = ?", arguments: [id])
          count += db.changesCount
        }
        return count
      }
    }
  }

  // MARK: reading

  /// The items that a query asks for, in the order in which they were added.
  public func items(_ query: FeedbackQuery = FeedbackQuery()) throws -> [FeedbackItem] {
    var items: [FeedbackItem] = []
    try forEach(query) { items.append($0) }
    return items
  }

  /// Visits the items one by one, without holding all of them in memory.
  public func forEach(
    _ query: FeedbackQuery = FeedbackQuery(), _ body: (FeedbackItem) throws -> Void
  ) throws {
    let (sql, arguments) = query.sql(selecting: "id, content", ordered: true)
    var thrown: (any Error)?
    try guarded {
      try database.read { db in
        let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
        while let row = try rows.next() {
          let item = try FeedbackRow.item(row["content"], id: row["id"])
          do {
            try body(item)
          } catch {
            thrown = error
            return
          }
        }
      }
    }
    // What the caller threw goes back as it is, not as a fault of the store.
    if let thrown { throw thrown }
  }

  /// The number of items that a query asks for.
  public func count(_ query: FeedbackQuery = FeedbackQuery()) throws -> Int {
    let (sql, arguments) = query.sql(selecting: "1", ordered: false)
    return try guarded {
      try database.read { db in
        try Int.fetchOne(db, sql: "SELECT count(*) FROM (\(sql))", arguments: arguments) ?? 0
      }
    }
  }

  /// The item of that identifier, if there is one.
  public func item(id: String) throws -> FeedbackItem? {
    try guarded {
      try database.read { db in
        try String.fetchOne(
          db, sql: "SELECT content FROM feedback WHERE id = ?", arguments: [id]
        ).map { try FeedbackRow.item($0, id: id) }
      }
    }
  }

  /// The demonstrations among the items that a query asks for.
  public func demonstrations(_ query: FeedbackQuery = FeedbackQuery()) throws -> [Demonstration] {
    try items(query, of: .demonstration).compactMap {
      if case .demonstration(let item) = $0 { item } else { nil }
    }
  }

  /// The comparisons among the items that a query asks for, without those that rankings imply.
  public func comparisons(_ query: FeedbackQuery = FeedbackQuery()) throws -> [Comparison] {
    try items(query, of: .comparison).compactMap {
      if case .comparison(let item) = $0 { item } else { nil }
    }
  }

  /// The rankings among the items that a query asks for.
  public func rankings(_ query: FeedbackQuery = FeedbackQuery()) throws -> [Ranking] {
    try items(query, of: .ranking).compactMap {
      if case .ranking(let item) = $0 { item } else { nil }
    }
  }

  /// The critiques among the items that a query asks for.
  public func critiques(_ query: FeedbackQuery = FeedbackQuery()) throws -> [Critique] {
    try items(query, of: .critique).compactMap {
      if case .critique(let item) = $0 { item } else { nil }
    }
  }

  /// The ratings among the items that a query asks for.
  public func ratings(_ query: FeedbackQuery = FeedbackQuery()) throws -> [Rating] {
    try items(query, of: .rating).compactMap {
      if case .rating(let item) = $0 { item } else { nil }
    }
  }

  private func items(
    _ query: FeedbackQuery, of kind: FeedbackItem.Kind
  ) throws -> [FeedbackItem] {
    guard query.kinds?.contains(kind) ?? true else { return [] }
    var query = query
    query.kinds = [kind]
    return try items(query)
  }

  /// The number of one labeller's items, and the time that they took.
  public struct LabellerSummary: Sendable, Equatable {
    /// The labeller.
    public var labeller: String
    /// The number of items.
    public var count: Int
    /// The mean time that one took, over those that say.
    public var meanSeconds: Double?
  }

  /// A summary of each labeller's items, the busiest first.
  public func labellers() throws -> [LabellerSummary] {
    try guarded {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT labeller, count(*) AS count, avg(seconds) AS mean FROM feedback
            GROUP BY labeller ORDER BY count DESC, labeller
            """
        ).map {
          LabellerSummary(labeller: $0["labeller"], count: $0["count"], meanSeconds: $0["mean"])
        }
      }
    }
  }

  /// The policies that feedback is about.
  public func policies() throws -> [PolicyVersion] {
    try guarded {
      try database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT name, version FROM policy
            WHERE id IN (SELECT policy FROM feedback_policy) ORDER BY name, version
            """
        ).map { row in
          let version: String = row["version"]
          return PolicyVersion(row["name"], version: version.isEmpty ? nil : version)
        }
      }
    }
  }

  /// Looks the whole file over; throws where it is damaged.
  public func verify() throws {
    try guarded {
      try database.read { db in
        let report = try String.fetchAll(db, sql: "PRAGMA integrity_check")
        let dangling = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
        guard report == ["ok"], dangling.isEmpty else {
          throw FeedbackStoreError(
            .damaged, path, "the store is damaged: \(report.prefix(3).joined(separator: "; ")).")
        }
      }
    }
  }

  private func guarded<Result>(_ body: () throws -> Result) throws(FeedbackStoreError) -> Result {
    do {
      return try body()
    } catch {
      throw FeedbackStoreError(error, path: path)
    }
  }
}
