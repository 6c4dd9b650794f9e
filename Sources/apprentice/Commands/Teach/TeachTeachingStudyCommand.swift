import ArgumentParser
import Console
import Documents
import Foundation
import Teaching
import Training
import Settings

/// `apprentice teach teaching-study`.
struct TeachTeachingStudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teaching-study",
    abstract: "Measure teachers and learners that reason about each other.",
    discussion: """
      Simulated lessons always; with the published examples that people wrote, also the clustering \
      of human teachers and learners that assume it.

      EXAMPLE:
        apprentice teach teaching-study --data regex-teaching/teaching-examples.csv
      """)

  @Option(help: .init("The examples that people wrote.", valueName: "file"))
  var data: String?

  @Option(in: .from(0, to: 100), help: .init("How strongly teachers prefer the better example.", valueName: "exponent"))
  var optimality = 4.0

  @Option(in: .from(1, to: 4), help: .init("How often teacher and learner are nested.", valueName: "levels"))
  var depth = 2

  @Option(in: .count(), help: .init("How many permutations of the examples.", valueName: "count"))
  var permutations = 1000

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    // Read first: what is wrong with the file is said at once and not after the lessons.
    let corpora = try data.map { try TeachingCorpora(contentsOf: URL(fileURLWithPath: $0)) }
    var study = TeachingStudy()
    study.seed = seed
    let lessons = study.proofOfConcept(optimality: optimality, depth: depth)
    var clusters: TeachingCorpora.ClusterAnalysis?
    var human: TeachingStudy.HumanResult?
    if let corpora {
      clusters = corpora.clusterAnalysis(permutations: permutations, seed: seed)
      human = study.humanCorpora(corpora)
    } else {
      Log.info("give --data teaching-examples.csv for the study of human teachers as well")
    }
    var document = JSONObject([(key: "lessons", value: try JSONValue(encoding: lessons))])
    if let clusters { document["clusters"] = try JSONValue(encoding: clusters) }
    if let human { document["human"] = try JSONValue(encoding: human) }
    output.show(.object(document), text: text(lessons, clusters, human))
  }

  private func text(
    _ lessons: [TeachingStudy.LessonRow], _ clusters: TeachingCorpora.ClusterAnalysis?,
    _ human: TeachingStudy.HumanResult?
  ) -> String {
    var table = Table([
      ("examples from", .left), ("learner assumes", .left), ("examples to 0.9", .right),
      ("learned", .right), ("after 1", .right), ("2", .right), ("3", .right), ("5", .right),
      ("10", .right),
    ])
    for row in lessons {
      let course = [0, 1, 2, 4, 9].map { $0 < row.course.count ? format(row.course[$0]) : "-" }
      table.add(
        [
          row.source == .teacher ? "a teacher" : "chance",
          row.assumption == .pedagogical ? "a teacher" : "chance",
          String(format: "%.1f", row.meanExamples), format(row.learned),
        ] + course)
    }
    let rules = TeachingStudy().space.rules.count
    var text = "Simulated lessons: belief in the true rule, of \(rules).\n\n" + table.text
    if let clusters {
      text += "\n\n" + self.text(clusters)
    }
    if let human {
      text += "\n\n" + self.text(human)
    }
    return text
  }

  private func text(_ clusters: TeachingCorpora.ClusterAnalysis) -> String {
    var table = Table([("rule", .left), ("clusters", .right), ("permuted", .right)])
    for (rule, values) in clusters.byRule.sorted(by: { $0.key < $1.key }) {
      table.add([rule, format(values[0]), format(values[1])])
    }
    table.add(["all", format(clusters.observed), format(clusters.permuted)])
    let range = clusters.permutedRange.map(format).joined(separator: " to ")
    return """
      Clusters in the \(clusters.corpora) corpora of the base rules; permutations range from \
      \(range), p = \(format(clusters.pValue)).

      \(table.text)
      """
  }

  private func text(_ human: TeachingStudy.HumanResult) -> String {
    var table = Table([
      ("learner", .left), ("P(true rule)", .right), ("mean log P", .right), ("best", .right),
      ("examples to 0.5", .right),
    ])
    for row in human.rows {
      table.add([
        row.learner, format(row.probability), format(row.logProbability), format(row.best),
        format(row.examplesToHalf),
      ])
    }
    let teacher = human.teacher
    return """
      Learners on \(human.corpora) human corpora, their teachers fitted on other people.

      \(table.text)

      Fitted teacher: opens a cluster with probability \(format(teacher.opening)), with a member \
      \(format(teacher.positiveShare)); an edit crosses the border with \
      \(format(teacher.crossing)), is single with \(format(teacher.singleEdit)); wrong labels \(format(teacher.noise)).
      Held-out log-likelihood a corpus: \(format(human.heldOutLogLikelihood[0])) with clusters, \
      \(format(human.heldOutLogLikelihood[1])) without.
      Clusters it writes in base-rule corpora: \(format(human.simulatedClusters)), without \
      clustering \(format(human.simulatedIndependentClusters)).
      """
  }

  private func format(_ value: Double) -> String { String(format: "%.3f", value) }
}
