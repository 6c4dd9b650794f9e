import Foundation
import Summarization
import Testing

struct GoldJudgeTests {
  let judge = GoldJudge()
  let facts = PostFacts(
    person: "Tom", thing: "bike", problem: "lost a wheel", place: "harbour", day: "Tuesday",
    request: "a refund", price: 45)
  let full = "Tom's bike lost a wheel at the harbour on Tuesday; he wants a refund."

  func score(_ text: String) -> GoldScore { judge.score(summary: text, facts: facts) }

  /// Worked by hand from the documented formula: seven points of weight, two for the problem.
  @Test(arguments: [
    ("Tom's bike lost a wheel at the harbour on Tuesday; he wants a refund.", 7, 0, 14, 0),
    ("Tom's bike lost a wheel.", 4, 0, 5, 0),
    ("The bike lost a wheel at the harbour.", 4, 0, 8, 0),
    ("Tom wants a refund.", 2, 0, 4, 0),
    ("Lena's bike lost a wheel at the harbour on Tuesday; she wants a refund.", 6, 1, 14, 0),
    ("Tom's van lost a wheel at the park on Tuesday.", 4, 2, 10, 0),
    ("Tom's bike lost a wheel at the harbour on Tuesday for 45 euros.", 6, 0, 13, 0),
    ("Tom's bike lost a wheel at the harbour on Tuesday for 50 euros.", 6, 1, 13, 0),
    ("Tom's bike lost a wheel, Tom's bike lost a wheel.", 4, 0, 10, 3),
    ("Tom never wants a refund.", 2, 1, 5, 0),
    ("Tom's bike lost a wheel with Zorblax.", 4, 1, 7, 0),
    ("", 0, 0, 0, 0),
    ("what?", 0, 0, 1, 0),
  ])
  func followsTheFormula(
    text: String, points: Int, unsupported: Int, words: Int, repetitions: Int
  ) {
    let score = score(text)
    #expect(score.coverage == Double(points) / 7)
    #expect(score.faithfulness == [1, 0.5, 0.25][unsupported])
    let brevity = min(1, max(0, Double(42 - words - 4 * repetitions) / 24))
    #expect(abs(score.brevity - brevity) < 1e-12)
    #expect(abs(score.total - score.coverage * score.faithfulness * score.brevity) < 1e-12)
  }

  @Test func growsWithEveryFactStated() {
    let parts = [
      "", "Tom's thing had a problem.", "Tom's bike had a problem.", "Tom's bike lost a wheel.",
      "Tom's bike lost a wheel at the harbour.",
      "Tom's bike lost a wheel at the harbour on Tuesday.",
      full,
    ]
    let totals = parts.map { score($0).total }
    for (less, more) in zip(totals, totals.dropFirst()) { #expect(less < more) }
    #expect(totals.first == 0 && totals.last == 1)
  }

  @Test func eachWrongFactHalvesWhatIsLeftOfTrust() {
    let world = PostWorld(seed: 3)
    for post in world.posts(0..<300, in: .training) {
      let text = world.summary(.good, for: post).text
      for kind in FactKind.allCases {
        let other = world.posts(300..<340, in: .training).map { $0.facts[kind] }
          .first { $0 != post.facts[kind] }
        // As whole words: a car must not be found in Oscar.
        let wrong = text.replacingOccurrences(
          of: "\\b\(post.facts[kind])\\b", with: other ?? "",
          options: [.regularExpression, .caseInsensitive])
        let verdict = judge.score(summary: wrong, post: post)
        #expect(verdict.faithfulness == 0.5, "\(wrong)")
        #expect(abs(verdict.coverage - (1 - kind.weight / 7)) < 1e-12, "\(wrong)")
      }
    }
  }

  @Test func anAsidesValueIsNoBetterThanAnInventedOne() {
    let post = PostWorld(seed: 1).posts(0..<100, in: .training).first { $0.asides[.place] != nil }
    guard let post, let place = post.asides[.place] else {
      Issue.record("no post with an aside")
      return
    }
    let text = "\(post.facts.person)'s \(post.facts.thing) \(post.facts.problem) at the \(place)."
    #expect(judge.score(summary: text, post: post).faithfulness == 0.5)
  }

  @Test func tricksLose() {
    let partial = score("Tom's bike lost a wheel; he wants a refund.").total
    let everyValue = PostWorld(seed: 1).posts(0..<400, in: .training)
      .flatMap { post in FactKind.allCases.map { post.facts[$0] } }.joined(separator: ", ")
    #expect(score(everyValue).total == 0)
    #expect(score("Tom bike lost wheel harbour Tuesday refund").coverage == 1.0 / 7)
    #expect(score("bike, harbour, Tuesday, refund").total == 0)
    #expect(score(full + " " + full).total < partial)
    #expect(score(full + " " + full + " " + full).total == 0)
    #expect(
      score("On Monday on Tuesday on Friday Tom's bike lost a wheel.").total
        < score("Tom's bike lost a wheel.").total)
    #expect(
      score("Tom's or Lena's bike or van lost a wheel at the harbour or at the park.").total
        < score("The bike lost a wheel.").total)
    let noise = String(repeating: "blah ", count: 30)
    #expect(score(full + " " + noise).total == 0)
    #expect(score("Tom's bike never lost a wheel.").total < score("Tom's bike lost a wheel.").total)
    #expect(
      score("Tom's bike didn't lose, lost a wheel.").faithfulness == 0.5)
  }

  @Test(arguments: [
    "TOM'S BIKE LOST A WHEEL AT THE HARBOUR ON TUESDAY; HE WANTS A REFUND.",
    "tom's bike lost a wheel at the harbour on tuesday; he wants a refund",
    " \n Tom\u{2019}s  bike lost a wheel,\tat the harbour on Tuesday -- he wants a refund!!! \r\n",
    "On Tuesday Tom's bike lost a wheel at the harbour, and he wants a refund.",
    "Tom wants a refund: his bike lost a wheel at the harbour on Tuesday.",
  ])
  func wordingCaseAndPunctuationDoNotMatter(text: String) {
    #expect(score(text) == score(full))
  }

  @Test func readsAnyString() {
    let pieces = [
      "Tom", "'s", "'", "’", " ", "\n", "\r\n", "on Tuesday", "at the", "harbour", "🚲", "é",
      "e\u{301}",
      "\u{0}", "45", "٤٥", "½", "n't", "never", "a", "<|endoftext|>", "\u{FFFD}", "lost a", "wheel",
      ".",
      "日本", "a refund", "wants", "-", "\u{202E}",
    ]
    var random = StableGenerator(path: [11])
    for _ in 0..<3000 {
      let text = (0..<random.below(40)).map { _ in random.pick(pieces) }.joined()
      let verdict = score(text)
      #expect((0...1).contains(verdict.coverage), "\(text)")
      #expect((0...1).contains(verdict.faithfulness), "\(text)")
      #expect((0...1).contains(verdict.brevity), "\(text)")
      #expect(verdict == score(text))
    }
    #expect(score(String(repeating: "Lena ", count: 5000)).total == 0)
    #expect(score(String(repeating: "'", count: 5000)) == score(""))
  }

  @Test func manyWrongClaimsGiveATinyNumberAndNoTrap() {
    let names = PostWorld(seed: 1).posts(0..<2000, in: .training).map { "on 9\($0.index)" }
    let verdict = score(names.joined(separator: " "))
    #expect(verdict.faithfulness >= 0 && verdict.faithfulness < 1e-100)
  }

  @Test func theWorldsOwnPhrasesClaimNothing() {
    let world = PostWorld(seed: 2)
    // Whatever of a good summary's or a post's words isn't a fact must be neutral, or the judge
    // would punish what the world's own writers can't avoid.
    for post in world.posts(0..<1000, in: .training) {
      for writer in 0..<2 {
        let rambling = world.summary(.rambling, for: post, writer: writer).text
        #expect(judge.score(summary: rambling, post: post).faithfulness == 1, "\(rambling)")
      }
      guard post.asides.isEmpty else { continue }
      #expect(judge.score(summary: post.text, post: post).faithfulness == 1, "\(post.text)")
    }
  }

  @Test func verdictsSurviveEncoding() throws {
    let verdict = score("Lena's bike lost a wheel.")
    let data = try JSONEncoder().encode(verdict)
    #expect(try JSONDecoder().decode(GoldScore.self, from: data) == verdict)
    let fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Double])
    #expect(fields["total"] == verdict.total)
  }
}
