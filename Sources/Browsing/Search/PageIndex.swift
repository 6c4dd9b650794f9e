import Documents
import Foundation
internal import GRDB
public import Pages

/// A full-text index of pages in one SQLite file (FTS5, BM25, snippets), and the pages themselves.
///
/// ```swift
/// let index = try PageIndex(path: "docs.index")
/// try index.search("decode JSON", count: 5).first?.url
/// ```
/// Titles weigh five times as much as text. Words are stemmed (Porter) and folded; a query's words are looked for as they are, none
/// of FTS5's operators is understood, and a page needs to have only one of them.
public final class PageIndex: Web, Sendable {
  /// The file.
  public let path: String
  let database: DatabaseQueue

  /// Marks the file as an index of pages: "Apix".
  private static let application: Int32 = 0x4170_6978

  /// Opens an index.
  ///
  /// - Parameter makes: makes a file where there is none.
  /// - Throws: ``BrowsingError`` where there is no index, or the file is something else.
  public init(path: String, makes: Bool = false) throws {
    self.path = path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if isFolder.boolValue {
      throw BrowsingError("\(path) is a folder. Name a file that 'apprentice browse index --out FILE' wrote.")
    }
    guard exists || makes else {
      throw BrowsingError(
        "\(path): there is no such index. Make it with 'apprentice browse index --data DIR --out \(path)'.",
        exitStatus: .noInput)
    }
    do {
      var configuration = Configuration()
      configuration.readonly = !makes
      configuration.busyMode = .timeout(10)
      database = try DatabaseQueue(path: path, configuration: configuration)
      let (application, tables) = try database.read { db in
        (
          try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
          try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        )
      }
      guard application == Self.application || makes && tables == 0 && application == 0 else {
        throw BrowsingError("\(path) is no index of pages. Check the path.")
      }
      if tables == 0 { try makeTables() }
    } catch let error as DatabaseError {
      throw BrowsingError("\(path) can't be used as an index: \(error.message ?? "unknown problem"). Check the path.")
    }
  }

  private func makeTables() throws {
    try database.write { db in
      try db.execute(
        sql: """
          PRAGMA application_id = \(Self.application);
          CREATE TABLE pages(id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
            modified REAL NOT NULL, document BLOB NOT NULL);
          CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize = 'porter unicode61 remove_diacritics 2');
          """)
    }
  }

  /// How many pages there are.
  public var count: Int {
    get throws { try database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM pages") ?? 0 } }
  }

  /// Words that say nothing about what is looked for.
  private static let common: Set<String> = [
    "a", "an", "the", "is", "are", "was", "do", "does", "did", "i", "in", "on", "of", "to", "for", "and", "or", "how",
    "what", "which", "when", "where", "why", "who", "can", "with", "by", "my", "it", "that", "this", "be", "from", "at",
  ]

  /// A query in FTS5's syntax with every word in quotes; nil where no word is in it.
  static func expression(_ query: String) -> String? {
    let words = query.split(whereSeparator: \.isWhitespace).map { $0.filter { $0 != "\"" && $0 != "\0" } }
      .filter { $0.contains { $0.isLetter || $0.isNumber } }
    let telling = words.filter { word in
      !common.contains(word.lowercased().trimmingCharacters(in: .punctuationCharacters))
    }
    let used = telling.isEmpty ? words : telling
    // A query of a book's length is cut: SQLite's parser has a limit.
    return used.isEmpty ? nil : used.prefix(64).map { "\"\($0)\"" }.joined(separator: " OR ")
  }

  /// The best pages for a query, by BM25.
  public func search(_ query: String, count: Int) throws -> [SearchResult] {
    guard let expression = Self.expression(query) else { return [] }
    return try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT pages.url AS url, texts.title AS title, snippet(texts, 1, '', '', ' … ', 32) AS snippet
          FROM texts JOIN pages ON pages.id = texts.rowid
          WHERE texts MATCH ? ORDER BY bm25(texts, 5.0, 1.0), pages.id LIMIT ?
          """, arguments: [expression, count]
      ).map { row in
        let snippet: String = row["snippet"]
        return SearchResult(
          url: row["url"], title: row["title"],
          snippet: snippet.split(whereSeparator: \.isWhitespace).joined(separator: " "))
      }
    }
  }

  /// The page of an address.
  public func page(_ url: String) throws -> PageDocument? {
    let data = try database.read {
      try Data.fetchOne($0, sql: "SELECT document FROM pages WHERE url = ?", arguments: [url])
    }
    return try data.map { try JSONDecoder().decode(PageDocument.self, from: $0) }
  }

  /// Adds pages, or puts them in the place of those with the same addresses.
  ///
  /// - Parameter pages: addresses, what tells whether the source changed, and the pages.
  public func add(_ pages: [(url: String, size: Int, modified: Double, document: PageDocument)]) throws {
    let encoder = JSONEncoder()
    let data = try pages.map { try encoder.encode($0.document) }
    try database.write { db in
      for (page, data) in zip(pages, data) {
        try Self.remove(page.url, db)
        try db.execute(
          sql: "INSERT INTO pages(url, size, modified, document) VALUES (?, ?, ?, ?)",
          arguments: [page.url, page.size, page.modified, data])
        try db.execute(
          sql: "INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)",
          arguments: [db.lastInsertedRowID, page.document.title, page.document.text])
      }
    }
  }

  /// Takes pages out.
  public func remove(_ urls: [String]) throws {
    try database.write { db in for url in urls { try Self.remove(url, db) } }
  }

  private static func remove(_ url: String, _ db: Database) throws {
    guard let id = try Int64.fetchOne(db, sql: "SELECT id FROM pages WHERE url = ?", arguments: [url]) else { return }
    try db.execute(sql: "DELETE FROM texts WHERE rowid = ?", arguments: [id])
    try db.execute(sql: "DELETE FROM pages WHERE id = ?", arguments: [id])
  }

  /// What tells of each page whether its source changed.
  func sources() throws -> [String: (size: Int, modified: Double)] {
    try database.read { db in
      var result: [String: (size: Int, modified: Double)] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT url, size, modified FROM pages") {
        result[row["url"]] = (row["size"], row["modified"])
      }
      return result
    }
  }
}
