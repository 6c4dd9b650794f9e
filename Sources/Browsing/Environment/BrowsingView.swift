import Foundation
import Pages

/// A page as the browser shows it: its text with links as `【id†text†domain】`, cut into windows.
struct BrowsingView {
  let url: String?
  let document: PageDocument
  /// The addresses of the links, by their numbers.
  private(set) var targets: [String] = []
  /// The windows: text with marks, the range of the page's own text, and the numbers of the links in it.
  private(set) var windows: [(text: String, range: Range<Int>, links: [Int])] = []
  /// The window in sight.
  var window = 0
  /// The last text looked for, and where it was.
  var found: (text: String, end: Int)?

  /// - Parameter url: the page's address; nil for search results.
  init(_ document: PageDocument, url: String?, budget: Int) {
    self.url = url
    self.document = document
    cut(budget)
  }

  /// The host of an address without `www.`; empty where it has none.
  static func domain(of url: String) -> String {
    guard let host = URLComponents(string: url)?.host else { return "" }
    return host.hasPrefix("www.") ? String(host.dropFirst(4)) : host
  }

  private mutating func cut(_ budget: Int) {
    let bytes = Array(document.text.utf8)
    let own = url.map(Self.domain) ?? ""
    var links = document.links.filter { !$0.range.isEmpty }[...]
    var (text, start, ids): ([UInt8], Int, [Int]) = ([], 0, [])
    var place = 0
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 }
    func close(_ end: Int) {
      windows.append((String(decoding: text, as: UTF8.self), start..<end, ids))
      (text, start, ids) = ([], end, [])
    }
    while place < bytes.count {
      // The next piece: a link whole, or a word with the white space behind it.
      var piece: [UInt8]
      var next: Int
      var target: String?
      if let link = links.first, link.range.lowerBound <= place {
        links.removeFirst()
        guard link.range.upperBound > place else { continue }
        next = link.range.upperBound
        let domain = Self.domain(of: link.target)
        let words = document.text(in: place..<next).replacing("\n", with: " ")
        target = link.target
        piece = Array("【\(targets.count)†\(words)\(domain.isEmpty || domain == own ? "" : "†" + domain)】".utf8)
      } else {
        let limit = min(links.first?.range.lowerBound ?? bytes.count, bytes.count)
        next = place
        while next < limit, !isSpace(bytes[next]), next - place < budget { next += 1 }
        while next < limit, isSpace(bytes[next]), next - place < budget { next += 1 }
        // A word without an end is cut between characters.
        while next < bytes.count, next > place + 1, bytes[next] & 0xC0 == 0x80 { next -= 1 }
        piece = Array(bytes[place..<next])
      }
      if !text.isEmpty, text.count + piece.count > budget { close(place) }
      if let target {
        ids.append(targets.count)
        targets.append(target)
      }
      text += piece
      place = next
    }
    if !text.isEmpty || windows.isEmpty { close(bytes.count) }
  }

  /// Goes to the window with a place of the page's text.
  mutating func show(_ place: Int) {
    window = windows.firstIndex { $0.range.upperBound > place } ?? windows.count - 1
  }

  /// Where the window lies, in per cent of the page.
  var scrollBar: String {
    let whole = max(1, document.text.utf8.count)
    let range = windows[window].range
    return "\(range.lowerBound * 100 / whole) - \(range.upperBound * 100 / whole)"
  }

  /// The results of a search as a page.
  static func results(_ results: [SearchResult], of query: String) -> PageDocument {
    var page = PageDocument(title: "Search results for: \(query)", text: "")
    for result in results {
      let start = page.text.utf8.count
      page.text += result.title.isEmpty ? result.url : result.title
      page.links.append(.init(target: result.url, range: start..<page.text.utf8.count))
      page.text += "\n" + result.snippet + "\n\n"
      page.blocks.append(.init(kind: .paragraph, level: 0, range: start..<page.text.utf8.count - 2))
    }
    if results.isEmpty { page.text = "No results." }
    return page
  }
}
