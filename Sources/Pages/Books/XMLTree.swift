import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of a small XML file with what is in it.
struct XMLTree {
  /// The name without its prefix.
  var name: String
  var attributes: [String: String]
  var children: [XMLTree] = []
  /// The text directly in it.
  var text = ""

  /// The element and all below it, in the file's order.
  var all: [XMLTree] { [self] + children.flatMap(\.all) }

  /// The first element of a name, at any depth.
  func first(_ name: String) -> XMLTree? { all.first { $0.name == name } }

  /// The text in it and below, with single spaces.
  var content: String {
    all.map(\.text).joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Reads a file; nil where it isn't well-formed.
  ///
  /// External entities are not loaded.
  static func parse(_ data: Data) -> XMLTree? {
    let reader = Reader()
    let parser = XMLParser(data: data)
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    guard parser.parse() else { return nil }
    return reader.root
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: XMLTree?
    private var open: [XMLTree] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      // So deep is no table of contents; the walk over the tree is recursive.
      guard open.count < 200 else { return parser.abortParsing() }
      open.append(
        XMLTree(
          name: Self.local(name),
          attributes: Dictionary(attributes.map { (Self.local($0.key), $0.value) }) { first, _ in first }))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if !open.isEmpty { open[open.count - 1].text += text }
    }

    func parser(_ parser: XMLParser, didEndElement: String, namespaceURI: String?, qualifiedName: String?) {
      guard let done = open.popLast() else { return }
      if open.isEmpty { root = done } else { open[open.count - 1].children.append(done) }
    }

    private static func local(_ name: String) -> String { name.split(separator: ":").last.map(String.init) ?? name }
  }
}
