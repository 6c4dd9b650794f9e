import Documents

extension Book {
  /// A plain text: Project Gutenberg's frame taken off, chapters told by their headings.
  ///
  /// - Parameter name: the title where the text says none.
  public init(plainText: String, name: String? = nil) {
    var text = PlainTextReader(plainText)
    text.takeOffFrame()
    let headings = text.headings()
    self.init(
      title: text.title ?? name, author: text.author, language: text.language, scalars: text.scalars,
      sections: text.sections(headings), remarks: text.remarks)
  }

  /// Markdown, whose chapters are the highest headings of which there are several.
  public init(markdown: String, name: String? = nil) {
    var text = PlainTextReader(markdown)
    let headings = text.markdownHeadings()
    if headings.isEmpty {
      self.init(plainText: markdown, name: name)
      return
    }
    self.init(
      title: text.title ?? name, author: nil, language: nil, scalars: text.scalars,
      sections: text.sections(headings), remarks: text.remarks)
  }
}

/// Reads a plain text line by line.
struct PlainTextReader {
  /// A heading's place.
  struct Heading: Equatable {
    var title: String
    var kind: Book.Kind
    /// The heading's own place: the section before it ends there, its own begins behind it.
    var range: Range<Int>
  }

  /// The readable text: line ends as `\n`, no byte-order mark, no form feeds.
  private(set) var scalars: [Unicode.Scalar]
  private(set) var title: String?
  private(set) var author: String?
  private(set) var language: String?
  private(set) var remarks: [String] = []
  /// What is read of the text; the frame around it is front and back matter.
  private var body: Range<Int>

  init(_ text: String) {
    var made: [Unicode.Scalar] = []
    made.reserveCapacity(text.utf8.count)
    var isAfterReturn = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{FEFF}" where made.isEmpty: break
      case "\r": made.append("\n")
      case "\n" where isAfterReturn: break
      case "\u{C}", "\u{2028}", "\u{2029}", "\u{85}": made.append("\n")
      case "\u{0}": made.append("\u{FFFD}")
      default: made.append(scalar)
      }
      isAfterReturn = scalar == "\r"
    }
    scalars = made
    body = 0..<made.count
  }

  /// The lines of a place, without their ends.
  private func lines(_ range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = range.lowerBound
    for place in range where scalars[place] == "\n" {
      found.append(start..<place)
      start = place + 1
    }
    if start < range.upperBound { found.append(start..<range.upperBound) }
    return found
  }

  private func string(_ range: Range<Int>) -> String { String(scalars: scalars[range]) }

  // MARK: Project Gutenberg

  /// Finds Project Gutenberg's head and licence, and reads title, author and language from the head.
  mutating func takeOffFrame() {
    var (start, end): (Int?, Int?) = (nil, nil)
    var head: [String] = []
    for line in lines(0..<scalars.count) {
      guard scalars[line].first == "*" || (start == nil && head.count < 400) else { continue }
      let text = string(line)
      let upper = text.uppercased()
      if text.hasPrefix("***"), upper.contains("START OF TH"), upper.contains("GUTENBERG"), start == nil {
        start = line.upperBound
      } else if text.hasPrefix("***"), upper.contains("END OF TH"), upper.contains("GUTENBERG"), end == nil {
        end = line.lowerBound
      } else if start == nil {
        head.append(text)
      }
    }
    guard let start else { return }
    for text in head {
      for (label, write) in [("Title: ", 0), ("Author: ", 1), ("Language: ", 2)] where text.hasPrefix(label) {
        let value = text.dropFirst(label.count).trimmingWhitespace
        switch write {
        case 0: title = title ?? value
        case 1: author = author ?? value
        default: language = language ?? Self.tags[value.lowercased()] ?? value
        }
      }
    }
    body = start..<max(start, end ?? scalars.count)
    if end == nil { remarks.append("Project Gutenberg's closing mark is missing: the file may be cut off.") }
    // "End of the Project Gutenberg EBook of …" stands before the mark in older files.
    if let last = lines(body).suffix(40).first(where: {
      string($0).uppercased().hasPrefix("END OF ") && string($0).uppercased().contains("GUTENBERG")
    }) {
      body = body.lowerBound..<last.lowerBound
    }
  }

  private static let tags = [
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "dutch": "nl",
    "portuguese": "pt", "finnish": "fi",
    "russian": "ru", "chinese": "zh", "japanese": "ja", "latin": "la",
  ]

  // MARK: Headings

  /// The headings of the text, the strongest sort that it has.
  mutating func headings() -> [Heading] {
    var found: [(heading: Heading, candidate: HeadingRules.Candidate)] = []
    for paragraph in Book(scalars: scalars, sections: []).paragraphs(in: body) {
      guard paragraph.count <= HeadingRules.longest * 2 else { continue }
      let own = lines(paragraph)
      guard own.count <= 3, let first = own.first else { continue }
      // A heading's title may stand on the line below it.
      let text = own.map { string($0).trimmingWhitespace }.joined(separator: " ")
      guard let candidate = HeadingRules.candidate(text) ?? HeadingRules.candidate(string(first)) else { continue }
      if own.count > 1, candidate.sort != .word { continue }
      found.append((Heading(title: text, kind: candidate.kind, range: paragraph), candidate))
    }
    guard let sort = [HeadingRules.Candidate.Sort.word, .numeral, .capitals].first(where: { isStyle($0, of: found) })
    else { return [] }
    // Where chapters are announced by a word, one that is numbered alone may go on with the count.
    var number: Int?
    let own = found.filter { one in
      let goesOn =
        one.candidate.sort == .numeral && number != nil && one.candidate.number == number.map { $0 + 1 }
        && one.heading.title.split(separator: " ").count > 1
      guard one.candidate.sort == sort || one.candidate.sort == .word || goesOn else { return false }
      number = one.candidate.number ?? number
      return true
    }
    return withoutContents(own.map(\.heading))
  }

  /// Whether a sort of heading divides this text: numbers rise, and what lies between is long.
  private func isStyle(
    _ sort: HeadingRules.Candidate.Sort, of all: [(heading: Heading, candidate: HeadingRules.Candidate)]
  ) -> Bool {
    let own = all.filter { $0.candidate.sort == sort }
    switch sort {
    case .word: return own.contains { $0.candidate.kind == .chapter }
    case .numeral:
      let numbers = own.compactMap(\.candidate.number)
      let rises = zip(numbers, numbers.dropFirst()).count { $1 == $0 + 1 || $1 == 1 }
      return numbers.count >= 3 && numbers.first == 1 && rises * 4 >= (numbers.count - 1) * 3
    case .capitals:
      let lengths = zip(own, own.dropFirst()).map { $1.heading.range.lowerBound - $0.heading.range.upperBound }
      return own.count >= 3 && lengths.count { $0 >= 1000 } * 2 >= lengths.count
    }
  }

  /// Headings without those of a table of contents, which stand close together and come again.
  private func withoutContents(_ headings: [Heading]) -> [Heading] {
    var last: [String: Int] = [:]
    for (place, heading) in headings.enumerated() { last[heading.title.lowercased()] = place }
    return headings.enumerated().filter { place, heading in
      guard last[heading.title.lowercased()] != place, place + 1 < headings.count else { return true }
      return headings[place + 1].range.lowerBound - heading.range.upperBound >= 120
    }.map(\.element)
  }

  /// Markdown's headings of the highest level of which there are two.
  mutating func markdownHeadings() -> [Heading] {
    var found: [(level: Int, heading: Heading)] = []
    var isCode = false
    for line in lines(body) {
      let text = string(line)
      if text.hasPrefix("```") || text.hasPrefix("~~~") { isCode.toggle() }
      let level = text.prefix { $0 == "#" }.count
      guard !isCode, (1...6).contains(level), text.dropFirst(level).first?.isWhitespace == true else { continue }
      let words = text.dropFirst(level).trimmingWhitespace.trimmed { $0 == "#" || $0 == " " }
      found.append((level, Heading(title: words, kind: HeadingRules.kind(of: words), range: line)))
    }
    let counts = Dictionary(grouping: found, by: \.level).mapValues(\.count)
    guard let level = (1...6).first(where: { counts[$0, default: 0] >= 2 }) ?? counts.keys.min() else { return [] }
    if level > 1 || counts[level] == 1, let first = found.first, first.level == 1 { title = first.heading.title }
    return found.filter { $0.level == level }.map(\.heading)
  }

  // MARK: Sections

  /// The sections between headings; what stands before the first and around the frame is front and back matter.
  mutating func sections(_ headings: [Heading]) -> [Book.Section] {
    var made: [Book.Section] = []
    if body.lowerBound > 0 { made.append(.init(title: nil, kind: .frontMatter, range: 0..<body.lowerBound)) }
    let first = headings.first?.range.lowerBound ?? body.upperBound
    if headings.isEmpty {
      made.append(.init(title: nil, kind: .chapter, range: body))
    } else if first > body.lowerBound {
      // A long text before the first heading isn't a title page.
      let isLong = first - body.lowerBound > max(6000, body.count / 5)
      made.append(.init(title: nil, kind: isLong ? .chapter : .frontMatter, range: body.lowerBound..<first))
    }
    var above: String?
    for (place, heading) in headings.enumerated() {
      let end = place + 1 < headings.count ? headings[place + 1].range.lowerBound : body.upperBound
      let range = heading.range.upperBound..<end
      let title = [above, heading.title].compactMap { $0 }.joined(separator: ", ")
      let isEmpty = scalars[range].allSatisfy(\.properties.isWhitespace)
      // "PART ONE" right above "CHAPTER 1" belongs to it.
      if isEmpty, place + 1 < headings.count, Self.word(heading.title) != Self.word(headings[place + 1].title) {
        above = title
        continue
      }
      above = nil
      if isEmpty { remarks.append("'\(title)' holds no text.") }
      made.append(.init(title: title, kind: heading.kind, range: range))
    }
    if body.upperBound < scalars.count {
      made.append(.init(title: nil, kind: .backMatter, range: body.upperBound..<scalars.count))
    }
    return made
  }

  private static func word(_ title: String) -> String { title.lowercased().prefix { !$0.isWhitespace }.description }
}

extension StringProtocol {
  /// The text without white space at its ends.
  var trimmingWhitespace: String { String(self).trimmed(\.isWhitespace) }
}
