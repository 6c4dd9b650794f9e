/// The claims of a text, read without knowing the post.
///
/// Any string can be read: text is lower-cased and cut into words (letters, digits and apostrophes;
/// a possessive `'s` is set aside), and each of the lexicon's values is looked for as whole words,
/// the longest first. Whatever isn't recognised counts only as words.
struct SummaryClaims {
  struct Claim: Hashable {
    var kind: FactKind
    /// The value in the lexicon's own spelling.
    var value: String
    /// Whether the value stands in a phrase that states the fact ("at the park", "her bike") and
    /// isn't merely dropped as a keyword.
    var isStated: Bool
  }

  /// The claims in the order of the text, repetitions included.
  private(set) var claims: [Claim] = []
  /// The numbers in the text.
  private(set) var numbers: [String] = []
  /// The number of words that deny something.
  private(set) var negations = 0
  /// Capitalised words within a sentence that nothing in this world is called.
  private(set) var unknownNames = 0
  /// The number of words that the text has.
  private(set) var wordCount = 0

  init(reading text: String) {
    let words = Self.words(of: text)
    wordCount = words.count
    var position = 0
    while position < words.count {
      let word = words[position]
      if let (pattern, length) = Self.match(words, at: position) {
        claims.append(
          Claim(
            kind: pattern.kind, value: pattern.value,
            isStated: Self.isStated(pattern.kind, at: position, in: words)))
        position += length
        continue
      }
      if word.key.contains(where: \.isNumber) {
        numbers.append(word.key)
      } else if Self.negators.contains(word.key) || word.key.hasSuffix("n't") {
        negations += 1
      } else if word.isCapitalised && !word.startsSentence && !Self.capitalised.contains(word.key) {
        unknownNames += 1
      }
      position += 1
    }
  }

  // MARK: Words

  struct Word {
    var key: String
    var isPossessive = false
    var isCapitalised: Bool
    var startsSentence: Bool
  }

  static func words(of text: String) -> [Word] {
    var words: [Word] = []
    var current = ""
    var startsSentence = true
    func close() {
      guard current.contains(where: { $0.isLetter || $0.isNumber }) else {
        current = ""
        return
      }
      var key = current.lowercased()
      while key.hasSuffix("'") { key.removeLast() }
      while key.hasPrefix("'") { key.removeFirst() }
      let isPossessive = key.hasSuffix("'s")
      if isPossessive { key.removeLast(2) }
      // Names are capitalised, not shouted: an upper-case text claims no more than a lower-case one.
      let letters = current.prefix { $0 != "'" }.filter(\.isLetter)
      let isCapitalised =
        letters.first?.isUppercase == true
        && (letters.count == 1 || letters.dropFirst().contains(where: \.isLowercase))
      words.append(
        Word(
          key: key, isPossessive: isPossessive, isCapitalised: isCapitalised,
          startsSentence: startsSentence))
      startsSentence = false
      current = ""
    }
    for character in text {
      if character.isLetter || character.isNumber {
        current.append(character)
      } else if character == "'" || character == "’" {
        current.append("'")
      } else {
        close()
        if ".!?:;\n\r\r\n".contains(character) { startsSentence = true }
      }
    }
    close()
    return words
  }

  // MARK: Values

  struct Pattern {
    var kind: FactKind
    var value: String
    var words: [String]
  }

  /// Patterns by their first word, the longest first.
  private static let patterns: [String: [Pattern]] = {
    var result: [String: [Pattern]] = [:]
    for kind in FactKind.allCases {
      for value in Lexicon.values(kind) {
        var words = value.lowercased().split(separator: " ").map(String.init)
        if kind == .request, articles.contains(words[0]) { words.removeFirst() }
        result[words[0], default: []].append(Pattern(kind: kind, value: value, words: words))
      }
    }
    return result.mapValues { $0.sorted { $0.words.count > $1.words.count } }
  }()

  private static func match(_ words: [Word], at start: Int) -> (Pattern, Int)? {
    for pattern in patterns[words[start].key] ?? [] {
      let end = start + pattern.words.count
      guard end <= words.count else { continue }
      if words[start..<end].map(\.key) == pattern.words { return (pattern, pattern.words.count) }
    }
    return nil
  }

  /// Whether the words before a value make a statement of it.
  private static func isStated(_ kind: FactKind, at position: Int, in words: [Word]) -> Bool {
    func word(_ offset: Int) -> Word? { position >= offset ? words[position - offset] : nil }
    let last = word(1)
    let hasArticle = last.map { articles.contains($0.key) } ?? false
    let introduction = hasArticle ? word(2) : last
    switch kind {
    case .person:
      return true
    case .problem:
      return last != nil
    case .thing:
      guard let last else { return false }
      return hasArticle || last.isPossessive || possessives.contains(last.key)
    case .place:
      return hasArticle && introduction.map { placePrepositions.contains($0.key) } ?? false
    case .day:
      return last.map { dayPrepositions.contains($0.key) } ?? false
    case .request:
      return introduction.map { wishes.contains($0.key) } ?? false
    }
  }

  private static let articles: Set<String> = ["a", "an", "the"]
  private static let possessives: Set<String> = ["his", "her", "their", "my", "this", "that"]
  private static let placePrepositions: Set<String> = ["at", "in", "near", "by"]
  private static let dayPrepositions: Set<String> = ["on", "last", "this", "by", "since"]
  private static let wishes: Set<String> = [
    "want", "wants", "wanted", "need", "needs", "needed", "for", "seeks", "get", "gets",
  ]
  private static let negators: Set<String> = ["not", "never", "no", "nobody", "nothing", "without"]
  private static let capitalised: Set<String> = ["a", "i", "tl", "dr", "tldr"]
}
