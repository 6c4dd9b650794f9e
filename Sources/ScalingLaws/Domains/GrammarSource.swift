import Foundation
public import Statistics

/// Text of a probabilistic grammar whose entropy is known, so that the constant of a scaling law can be held against it.
///
/// Each production of a symbol begins with a word that no other production of that symbol begins with, so that a text has one
/// derivation, the derivation is read off from left to right, and the text's end is certain when it comes. The entropy of a document
/// is then that of its choices: with h the entropies of the symbols' choices and M the mean numbers of symbols that each becomes,
/// H = (I − M)⁻¹ h (Grenander, 1976), and with one word a production the mean length is (I − M)⁻¹ 1.
///
/// ```swift
/// let source = GrammarSource(symbols: 12, choices: 6, seed: 1)
/// source.entropy          // nats a document
/// ```
public struct GrammarSource: Sendable {
  /// One way to expand a symbol: a word, and symbols after it.
  struct Production: Sendable {
    var probability: Double
    /// The word's number.
    var number: Int
    var children: [Int]
  }

  /// The productions of each symbol; documents begin with symbol 0.
  let productions: [[Production]]
  /// The productions of each symbol by their words' numbers.
  private let choices: [[Int: Production]]
  /// The words by number.
  public let words: [String]
  /// The entropy of a document, in nats.
  public let entropy: Double
  /// The mean number of words of a document.
  public let meanWords: Double

  /// Draws a grammar.
  ///
  /// - Parameters:
  ///   - symbols: how many symbols, 1 or more.
  ///   - choices: how many productions each has, from 2 to 200.
  ///   - words: how many words there are, `choices` or more: the fewer, the more a word leaves open; twice the choices unless given.
  ///   - skew: 1 draws all symbols alike as what comes after a word; larger ones make the first symbols common and the last rare,
  ///     by `uniform^skew`, so that there is always something rarer to be learnt.
  ///   - seed: the same gives the same grammar.
  public init(symbols: Int, choices: Int, words: Int? = nil, skew: Double = 1, seed: UInt64) {
    precondition(symbols > 0 && (2...200).contains(choices) && words ?? choices >= choices && skew >= 1)
    let vocabulary = words ?? 2 * choices
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "grammar").value)
    let productions = (0..<symbols).map { _ in
      var words = Array(0..<vocabulary)
      // Exponential weights, normalised: evenly drawn from the simplex.
      let weights = (0..<choices).map { _ in -log(1 - random.uniform()) + 1e-3 }
      let sum = weights.reduce(0, +)
      let mean = 0.85
      // Two, one or no symbols after the word, so that 0.85 come on average over the choices and every document ends.
      var made: [Production] = []
      var expected = 0.0
      for weight in weights {
        let probability = weight / sum
        let word = words.remove(at: random.index(below: words.count))
        let room = mean - expected
        let most = min(2, Int(room / probability))
        let count = most > 0 ? (random.uniform() < 0.8 ? most : 1) : 0
        expected += probability * Double(count)
        made.append(
          Production(
            probability: probability, number: word,
            children: (0..<count).map { _ in
              skew == 1 ? random.index(below: symbols) : Int(pow(random.uniform(), skew) * Double(symbols))
            }))
      }
      return made
    }
    let identity = (0..<symbols).map { row in
      (0..<symbols).map { column -> Double in
        let mean = productions[row].reduce(0) { sum, production in
          sum + production.probability * Double(production.children.count { $0 == column })
        }
        return (row == column ? 1 : 0) - mean
      }
    }
    let own = productions.map { choices in
      [choices.reduce(0) { $0 - $1.probability * log($1.probability) }, 1]
    }
    // Row sums of M are at most 0.85, so that I − M has an inverse.
    let solution = LinearSystem.solve(identity, own) ?? own
    (self.productions, entropy, meanWords) = (productions, solution[0][0], solution[0][1])
    self.words = (0..<vocabulary).map(Self.word)
    self.choices = productions.map { choices in
      Dictionary(choices.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The word of a number, of two letters or more that can be said.
  private static func word(_ number: Int) -> String {
    let (consonants, vowels) = (Array("bdfgklmnprstvz"), Array("aeiou"))
    var (rest, word) = (number, "")
    repeat {
      word += "\(consonants[rest % consonants.count])\(vowels[(rest / consonants.count) % vowels.count])"
      rest /= consonants.count * vowels.count
    } while rest > 0
    return word
  }

  /// Draws a document: words with a space between them.
  public func document(_ random: inout SeededGenerator) -> String {
    var (derivation, drawn) = (Derivation(), [Int]())
    repeat { drawn.append(draw(&derivation, &random)) } while !derivation.isComplete
    return drawn.map { words[$0] }.joined(separator: " ")
  }

  /// A document that is being derived, from left to right: the symbols that are still to be expanded, the next one last.
  struct Derivation {
    fileprivate var open = [0]
    /// Whether the document is at its end.
    var isComplete: Bool { open.isEmpty }
  }

  /// Draws the next word's number; after the end of a document the first one of another.
  func draw(_ derivation: inout Derivation, _ random: inout SeededGenerator) -> Int {
    if derivation.isComplete { derivation = Derivation() }
    let choices = productions[derivation.open.removeLast()]
    var left = random.uniform()
    let chosen =
      choices.first { choice in
        left -= choice.probability
        return left < 0
      } ?? choices[choices.count - 1]
    derivation.open += chosen.children.reversed()
    return chosen.number
  }

  /// ln p of a word's number where it stands, and goes on behind it; nil where the grammar has no such word there.
  func logProbability(of number: Int, _ derivation: inout Derivation) -> Double? {
    if derivation.isComplete { derivation = Derivation() }
    guard let production = choices[derivation.open.removeLast()][number] else { return nil }
    derivation.open += production.children.reversed()
    return log(production.probability)
  }

  /// The logarithm of a document's probability; nil where the grammar doesn't make it.
  public func logProbability(of document: String) -> Double? {
    let numbers = Dictionary(words.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var (derivation, sum) = (Derivation(), 0.0)
    for (place, word) in document.split(separator: " ").enumerated() {
      guard place == 0 || !derivation.isComplete, let number = numbers[String(word)],
        let part = logProbability(of: number, &derivation)
      else { return nil }
      sum += part
    }
    return derivation.isComplete ? sum : nil
  }
}

extension GrammarSource {
  /// Entropy and length in words.
  public var summary: String { "\(fixed(entropy, 4)) nats and \(fixed(meanWords, 3)) words each on average" }

  /// Documents as JSON Lines with the key `text`.
  public func jsonLines(_ count: Int, seed: UInt64) -> String {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "documents").value)
    return (0..<count).map { _ in "{\"text\": \"\(document(&random))\"}\n" }.joined()
  }
}
