import Pages

/// A passage that was kept, with where it is from.
public struct BrowsingQuote: Sendable, Equatable, Codable {
  /// The page's address.
  public var url: String
  /// The page's title.
  public var title: String
  /// The passage as it stands on the page, with white space joined.
  public var text: String

  /// A passage.
  public init(url: String, title: String, text: String) { (self.url, self.title, self.text) = (url, title, text) }

  /// The address's host; empty for a file.
  public var domain: String { BrowsingView.domain(of: url) }

  /// Whether the page, read again, has the passage.
  ///
  /// - Throws: what the Web throws.
  public func holds(on web: any Web) throws -> Bool {
    guard !text.isEmpty, let page = try web.page(url) else { return false }
    return TextMatch(page.text).range(of: text) != nil
  }
}
