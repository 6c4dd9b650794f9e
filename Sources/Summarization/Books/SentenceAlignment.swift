import Foundation

/// Finds where a summary's sentences came from: the sentences below whose words account for theirs.
///
/// A sentence's words are weighted by how rare they are among the sentences that it may come from, w(t) = ln(1 + n/df(t)); a source's
/// score is the share of that weight that it has words for, S = Σ_{t ∈ s∩c} w(t) / Σ_{t ∈ s} w(t). The best source is taken, then, as long as
/// one adds enough, the one that accounts for most of what is left: a summary's sentence often joins several.
///
/// Words are compared without their endings, in any script; words that say little don't count. ``SentenceAlignment/Quality`` measures it
/// where the truth is known.
public struct SentenceAlignment: Sendable, Equatable {
  /// The least score of a first source.
  public var threshold = 0.25
  /// The least share of a sentence's weight that a further source adds.
  public var gain = 0.15
  /// The most sources of a sentence.
  public var most = 4

  /// The settings that were chosen on generated stories.
  public init() {}

  /// A source and how much of the sentence it accounts for by itself.
  public struct Match: Sendable, Equatable {
    /// The source's place in the list.
    public var source: Int
    /// Its score.
    public var score: Double
  }

  /// For each sentence its sources, in the order in which they were taken.
  public func matches(of sentences: [String], in sources: [String]) -> [[Match]] {
    let bags = sources.map { Set(Self.words($0)) }
    var frequency: [String: Int] = [:]
    for bag in bags { for word in bag { frequency[word, default: 0] += 1 } }
    var places: [String: [Int]] = [:]
    for (place, bag) in bags.enumerated() { for word in bag { places[word, default: []].append(place) } }
    func weight(_ word: String) -> Double { log(1 + Double(sources.count) / Double(frequency[word] ?? 1)) }
    return sentences.map { sentence in
      let words = Set(Self.words(sentence))
      let total = words.reduce(0) { $0 + weight($1) }
      guard total > 0 else { return [] }
      let near = Set(words.flatMap { places[$0] ?? [] }).sorted()
      func score(_ place: Int, _ left: Set<String>) -> Double {
        bags[place].intersection(left).reduce(0) { $0 + weight($1) } / total
      }
      var (left, taken): (Set<String>, [Match]) = (words, [])
      while taken.count < most {
        // Of equal ones the shorter, which says nothing else, then the earlier.
        var best: (place: Int, added: Double)?
        for place in near where !taken.contains(where: { $0.source == place }) {
          let added = score(place, left)
          if let found = best, (found.added, bags[place].count) >= (added, bags[found.place].count) { continue }
          best = (place, added)
        }
        guard let best, best.added >= (taken.isEmpty ? threshold : gain) else { break }
        taken.append(Match(source: best.place, score: score(best.place, words)))
        left.subtract(bags[best.place])
      }
      return taken
    }
  }

  /// The words of a sentence that are compared.
  static func words(_ text: String) -> [String] {
    var (found, current): ([String], String.UnicodeScalarView) = ([], .init())
    func close() {
      if !current.isEmpty {
        let word = String(current).lowercased()
        if !stopWords.contains(word) { found.append(stem(word)) }
        current = .init()
      }
    }
    for scalar in text.unicodeScalars {
      if (0x3040...0x30FF).contains(scalar.value) || (0x3400...0x9FFF).contains(scalar.value) {
        // These scripts leave no spaces between words.
        close()
        found.append(String(scalar))
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        current.append(scalar)
      } else if scalar != "'" && scalar != "’" {
        close()
      }
    }
    close()
    return found
  }

  /// A word without the endings that English puts on it; short words stay.
  private static func stem(_ word: String) -> String {
    for ending in ["ingly", "edly", "ing", "ies", "ed", "es", "ly", "s", "e"]
    where word.count - ending.count >= 4 && word.hasSuffix(ending) {
      return String(word.dropLast(ending.count))
    }
    return word
  }

  private static let stopWords = Set(
    """
    a an the and or but nor so yet if then than that this these those there here of to in on at by for from with without into onto over under
    about after before as is are was were be been being am do does did done has have had having will would shall should can could may might must
    i you he she it we they me him her us them my your his its our their mine who whom whose which what when where why how not no all any both
    each few more most other some such only own same too very just also again once up down out off it's she's he's
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  /// How good an alignment is where the truth is known.
  public struct Quality: Sendable, Codable, Equatable {
    /// The share of the sources found that are right.
    public var precision: Double
    /// The share of the sentences with a source of which a right one was found.
    public var recall: Double
    /// The number of sentences with a source.
    public var sentences: Int

    /// Compares what was found with the truth: for each sentence the places that say what it says.
    public init(found: [[Int]], truth: [Set<Int>]) {
      var (right, all, hit, known) = (0, 0, 0, 0)
      for (found, truth) in zip(found, truth) {
        all += found.count
        right += found.count { truth.contains($0) }
        guard !truth.isEmpty else { continue }
        known += 1
        if found.contains(where: truth.contains) { hit += 1 }
      }
      precision = Double(right) / Double(max(1, all))
      recall = Double(hit) / Double(max(1, known))
      sentences = known
    }
  }
}
