import Foundation
import Teaching
import TestSupport
import Testing

/// Recursive teachers and learners, against closed forms and NumPy.
@Suite struct TeachingGameTests {
  @Test func twoNestedHypothesesHaveTheirClosedForm() {
    // h₁ allows only a, h₂ allows a and b; examples are drawn from what is allowed.
    let game = TeachingGame(
      prior: [0.5, 0.5], consistent: [[true, false], [true, true]], sampling: .strong)
    let learner0 = game.learner(depth: 0)
    #expect(abs(learner0[0][0] - 2.0 / 3) < 1e-12)
    // The teacher of h₂ avoids a in proportion (1/3) : 1, so a speaks for h₁ with 1 : 1/4.
    #expect(abs(game.teacher(depth: 1)[1][0] - 0.25) < 1e-12)
    let learner1 = game.learner(depth: 1)
    #expect(abs(learner1[0][0] - 0.8) < 1e-12)
    #expect(learner1[1][1] == 1)
    // Each further level is the same map again: t ← (1-l)/(1-l+1) with l = 1/(1+t).
    var t = 0.25
    for depth in 2...6 {
      let l = 1 / (1 + t)
      t = (1 - l) / (1 - l + 1)
      #expect(abs(game.teacher(depth: depth)[1][0] - t) < 1e-12)
    }
  }

  @Test func anOptimalTeacherAlwaysPicksTheTellingDatum() {
    var game = TeachingGame(
      prior: [0.5, 0.5], consistent: [[true, false], [true, true]], sampling: .strong)
    game.optimality = 60
    #expect(game.teacher(depth: 1)[1][1] > 0.999999)
    game.optimality = 0
    #expect(abs(game.teacher(depth: 1)[1][1] - 0.5) < 1e-12)
  }

  struct Fixture: Decodable {
    struct Depth: Decodable { var teacher: [[Double]], learner: [[Double]] }
    struct Game: Decodable {
      var prior: [Double]
      var consistent: [[Bool]]
      var sampling: String
      var optimality: Double
      var depths: [Depth]
    }
    var games: [Game]
  }

  @Test func tablesMatchNumPy() throws {
    let folder = try Bundle.module.fixtures
    let data = try Data(contentsOf: folder.appendingPathComponent("teaching-games.json"))
    let fixture = try JSONDecoder().decode(Fixture.self, from: data)
    #expect(fixture.games.count == 10)
    for entry in fixture.games {
      let game = TeachingGame(
        prior: entry.prior, consistent: entry.consistent,
        sampling: entry.sampling == "strong" ? .strong : .weak, optimality: entry.optimality)
      for (depth, expected) in entry.depths.enumerated() {
        for (got, wanted) in [
          (game.teacher(depth: depth), expected.teacher),
          (game.learner(depth: depth), expected.learner),
        ] {
          for (a, b) in zip(got.joined(), wanted.joined()) {
            #expect(abs(a - b) < 1e-9, "depth \(depth): \(a) for \(b)")
          }
        }
      }
    }
  }

  /// The first step of a lesson is the game over single labelled strings.
  @Test func theFirstChoiceOfALessonIsTheGamesTeacher() {
    let membership = [
      [true, false, true, false], [true, true, true, true], [false, false, true, true],
    ]
    var setting = SequentialTeaching(membership: membership)
    setting.optimality = 3
    setting.helpfulness = 1
    // Data: each string with either label.
    let consistent = membership.map { row in row.flatMap { [$0, !$0] } }
    let game = TeachingGame(
      prior: [1, 1, 1], consistent: consistent, sampling: .weak, optimality: 3)
    let teacher = game.teacher(depth: 1)
    let learner = game.learner(depth: 1)
    // What the pedagogical learner believes after one example, by the game.
    for rule in 0..<3 {
      for seed in 0..<10 {
        let after = setting.lesson(
          rule: rule, examples: 1, source: .random, assumption: .pedagogical, seed: UInt64(seed))
        let possible = (0..<4).map { learner[rule][$0 * 2 + (membership[rule][$0] ? 0 : 1)] }
        #expect(possible.contains { abs($0 - after[0]) < 1e-9 }, "\(after[0]) of \(possible)")
      }
      #expect(abs(teacher[rule].reduce(0, +) - 1) < 1e-12)
    }
  }

  @Test func knowingTheTeacherHelpsAndHardlyHurtsOtherwise() throws {
    var study = TeachingStudy()
    study.lessons = 2
    study.poolSize = 60
    let rows = study.proofOfConcept()
    func row(
      _ source: SequentialTeaching.Source, _ assumption: SequentialTeaching.Assumption
    ) throws -> TeachingStudy.LessonRow {
      try #require(rows.first { $0.source == source && $0.assumption == assumption })
    }
    let taught = try row(.teacher, .pedagogical)
    let unaware = try row(.teacher, .random)
    let deceived = try row(.random, .pedagogical)
    let plain = try row(.random, .random)
    #expect(taught.meanExamples < unaware.meanExamples)
    #expect(taught.meanExamples < plain.meanExamples / 2)
    #expect(deceived.meanExamples < plain.meanExamples * 1.15)
    #expect(taught.course[0] > unaware.course[0])
    study.lessons = 1
    #expect(study.proofOfConcept() == study.proofOfConcept())
  }
}
