import Expressions
import Foundation
import Teaching
import Testing

/// The generative model of human teachers and the learner that assumes it.
@Suite struct ClusterTeacherTests {
  @Test func editProbabilitiesMatchEnumeration() {
    for text in ["", "a", "aa", "aab", "abcb"] {
      let start = text.unicodeScalars.map(\.value)
      var truth: [[UInt32]: Double] = [:]
      let alphabet = Array(UInt32(0x20)...0x7E)
      let kinds = start.isEmpty ? 1.0 : 3.0
      for place in start.indices {
        var shorter = start
        shorter.remove(at: place)
        truth[shorter, default: 0] += 1 / (kinds * Double(start.count))
        for scalar in alphabet {
          var changed = start
          changed[place] = scalar
          truth[changed, default: 0] += 1 / (kinds * Double(start.count) * 95)
        }
      }
      for place in 0...start.count {
        for scalar in alphabet {
          var longer = start
          longer.insert(scalar, at: place)
          truth[longer, default: 0] += 1 / (kinds * Double(start.count + 1) * 95)
        }
      }
      #expect(abs(truth.values.reduce(0, +) - 1) < 1e-9)
      for (string, p) in truth {
        #expect(abs(UniformEdit.probability(from: start, to: string) - p) < 1e-12, "\(text)")
      }
      for other in StringEdit.all(of: start) { #expect(truth[other] != nil) }
      #expect(UniformEdit.probability(from: start, to: start + [99, 99, 99]) == 0)
    }
  }

  @Test func aTeacherWithClustersWritesFewerOfThem() throws {
    let rule = try #require(StringConcept.publishedRules.first { $0.name == "zip-code" })
    let clustered = ClusterTeacher(opening: 0.3, noise: 0)
    func clusters(_ teacher: ClusterTeacher) -> Int {
      (0..<60).reduce(0) { sum, seed in
        let lesson = teacher.lesson(rule: rule, examples: 6, seed: UInt64(seed))
        #expect(lesson.count == 6)
        for example in lesson {
          #expect(PositionAutomaton(rule.expression).accepts(example.string) == example.isPositive)
        }
        return sum + ExampleClusters(lesson.map(\.string)).count
      }
    }
    #expect(Double(clusters(clustered)) < 0.7 * Double(clusters(clustered.independent)))
  }

  @Test func oneExampleSaysWhatItsDensitySays() throws {
    // With a single positive example, no noise and equal priors, rules compare by their generators.
    let space = RuleSpace(
      try ["[0-9]{5}", "[0-9]+", ".{5}"].map { try StringConcept(name: $0, group: "", $0) })
    let learner = TeacherAwareLearner(space: space, teacher: ClusterTeacher(noise: 1e-9))
    let posterior = learner.posterior(after: [TeachingExample("90210", isPositive: true)])
    let densities = space.rules.map {
      exp(PositionAutomaton($0.expression).logProbability(of: "90210"))
    }
    let total = densities.reduce(0, +)
    for (a, b) in zip(posterior, densities) { #expect(abs(a - b / total) < 1e-6) }
    let nothingYet = learner.posterior(after: [])
    #expect(nothingYet.count == 3 && nothingYet.allSatisfy { abs($0 * 3 - 1) < 1e-12 })
  }

  /// "12345" yes, "1234" no: a minimal pair tells a learner who assumes a teacher that the border
  /// runs between them because length matters; independent examples say less.
  @Test func minimalPairsTellMoreToWhoAssumesATeacher() throws {
    let rules = ["[0-9]{5}", "[0-9]+", ".{5}", "[0-9]{5,}", ".*"]
    let space = RuleSpace(try rules.map { try StringConcept(name: $0, group: "", $0) })
    let teacher = ClusterTeacher(opening: 0.4, crossing: 0.9, noise: 0.01)
    let aware = TeacherAwareLearner(space: space, teacher: teacher)
    let unaware = TeacherAwareLearner(space: space, teacher: teacher.independent)
    let lesson = [
      TeachingExample("12345", isPositive: true), TeachingExample("123456", isPositive: false),
      TeachingExample("1234a", isPositive: false), TeachingExample("1234", isPositive: false),
    ]
    #expect(aware.posterior(after: lesson)[0] > unaware.posterior(after: lesson)[0])
    #expect(aware.posterior(after: lesson)[0] > 0.9)
  }

  @Test func theStudyOfHumanCorporaPrefersTheTrueModel() throws {
    // People simulated by the model itself: the fitted clustered teacher must explain held-out
    // corpora better than independent examples, and its learner must do better.
    let truth = ClusterTeacher(opening: 0.35, positiveShare: 0.7, crossing: 0.8, singleEdit: 0.8)
    var corpora: [TeachingCorpora.Corpus] = []
    for person in 0..<24 {
      let rule = StringConcept.publishedRules[person % 12]
      corpora.append(
        TeachingCorpora.Corpus(
          teacher: "\(person)", rule: rule.name,
          examples: truth.lesson(rule: rule, examples: 6, seed: UInt64(person))))
    }
    var study = TeachingStudy()
    study.space = RuleSpace(Array(RuleSpace.study.rules.prefix(40)))
    let result = try #require(study.humanCorpora(TeachingCorpora(corpora: corpora)))
    #expect(result.corpora == 24)
    #expect(result.heldOutLogLikelihood[0] > result.heldOutLogLikelihood[1] + 1)
    #expect(result.rows[0].logProbability > result.rows[1].logProbability)
    #expect(result.simulatedClusters < result.simulatedIndependentClusters)
    #expect(abs(result.teacher.opening - truth.opening) < 0.21)
    #expect(abs(result.teacher.crossing - truth.crossing) < 0.25)
    #expect(study.humanCorpora(TeachingCorpora(corpora: [])) == nil)
  }
}
