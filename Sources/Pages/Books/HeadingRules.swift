/// Tells headings of a plain text from its other lines.
struct HeadingRules {
  /// A line that may be a heading.
  struct Candidate: Equatable {
    /// The strength of the sign: those of the strongest sort that a text has are its headings.
    enum Sort: Int, Comparable {
      case capitals, numeral, word
      static func < (a: Sort, b: Sort) -> Bool { a.rawValue < b.rawValue }
    }
    var sort: Sort
    /// The word that announces it, such as `chapter`, in lower case.
    var word: String?
    /// Its number, where it has one.
    var number: Int?
    /// The part of a book that its word names.
    var kind: Book.Kind
  }

  /// The longest heading in code points.
  static let longest = 100

  /// Words before a number: chapters in the languages that one meets most.
  private static let divisions: Set<String> = [
    "chapter", "book", "part", "act", "scene", "letter", "stave", "canto", "volume", "adventure", "section", "lecture",
    "story", "episode",
    "kapitel", "buch", "teil", "chapitre", "livre", "partie", "capítulo", "capitulo", "libro", "parte", "capitolo",
    "hoofdstuk", "глава", "часть",
  ]
  private static let front: Set<String> = [
    "contents", "table of contents", "preface", "foreword", "introduction", "dedication", "acknowledgements",
    "acknowledgments",
    "copyright", "list of illustrations", "illustrations", "title page", "to the reader", "inhalt", "vorwort",
    "préface", "prefacio",
  ]
  private static let back: Set<String> = [
    "index", "notes", "footnotes", "bibliography", "references", "appendix", "glossary", "about the author",
    "transcriber's note",
    "transcriber’s note", "transcriber's notes", "endnotes", "colophon", "license", "licence",
  ]
  private static let chapters: Set<String> = [
    "prologue", "epilogue", "prolog", "epilog", "interlude", "conclusion", "afterword",
  ]

  /// Which part of a book a heading's words name.
  static func kind(of heading: String) -> Book.Kind {
    let plain = plain(heading)
    if front.contains(plain) { return .frontMatter }
    if back.contains(plain) || back.contains(where: { $0.count > 5 && plain.hasPrefix($0 + " ") }) {
      return .backMatter
    }
    return .chapter
  }

  private static func plain(_ heading: String) -> String {
    var text = heading.lowercased()
    while let last = text.last, last.isWhitespace || ".:*_".contains(last) { text.removeLast() }
    while let first = text.first, first.isWhitespace || "*_#".contains(first) { text.removeFirst() }
    return text
  }

  /// A paragraph of one or two lines as a heading, if it looks like one.
  static func candidate(_ text: String) -> Candidate? {
    guard text.unicodeScalars.count <= longest else { return nil }
    let lower = plain(text)
    guard !lower.isEmpty else { return nil }
    if chapters.contains(lower) || front.contains(lower) || back.contains(lower) {
      return Candidate(sort: .word, word: lower, number: nil, kind: kind(of: text))
    }
    let words = lower.split(whereSeparator: { $0.isWhitespace })
    guard let first = words.first else { return nil }
    if words.count > 1, divisions.contains(String(first)), let number = number(String(words[1])) {
      // "Part one of the story was over." is a sentence.
      let isSentence =
        text.last == "." && words.count > 4 && text.contains(where: \.isLowercase) && words[1].last?.isLetter == true
      if !isSentence { return Candidate(sort: .word, word: String(first), number: number, kind: .chapter) }
    }
    // A number in a word begins too many sentences.
    if let number = number(String(first)), Self.words[String(first)] == nil,
      words.count > 1 ? "\(first)".last == "." || words.count <= 8 : true
    {
      let begins = text.first { !$0.isWhitespace }
      // "I went home" begins with a word, "I." and "XII THE STREET" with a number.
      let isNumeral = begins?.isNumber == true || "\(first)".count > 1 || words.count == 1
      let rest = text.drop { !$0.isWhitespace }
      if isNumeral, words.count == 1 || rest.contains(where: \.isUppercase), text.last != "," {
        return Candidate(sort: .numeral, word: nil, number: number, kind: .chapter)
      }
    }
    let letters = text.filter(\.isLetter)
    if letters.count >= 3, letters.contains(where: \.isUppercase), !letters.contains(where: \.isLowercase),
      words.count <= 12
    {
      return Candidate(sort: .capitals, word: nil, number: nil, kind: .chapter)
    }
    return nil
  }

  /// A number in digits, in Roman numerals or in an English word.
  static func number(_ word: String) -> Int? {
    let bare = word.trimmed { ".:—-)(*_".contains($0) }.lowercased()
    if let value = Int(bare) { return (0...9999).contains(value) ? value : nil }
    if let value = words[bare] { return value }
    return roman(bare)
  }

  private static let words: [String: Int] = {
    let ones = [
      "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
      "fourteen", "fifteen",
      "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ]
    let ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
    return Dictionary(
      (ones.enumerated().map { ($1, $0 + 1) } + ordinals.enumerated().map { ($1, $0 + 1) })
    ) { first, _ in first }
  }()

  /// The value of a Roman numeral in its one right form; nil for other words.
  static func roman(_ word: String) -> Int? {
    guard !word.isEmpty, word.count <= 12 else { return nil }
    let values: [Character: Int] = ["i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000]
    var total = 0
    let digits = word.map { values[$0] ?? 0 }
    guard !digits.contains(0) else { return nil }
    for (place, digit) in digits.enumerated() {
      total += place + 1 < digits.count && digit < digits[place + 1] ? -digit : digit
    }
    return total > 0 && numeral(total) == word ? total : nil
  }

  private static func numeral(_ number: Int) -> String {
    let parts: [(Int, String)] = [
      (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
      (9, "ix"), (5, "v"),
      (4, "iv"), (1, "i"),
    ]
    var (rest, text) = (number, "")
    for (value, letters) in parts {
      while rest >= value {
        text += letters
        rest -= value
      }
    }
    return text
  }
}

extension String {
  /// The text without the characters at its ends that a rule names.
  func trimmed(_ rule: (Character) -> Bool) -> String {
    var view = self[...]
    while let last = view.last, rule(last) { view.removeLast() }
    while let first = view.first, rule(first) { view.removeFirst() }
    return String(view)
  }
}
