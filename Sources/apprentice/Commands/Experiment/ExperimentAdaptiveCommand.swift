import ArgumentParser
import Console
import Documents
import Experiments
import Foundation
import Settings
import Statistics

/// `apprentice experiment adaptive`.
struct ExperimentAdaptiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adaptive",
    abstract: "Choose each experiment after the last answer, until one model is found.",
    discussion: """
      Proposes the experiment of a specification (see 'apprentice experiment design') that is expected to tell most \
      given all responses so far, asks what came of it, and goes on until one model is as probable as --until says. \
      With --record all outcomes are kept in a file, and the same command goes on from there. With --simulate a \
      model of the specification answers instead of a person. With --compare many simulated participants answer, \
      and the rounds are counted that it takes beside plans made beforehand: the experiments in the order of what \
      they tell at first (ranked), the first of them again and again (repeated), and any (random).

      EXAMPLE:
        apprentice experiment adaptive --spec coins.json --record answers.json
        apprentice experiment adaptive --spec coins.json --compare
      """)

  @OptionGroup var source: SpecificationOptions

  @Option(help: .init("A file to keep the outcomes in, and to go on from.", valueName: "file"))
  var record: String?

  @Option(
    in: .above(0.5, below: 1),
    help: .init("The probability at which a model counts as found.", valueName: "probability"))
  var until = 0.95

  @Option(
    in: .from(1, to: 100_000),
    help: .init("How many experiments at most, of a simulated participant.", valueName: "count"))
  var rounds = 200

  @Option(help: .init("The model that answers instead of a person.", valueName: "model"))
  var simulate: String?

  @Flag(help: "Count rounds beside plans made beforehand, over simulated participants.")
  var compare = false

  @Option(
    in: .from(1, to: 1_000_000),
    help: .init("How many participants are simulated for --compare.", valueName: "count"))
  var participants = 200

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !compare || record == nil else { throw ValidationError("--compare keeps no record: leave --record out.") }
    if !compare, simulate == nil {
      guard !output.json else {
        throw ValidationError("--json prints one document: it goes with --simulate or --compare, not with questions.")
      }
      guard source.spec != "-", source.spec != "/dev/stdin" else {
        throw ValidationError("The answers come on standard input, so --spec must be a file.")
      }
    }
  }

  func run() throws {
    let design = try source.design()
    let names = design.specification.models
    let truth = try simulate.map { name -> Int in
      guard let place = names.firstIndex(of: name) else {
        throw ValidationError(
          "--simulate \(name) is none of the specification's models: \(names.joined(separator: ", ")).")
      }
      return place
    }
    if compare { return try showComparison(design, truth) }
    var lesson = try AdaptiveLesson(
      design, record: AdaptiveRecord(path: record, specification: design.specification.digest), certainty: until)
    if !lesson.record.outcomes.isEmpty { Log.info("goes on after \(lesson.record.outcomes.count) outcomes") }
    guard let truth else { return lesson.converse() }
    try simulateAnswers(&lesson, design, truth)
  }

  private func simulateAnswers(_ lesson: inout AdaptiveLesson, _ design: SpecifiedDesign, _ truth: Int) throws {
    let name = design.specification.models[truth]
    let rounds = try lesson.simulate(truth, rounds: rounds, seed: seed)
    var table = Table([("round", .right), ("experiment", .left), ("response", .left), ("P(\(name))", .right)])
    for round in rounds {
      table.add([
        "\(round.number)", round.proposal.experiment, round.response,
        String(format: "%.4f", round.probabilities[truth]),
      ])
    }
    output.show(
      [
        "truth": .string(name), "finished": .bool(lesson.isFinished),
        "rounds": .array(
          rounds.map {
            [
              "round": .int($0.number), "experiment": .string($0.proposal.experiment),
              "response": .string($0.response), "eig": .double($0.proposal.gain),
              "probabilities": .array($0.probabilities.map { .double($0) }),
            ]
          }),
        "models": .array(
          zip(design.specification.models, lesson.probabilities).map {
            ["name": .string($0), "probability": .double($1)]
          }),
      ], text: table.text + "\n" + lesson.farewell)
  }

  private func showComparison(_ design: SpecifiedDesign, _ truth: Int?) throws {
    var study = AdaptiveStudy()
    (study.certainty, study.mostRounds, study.participants, study.seed) = (until, rounds, participants, seed)
    let progress = SpecificationOptions.progress(of: participants, named: "participants")
    let rows = try study.run(design, truth: truth, progress: progress)
    func text(_ estimate: Estimate, _ format: String, times factor: Double = 1) -> String {
      String(
        format: "\(format) [\(format), \(format)]", estimate.value * factor, estimate.low * factor,
        estimate.high * factor)
    }
    var table = Table([
      ("plan", .left), ("rounds", .right), ("more than adaptive", .right), ("found", .right), ("right", .right),
    ])
    for row in rows {
      table.add([
        row.plan.rawValue, text(row.rounds, "%.2f"), row.plan == .adaptive ? "" : text(row.more, "%.2f"),
        text(row.finished, "%.3f"), text(row.right, "%.3f"),
      ])
    }
    output.show(
      .array(
        try rows.map {
          [
            "plan": .string($0.plan.rawValue), "rounds": try JSONValue(encoding: $0.rounds),
            "more": try JSONValue(encoding: $0.more), "finished": try JSONValue(encoding: $0.finished),
            "right": try JSONValue(encoding: $0.right),
          ]
        }),
      text: """
        Rounds until some model reaches \(until), over \(participants) simulated participants, with 95% intervals; runs \
        that did not get there count as \(rounds).

        \(table.text)
        """)
  }
}
