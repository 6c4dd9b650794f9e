import Expressions
import Foundation
import Probability
import Teaching
import Testing

/// The choice of the next string to ask about.
@Suite struct LabelQuestionTests {
  @Test func theGainIsTheMutualInformationOfLabelAndExpression() throws {
    let examples = try InductionExamples(positives: ["cats", "dogs", "pens"], negatives: ["cat"])
    let posterior = RegularExpressionInduction(examples).posterior
    let questions = posterior.questions(limit: 20)
    #expect(questions.count == 20)
    func entropy(_ p: Double) -> Double {
      p <= 0 || p >= 1 ? 0 : -p * log(p) - (1 - p) * log(1 - p)
    }
    for question in questions {
      // By definition: the entropy of the label, less its mean entropy given each expression.
      var yes = 0.0
      var given = 0.0
      for entry in posterior.entries {
        let matches = try PCREPattern(entry.expression.description).matches(question.string)
        let p = matches ? 1 - posterior.noise : posterior.noise
        yes += entry.probability * p
        given += entry.probability * entropy(p)
      }
      #expect(abs(question.expectedInformation - max(0, entropy(yes) - given)) < 1e-6)
      #expect(question.expectedInformation <= log(2))
      #expect(!examples.positives.contains(question.string))
      #expect(!examples.negatives.contains(question.string))
    }
    for (a, b) in zip(questions, questions.dropFirst()) {
      #expect(a.expectedInformation >= b.expectedInformation - 1e-9)
    }
    #expect(questions == posterior.questions(limit: 20))
  }

  /// Asking the proposed strings must teach more than labelling others of the same candidates at random.
  ///
  /// What is counted is labels until every probe is judged rightly. Lessons begin with two strings that match, as nobody
  /// begins with fewer who wants an expression: from one, the first "no" to a bold guess leaves little but the string itself,
  /// and what four labels teach then depends on which of these dead ends came up, not on how they were chosen.
  @Test func askingTakesFewerLabelsThanLabelsAtRandom() throws {
    let most = 8
    func labelsNeeded(_ text: String, asking: Bool, seed: UInt64) throws -> Int {
      let expression = try RegularExpression(parsing: text)
      let truth = PositionAutomaton(expression)
      var random = RandomSource(seed: seed)
      var held = RandomSource(seed: seed, stream: 77)
      var given: [String] = []
      while given.count < 2 {
        let string = try #require(expression.sample(using: &random))
        if !given.contains(string) { given.append(string) }
      }
      var examples = try InductionExamples(positives: given)
      var configuration = InductionConfiguration()
      configuration.evaluations = 800
      var induction = RegularExpressionInduction(examples, configuration: configuration)
      // Held out: members, and members with one character deleted, doubled or replaced.
      let members = (0..<60).compactMap { _ in expression.sample(using: &held) }
      let probes =
        members
        + members.map { member in
          var characters = Array(member)
          let place = held.integer(below: characters.count)
          switch held.integer(below: 3) {
          case 0: characters.remove(at: place)
          case 1: characters.insert(characters[place], at: place)
          default: characters[place] = Array("aZ5-")[held.integer(below: 4)]
          }
          return String(characters)
        }
      for step in 0..<most {
        let judged = induction.posterior.membershipProbabilities(of: probes)
        if zip(probes, judged).allSatisfy({ truth.accepts($0) == ($1 > 0.5) }) { return step }
        // Without a limit: labels at random go to any of the candidates, telling or not.
        let questions = induction.posterior.questions(limit: .max, seed: UInt64(step))
        let question = questions[asking ? 0 : random.integer(below: questions.count)]
        examples = try examples.adding(answer: truth.accepts(question.string), to: question)
        induction = induction.learning(examples)
      }
      return most
    }
    var differences: [Double] = []
    var (asked, random) = (0.0, 0.0)
    for text in ["[0-9]{5}", "[a-z]+s", "#[0-9a-f]{6}", "[A-Z][a-z]+", "[0-9]+\\.[0-9]{2}", "x[0-9]*"] {
      for seed in 0..<4 {
        let chosen = Double(try labelsNeeded(text, asking: true, seed: UInt64(seed)))
        let other = Double(try labelsNeeded(text, asking: false, seed: UInt64(seed)))
        asked += chosen / 24
        random += other / 24
        differences.append(other - chosen)
      }
    }
    let mean = differences.reduce(0, +) / 24
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 23
    // Labels at random in place of questions would make the mean 0 but for chance.
    #expect(mean > 2 * (variance / 24).squareRoot(), "asked \(asked), at random \(random)")
    #expect(asked < 0.75 * random, "asked \(asked), at random \(random)")
  }
}
