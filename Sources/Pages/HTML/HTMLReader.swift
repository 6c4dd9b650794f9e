public import Foundation
internal import CGumbo

/// Reads HTML as people see it: text with headings, lists, tables, listings, links and images' descriptions.
///
/// gumbo builds the tree that browsers build, so that broken pages read as they look. Superscripts are written `^x`, subscripts
/// `_x`, images `[Image: description]`, a table's cells with ` | ` between them. Scripts, styles, forms and hidden elements are
/// never read; navigation, footers and notices about cookies only where ``keepsSurroundings`` is set.
public struct HTMLReader: Sendable {
  /// Whether what surrounds the page's own content is read as well.
  public var keepsSurroundings: Bool

  /// A reader.
  public init(keepsSurroundings: Bool = false) { self.keepsSurroundings = keepsSurroundings }

  /// Elements whose content nobody reads.
  static let unread: Set<String> = [
    "script", "style", "template", "form", "svg", "object", "iframe", "noscript", "button", "select", "textarea",
    "input", "audio", "video", "canvas", "head", "datalist",
  ]

  /// Reads a page from its bytes, whatever their encoding; see ``PageEncoding``.
  ///
  /// - Parameters:
  ///   - contentType: the server's `Content-Type`, where there is one.
  ///   - base: the page's address, against which links are resolved.
  public func read(_ data: Data, contentType: String? = nil, base: URL? = nil) -> PageDocument {
    read(utf8: PageEncoding.utf8(data, contentType: contentType), base: base)
  }

  /// Reads a page from its text.
  public func read(_ html: String, base: URL? = nil) -> PageDocument { read(utf8: Array(html.utf8), base: base) }

  private func read(utf8: [UInt8], base: URL?) -> PageDocument {
    guard !utf8.isEmpty else { return PageDocument(title: "", text: "") }
    let bytes = NestingLimit.apply(to: utf8)
    return bytes.withUnsafeBytes { buffer in
      var options = kGumboDefaultOptions
      options.max_errors = 0
      guard let output = gumbo_parse_with_options(&options, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count)
      else { return PageDocument(title: "", text: "") }
      defer { gumbo_destroy_output(&options, output) }
      guard let root = HTMLNode(output.pointee.root) else { return PageDocument(title: "", text: "") }
      return document(root, base: base)
    }
  }

  private func document(_ root: HTMLNode, base: URL?) -> PageDocument {
    var title: String?
    var base = base
    var body = root
    root.visit { node in
      switch node.name {
      case "title" where title == nil:
        title = (0..<node.childCount).compactMap { node.child($0)?.text }.map { String(decoding: $0, as: UTF8.self) }
          .joined()
      case "base": if let target = node.attribute("href") { base = URL(string: target, relativeTo: base) ?? base }
      case "body":
        body = node
        return false
      case "svg": return false
      default: break
      }
      return true
    }
    let readability = keepsSurroundings ? nil : Readability(body: body)
    var writer = PageWriter(base: base, readability: readability)
    writer.write(readability?.main(of: body) ?? body)
    var page = writer.finish()
    let words = title?.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
    page.title = words.isEmpty ? page.blocks.first { $0.kind == .heading }.map { page.text(in: $0.range) } ?? "" : words
    page.language = root.attribute("lang")
    return page
  }
}
