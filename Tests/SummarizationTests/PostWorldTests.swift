import Foundation
import Summarization
import TestSupport
import Testing

struct PostWorldTests {
  let world = PostWorld(seed: 1)

  @Test func sameSeedSameTextsInAnyOrder() {
    let again = PostWorld(seed: 1)
    let backwards = (0..<50).reversed().map { again.post($0, in: .training) }
    #expect(backwards.reversed() == world.posts(0..<50, in: .training))
    let posts = world.posts(0..<50, in: .training)
    #expect(
      posts.map { world.demonstration(for: $0) } == posts.map { again.demonstration(for: $0) })
    #expect(world.pretrainingCorpus(documents: 50) == again.pretrainingCorpus(documents: 50))
    #expect(
      Array(world.pretrainingCorpus(documents: 50).prefix(10))
        == world.pretrainingCorpus(documents: 10))
  }

  @Test func otherSeedsIndicesAndSplitsDiffer() {
    let texts = PostSplit.allCases.flatMap { split in
      (1...3).flatMap { seed in
        PostWorld(seed: UInt64(seed)).posts(0..<100, in: split).map(\.text)
      }
    }
    #expect(Set(texts).count == texts.count)
    let post = world.post(0, in: .training)
    let versions = (0..<20).map { world.demonstration(for: post, writer: $0).text }
    #expect(Set(versions).count > 10)
  }

  /// The texts may not change unnoticed: figures in reports are of this world.
  ///
  /// The fixture holds
  /// the world as it was when its figures were measured, written by `Fixtures/make_fixtures.sh`.
  @Test func textsAreAsTheyWereWhenFiguresWereMeasured() throws {
    let folder = try Bundle.module.fixtures
    let file = folder.appendingPathComponent("world-seed-1.txt")
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(WorldFixture.text(of: world) == expected)
  }

  /// Writes the fixture when `Fixtures/make_fixtures.sh` asks for it.
  @Test(.enabled(if: WorldFixture.destination != nil, "only Fixtures/make_fixtures.sh asks for it"))
  func writesTheFixture() throws {
    let file = try #require(WorldFixture.destination)
    let text = WorldFixture.text(of: world)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
  }

  @Test func heldOutFactsOccurInNoOtherSplitOfAnyWorld() {
    func keys(_ posts: [Post]) -> Set<[String]> {
      Set(posts.map { post in FactKind.allCases.map { post.facts[$0] } })
    }
    let heldOut = keys(PostWorld(seed: 1).posts(0..<5000, in: .heldOut))
    for seed in 1...3 as ClosedRange<UInt64> {
      let world = PostWorld(seed: seed)
      #expect(heldOut.isDisjoint(with: keys(world.posts(0..<5000, in: .training))))
      #expect(heldOut.isDisjoint(with: keys(world.posts(0..<5000, in: .pretraining))))
    }
  }

  /// The rule behind disjointness, seen from outside.
  ///
  /// Among 30,000 posts some pairs state the same
  /// facts (some 200 expected of the 2 million combinations), so that the check isn't empty.
  @Test func aCombinationIsAlwaysOnTheSameSide() {
    var sides: [[String]: Bool] = [:]
    var posts = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      for split in PostSplit.allCases {
        for post in PostWorld(seed: seed).posts(0..<500, in: split) {
          let key = FactKind.allCases.map { post.facts[$0] }
          let side = split == .heldOut
          #expect(sides[key, default: side] == side)
          sides[key] = side
          posts += 1
        }
      }
    }
    #expect(sides.count < posts)
  }

  @Test func postsStateTheirFactsInThreeToSixSentences() {
    for post in world.posts(0..<2000, in: .training) {
      #expect(GoldJudge().score(summary: post.text, post: post).coverage == 1, "\(post.text)")
      let sentences = post.text.split(separator: ".").count
      #expect((3...6).contains(sentences), "\(post.text)")
      #expect(!post.text.contains("\n"))
      for (kind, value) in post.asides {
        #expect(value != post.facts[kind])
        #expect(post.text.contains(value), "\(value) in \(post.text)")
      }
    }
  }

  @Test func demonstrationsAreOfMixedQualityAsAnnounced() {
    let posts = world.posts(0..<4000, in: .training)
    let written = posts.map { world.demonstration(for: $0) }
    let shares: [WritingQuality: Double] = [
      .good: 0.30, .partial: 0.25, .unfaithful: 0.20, .rambling: 0.25,
    ]
    for (quality, share) in shares {
      let count = Double(written.count { $0.quality == quality })
      #expect(abs(count - 4000 * share) < 4 * (4000 * share * (1 - share)).squareRoot())
    }
  }

  @Test func eachQualityEarnsWhatItShould() {
    let judge = GoldJudge()
    for post in world.posts(0..<500, in: .training) {
      let good = judge.score(summary: world.summary(.good, for: post).text, post: post)
      #expect(good == GoldScore(coverage: 1, faithfulness: 1, brevity: 1))

      let partial = judge.score(summary: world.summary(.partial, for: post).text, post: post)
      #expect(partial.coverage <= 5.0 / 7 && partial.coverage >= 2.0 / 7)
      #expect(partial.faithfulness == 1 && partial.brevity == 1)

      let unfaithful = judge.score(summary: world.summary(.unfaithful, for: post).text, post: post)
      #expect(unfaithful.faithfulness == 0.5 || unfaithful.faithfulness == 0.25)

      let rambling = judge.score(summary: world.summary(.rambling, for: post).text, post: post)
      #expect(rambling.coverage >= 5.0 / 7 && rambling.faithfulness == 1)
      #expect(rambling.total < 1)
    }
  }

  /// What the corpus teaches about being right and wrong is itself right: by the facts of the post.
  @Test func correctionsAreCorrect() {
    var (confirmed, denied, right, wrong) = (0, 0, 0, 0)
    for (index, document) in world.pretrainingCorpus(documents: 3000).enumerated() {
      let facts = world.post(index, in: .pretraining).facts
      if let range = document.range(of: "\nQuestions: ") {
        for asked in document[range.upperBound...].split(separator: ". ") {
          let parts = asked.components(separatedBy: "? ")
          #expect(parts.count == 2)
          let states = FactKind.allCases.contains { parts[0].hasSuffix(facts[$0]) }
          #expect(parts[1].hasPrefix("Yes") == states, "\(asked)")
          if states { confirmed += 1 } else { denied += 1 }
        }
      }
      if let range = document.range(of: "\nReply: So "), let answer = document.range(of: "\nAuthor: ") {
        let reply = String(document[range.upperBound..<answer.lowerBound])
        let verdict = GoldJudge().score(summary: reply, facts: facts)
        let isRight = document[answer.upperBound...] == "Right."
        #expect(isRight == (verdict.faithfulness == 1), "\(reply)")
        if isRight { right += 1 } else { wrong += 1 }
      }
    }
    #expect(confirmed > 300 && denied > 300 && right > 60 && wrong > 60)
  }

  @Test func corpusIsPlainTextWithSomeCarelessSummaries() {
    let corpus = world.pretrainingCorpus(documents: 2000)
    let withSummary = corpus.filter { $0.contains("\nTL;DR: ") }
    #expect(abs(withSummary.count - 600) < 90)
    #expect(corpus.allSatisfy { !$0.isEmpty && $0.utf8.count < 700 })
    // Their authors' own summaries are worse than the demonstrations, but not worthless: the
    // pretrained model is a fair baseline.
    let judge = GoldJudge()
    var careless = 0.0
    var demonstrated = 0.0
    for (index, document) in corpus.enumerated() {
      guard let range = document.range(of: "\nTL;DR: ") else { continue }
      let post = world.post(index, in: .pretraining)
      careless += judge.score(summary: String(document[range.upperBound...]), post: post).total
      demonstrated += judge.score(summary: world.demonstration(for: post).text, post: post).total
    }
    #expect(careless / Double(withSummary.count) > 0.1)
    #expect(careless < 0.6 * demonstrated)
  }
}
