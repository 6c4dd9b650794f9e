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
    var word: String
    var children: [Int]
  }

  /// The productions of each symbol; documents begin with symbol 0.
  let productions: [[Production]]
  /// The entropy of a document, in nats.
  public let entropy: Double
  /// The mean number of words of a document.
  public let meanWords: Double

  /// Draws a grammar.
  ///
  /// - Parameters:
  ///   - symbols: how many symbols, 1 or more.
  ///   - choices: how many productions each has, from 2 to 200.
  ///   - seed: the same gives the same grammar.
  public init(symbols: Int, choices: Int, seed: UInt64) {
    precondition(symbols > 0 && (2...200).contains(choices))
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "grammar").value)
    let productions = (0..<symbols).map { _ in
      var words = Array(0..<(2 * choices))
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
            probability: probability, word: Self.word(word),
            children: (0..<count).map { _ in random.index(below: symbols) }))
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
    var (open, words) = ([0], [String]())
    while let symbol = open.popLast() {
      var left = random.uniform()
      let choices = productions[symbol]
      let chosen =
        choices.first { choice in
          left -= choice.probability
          return left < 0
        } ?? choices[choices.count - 1]
      words.append(chosen.word)
      open += chosen.children.reversed()
    }
    return words.joined(separator: " ")
  }

  /// The logarithm of a document's probability; nil where the grammar doesn't make it.
  public func logProbability(of document: String) -> Double? {
    var (open, sum) = ([0], 0.0)
    for word in document.split(separator: " ") {
      guard let symbol = open.popLast(), let production = productions[symbol].first(where: { $0.word == word }) else {
        return nil
      }
      sum += log(production.probability)
      open += production.children.reversed()
    }
    return open.isEmpty ? sum : nil
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
