// Regular expressions from examples (Ouyang 2018): how few examples it takes, against baselines and, with the published
// data, against the people who learned from the same examples.
//
// Covered: 55 concepts of our own; the study's teachers, learners and items where --data has them. Not covered: the
// published system's own prior and particle counts, which are not in its abstract.

import Evaluation
import Foundation
import Statistics
import Teaching
import Documents

/// Learning regular expressions from positive and negative examples.
public struct RegexRecipe: Recipe {
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "regex", title: "Regular expressions from examples",
    paper: "Ouyang 2018, Bayesian inference of regular expressions from human-generated example strings",
    summary: "An expression is inferred from a few positive and negative strings and tested on held-out ones, half of "
      + "them members; character-class generalisation, RPNI and plain alternation learn from the same examples.",
    data: ["teaching-examples.csv", "generalization.csv", "curricula.csv"])

  let options: RecipeOptions
  private var study = RegexStudy()
  private let people: PeopleStudy?

  /// Reads what of the published data there is, so that what is wrong with it is said at once.
  public init(_ options: RecipeOptions) throws {
    self.options = options
    study.seed = options.seed
    study.repetitions = max(1, Int((2 * options.scale).rounded()))
    if options.isQuick {
      study.concepts = StringConcept.study.enumerated().filter { $0.offset % 9 == 0 }.map(\.element)
      study.repetitions = 1
      study.exampleCounts = [1, 3]
      study.heldOut = 20
    }
    people = try options.data.map { folder in
      func file(_ name: String) -> URL { URL(fileURLWithPath: folder).appendingPathComponent(name) }
      func optional<Table>(_ name: String, _ read: (URL) throws -> Table) throws -> Table? {
        FileManager.default.fileExists(atPath: file(name).path) ? try read(file(name)) : nil
      }
      let answers = try optional("generalization.csv", GeneralizationAnswers.init(contentsOf:))
      return PeopleStudy(
        corpora: try TeachingCorpora(contentsOf: file("teaching-examples.csv")), answers: answers,
        curricula: answers == nil ? nil : try optional("curricula.csv", TeachingCorpora.init(contentsOf:)))
    }
  }

  /// Seconds on two cores.
  public var plan: [PlannedStage] {
    [PlannedStage("concepts", seconds: 110)] + (people == nil ? [] : [PlannedStage("people", seconds: 130)])
  }

  /// Learns the concepts, then from people's examples.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let cells = try await run.stored("concepts") { await study.run() }
    var rows: [PeopleStudy.Row] = []
    if let people { rows = try await run.stored("people") { await people.run() } }
    var findings = RecipeFindings(effects: effects(cells) + effects(rows))
    findings.pictures = [[curve(cells)]]
    findings.details["concepts"] = try JSONValue(encoding: cells)
    if people != nil { findings.details["people"] = try JSONValue(encoding: rows) }
    if people == nil {
      findings.cautions = [
        "Without --data nothing is said of people: the comparison with them needs the published study's tables "
          + "(\(Self.card.data.joined(separator: ", ")))."
      ]
    }
    findings.sections = { page in
      sections(cells, &page)
      if !rows.isEmpty { sections(rows, &page) }
    }
    return findings
  }

  // MARK: Effects

  /// The accuracies of a learner by concept, in the concepts' order.
  private func accuracies(_ cells: [RegexStudy.Cell], _ learner: String, _ count: Int) -> [Double] {
    cells.filter { $0.learner == learner && $0.examples == count }.map(\.accuracy)
  }

  private func mean(_ values: [Double]) -> Estimate { Bootstrap(seed: 1).mean(values) }

  private func effects(_ cells: [RegexStudy.Cell]) -> [Effect] {
    let few = study.exampleCounts.contains(3) ? 3 : study.exampleCounts[0]
    let many = study.exampleCounts.contains(5) ? 5 : few
    func advantage(over other: String) -> Estimate {
      Bootstrap(seed: 1).meanDifference(accuracies(cells, "Bayesian", few), accuracies(cells, other, few))
    }
    return [
      Effect(
        "accuracy from \(many) positive and \(many) negative examples", mean(accuracies(cells, "Bayesian", many)),
        goal: .atLeast(0.95), isShare: true),
      Effect(
        "gain over character classes from \(few)+\(few)", advantage(over: "character classes"), goal: .above(0),
        isShare: true),
      Effect("gain over RPNI from \(few)+\(few)", advantage(over: "RPNI"), goal: .above(0), isShare: true),
    ]
  }

  /// On the items that people were tested on, from the corpora that people were shown.
  private func effects(_ rows: [PeopleStudy.Row]) -> [Effect] {
    rows.compactMap { row in
      guard let theirs = row.peopleAccuracy, !row.itemScores.isEmpty else { return nil }
      let own = Bootstrap(seed: 1).estimate(of: row.itemScores) { scores in
        scores.reduce(0) { $0 + $1.accuracy * $1.weight } / scores.reduce(0) { $0 + $1.weight }
      }
      return Effect(
        "\(row.rule), \(row.expression): as good as people", own, goal: .atLeast(theirs), published: theirs,
        source: "people's accuracy from the same examples on the same strings (Ouyang and Frank 2017, data)",
        isShare: true)
    }
  }

  // MARK: Report

  private func curve(_ cells: [RegexStudy.Cell]) -> Plot {
    var plot = Plot(
      title: "Accuracy by number of examples", x: "positive examples, and as many negative",
      y: Plot.Axis("accuracy", range: 0.4...1))
    for learner in study.learners {
      plot.add(
        learner.name,
        points: study.exampleCounts.map { count in
          Plot.Point(x: Double(count), estimate: mean(accuracies(cells, learner.name, count)))
        }, style: .linePoints)
    }
    return plot
  }

  private func sections(_ cells: [RegexStudy.Cell], _ page: inout Report) {
    page.heading("Accuracy by learner")
    page.table(
      header: ["learner"] + study.exampleCounts.map { "\($0)+\($0)" },
      rows: study.learners.map { learner in
        [.text(learner.name)]
          + study.exampleCounts.map { .estimate(mean(accuracies(cells, learner.name, $0)), isPercentage: true) }
      },
      caption:
        "\(study.concepts.count) concepts, \(study.repetitions) example sets each, \(study.heldOut) members and as "
        + "many non-members held out, two thirds of these near misses. Intervals are over concepts.")
    page.heading("By kind of concept")
    let groups = study.concepts.map(\.group).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    page.table(
      header: ["kind"] + study.exampleCounts.map { "\($0)+\($0)" },
      rows: groups.map { group in
        [.text(group)]
          + study.exampleCounts.map { count in
            .estimate(
              mean(
                cells.filter { $0.learner == "Bayesian" && $0.examples == count && $0.group == group }.map(\.accuracy)),
              isPercentage: true)
          }
      }, caption: "The Bayesian learner.")
  }

  private func sections(_ rows: [PeopleStudy.Row], _ page: inout Report) {
    page.heading("On the examples that people wrote")
    let learners = ["Bayesian", "character classes", "RPNI", "alternation"]
    page.table(
      header: ["rule", "expression", "corpora"] + learners + ["on items", "people"],
      rows: rows.map { row in
        [.text(row.rule), .text(row.expression), .number(Double(row.corpora), decimals: 0)]
          + learners.map { .number(row.balancedAccuracy[$0] ?? .nan, decimals: 3) }
          + [
            .number(row.itemAccuracy["Bayesian"] ?? .nan, decimals: 3),
            .number(row.peopleAccuracy ?? .nan, decimals: 3),
          ]
      },
      caption:
        "Accuracy on other teachers' strings, members and non-members weighing alike; on the published test items; "
        + "and people's on those.")
  }
}
