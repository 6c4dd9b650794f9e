public import Foundation

/// The induction run on every teacher's own examples, its accuracy on held-out strings beside
/// people's.
///
/// Two sets of held-out strings are used. Those of the other teachers of the same rule, each once
/// and labelled by the rule, are always there; accuracy on them is the mean of the accuracy on
/// members and on non-members. The study's own test items are used when its `generalization.csv` is
/// given, whose answers by people are then counted as well; accuracy on them is the plain share, as
/// published.
public struct PeopleStudy: Sendable {
  /// The corpora.
  public let corpora: TeachingCorpora
  /// People's answers to the study's own items.
  public let answers: GeneralizationAnswers?
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
  public init(corpora: TeachingCorpora, answers: GeneralizationAnswers? = nil) {
    self.corpora = corpora
    self.answers = answers
  }

  /// One rule's row.
  public struct Row: Sendable, Hashable, Codable {
    /// The rule's name.
    public let rule: String
    /// The rule's expression.
    public let expression: String
    /// How many corpora had a positive example and were learned from.
    public let corpora: Int
    /// How many had none.
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
    /// The share of corpora from which the induced expression was the rule exactly, as far as the
    /// held-out strings can tell.
    public let perfect: Double
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
    let items = answers?.items[rule.name] ?? []
    let learners: [any StringLearner] = [BayesianLearner(configuration: configuration)] + baselines
    let scores = await withTaskGroup(of: (Int, [Score]).self) { group in
      var next = 0
      var results = [[Score]](repeating: [], count: usable.count)
      func add(_ group: inout TaskGroup<(Int, [Score])>) {
        guard next < usable.count else { return }
        let index = next
        next += 1
        group.addTask {
          let held = heldOut(for: usable[index], among: members)
          return (index, self.scores(learners, usable[index], rule, held, items))
        }
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { add(&group) }
      while let (index, scores) = await group.next() {
        results[index] = scores
        add(&group)
      }
      return results.filter { !$0.isEmpty }
    }
    var balanced: [String: Double] = [:]
    var own: [String: Double] = [:]
    for (place, learner) in learners.enumerated() where !scores.isEmpty {
      let count = Double(scores.count)
      balanced[learner.name] = scores.reduce(0) { $0 + $1[place].balanced } / count
      let onItems = scores.compactMap { $0[place].items }
      if !onItems.isEmpty { own[learner.name] = onItems.reduce(0, +) / Double(onItems.count) }
    }
    return Row(
      rule: rule.name, expression: rule.expression.description, corpora: scores.count,
      withoutPositives: members.count - usable.count,
      examples: Double(members.reduce(0) { $0 + $1.examples.count })
        / Double(max(1, members.count)),
      balancedAccuracy: balanced, itemAccuracy: own,
      peopleAccuracy: answers?.accuracy[rule.name] ?? Self.publishedAccuracy[rule.name],
      perfect: Double(scores.count { $0[0].balanced == 1 }) / Double(max(1, scores.count)))
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

/// People's classifications of the published study's test items.
public struct GeneralizationAnswers: Sendable {
  /// The items of each rule.
  public let items: [String: [String]]
  /// People's share of right answers, by rule.
  public let accuracy: [String: Double]

  /// Reads the study's `generalization.csv`: columns `rule.id`, `string` and `correct`.
  public init(contentsOf url: URL) throws {
    let rows = try CommaSeparatedRows(contentsOf: url)
    let columns = try rows.columns(["rule.id", "string", "correct"])
    var items: [String: [String]] = [:]
    var right: [String: (right: Int, all: Int)] = [:]
    for (line, row) in rows.body {
      let rule = row[columns[0]]
      guard ["TRUE", "FALSE"].contains(row[columns[2]]) else {
        throw rows.error(line, "correct \"\(row[columns[2]])\" is neither TRUE nor FALSE")
      }
      if !(items[rule]?.contains(row[columns[1]]) ?? false) {
        items[rule, default: []].append(row[columns[1]])
      }
      right[rule, default: (0, 0)].all += 1
      if row[columns[2]] == "TRUE" { right[rule, default: (0, 0)].right += 1 }
    }
    self.items = items
    accuracy = right.mapValues { Double($0.right) / Double(max(1, $0.all)) }
  }
}
