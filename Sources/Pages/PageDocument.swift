/// A page as readable text, with its blocks, links and anchors by position.
///
/// Positions are offsets in the text's UTF-8. Blocks stand in the text's order and don't overlap; between two of them is white
/// space alone.
///
/// ```swift
/// let page = HTMLReader().read("<h1>Cats</h1><p>They <a href='purr.html'>purr</a>.</p>", base: URL(string: "https://a.org/"))
/// page.text                       // "Cats\n\nThey purr."
/// page.links[0].target            // "https://a.org/purr.html"
/// page.text(in: page.links[0].range)  // "purr"
/// ```
public struct PageDocument: Sendable, Equatable, Codable {
  /// A paragraph, heading, list item, table row, quotation or listing.
  public struct Block: Sendable, Equatable, Codable {
    /// The kinds of block.
    public enum Kind: String, Sendable, Codable {
      case heading, paragraph, listItem, tableRow, code, quotation
    }
    /// What the block is.
    public var kind: Kind
    /// A heading's rank from 1 to 6, a list item's or a quotation's depth from 1; else 0.
    public var level: Int
    /// Where its text stands, a list item's mark included.
    public var range: Range<Int>
  }

  /// A link with the text that it stands on.
  public struct Link: Sendable, Equatable, Codable {
    /// The address: absolute where the page's own is known and it can be resolved.
    public var target: String
    /// Where its text stands; empty where the link has none.
    public var range: Range<Int>
  }

  /// What the page says its title is; else its first heading; else empty.
  public var title: String
  /// The language that the page says it is in.
  public var language: String?
  /// The readable text.
  public var text: String
  /// The blocks in order.
  public var blocks: [Block]
  /// The links in order.
  public var links: [Link]
  /// Where elements with an `id`, or an anchor's `name`, begin.
  public var anchors: [String: Int]

  /// Makes a page.
  public init(
    title: String, language: String? = nil, text: String, blocks: [Block] = [], links: [Link] = [],
    anchors: [String: Int] = [:]
  ) {
    self.title = title
    self.language = language
    self.text = text
    self.blocks = blocks
    self.links = links
    self.anchors = anchors
  }

  /// The text of a range; bounds outside the text are moved into it.
  public func text(in range: Range<Int>) -> String {
    let bytes = text.utf8
    let lower = min(max(range.lowerBound, 0), bytes.count)
    let upper = min(max(range.upperBound, lower), bytes.count)
    return String(
      decoding: bytes[bytes.index(bytes.startIndex, offsetBy: lower)..<bytes.index(bytes.startIndex, offsetBy: upper)],
      as: UTF8.self)
  }
}
