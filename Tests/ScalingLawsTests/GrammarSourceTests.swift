import Documents
import Foundation
import ScalingLaws
import Statistics
import Testing

@Suite("Text whose entropy is known")
struct GrammarSourceTests {
  @Test("the closed form is the mean of -log p of documents drawn, and their length")
  func entropy() throws {
    for seed in 1...3 {
      let source = GrammarSource(symbols: 8, choices: 5, seed: UInt64(seed))
      var random = SeededGenerator(seed: 7)
      var (losses, lengths): ([Double], [Double]) = ([], [])
      for _ in 0..<4_000 {
        let text = source.document(&random)
        losses.append(-(try #require(source.logProbability(of: text))))
        lengths.append(Double(text.split(separator: " ").count))
      }
      for (values, expected) in [(losses, source.entropy), (lengths, source.meanWords)] {
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        #expect(
          abs(mean - expected) < 4 * (variance / Double(values.count)).squareRoot(), "\(seed): \(mean), \(expected)")
      }
      #expect(source.meanWords > 1.5 && source.entropy > 1)
    }
  }

  @Test("probabilities of the texts drawn are those of their frequencies, and other texts have none")
  func probabilities() throws {
    let source = GrammarSource(symbols: 2, choices: 2, seed: 4)
    var random = SeededGenerator(seed: 9)
    var counts: [String: Int] = [:]
    for _ in 0..<10_000 { counts[source.document(&random), default: 0] += 1 }
    // One derivation a text: the probabilities of different texts add up to no more than 1, and these nearly to it.
    let sum = try counts.keys.reduce(0.0) { $0 + exp(try #require(source.logProbability(of: $1))) }
    #expect(sum <= 1 + 1e-9 && sum > 0.9, "\(sum)")
    for (text, count) in counts where count > 500 {
      let p = exp(try #require(source.logProbability(of: text)))
      #expect(abs(Double(count) / 10_000 - p) < 4 * (p * (1 - p) / 10_000).squareRoot(), "\(text): \(p)")
    }
    #expect(source.logProbability(of: "xx") == nil && source.logProbability(of: "") == nil)
    let lines = source.jsonLines(3, seed: 1)
    #expect(lines == source.jsonLines(3, seed: 1) && lines != source.jsonLines(3, seed: 2))
    #expect(try JSONValue(parsing: Array(lines.split(separator: "\n")[2].utf8))["text"]?.string != nil)
  }
}
