import Documents
import Evaluation
import Statistics

extension GPT3Recipe {
  /// A kind's answers, one number a document: 1 where the question after so many examples was answered rightly.
  static func marks(_ outcome: Outcome, _ kinds: [InContextTasks.Kind], shots: Int) -> [Double] {
    kinds.flatMap { kind in (outcome.correct[kind.name] ?? []).map { $0[shots] ? 1.0 : 0 } }
  }

  private static func rate(_ outcome: Outcome, _ kinds: [InContextTasks.Kind], shots: Int) -> Estimate {
    Bootstrap(seed: 1).mean(marks(outcome, kinds, shots: shots))
  }

  /// Effects, pictures and tables.
  func findings(_ outcomes: [Outcome], _ run: RecipeRun) -> RecipeFindings {
    var findings = RecipeFindings(effects: effects(outcomes))
    findings.pictures = [
      [
        byShots(outcomes, Self.known, "Tasks of training"),
        byShots(outcomes, Kind.heldOut, "Families never trained on"),
      ],
      [bySize(outcomes), calibration(outcomes)],
      sizes.compactMap { run.curve($0.name, "loss", "Training, \($0.name)", "loss") },
    ]
    findings.details["sizes"] = .array(
      zip(sizes, outcomes).map { size, outcome in
        [
          "name": .string(size.name), "parameters": .int(outcome.parameters),
          "detector_accuracy": .double(Estimate.proportion(of: outcome.detected).value),
          "share_of_she": .array(outcome.shares.map { .double($0) }),
          "calibration_error": .double(Self.calibration(outcome).expectedError),
          "accuracy": .object(
            JSONObject(
              Kind.allCases.map { kind in
                (
                  key: kind.name,
                  value: .array(Self.shown.map { .double(Self.rate(outcome, [kind], shots: $0).value) })
                )
              })),
        ]
      })
    findings.details["shots"] = .array(Self.shown.map { .int($0) })
    findings.sections = { page in sections(outcomes, &page) }
    return findings
  }

  /// What training shows, but for a document's own codes: without examples nobody could follow those.
  private static var known: [Kind] { Kind.allCases.filter { !$0.isHeldOut && $0 != .code } }

  private func effects(_ outcomes: [Outcome]) -> [Effect] {
    guard let small = outcomes.first, let large = outcomes.last else { return [] }
    let few = Self.few
    func gain(_ outcome: Outcome, _ kinds: [Kind], from less: Int) -> Estimate {
      Bootstrap(seed: 1).meanDifference(
        Self.marks(outcome, kinds, shots: few), Self.marks(outcome, kinds, shots: less))
    }
    func growth(_ kinds: [Kind]) -> Estimate {
      Bootstrap(seed: 1).meanDifference(
        Self.marks(large, kinds, shots: few), Self.marks(small, kinds, shots: few))
    }
    var effects = [
      Effect(
        "few-shot over zero-shot, tasks of training", gain(large, Self.known, from: 0), goal: .above(0), isShare: true),
      Effect(
        "few-shot over zero-shot, families never trained on", gain(large, Kind.heldOut, from: 0), goal: .above(0),
        isShare: true),
      Effect(
        "few-shot over one-shot, families never trained on", gain(large, Kind.heldOut, from: 1), goal: .above(0),
        isShare: true),
    ]
    effects += Kind.heldOut.map { kind in
      Effect("few-shot over zero-shot, \(kind.name)", gain(large, [kind], from: 0), goal: .above(0), isShare: true)
    }
    effects += [
      Effect(
        "few-shot over zero-shot, translation", gain(large, [.translation], from: 0), goal: .above(0), isShare: true),
      Effect("large over small, few-shot, tasks of training", growth(Self.known), goal: .above(0), isShare: true),
      Effect(
        "large over small, few-shot, families never trained on", growth(Kind.heldOut), goal: .above(0), isShare: true),
      Effect(
        "what examples add, large over small, families never trained on",
        Bootstrap(seed: 1).meanDifference(
          zip(Self.marks(large, Kind.heldOut, shots: few), Self.marks(large, Kind.heldOut, shots: 0)).map { $0 - $1 },
          zip(Self.marks(small, Kind.heldOut, shots: few), Self.marks(small, Kind.heldOut, shots: 0)).map { $0 - $1 }),
        goal: .above(0), isShare: true),
    ]
    effects.append(
      Effect(
        "a detector's accuracy on passages, small over large",
        Bootstrap(seed: 1).meanDifference(
          small.detected.map { $0 ? 1 : 0 }, large.detected.map { $0 ? 1 : 0 }), goal: .above(0), isShare: true))
    return effects
  }

  // MARK: Pictures

  private func byShots(_ outcomes: [Outcome], _ kinds: [Kind], _ title: String) -> Plot {
    var plot = Plot(title: title, x: "examples in the prompt", y: Plot.Axis("accuracy", range: 0...1))
    for (size, outcome) in zip(sizes, outcomes) {
      plot.add(
        size.name,
        points: Self.shown.map { Plot.Point(x: Double($0), estimate: Self.rate(outcome, kinds, shots: $0)) },
        style: .linePoints)
    }
    return plot
  }

  private func bySize(_ outcomes: [Outcome]) -> Plot {
    var plot = Plot(
      title: "Accuracy by size", x: Plot.Axis("parameters", isLogarithmic: true), y: Plot.Axis("accuracy", range: 0...1)
    )
    for (name, kinds) in [("", Self.known), (", never trained on", Kind.heldOut)] {
      for (label, shots) in [("zero-shot", 0), ("one-shot", 1), ("few-shot", Self.few)] {
        plot.add(
          label + name,
          points: outcomes.map {
            Plot.Point(x: Double($0.parameters), estimate: Self.rate($0, kinds, shots: shots))
          }, style: .linePoints)
      }
    }
    return plot
  }

  private static func calibration(_ outcome: Outcome) -> Calibration {
    Calibration(
      predictions: outcome.confidence.map(\.probability), outcomes: outcome.confidence.map { $0.isRight ? 1 : 0 })
  }

  private func calibration(_ outcomes: [Outcome]) -> Plot {
    var plot = Plot(
      title: "Calibration after four examples", x: Plot.Axis("probability of the answer", range: 0...1),
      y: Plot.Axis("share right", range: 0...1))
    plot.add("calibrated", points: [Plot.Point(x: 0, y: 0), Plot.Point(x: 1, y: 1)])
    for (size, outcome) in zip(sizes, outcomes) {
      plot.add(
        size.name,
        points: Self.calibration(outcome).bins.map { Plot.Point(x: $0.prediction, estimate: $0.frequency) },
        style: .linePoints)
    }
    return plot
  }

  // MARK: Tables

  private func sections(_ outcomes: [Outcome], _ page: inout Report) {
    page.heading("Accuracy by task")
    for (size, outcome) in zip(sizes, outcomes) {
      page.heading("\(size.name), \(outcome.parameters) parameters", level: 3)
      page.table(
        header: ["task", "zero-shot", "one-shot", "\(Self.few) examples", "tuned, zero-shot"],
        rows: Kind.allCases.map { kind in
          [.text(kind.isHeldOut ? "\(kind.name) (never trained on)" : kind.name)]
            + [0, 1, Self.few].map { .estimate(Self.rate(outcome, [kind], shots: $0), isPercentage: true) }
            + [
              outcome.tuned[kind.name].map {
                .estimate(Bootstrap(seed: 1).mean($0.map { $0 ? 1 : 0 }), isPercentage: true)
              } ?? .text("")
            ]
        },
        caption:
          "\(outcome.correct.values.first?.count ?? 0) documents a task, of items that training never has; intervals over documents. "
          + "Zero-shot prompts name the task as the others do.")
    }
    page.heading("Calibration")
    page.table(
      header: ["size", "expected calibration error", "answers"],
      rows: zip(sizes, outcomes).map { size, outcome in
        let measured = Self.calibration(outcome)
        return [
          .text(size.name), .number(measured.expectedError, decimals: 3), .number(Double(measured.n), decimals: 0),
        ]
      })
    page.heading("Passages, and what they say of trades")
    page.table(
      header: ["size", "passages that a classifier tells rightly (half is chance)"],
      rows: zip(sizes, outcomes).map { size, outcome in
        [.text(size.name), .estimate(.proportion(of: outcome.detected), isPercentage: true)]
      },
      caption:
        "Half of the test's passages are the generator's and half the model's; the classifier sees which words stand together."
    )
    page.table(
      header: ["trade", "women in training"] + sizes.map(\.name),
      rows: GeneratedStory.trades.enumerated().map { place, trade in
        [.text(trade.name), .number(100 * trade.share, decimals: 0)]
          + outcomes.map { .number(100 * $0.shares[place], decimals: 0) }
      }, caption: "Per cent of \"she\" where \"she\" or \"he\" follows.")
    if let large = outcomes.last { page.code(large.passages.joined(separator: "\n")) }
  }
}
