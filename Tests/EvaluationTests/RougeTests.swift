import Evaluation
import Foundation
import TestSupport
import Testing

private func fixture<T: Decodable>(_ name: String, as type: T.Type) throws -> T {
  let folder = try Bundle.module.fixtures
  return try JSONDecoder().decode(
    type, from: Data(contentsOf: folder.appendingPathComponent(name)))
}

private struct RougeFixture: Decodable {
  struct Case: Decodable {
    let stemming: Bool
    let reference: String
    let text: String
    let scores: [String: [Double]]
  }
  struct Multi: Decodable {
    let references: [String]
    let text: String
    let scores: [String: [Double]]
  }
  let cases: [Case]
  let multi: Multi
}

private func isEqual(_ score: Rouge.Score, _ expected: [Double]?) -> Bool {
  zip([score.precision, score.recall, score.f1], expected ?? [.nan]).allSatisfy {
    ($0 - $1).magnitude < 1e-12
  }
}

@Suite struct RougeTests {
  @Test func scoresEqualTheRougeScorePackages() throws {
    let fixture = try fixture("rouge.json", as: RougeFixture.self)
    #expect(fixture.cases.count == 150)
    for item in fixture.cases {
      let scores = Rouge(stemming: item.stemming).score(reference: item.reference, text: item.text)
      #expect(isEqual(scores.rouge1, item.scores["rouge1"]), "\(item)")
      #expect(isEqual(scores.rouge2, item.scores["rouge2"]), "\(item)")
      #expect(isEqual(scores.rougeL, item.scores["rougeL"]), "\(item)")
      #expect(isEqual(scores.rougeLsum, item.scores["rougeLsum"]), "\(item)")
    }
  }

  @Test func severalReferencesCountTheBest() throws {
    let multi = try fixture("rouge.json", as: RougeFixture.self).multi
    let scores = try #require(
      Rouge(stemming: true).score(references: multi.references, text: multi.text))
    #expect(isEqual(scores.rouge1, multi.scores["rouge1"]))
    #expect(isEqual(scores.rouge2, multi.scores["rouge2"]))
    #expect(isEqual(scores.rougeL, multi.scores["rougeL"]))
    #expect(isEqual(scores.rougeLsum, multi.scores["rougeLsum"]))
    #expect(Rouge().score(references: [], text: "x") == nil)
  }

  @Test func stemsEqualNLTKs() throws {
    struct Stems: Decodable { let stems: [String: String] }
    let stems = try fixture("stems.json", as: Stems.self).stems
    #expect(stems.count > 5_000)
    let rouge = Rouge(stemming: true)
    for (word, stem) in stems where word.count > 3 {
      #expect(rouge.tokens(word) == [stem], "\(word)")
    }
  }

  @Test func aLongTextTakesMemoryForOneTableOnly() {
    let words = (0..<3_000).map { "w\($0 % 50)" }.joined(separator: " ")
    let score = Rouge(stemming: false).score(reference: words, text: words)
    #expect(score.rougeL.f1 == 1 && score.rougeLsum.f1 == 1 && score.rouge2.f1 == 1)
  }
}
