import Evaluation
import Foundation
import Statistics
public import Documents
import Training

/// A recipe's report: `report.json` for programs and `report.html` for people.
public struct RecipeReport {
  /// The recipe.
  public let card: RecipeCard
  /// The command that made it.
  public let command: String
  /// The seeds: several where the recipe was run several times.
  public let seeds: [UInt64]
  /// The seconds of its stages.
  public let times: [RecipeRun.StageTime]
  /// Whether it is the short form, which claims nothing.
  public let isQuick: Bool
  /// The findings.
  public let findings: RecipeFindings

  /// The seconds of all stages.
  public var seconds: Double { times.reduce(0) { $0 + $1.seconds } }

  /// The document that `report.json` holds.
  public var document: JSONValue {
    get throws {
      var object = JSONObject([
        (key: "recipe", value: .string(card.name)), (key: "paper", value: .string(card.paper)),
        (key: "command", value: .string(command)),
        (key: "seed", value: .int(Int(truncatingIfNeeded: seeds.first ?? 0))),
      ])
      if seeds.count > 1 { object["seeds"] = .array(seeds.map { .int(Int(truncatingIfNeeded: $0)) }) }
      object["quick"] = .bool(isQuick)
      object["seconds"] = .double(seconds)
      object["machine"] = .string(Machine.summary)
      object["effects"] = try JSONValue(encoding: findings.effects)
      object["stages"] = .object(JSONObject(times.map { (key: $0.name, value: .double($0.seconds)) }))
      for (key, value) in findings.details.members { object[key] = value }
      return .object(object)
    }
  }

  /// Writes both reports into a folder.
  func write(to folder: String) throws {
    let text = try document.serialized(indent: 2) + "\n"
    try DurableFile.write(Data(text.utf8), to: "\(folder)/report.json")
    try page.write(to: URL(fileURLWithPath: "\(folder)/report.html"))
  }

  /// The lines for the terminal.
  public var text: String {
    let lines = findings.effects.map { effect in
      let (value, low, high) = (effect.estimate.value, effect.estimate.low, effect.estimate.high)
      return "  \(effect.isMet ? "met   " : "missed")  \(effect.name): \(effect.number(value)) "
        + "[\(effect.number(low)), \(effect.number(high))], goal \(effect.goal.text(effect.number))"
    }
    return ([isQuick ? "The short form, whose figures claim nothing:" : "\(card.title):"] + lines)
      .joined(separator: "\n")
  }

  // MARK: The page

  private var page: Report {
    var page = Report(title: card.title, subtitle: card.paper)
    if isQuick {
      page.note(
        "This is the short form, which shows that every stage works. Its models are hardly trained and its figures "
          + "claim nothing.", kind: .caution)
    }
    page.paragraph(card.summary)
    let met = findings.effects.count(where: \.isMet)
    page.keyFacts([
      ("goals met", "\(met) of \(findings.effects.count)"), ("time", RecipeRun.duration(seconds)),
      (seeds.count == 1 ? "seed" : "seeds", seeds.map { "\($0)" }.joined(separator: ", ")),
    ])
    for plot in effectPlots { page.figure(plot) }
    for row in findings.pictures where !row.isEmpty { page.figure(row) }
    page.heading("Effects")
    page.table(
      header: ["", "measured (95% interval)", "n", "published", "goal", ""],
      rows: findings.effects.map { effect in
        [
          .text(effect.name), .estimate(effect.estimate, isPercentage: effect.isShare),
          .number(Double(effect.estimate.n), decimals: 0), .text(effect.published.map(effect.number) ?? "–"),
          .text(effect.goal.text(effect.number).replacingOccurrences(of: " ", with: "\u{A0}")),
          .text(effect.isMet ? "✓\u{A0}met" : "✗\u{A0}missed"),
        ]
      },
      caption: "An effect is what the paper claims, in direction and where the scale allows in size. "
        + "Whether a goal is met is computed from the figures.")
    let sources = findings.effects.compactMap { effect in
      effect.source.map { (effect.name, $0, effect.published.map(effect.number)) }
    }
    if !sources.isEmpty {
      page.table(
        header: ["published figure", "", "of"],
        rows: sources.map { [.text($0.0), .text($0.2 ?? "–"), .text($0.1)] })
    }
    for caution in findings.cautions { page.note(caution, kind: .caution) }
    findings.sections(&page)
    page.heading("How it was made")
    page.code(command)
    page.paragraph(Machine.summary)
    page.table(
      header: ["stage", "seconds"], rows: times.map { [.text($0.name), .number($0.seconds, decimals: 1)] })
    return page
  }

  /// The effects as dots on their intervals, shares and other numbers apart, with goals and published figures beside them.
  private var effectPlots: [IntervalPlot] {
    [true, false].compactMap { isShare in
      let effects = findings.effects.filter { $0.isShare == isShare && $0.estimate.value.isFinite }
      guard !effects.isEmpty else { return nil }
      var plot = IntervalPlot(
        title: isShare ? "Effects" : "Effects, in units of their own", rows: effects.map { ($0.name, $0.estimate) },
        isPercentage: isShare)
      plot.marks = effects.map { .init(goal: $0.goal.bound, published: $0.published) }
      return plot
    }
  }
}
