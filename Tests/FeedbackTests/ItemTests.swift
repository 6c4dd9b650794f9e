import Feedback
import Foundation
import Testing

@Suite struct ItemTests {
  @Test(arguments: Samples.all) func jsonKeepsEverything(item: FeedbackItem) throws {
    let data = try JSONEncoder().encode(item)
    #expect(try JSONDecoder().decode(FeedbackItem.self, from: data) == item)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["kind"] as? String == item.kind.rawValue)
    #expect(object["id"] as? String == item.id)
  }

  @Test func anyDateSurvivesJSON() throws {
    for step in 0..<2_000 {
      let date = Date(timeIntervalSince1970: 1_700_000_000 + Double(step) * 12_345.678_901)
      let provenance = Provenance(labeller: "x", date: date)
      let data = try JSONEncoder().encode(provenance)
      #expect(try JSONDecoder().decode(Provenance.self, from: data) == provenance)
      let kept = try #require(provenance.date)
      #expect(abs(kept.timeIntervalSince(date)) <= 0.000_501)
    }
    let plain = Data(#"{"labeller":"x","date":"2026-11-21T12:00:00Z"}"#.utf8)
    let date = try JSONDecoder().decode(Provenance.self, from: plain).date
    #expect(date == Date(timeIntervalSince1970: 1_795_262_400))
    let bad = Data(#"{"labeller":"x","date":"yesterday"}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Provenance.self, from: bad) }
  }

  @Test func aComparisonHasASoftLabel() throws {
    func comparison(_ preferred: Comparison.Side?) -> Comparison {
      Comparison(
        prompt: "p", first: "a", second: "b", preferred: preferred, shownFirst: .first,
        provenance: Provenance(labeller: "x"))
    }
    #expect(comparison(.first).label == 1 && comparison(.second).label == 0)
    #expect(comparison(nil).label == 0.5 && comparison(nil).isTie)
    #expect(comparison(nil).chosenAndRejected == nil)
    let pair = try #require(comparison(.second).chosenAndRejected)
    #expect(pair.chosen.text == "b" && pair.rejected.text == "a")
    let swapped = comparison(.second).swapped
    #expect(swapped.first.text == "b" && swapped.preferred == .first)
    #expect(swapped.shownFirst == .second && swapped.swapped.preferred == .second)
    #expect(comparison(.first).id != comparison(.first).id)
  }

  @Test func aRankingIsAllItsPairs() throws {
    guard case .ranking(let ranking) = Samples.ranking("r", ranks: [3, 1, 3, 2]) else {
      Issue.record("the sample is no ranking")
      return
    }
    let pairs = ranking.comparisons
    #expect(pairs.count == 6)
    #expect(pairs.count { $0.isTie } == 1)
    for pair in pairs {
      let i = try #require(ranking.responses.firstIndex(of: pair.first))
      let j = try #require(ranking.responses.firstIndex(of: pair.second))
      let expected: Comparison.Side? =
        ranking.ranks[i] == ranking.ranks[j]
        ? nil : (ranking.ranks[i] < ranking.ranks[j] ? .first : .second)
      #expect(pair.preferred == expected)
      // The sample was shown from the last to the first.
      #expect(pair.shownFirst == .second)
    }
    #expect(Set(pairs.map(\.id)).count == 6)
  }

  @Test func aRankingThatDoesNotFitIsRefused() throws {
    let text = #"""
      {"id":"r","prompt":"p","responses":[{"text":"a"},{"text":"b"}],"ranks":[1,2,3],
       "provenance":{"labeller":"x"}}
      """#
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Ranking.self, from: Data(text.utf8))
    }
    #expect("\(try #require(error))".contains("2 responses and 3 ranks"))
  }
}
