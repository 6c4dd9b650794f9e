internal import Expressions
internal import Foundation

/// The induction run on every teacher's own examples, its accuracy on held-out strings beside
/// people's.
///
/// Two sets of held-out strings are used. Those of the other teachers of the same rule, each once
/// and labelled by the rule, are always there; accuracy on them is the mean of the accuracy on
/// members and on non-members. The study's own test items are used when its `generalization.csv` is
/// given, whose answers by people are then counted as well; accuracy on them is the plain share, as
/// published. With the study's curricula as well, the induction learns from the very corpora that
/// those people were shown, each weighed by how many of them saw it.
public struct PeopleStudy: Sendable {
  /// The corpora.
  public let corpora: TeachingCorpora
  /// People's answers to the study's own items.
  public let answers: GeneralizationAnswers?
  /// The corpora that the answers' learners were shown, the `seq.id` of an answer as the teacher.
  public let curricula: TeachingCorpora?
  /// The settings of the induction.
  public var configuration = InductionConfiguration.written
  /// The baselines to run besides the induction.
  public var baselines: [any StringLearner] = [
    CharacterClassLearner(), RPNILearner(), AlternationLearner(),
  ]

  /// The accuracies of learners given the published study's corpora, by rule.
  public static let publishedAccuracy = [
    "zip-code": 0.848, "delimiters": 0.788, "3a": 0.751, "suffix-s": 0.750,
  ]

  /// Makes the study.
  public init(
    corpora: TeachingCorpora, answers: GeneralizationAnswers? = nil,
    curricula: TeachingCorpora? = nil
  ) {
    self.corpora = corpora
    self.answers = answers
    self.curricula = curricula
  }

  /// One rule's row.
  public struct Row: Sendable, Hashable, Codable {
    /// The rule's name.
    public let rule: String
    /// The rule's expression.
    public let expression: String
    /// The number of corpora that had a positive example and were learned from.
    public let corpora: Int
    /// The number of corpora that had none.
    public let withoutPositives: Int
    /// The mean number of examples in a corpus.
    public let examples: Double
    /// By learner, the accuracy on other teachers' strings, members and non-members weighing alike.
    public let balancedAccuracy: [String: Double]
    /// By learner, the accuracy on the study's own items; empty without them.
    public let itemAccuracy: [String: Double]
    /// People's accuracy on the study's items: counted from the answers if they are given, else as
    /// published; nothing for the rules that people were not tested on.
    public let peopleAccuracy: Double?
    /// The induction's accuracy on the study's own items from each corpus, and how much the corpus weighs; empty without
    /// the items.
    public let itemScores: [WeightedScore]
    /// The share of corpora from which the induced expression was the rule exactly, as far as the
    /// held-out strings can tell.
    public let perfect: Double
  }

  /// An accuracy and how much it weighs.
  public struct WeightedScore: Sendable, Hashable, Codable {
    /// The accuracy.
    public let accuracy: Double
    /// The number of people that saw the corpus, or 1.
    public let weight: Double
  }

  /// Runs the study on all cores.
  public func run(progress: (@Sendable (String) -> Void)? = nil) async -> [Row] {
    var rows: [Row] = []
    for rule in StringConcept.publishedRules {
      rows.append(await row(rule))
      progress?(rule.name)
    }
    return rows
  }

  private struct Score: Sendable {
    var balanced: Double
    var items: Double?
  }

  private func row(_ rule: StringConcept) async -> Row {
    let members = corpora.corpora.filter { $0.rule == rule.name }
    let usable = members.filter { !$0.positives.isEmpty }
    let learners: [any StringLearner] = [BayesianLearner(configuration: configuration)] + baselines
    let scores = await scores(learners, usable, rule) { heldOut(for: $0, among: members) }
    var balanced: [String: Double] = [:]
    for (place, learner) in learners.enumerated() where !scores.isEmpty {
      balanced[learner.name] =
        scores.reduce(0) { $0 + $1[place].balanced } / Double(scores.count)
    }
    let onItems: (scores: [[Score]], weights: [Double])
    if let curricula, let answers {
      let counts = answers.learners[rule.name] ?? [:]
      let shown = curricula.corpora.filter {
        $0.rule == rule.name && !$0.positives.isEmpty && counts[$0.teacher] != nil
      }
      onItems = (
        await self.scores(learners, shown, rule) { _ in [] }, shown.map { Double(counts[$0.teacher] ?? 0) }
      )
    } else {
      onItems = (scores, scores.map { _ in 1 })
    }
    return Row(
      rule: rule.name, expression: rule.expression.description, corpora: scores.count,
      withoutPositives: members.count - usable.count,
      examples: Double(members.reduce(0) { $0 + $1.examples.count })
        / Double(max(1, members.count)),
      balancedAccuracy: balanced, itemAccuracy: itemAccuracy(learners, onItems.scores, onItems.weights),
      peopleAccuracy: answers?.accuracy[rule.name] ?? Self.publishedAccuracy[rule.name],
      itemScores: zip(onItems.scores, onItems.weights).compactMap { own, weight in
        own.first?.items.map { WeightedScore(accuracy: $0, weight: weight) }
      },
      perfect: Double(scores.count { $0[0].balanced == 1 }) / Double(max(1, scores.count)))
  }

  private func itemAccuracy(
    _ learners: [any StringLearner], _ scores: [[Score]], _ weights: [Double]
  ) -> [String: Double] {
    let total = weights.reduce(0, +)
    guard total > 0, scores.allSatisfy({ $0.allSatisfy { $0.items != nil } }) else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: learners.enumerated().map { place, learner in
        let sum = zip(scores, weights).reduce(0) { $0 + ($1.0[place].items ?? 0) * $1.1 }
        return (learner.name, sum / total)
      })
  }

  /// By corpus and learner, on all cores.
  private func scores(
    _ learners: [any StringLearner], _ corpora: [TeachingCorpora.Corpus], _ rule: StringConcept,
    heldOut: @escaping @Sendable (TeachingCorpora.Corpus) -> [String]
  ) async -> [[Score]] {
    let items = answers?.items[rule.name] ?? []
    return await withTaskGroup(of: (Int, [Score]).self) { group in
      var next = 0
      var results = [[Score]](repeating: [], count: corpora.count)
      func add(_ group: inout TaskGroup<(Int, [Score])>) {
        guard next < corpora.count else { return }
        let index = next
        next += 1
        group.addTask {
          let corpus = corpora[index]
          return (index, self.scores(learners, corpus, rule, heldOut(corpus), items))
        }
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { add(&group) }
      while let (index, scores) = await group.next() {
        results[index] = scores
        add(&group)
      }
      return results.filter { !$0.isEmpty }
    }
  }

  private func heldOut(
    for corpus: TeachingCorpora.Corpus, among members: [TeachingCorpora.Corpus]
  ) -> [String] {
    var seen = Set(corpus.examples.map(\.string))
    return members.flatMap(\.examples).map(\.string).filter { seen.insert($0).inserted }
  }

  private func scores(
    _ learners: [any StringLearner], _ corpus: TeachingCorpora.Corpus, _ rule: StringConcept,
    _ heldOut: [String], _ items: [String]
  ) -> [Score] {
    guard
      let examples = try? InductionExamples(
        positives: corpus.positives, negatives: corpus.negatives)
    else { return [] }
    let truth = PositionAutomaton(rule.expression)
    let inside = heldOut.filter { truth.accepts($0) }
    let outside = heldOut.filter { !truth.accepts($0) }
    return learners.map { learner in
      let accepts = learner.learn(examples)
      let right = Double(inside.count(where: accepts)) / Double(max(1, inside.count))
      let wrong = Double(outside.count { !accepts($0) }) / Double(max(1, outside.count))
      let onItems = items.count { accepts($0) == truth.accepts($0) }
      return Score(
        balanced: (right + wrong) / 2,
        items: items.isEmpty ? nil : Double(onItems) / Double(items.count))
    }
  }
}
