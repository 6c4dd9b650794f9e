/// What Python's strings do, where Swift's do otherwise: white space, and lengths in code points.
enum PythonText {
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
  }

  /// `str.strip()`.
  static func strip(_ text: String) -> String {
    var view = text.unicodeScalars[...]
    view = view.drop(while: isSpace)
    while let last = view.last, isSpace(last) { view.removeLast() }
    return String(String.UnicodeScalarView(view))
  }

  /// The text without the white space at its end, and that white space.
  static func trailingSpace(of text: String) -> (body: String, space: String) {
    var view = text.unicodeScalars[...]
    while let last = view.last, isSpace(last) { view.removeLast() }
    return (
      String(String.UnicodeScalarView(view)), String(String.UnicodeScalarView(text.unicodeScalars[view.endIndex...]))
    )
  }

  /// Whether the first, or the last, code point is white space.
  static func beginsWithSpace(_ text: String) -> Bool { text.unicodeScalars.first.map(isSpace) ?? false }
  static func endsWithSpace(_ text: String) -> Bool { text.unicodeScalars.last.map(isSpace) ?? false }

  /// The number of pieces that `re.split(r"\s+", text)` gives.
  static func wordCount(_ text: String) -> Int {
    var count = 1
    var wasSpace = false
    for scalar in text.unicodeScalars {
      let space = isSpace(scalar)
      if space, !wasSpace { count += 1 }
      wasSpace = space
    }
    return count
  }

  /// The place of a text in another, in bytes.
  static func place(of needle: String, in text: String) -> Int? {
    let (needle, text) = (Array(needle.utf8), Array(text.utf8))
    guard needle.count <= text.count else { return nil }
    return (0...text.count - needle.count).first { text[$0..<$0 + needle.count].elementsEqual(needle) }
  }
}
