import Foundation
import Teaching
import Testing

/// The studies that the commands print, in small.
@Suite struct StudyTests {
  @Test func theConceptsAreManyAndDistinct() {
    #expect(StringConcept.study.count >= 50)
    #expect(Set(StringConcept.study.map(\.name)).count == StringConcept.study.count)
    #expect(Set(StringConcept.study.map(\.expression)).count == StringConcept.study.count)
    #expect(StringConcept.publishedRules.count == 12)
    #expect(Set(StringConcept.study.map(\.group)).count >= 10)
  }

  @Test func theLearnerBeatsTheBaselinesAndImprovesWithExamples() async {
    var study = RegexStudy()
    study.concepts = Array(StringConcept.study.prefix(16))
    study.exampleCounts = [2, 6]
    var configuration = InductionConfiguration()
    configuration.evaluations = 1_500
    study.learners[0] = BayesianLearner(configuration: configuration)
    study.repetitions = 1
    let cells = await study.run()
    #expect(cells.count == 16 * 2 * 4)
    func mean(_ learner: String, _ examples: Int) -> Double {
      let values = cells.filter { $0.learner == learner && $0.examples == examples }.map(\.accuracy)
      return values.reduce(0, +) / Double(values.count)
    }
    for baseline in ["character classes", "RPNI", "alternation"] {
      #expect(mean("Bayesian", 6) > mean(baseline, 6) + 0.05, "\(baseline)")
    }
    #expect(mean("Bayesian", 6) > mean("Bayesian", 2))
    #expect(mean("Bayesian", 6) > 0.93)
    #expect(
      abs(mean("alternation", 6) - 0.5) < 0.01, "held-out strings are never among the examples")
    study.concepts = Array(study.concepts.prefix(3))
    let once = await study.run()
    let again = await study.run()
    #expect(once == again)
  }

  @Test func peoplesCorporaAreScoredOnOtherPeoplesStrings() async throws {
    let rule = try #require(StringConcept.publishedRules.first { $0.name == "zip-code" })
    func corpus(_ teacher: String, _ seed: UInt64, rule: StringConcept) -> TeachingCorpora.Corpus {
      TeachingCorpora.Corpus(
        teacher: teacher, rule: rule.name,
        examples: ClusterTeacher(noise: 0).lesson(rule: rule, examples: 8, seed: seed))
    }
    var corpora = (0..<5).map { corpus("\($0)", UInt64($0), rule: rule) }
    corpora.append(
      TeachingCorpora.Corpus(
        teacher: "none", rule: rule.name, examples: [TeachingExample("x", isPositive: false)]))
    let answers = FileManager.default.temporaryDirectory
      .appendingPathComponent("answers-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: answers) }
    try Data(
      "rule.id,string,correct\nzip-code,12345,TRUE\nzip-code,12345,FALSE\nzip-code,abcde,TRUE\n"
        .utf8
    ).write(to: answers)
    let study = PeopleStudy(
      corpora: TeachingCorpora(corpora: corpora),
      answers: try GeneralizationAnswers(contentsOf: answers))
    let row = try #require(await study.run().first { $0.rule == "zip-code" })
    #expect(row.corpora == 5 && row.withoutPositives == 1)
    #expect(row.peopleAccuracy.map { abs($0 - 2.0 / 3) < 1e-9 } == true)
    #expect(row.itemAccuracy["Bayesian"].map { $0 > 0.85 } == true)
    #expect(row.balancedAccuracy["alternation"] == 0.5)
    #expect((row.balancedAccuracy["Bayesian"] ?? 0) > 0.75)
  }

  /// With the curricula, each learner's own corpus counts, by how many learners saw it: one corpus
  /// leads the alternation to call every item right, another, shown to three times as many, half.
  @Test func peopleAndLearnersAreComparedOnTheSameCorpora() async throws {
    let folder = FileManager.default.temporaryDirectory
    let file = folder.appendingPathComponent("answers-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    var text = "rule.id,string,correct,seq.id\n"
    for (corpus, count) in [("all", 1), ("none", 3), ("unseen", 1)] {
      for _ in 0..<count { text += "3a,aaaa,TRUE,\(corpus)\n3a,b,FALSE,\(corpus)\n" }
    }
    try Data(text.utf8).write(to: file)
    func corpus(_ name: String, _ string: String) -> TeachingCorpora.Corpus {
      TeachingCorpora.Corpus(
        teacher: name, rule: "3a", examples: [TeachingExample(string, isPositive: true)])
    }
    var study = PeopleStudy(
      corpora: TeachingCorpora(corpora: [corpus("1", "aaa"), corpus("2", "aaaaa")]),
      answers: try GeneralizationAnswers(contentsOf: file),
      curricula: TeachingCorpora(
        corpora: [corpus("all", "aaaa"), corpus("none", "aaaaaaa"), corpus("other", "aaaa")]))
    study.configuration.evaluations = 200
    let row = try #require(await study.run().first { $0.rule == "3a" })
    #expect(row.itemAccuracy["alternation"] == 0.625)  // (1 + 3 · ½) / 4
    #expect(row.peopleAccuracy == 0.5)
    #expect(row.corpora == 2)
  }
}
