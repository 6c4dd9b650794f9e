import Documents
import Pages

/// `summary.html`: the tree to look into, in one file that needs nothing else.
struct SummaryPage {
  private let title: String
  private let document: JSONValue
  private let text: String

  init(_ tree: SummaryTree, _ book: Book, _ document: JSONValue) {
    (title, self.document, text) = (tree.title ?? tree.source, document, book.text)
  }

  /// The page.
  var html: String {
    // The parts in one go: a book may hold what looks like a place.
    let values = ["title": Self.escaped(title), "tree": Self.script(document), "text": Self.script(.string(text))]
    let parts = Self.template.split(separator: "{{", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(into: String(parts[0])) { page, part in
      let halves = part.split(separator: "}}", maxSplits: 1, omittingEmptySubsequences: false)
      page += (values[String(halves[0])] ?? "") + halves.dropFirst().joined()
    }
  }

  /// JSON that may stand in a script element: nothing in it ends the element.
  private static func script(_ value: JSONValue) -> String {
    value.serialized().replacing("<", with: "\\u003c").replacing("\u{2028}", with: "\\u2028").replacing(
      "\u{2029}", with: "\\u2029")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
      "{{", with: "{ {")
  }
}
