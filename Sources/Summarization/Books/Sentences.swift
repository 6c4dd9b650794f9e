/// Divides text into sentences, for provenance and for passages that are one long paragraph.
///
/// A sentence ends with `.`, `!`, `?`, `…` and the quotes and brackets behind them, where white space and no small letter follows;
/// titles, initials and a few abbreviations don't end one, nor does an empty line fail to. Chinese and Japanese ends need no space.
/// Positions count code points.
public enum Sentences {
  /// The places of the sentences of a text, without the white space around them.
  public static func ranges(of scalars: some RandomAccessCollection<Unicode.Scalar>) -> [Range<Int>] {
    let text = Array(scalars)
    var found: [Range<Int>] = []
    var (start, place) = (0, 0)
    func close(_ end: Int) {
      var (first, last) = (start, end)
      while first < last, text[first].properties.isWhitespace { first += 1 }
      while last > first, text[last - 1].properties.isWhitespace { last -= 1 }
      if first < last { found.append(first..<last) }
      start = end
    }
    while place < text.count {
      let scalar = text[place]
      if scalar == "\n", place + 1 < text.count, text[place + 1] == "\n" {
        close(place)
        place += 1
        continue
      }
      guard ends.contains(scalar) else {
        place += 1
        continue
      }
      var end = place + 1
      while end < text.count, ends.contains(text[end]) || closers.contains(text[end]) { end += 1 }
      if wideEnds.contains(scalar) {
        close(end)
      } else if end >= text.count {
        close(end)
      } else if text[end].properties.isWhitespace {
        var next = end
        while next < text.count, text[next].properties.isWhitespace || openers.contains(text[next]) { next += 1 }
        let goesOn = next < text.count && text[next].properties.isLowercase
        if !goesOn, !(scalar == "." && isAbbreviation(text, endingAt: place)) { close(end) }
      }
      place = max(end, place + 1)
    }
    close(text.count)
    return found
  }

  /// The sentences of a text.
  public static func texts(of text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return ranges(of: scalars).map { String(scalars: scalars[$0]) }
  }

  /// A text up to the end of its last whole sentence; the whole of it where none ends.
  static func whole(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    let ranges = ranges(of: scalars)
    guard let last = ranges.last, ranges.count > 1, let sign = scalars[last].last else { return text }
    if ends.contains(sign) || closers.contains(sign) { return text }
    return String(scalars: scalars[..<ranges[ranges.count - 2].upperBound])
  }

  private static let wideEnds: Set<Unicode.Scalar> = ["。", "！", "？", "．", "｡"]
  private static let ends: Set<Unicode.Scalar> = wideEnds.union([".", "!", "?", "…", "؟", "।"])
  private static let closers: Set<Unicode.Scalar> = ["\"", "'", "’", "”", ")", "]", "»", "」", "』", "*", "_"]
  private static let openers: Set<Unicode.Scalar> = ["\"", "'", "‘", "“", "(", "[", "«", "—", "-", "*", "_"]
  private static let abbreviations: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "e.g", "i.e", "cf", "vol", "ch", "pp", "p",
    "fig", "hon", "rev",
    "col", "gen", "capt", "lt", "messrs", "mme", "mlle", "bzw", "z.b", "ca",
  ]

  private static func isAbbreviation(_ text: [Unicode.Scalar], endingAt dot: Int) -> Bool {
    var first = dot
    while first > 0, !text[first - 1].properties.isWhitespace, !openers.contains(text[first - 1]) { first -= 1 }
    let word = String(scalars: text[first..<dot])
    // An initial: "J. Smith"; "I." ends sentences and numbers chapters, and is taken for an end.
    if word.unicodeScalars.count == 1, let letter = word.unicodeScalars.first, letter.properties.isUppercase,
      letter != "I"
    {
      return true
    }
    return abbreviations.contains(word.lowercased())
  }
}

extension String {
  /// The text of some code points.
  init(scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
