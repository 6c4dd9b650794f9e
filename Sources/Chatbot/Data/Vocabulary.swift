import PortableModels

/// The words that a model reads or writes, by number.
///
/// They are kept in lower case. A word that never stands in lower case inside a sentence is written as it stands there, such as a name.
public struct Vocabulary: Sendable, Codable, Equatable {
  /// The words in lower case.
  public let words: [String]
  /// The words as they are written.
  public let spellings: [String]
  private let numbers: [String: Int]

  enum CodingKeys: String, CodingKey { case words, spellings }

  /// The most frequent words of some texts, the most frequent first.
  ///
  /// - Parameters:
  ///   - limit: the most words.
  ///   - special: words that come before all others and that no text has.
  public init(_ texts: [String], limit: Int, special: [String] = []) {
    var counts: [String: Int] = [:]
    var inside: [String: Set<String>] = [:]
    for text in texts {
      var begins = true
      for spelled in WordText.cased(of: Array(text.utf8)).map({ String(decoding: $0, as: UTF8.self) }) {
        let word = Self.lowered(spelled)
        counts[word, default: 0] += 1
        if !begins { inside[word, default: []].insert(spelled) }
        begins = [".", "!", "?"].contains(spelled)
      }
    }
    let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    let kept = special + ordered.prefix(max(0, limit - special.count))
    self.init(
      words: kept,
      spellings: kept.map { word in
        let seen = inside[word] ?? []
        return seen.count == 1 ? seen.first ?? word : word
      })
  }

  private init(words: [String], spellings: [String]) {
    self.words = words
    self.spellings = spellings
    numbers = Dictionary(words.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  /// Reads words and spellings.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let words = try container.decode([String].self, forKey: .words)
    let spellings = try container.decode([String].self, forKey: .spellings)
    guard words.count == spellings.count, !words.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .spellings, in: container, debugDescription: "there must be a spelling for each word")
    }
    self.init(words: words, spellings: spellings)
  }

  /// Writes words and spellings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(words, forKey: .words)
    try container.encode(spellings, forKey: .spellings)
  }

  /// The number of words.
  public var count: Int { words.count }

  /// The numbers of a text's words; those that aren't known are left out.
  public func numbers(of text: String) -> [Int] { Self.words(text).compactMap { numbers[$0] } }

  /// The number of a word.
  public func number(of word: String) -> Int? { numbers[word] }

  /// A text's words in lower case.
  public static func words(_ text: String) -> [String] {
    WordText.words(of: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func lowered(_ word: String) -> String {
    String(decoding: word.utf8.map(WordText.lower), as: UTF8.self)
  }
}
