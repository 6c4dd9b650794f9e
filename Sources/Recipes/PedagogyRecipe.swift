// Teaching by example (Ouyang and Frank 2017): teachers who choose examples, learners who know that they were chosen, and
// how people's examples cluster.
//
// Covered: simulated lessons of the published rules; with --data the study's own corpora, their clustering and learners
// whose teacher is fitted on other people. Not covered: new people.

import Evaluation
import Foundation
import Statistics
import Teaching
import Documents

/// Learners who assume a teacher, and learners who assume chance.
public struct PedagogyRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "pedagogy", title: "Learning from a teacher",
    paper: "Ouyang and Frank 2017, Pedagogical learning",
    summary: "Lessons of labelled strings, chosen by a teacher or at random, are followed by a learner who assumes a "
      + "teacher and by one who assumes chance: how many examples does each need before it believes in the rule?",
    data: ["teaching-examples.csv"])

  private var study = TeachingStudy()
  private let corpora: TeachingCorpora?
  private let permutations: Int

  /// Reads the published corpora, if a folder is given.
  public init(_ options: RecipeOptions) throws {
    study.seed = options.seed
    study.lessons = max(2, Int((10 * options.scale).rounded()))
    if options.isQuick {
      study.lessons = 2
      study.lessonLength = 12
      study.poolSize = 60
    }
    permutations = options.isQuick ? 50 : 1000
    corpora = try options.data.map {
      try TeachingCorpora(contentsOf: URL(fileURLWithPath: $0).appendingPathComponent(Self.card.data[0]))
    }
  }

  /// Seconds on two cores.
  public var plan: [PlannedStage] {
    [PlannedStage("lessons", seconds: 20)]
      + (corpora == nil
        ? [] : [PlannedStage("clusters", seconds: 20), PlannedStage("learners", seconds: 30)])
  }

  /// The lessons, and with people's corpora the clusters and the learners.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let lessons = try await run.stored("lessons") { study.proofOfConcept(optimality: 4, depth: 2) }
    var clusters: TeachingCorpora.ClusterAnalysis?
    var human: TeachingStudy.HumanResult?
    if let corpora {
      clusters = try await run.stored("clusters") {
        corpora.clusterAnalysis(permutations: permutations, seed: study.seed)
      }
      human = try await run.stored("learners") { study.humanCorpora(corpora) }
    }
    var findings = RecipeFindings(
      effects: effects(lessons) + (clusters.map(effects) ?? []) + (human.map(effects) ?? []))
    findings.pictures = [[curve(lessons)]]
    findings.details["lessons"] = try JSONValue(encoding: lessons)
    if let clusters { findings.details["clusters"] = try JSONValue(encoding: clusters) }
    if let human { findings.details["human"] = try JSONValue(encoding: human) }
    findings.cautions = [
      "Teachers and learners of the lessons are simulated, by the theory that they are to test; "
        + (corpora == nil ? "people's own examples are studied with --data." : "people's own examples follow below.")
    ]
    findings.sections = { page in
      page.heading("Lessons")
      page.table(
        header: ["examples from", "learner assumes", "examples to \(study.criterion)", "learned", "belief after 3"],
        rows: lessons.map { row in
          [
            .text(Self.word(row.source == .teacher)), .text(Self.word(row.assumption == .pedagogical)),
            .estimate(Bootstrap(seed: 1).mean(row.lengths), isPercentage: false), .number(row.learned, decimals: 3),
            .number(row.course.count > 2 ? row.course[2] : .nan, decimals: 3),
          ]
        }, caption: "Lessons that never get there count their \(study.lessonLength) examples.")
      if let clusters {
        page.heading("How people's examples cluster")
        page.table(
          header: ["rule", "clusters a corpus", "permuted"],
          rows: clusters.byRule.sorted { $0.key < $1.key }.map { rule, values in
            [.text(rule), .number(values[0], decimals: 2), .number(values[1], decimals: 2)]
          })
      }
      if let human {
        page.heading("Learners on people's corpora")
        page.table(
          header: ["learner", "P(true rule)", "mean log P", "true rule is best", "examples to 0.5"],
          rows: human.rows.map { row in
            [.text(row.learner)]
              + [row.probability, row.logProbability, row.best, row.examplesToHalf].map { .number($0, decimals: 3) }
          })
      }
    }
    return findings
  }

  private static func word(_ isTeacher: Bool) -> String { isTeacher ? "a teacher" : "chance" }

  // MARK: Effects

  private func lengths(
    _ lessons: [TeachingStudy.LessonRow], from source: SequentialTeaching.Source,
    assuming assumption: SequentialTeaching.Assumption
  ) -> [Double] {
    lessons.first { $0.source == source && $0.assumption == assumption }?.lengths ?? []
  }

  private func effects(_ lessons: [TeachingStudy.LessonRow]) -> [Effect] {
    func saved(_ source: SequentialTeaching.Source) -> Estimate {
      Bootstrap(seed: 1).meanDifference(
        lengths(lessons, from: source, assuming: .random), lengths(lessons, from: source, assuming: .pedagogical))
    }
    return [
      Effect(
        "examples saved by assuming the teacher there is", saved(.teacher), goal: .above(0)),
      Effect(
        "examples saved by a teacher who chooses them",
        Bootstrap(seed: 1).meanDifference(
          lengths(lessons, from: .random, assuming: .pedagogical),
          lengths(lessons, from: .teacher, assuming: .pedagogical)), goal: .above(0)),
    ]
  }

  private func effects(_ clusters: TeachingCorpora.ClusterAnalysis) -> [Effect] {
    let saved = clusters.permuted - clusters.observed
    return [
      Effect(
        "fewer clusters than in shuffled corpora",
        Estimate(
          value: saved, low: clusters.permutedRange[0] - clusters.observed,
          high: clusters.permutedRange[1] - clusters.observed, n: clusters.corpora), goal: .above(0),
        published: 4.06 - 3.28,
        source: "3.28 against 4.06 in 156 corpora (the study's data and its author's code); "
          + "the interval is the range over permutations")
    ]
  }

  private func effects(_ human: TeachingStudy.HumanResult) -> [Effect] {
    [
      Effect(
        "P(true rule) gained so on people's corpora",
        Bootstrap(seed: 1).meanDifference(human.rows[0].probabilities, human.rows[1].probabilities), goal: .above(0))
    ]
  }

  private func curve(_ lessons: [TeachingStudy.LessonRow]) -> Plot {
    var plot = Plot(
      title: "Belief in the true rule", x: "examples", y: Plot.Axis("mean belief", range: 0...1))
    for row in lessons {
      plot.add(
        "from \(Self.word(row.source == .teacher)), assumes \(Self.word(row.assumption == .pedagogical))",
        y: row.course,
        style: .linePoints)
    }
    return plot
  }
}
