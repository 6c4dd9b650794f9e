import Feedback
import Foundation
import Statistics
import TestSupport
import Testing

private struct Golden: Decodable {
  struct Cohen: Decodable {
    let a: [Double], b: [Double], weights: AgreementTable.Weights, value: Double, se: Double
  }
  struct Many: Decodable {
    let rows: [[Double?]], fleiss: Double, fleiss_se: Double, ac1: Double, ac1_se: Double
    let alpha_nominal: Double, alpha_ordinal: Double, alpha_interval: Double
  }
  struct Example: Decodable {
    let rows: [[Double?]], alpha_nominal: Double, alpha_ordinal: Double, alpha_interval: Double
  }
  let cohen: [Cohen]
  let many: [Many]
  let example: Example

  static func load() throws -> Golden {
    let folder = try Bundle.module.fixtures
    return try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appendingPathComponent("agreement.json")))
  }
}

private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
  (a - b).magnitude <= tolerance
}

@Suite struct AgreementTests {
  private let z = StandardNormal.criticalValue(confidence: 0.95)

  @Test func cohensKappaEqualsScikitLearnsAndStatsmodels() throws {
    for value in try Golden.load().cohen {
      let table = AgreementTable(rows: zip(value.a, value.b).map { [$0, $1] })
      let kappa = table.cohenKappa(weights: value.weights)
      #expect(isClose(kappa.value, value.value), "\(value)")
      #expect(isClose(kappa.low, max(-1, value.value - z * value.se)), "\(kappa) \(value.se)")
      #expect(isClose(kappa.high, min(1, value.value + z * value.se)))
      // Who is called first makes no difference.
      #expect(isClose(table.cohenKappa(1, 0, weights: value.weights).value, kappa.value))
    }
  }

  @Test func fleissKappaAndAC1EqualIrrCACs() throws {
    for value in try Golden.load().many {
      let table = AgreementTable(rows: value.rows)
      let fleiss = table.fleissKappa()
      #expect(isClose(fleiss.value, value.fleiss))
      #expect(isClose(fleiss.low, max(-1, value.fleiss - z * value.fleiss_se)))
      #expect(isClose(fleiss.high, min(1, value.fleiss + z * value.fleiss_se)))
      let ac1 = table.gwetAC1()
      #expect(isClose(ac1.value, value.ac1))
      #expect(isClose(ac1.low, max(-1, value.ac1 - z * value.ac1_se)))
    }
  }

  @Test func alphasEqualTheKrippendorffPackages() throws {
    let golden = try Golden.load()
    for value in golden.many {
      let table = AgreementTable(rows: value.rows)
      #expect(isClose(table.krippendorffAlpha(.nominal).value, value.alpha_nominal))
      #expect(isClose(table.krippendorffAlpha(.ordinal).value, value.alpha_ordinal))
      #expect(isClose(table.krippendorffAlpha(.interval).value, value.alpha_interval))
    }
    let example = AgreementTable(rows: golden.example.rows)
    #expect(isClose(example.krippendorffAlpha(.nominal).value, golden.example.alpha_nominal))
    #expect(isClose(example.krippendorffAlpha(.nominal).value, 0.691, 5e-4))
    #expect(isClose(example.krippendorffAlpha(.interval).value, 0.811, 5e-4))
  }

  /// Labellers who are right with probability 0.8 on two categories, else pick at random.
  private func simulated(_ items: Int, seed: UInt64) -> AgreementTable {
    var random = SeededGenerator(seed: seed)
    return AgreementTable(
      rows: (0..<items).map { _ in
        let truth = random.uniform() < 0.5 ? 0.0 : 1.0
        return (0..<3).map { _ in
          random.uniform() < 0.8 ? truth : (random.uniform() < 0.5 ? 0 : 1)
        }
      })
  }

  @Test func intervalsCoverTheTruth() {
    // Two labellers agree when both follow the truth: 0.8² = 0.64 above chance.
    var covered = [0, 0, 0]
    let studies = 150
    for study in 0..<studies {
      let table = simulated(120, seed: UInt64(study))
      let alpha = table.krippendorffAlpha(
        .nominal, bootstrap: Bootstrap(resamples: 300, method: .percentile, seed: 1))
      for (place, estimate) in [table.fleissKappa(), table.gwetAC1(), alpha].enumerated()
      where !estimate.excludes(0.64) { covered[place] += 1 }
    }
    for count in covered { #expect(count >= 132, "covered \(covered) of \(studies)") }
  }

  @Test func moreItemsNarrowTheInterval() {
    let (few, many) = (
      simulated(40, seed: 1).fleissKappa(), simulated(1_000, seed: 1).fleissKappa()
    )
    #expect(many.high - many.low < (few.high - few.low) / 3)
  }

  @Test func perfectAgreementIsOne() {
    let table = AgreementTable(rows: [[1, 1, 1], [2, 2, nil], [1, nil, 1], [2, 2, 2]])
    for estimate in [
      table.fleissKappa(), table.gwetAC1(), table.krippendorffAlpha(), table.percentAgreement(),
      table.cohenKappa(0, 1),
    ] {
      #expect(estimate.value == 1)
    }
  }

  @Test func whatCannotBeKnownIsNotANumber() {
    let constant = AgreementTable(rows: [[1, 1], [1, 1]])
    #expect(constant.krippendorffAlpha().value.isNaN && constant.fleissKappa().value.isNaN)
    #expect(constant.cohenKappa().value.isNaN && constant.gwetAC1().value.isNaN)
    // Told that there was another category, AC1 knows that they agree.
    #expect(constant.gwetAC1(categories: [0, 1]).value == 1)
    let alone = AgreementTable(rows: [[1, nil], [nil, 2]])
    #expect(alone.fleissKappa().value.isNaN && alone.krippendorffAlpha().value.isNaN)
    #expect(AgreementTable(rows: []).percentAgreement().value.isNaN)
  }

  @Test func comparisonsMeetWhicheverWayTheyWereShown() throws {
    func judged(_ labeller: String, _ a: Response, _ b: Response, _ preferred: Comparison.Side?)
      -> Comparison
    {
      Comparison(
        prompt: "p", first: a, second: b, preferred: preferred,
        provenance: Provenance(labeller: labeller))
    }
    let table = AgreementTable(comparisons: [
      judged("ana", "x", "y", .first), judged("bo", "y", "x", .second),
      judged("ana", "x", "z", .first), judged("bo", "z", "x", nil),
      judged("cy", "q", "r", .second),
    ])
    #expect(table.labellers == ["ana", "bo", "cy"])
    #expect(table.rows == [[1, 1, nil], [1, 0, nil], [nil, nil, -1]])
    #expect(table.percentAgreement().value == 0.5 && table.percentAgreement().n == 2)
  }

  @Test func ratingsMeetByAxis() {
    func rated(_ labeller: String, _ axis: String, _ value: Double) -> Rating {
      Rating(
        prompt: "p", response: "r", axis: axis, value: value,
        provenance: Provenance(labeller: labeller))
    }
    let table = AgreementTable(
      ratings: [rated("a", "overall", 3), rated("b", "overall", 5), rated("b", "accuracy", 1)])
    #expect(table.rows == [[3, 5]])
  }
}
