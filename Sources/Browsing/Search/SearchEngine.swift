public import Pages

/// One result of a search.
public struct SearchResult: Sendable, Equatable, Codable {
  /// The page's address.
  public var url: String
  /// The page's title.
  public var title: String
  /// A passage of the page with what was looked for.
  public var snippet: String

  /// A result.
  public init(url: String, title: String, snippet: String) {
    (self.url, self.title, self.snippet) = (url, title, snippet)
  }
}

/// Where a text browser finds pages: a search engine and what its addresses hold.
public protocol Web {
  /// The best results for a query, the best first.
  func search(_ query: String, count: Int) throws -> [SearchResult]
  /// The page at an address; nil where there is none.
  func page(_ url: String) throws -> PageDocument?
}

/// What an episode saw of the Web, enough to go through it again without one.
public struct RecordedWeb: Web, Sendable, Equatable, Codable {
  /// The results of queries.
  public var searches: [String: [SearchResult]] = [:]
  /// The pages that were opened; nil for those that weren't there.
  public var pages: [String: PageDocument?] = [:]

  /// A Web of what is given.
  public init(searches: [String: [SearchResult]] = [:], pages: [String: PageDocument?] = [:]) {
    (self.searches, self.pages) = (searches, pages)
  }

  /// What was recorded; nothing for a query that wasn't asked.
  public func search(_ query: String, count: Int) -> [SearchResult] { Array((searches[query] ?? []).prefix(count)) }

  /// What was recorded; nil for a page that wasn't opened.
  public func page(_ url: String) -> PageDocument? { pages[url] ?? nil }
}
