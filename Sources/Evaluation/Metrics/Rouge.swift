/// ROUGE: how much of a reference's wording a text covers (Lin, 2004).
///
/// Gives the same numbers as the `rouge-score` package: its tokenizer (lowercase, everything but
/// `a–z` and `0–9` separates), its optional Porter stemming of words over three letters, its clipped
/// n-gram counts, and its summary-level ROUGE-L that unites matches over lines.
///
/// ```swift
/// let rouge = Rouge(stemming: true)
/// let score = rouge.score(reference: "the cat was on the mat", text: "cats sat on the mat")
/// print(score.rouge1.f1, score.rouge2.f1, score.rougeL.f1)
/// ```
///
/// That tokenizer is made for English: text in other scripts has no tokens there and scores 0, as in the package, whatever it says.
/// ``Words/unicode`` knows words of all scripts.
public struct Rouge: Sendable, Codable, Equatable {
  /// The kinds of words that are compared.
  public enum Words: String, Sendable, Codable, CaseIterable {
    /// Those of `rouge-score`: runs of `a–z` and `0–9`.
    case rougeScore = "rouge-score"
    /// Runs of letters, marks and digits of any script; each ideograph and each kana is one, as those scripts leave no spaces.
    case unicode
  }

  /// Whether words are compared by their stems, which English ones have.
  public var stemming: Bool
  /// The words that are compared.
  public var words: Words

  /// Sets up a scorer; papers on summarization mostly stem.
  public init(stemming: Bool = true, words: Words = .rougeScore) {
    self.stemming = stemming
    self.words = words
  }

  /// Whether a text has letters and no word to compare, so that its score of 0 says nothing.
  public func isBlind(to text: String) -> Bool {
    tokens(text).isEmpty && text.unicodeScalars.contains { $0.properties.isAlphabetic }
  }

  /// Precision, recall and their harmonic mean.
  public struct Score: Sendable, Codable, Equatable {
    /// The share of the text's units that the reference has.
    public var precision: Double
    /// The share of the reference's units that the text has.
    public var recall: Double
    /// 2PR / (P + R), and 0 where both are 0.
    public var f1: Double

    init(hits: Int, ofText text: Int, ofReference reference: Int) {
      precision = Double(hits) / Double(max(text, 1))
      recall = Double(hits) / Double(max(reference, 1))
      f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  /// The four usual scores of one text.
  public struct Scores: Sendable, Codable, Equatable {
    /// Shared words.
    public var rouge1: Score
    /// Shared pairs of neighbouring words.
    public var rouge2: Score
    /// The longest common subsequence of words.
    public var rougeL: Score
    /// The union of longest common subsequences, line by line.
    public var rougeLsum: Score
  }

  /// Scores a text against one reference.
  public func score(reference: String, text: String) -> Scores {
    let expected = tokens(reference)
    let given = tokens(text)
    return Scores(
      rouge1: ngrams(expected, given, n: 1), rouge2: ngrams(expected, given, n: 2),
      rougeL: Score(
        hits: commonSubsequence(expected, given).count, ofText: given.count,
        ofReference: expected.count),
      rougeLsum: summaryLevel(reference, text))
  }

  /// Scores a text against several references: for each kind of score, the best by F1.
  ///
  /// Returns nil where there is no reference.
  public func score(references: [String], text: String) -> Scores? {
    let all = references.map { score(reference: $0, text: text) }
    guard var best = all.first else { return nil }
    for other in all.dropFirst() {
      for kind in [\Scores.rouge1, \.rouge2, \.rougeL, \.rougeLsum]
      where other[keyPath: kind].f1 > best[keyPath: kind].f1 {
        best[keyPath: kind] = other[keyPath: kind]
      }
    }
    return best
  }

  /// The words that are compared.
  public func tokens(_ text: String) -> [String] {
    let stemmer = PorterStemmer()
    let isWord: (UInt8) -> Bool = { (97...122).contains($0) || (48...57).contains($0) }
    let found: [[UInt8]] =
      switch words {
      case .rougeScore: text.lowercased().utf8.split { !isWord($0) }.map(Array.init)
      case .unicode: Self.unicodeWords(text.lowercased()).map { Array($0.utf8) }
      }
    return found.map { word in
      let isStemmed = stemming && word.count > 3 && word.allSatisfy(isWord)
      return String(decoding: isStemmed ? stemmer.stem(word) : word, as: UTF8.self)
    }
  }

  private static func unicodeWords(_ text: String) -> [String] {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    func end() {
      if !word.isEmpty { words.append(String(word)) }
      word = String.UnicodeScalarView()
    }
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .otherLetter where scalar.properties.isIdeographic || (0x3041...0x30FF).contains(scalar.value):
        end()
        words.append(String(scalar))
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
        .spacingMark,
        .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
        word.append(scalar)
      // Joiners shape letters of Indic and Persian words and part none.
      case .format where scalar.value == 0x200C || scalar.value == 0x200D:
        if !word.isEmpty { word.append(scalar) }
      default: end()
      }
    }
    end()
    return words
  }

  private func ngrams(_ reference: [String], _ text: [String], n: Int) -> Score {
    func counts(_ words: [String]) -> [[String]: Int] {
      guard words.count >= n else { return [:] }
      return (0...(words.count - n)).reduce(into: [:]) { counts, start in
        counts[Array(words[start..<(start + n)]), default: 0] += 1
      }
    }
    let (expected, given) = (counts(reference), counts(text))
    return Score(
      hits: expected.reduce(0) { $0 + min($1.value, given[$1.key] ?? 0) },
      ofText: max(0, text.count - n + 1), ofReference: max(0, reference.count - n + 1))
  }

  /// The positions in `reference` of one longest common subsequence.
  ///
  /// Several can be longest; walking back, the text's side is shortened only where that is strictly
  /// better, which decides as the package does.
  private func commonSubsequence(_ reference: [String], _ text: [String]) -> [Int] {
    let width = text.count + 1
    var table = [Int32](repeating: 0, count: (reference.count + 1) * width)
    for (i, expected) in reference.enumerated() {
      for (j, given) in text.enumerated() {
        let here = (i + 1) * width + j + 1
        table[here] =
          expected == given
          ? table[here - width - 1] + 1 : max(table[here - width], table[here - 1])
      }
    }
    var positions: [Int] = []
    var (i, j) = (reference.count, text.count)
    while i > 0, j > 0 {
      if reference[i - 1] == text[j - 1] {
        positions.append(i - 1)
        i -= 1
        j -= 1
      } else if table[i * width + j - 1] > table[(i - 1) * width + j] {
        j -= 1
      } else {
        i -= 1
      }
    }
    return positions.reversed()
  }

  private func summaryLevel(_ reference: String, _ text: String) -> Score {
    func sentences(_ whole: String) -> [[String]] {
      whole.unicodeScalars.split(separator: "\n").map { tokens(String($0)) }
    }
    let (expected, given) = (sentences(reference), sentences(text))
    func counts(_ lines: [[String]]) -> [String: Int] {
      lines.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    // A word counts as often as both sides have it, however many lines it matched in.
    var (left, right) = (counts(expected), counts(given))
    var hits = 0
    for sentence in expected {
      let union = given.reduce(into: Set<Int>()) {
        $0.formUnion(commonSubsequence(sentence, $1))
      }
      for position in union.sorted() {
        let word = sentence[position]
        guard let a = left[word], let b = right[word], a > 0, b > 0 else { continue }
        hits += 1
        left[word] = a - 1
        right[word] = b - 1
      }
    }
    return Score(
      hits: hits, ofText: given.joined().count, ofReference: expected.joined().count)
  }
}
