import Documents
import Evaluation
import Statistics
import Summarization

extension BooksEvaluation.Measured {
  private func reading(_ name: String) -> BooksEvaluation.Reading? { readings.first { $0.name == name } }

  private func values(_ name: String, _ value: (StoryJudge.Score) -> Double) -> [Double] {
    (reading(name)?.scores ?? []).map(value)
  }

  /// The paper's claims as they were measured.
  func findings(_ run: RecipeRun) -> RecipeFindings {
    let bootstrap = Bootstrap(seed: 1)
    let recursion = values("recursion, taught", \.kept)
    func over(_ name: String) -> Estimate { bootstrap.meanDifference(recursion, values(name, \.kept)) }
    let feedback = bootstrap.meanDifference(values("recursion, taught", \.total), values("recursion, cloned", \.total))
    let wins = nodes.map { pair -> Double in
      if pair[0] == pair[1] { return 0.5 }
      return pair[0] > pair[1] ? 1 : 0
    }
    let upper = shift.filter { $0.height > 0 }
    let pairs = Array(zip(upper.flatMap(\.onReference), upper.flatMap(\.onOwn)))
    let loss = bootstrap.estimate(of: pairs) { pairs -> Double in
      let sum = pairs.reduce(0.0) { $0 + $1.0 - $1.1 }
      return sum / Double(max(1, pairs.count))
    }
    let read = words.map { pair -> Double in pair[0] / max(1, pair[1]) }
    var effects = [
      Effect(
        "important facts kept, recursion over truncation", over("truncated, taught"), goal: .above(0.2), isShare: true)
    ]
    effects.append(
      Effect(
        "important facts kept, recursion over updating", over("updating, taught"), goal: .above(0.1), isShare: true))
    effects.append(
      Effect(
        "important facts kept, recursion over first sentences", over("first sentences"), goal: .above(0), isShare: true)
    )
    effects.append(Effect("the judge's score of stories, feedback over cloning", feedback, goal: .above(0)))
    effects.append(
      Effect(
        "nodes on which feedback beats cloning, ties half", bootstrap.mean(wins), goal: .above(0.5), isShare: true))
    effects.append(
      Effect("the judge's score of upper nodes, reference inputs over the cloned model's own", loss, goal: .above(0)))
    effects.append(
      Effect(
        "words read to judge a node over those to judge a story", bootstrap.mean(read), goal: .below(0.2), isShare: true
      ))
    effects.append(
      Effect(
        "the labeller's agreement with the judge on nodes", bootstrap.mean(agreement), goal: .above(0.6),
        published: 0.77, source: "labeller and researcher, Stiennon 2020: the target of the labeller's noise",
        isShare: true))
    var made = RecipeFindings(effects: effects)
    made.pictures = [
      [
        byLength(\.kept, "Important facts kept", "share"),
        byLength({ Double($0.unfaithful) }, "Unfaithful statements", "statements"),
      ]
    ]
    made.pictures.append([heights])
    if let curve = run.curve("ppo-tree", "objective/scores", "PPO on the full tree", "reward") {
      made.pictures.append([curve])
    }
    made.details["readings"] = (try? .array(readings.map { try document($0) })) ?? .null
    made.details["temperatures"] = .object(
      JSONObject(temperatures.sorted { $0.key < $1.key }.map { (key: $0.key, value: .double($0.value)) }))
    made.cautions = [
      "The stories are generated from a closed vocabulary, and compression is two- to fivefold a height: a small decoder's share of the paper's five- to tenfold.",
      "Best-of-n was read on the shortest stories alone.",
    ]
    let shown = self
    made.sections = { page in
      page.heading("Ways of reading")
      page.table(
        header: [
          "", "important facts kept", "the judge's score", "unfaithful statements", "words", "at least 8 of 10 kept",
          "stories",
        ],
        rows: shown.readings.map { reading -> [Report.Cell] in
          let unfaithful = reading.mean { Double($0.unfaithful) }
          let whole = reading.mean { $0.kept >= 0.8 ? 1.0 : 0.0 }
          return [
            .text(reading.name), .estimate(reading.mean { $0.kept }, isPercentage: true),
            .estimate(reading.mean { $0.total }, isPercentage: false),
            .estimate(unfaithful, isPercentage: false), .number(reading.words, decimals: 0),
            .estimate(whole, isPercentage: true),
            .number(Double(reading.scores.count), decimals: 0),
          ]
        }, caption: "Held-out stories of several lengths; intervals over stories.")
      page.heading("Some stories")
      for example in shown.examples {
        page.paragraph("What mattered: " + example.important.joined(separator: " "))
        for summary in example.summaries { page.paragraph("\(summary[0]): \(summary[1])") }
      }
    }
    return made
  }

  private func document(_ reading: BooksEvaluation.Reading) throws -> JSONValue {
    return [
      "name": .string(reading.name), "kept": try JSONValue(encoding: reading.mean { $0.kept }),
      "score": try JSONValue(encoding: reading.mean { $0.total }),
      "unfaithful": try JSONValue(encoding: reading.mean { Double($0.unfaithful) }), "words": .double(reading.words),
      "stories": .int(reading.scores.count),
    ]
  }

  private func byLength(_ value: (StoryJudge.Score) -> Double, _ title: String, _ label: String) -> Plot {
    var plot = Plot(title: title, x: Plot.Axis("passages of the story", isLogarithmic: true), y: Plot.Axis(label))
    for name in ["recursion, taught", "recursion, cloned", "updating, taught", "truncated, taught", "first sentences"] {
      guard let reading = reading(name) else { continue }
      let groups = Dictionary(grouping: zip(reading.lengths, reading.scores).map { ($0, value($1)) }) { $0.0 }
      plot.add(
        name,
        points: groups.sorted { $0.key < $1.key }.map {
          Plot.Point(x: Double($0.key), estimate: Bootstrap(seed: 1).mean($0.value.map(\.1)))
        })
    }
    return plot
  }

  private var heights: Plot {
    var plot = Plot(title: "Nodes by height", x: Plot.Axis("height"), y: Plot.Axis("the judge's score of a node"))
    for (name, value) in [
      ("cloned, on reference summaries", { $0.onReference }), ("cloned, on its own", { $0.onOwn }),
      ("taught, on its own", { $0.taught }),
    ] as [(String, (Height) -> [Double])] {
      plot.add(
        name, points: shift.map { Plot.Point(x: Double($0.height), estimate: Bootstrap(seed: 1).mean(value($0))) })
    }
    return plot
  }
}
