import Foundation

/// An HTML page as a book's text: positions count code points, as ``Book``'s do.
struct PageText {
  /// The text.
  let scalars: [Unicode.Scalar]
  /// The headings with their levels and places.
  let headings: [(level: Int, title: String, range: Range<Int>)]
  /// What the page says that its title is.
  let title: String?
  /// The language that it says it is in.
  let language: String?
  /// Where elements with an `id` or an anchor's `name` begin.
  let anchors: [String: Int]

  /// Reads a page of the Web.
  init(_ data: Data, contentType: String?) { self.init(HTMLReader().read(data, contentType: contentType)) }

  /// Reads a document of an EPUB: all of it, and as XML, in which any element may be closed where it opens.
  ///
  /// An HTML parser takes `<title/>` for the beginning of a title that never ends.
  init(xhtml: Data) {
    let text = String(decoding: PageEncoding.utf8(xhtml), as: UTF8.self)
    let open = text.replacing(#/<([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*?)?)\s*\/>/#) { match -> String in
      let name = String(match.output.1)
      return Self.void.contains(name.lowercased()) ? String(match.output.0) : "<\(name)\(match.output.2)></\(name)>"
    }
    self.init(HTMLReader(keepsSurroundings: true).read(open))
  }

  private static let void: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
  ]

  private init(_ page: PageDocument) {
    scalars = Array(page.text.unicodeScalars)
    // The reader counts bytes of UTF-8.
    var places = [Int](repeating: 0, count: page.text.utf8.count + 1)
    var byte = 0
    for (place, scalar) in scalars.enumerated() {
      for _ in 0..<UTF8.width(scalar) {
        places[byte] = place
        byte += 1
      }
    }
    places[byte] = scalars.count
    func place(_ byte: Int) -> Int { places[min(max(0, byte), places.count - 1)] }
    headings = page.blocks.filter { $0.kind == .heading && !$0.range.isEmpty }.map {
      (
        $0.level, page.text(in: $0.range).split(whereSeparator: \.isWhitespace).joined(separator: " "),
        place($0.range.lowerBound)..<place($0.range.upperBound)
      )
    }
    title = page.title.isEmpty ? nil : page.title
    language = page.language
    anchors = page.anchors.mapValues(place)
  }

  /// Whether a place holds white space alone.
  func isBlank(_ range: Range<Int>) -> Bool { scalars[range].allSatisfy(\.properties.isWhitespace) }
}
