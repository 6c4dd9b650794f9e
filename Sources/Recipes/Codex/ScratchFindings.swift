import Documents
import Evaluation
import Statistics

/// What the study from scratch found, as effects, pictures and tables.
struct ScratchFindings {
  let study: ScratchStudy
  let corpus: ScratchStudy.CorpusSummary
  let bitsPerByte: Double
  let filled: ScratchStudy.FilledLines
  let draws: [ScratchStudy.Draw]
  let described: ScratchStudy.Described
  let mended: ScratchStudy.Mended
  let rewarded: ScratchStudy.Draw
  let clean: ScratchStudy.Draw
  let buggy: ScratchStudy.Draw
  let insecure: [ScratchStudy.Insecure]

  func findings(_ run: RecipeRun) -> RecipeFindings {
    var findings = RecipeFindings(effects: effects)
    findings.pictures = [
      [byTries, byTemperature], [bySize, ranking],
      [
        run.curve("pretrain", "loss", "Reading the library", "loss"),
        run.curve("rewards", "reward", "Rewards from tests", "share of samples that pass"),
      ].compactMap { $0 },
    ]
    findings.details["bits_per_byte"] = .double(bitsPerByte)
    findings.details["corpus"] = [
      "files": .int(corpus.files), "bytes": .int(corpus.bytes),
      "dropped": .object(
        JSONObject(
          corpus.dropped.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
    ]
    findings.details["pass_rates"] = .array(
      draws.flatMap { draw in
        tries.map { k in
          ["temperature": .double(draw.temperature), "k": .int(k), "rate": .double(rate(draw, k).value)]
        }
      })
    findings.sections = { page in sections(&page) }
    return findings
  }

  private var tries: [Int] { [1, 2, 5, 10, 20, 50, 100].filter { $0 <= draws[0].passed[0].count } }

  private func rates(_ draw: ScratchStudy.Draw, _ k: Int, where isWanted: (FunctionProblem) -> Bool = { _ in true })
    -> [Double]
  {
    zip(study.problems, draw.passed).filter { isWanted($0.0) }.map { _, own in
      RepeatedSampling.passRate(samples: own.count, correct: own.count { $0 }, k: k)
    }
  }

  private func descriptions(_ k: Int) -> [Double] {
    described.isRight.map { own in RepeatedSampling.passRate(samples: own.count, correct: own.count { $0 }, k: k) }
  }

  /// What is solved by the one of k samples with the highest score; by how likely its tokens were on average unless told.
  private func picks(_ draw: ScratchStudy.Draw, _ k: Int, by scores: [[Double]]? = nil) -> [Double] {
    zip(scores ?? draw.scores, draw.passed).map { scores, passed in
      RepeatedSampling.expectedScore(proxy: scores, gold: passed.map { $0 ? 1 : 0 }, n: k)
    }
  }

  private func rate(_ draw: ScratchStudy.Draw, _ k: Int) -> Estimate { Bootstrap(seed: 1).mean(rates(draw, k)) }

  private var effects: [Effect] {
    guard let cool = draws.first, let warm = draws.last, draws.count > 2, let most = tries.last else { return [] }
    let middle = draws[1]
    func gain(_ name: String, _ more: [Double], _ less: [Double]) -> Effect {
      Effect(name, Bootstrap(seed: 1).meanDifference(more, less), goal: .above(0), isShare: true)
    }
    let pairs = Array(zip(rates(middle, most), rates(middle, 1)))
    let sizes = zip(study.problems, middle.passed).filter { $0.0.isChain }.map { problem, own in
      (size: Double(problem.size), rate: Double(own.count { $0 }) / Double(own.count))
    }
    return [
      Effect(
        "pass@\(most) over pass@1, as a ratio, at \(middle.temperature)",
        Bootstrap(seed: 1).estimate(of: pairs) { $0.reduce(0) { $0 + $1.0 } / $0.reduce(0) { $0 + $1.1 } },
        goal: .atLeast(2), published: 72.3 / 28.8, source: "Codex 12B on HumanEval, pass@100 over pass@1 (table 1)"),
      gain("pass@\(most) over pass@1, at \(middle.temperature)", rates(middle, most), rates(middle, 1)),
      gain("one try: temperature \(cool.temperature) over \(warm.temperature)", rates(cool, 1), rates(warm, 1)),
      gain(
        "\(most) tries: temperature \(warm.temperature) over \(cool.temperature)", rates(warm, most), rates(cool, most)),
      gain(
        "the likeliest of \(most) on average over chance, at \(middle.temperature)", picks(middle, most),
        rates(middle, 1)),
      Effect(
        "pass@1 lost with each further block of a chain",
        Bootstrap(seed: 1).estimate(of: sizes) { -Self.slope($0.map(\.size), $0.map(\.rate)) }, goal: .above(0),
        isShare: true),
      gain(
        "the sample that explains its docstring best, of \(most), over chance, at \(middle.temperature)",
        picks(middle, most, by: described.scores), rates(middle, 1)),
      Effect(
        "docstrings that say what the code does, one try", Bootstrap(seed: 1).mean(descriptions(1)),
        goal: .above(0), isShare: true),
      Effect(
        "bits a byte of a line saved by seeing what follows it",
        Bootstrap(seed: 1).meanDifference(filled.after, filled.between), goal: .above(0)),
      gain("passes after being shown the failure over a fresh try", mended.mended, mended.fresh),
      gain(
        "pass@1 gained by rewards from tests, at \(rewarded.temperature)", rates(rewarded, 1), rates(middle, 1)),
      gain(
        "pass@1 after clean functions over after buggy ones, at \(clean.temperature)", rates(clean, 1), rates(buggy, 1)),
    ]
  }

  private static func slope(_ x: [Double], _ y: [Double]) -> Double {
    let n = Double(x.count), (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let spread = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    return zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / spread
  }

  // MARK: Pictures

  private var byTries: Plot {
    var plot = Plot(title: "Tries", x: Plot.Axis("k", isLogarithmic: true), y: Plot.Axis("pass@k", range: 0...1))
    for draw in draws {
      plot.add(
        "temperature \(draw.temperature)", points: tries.map { Plot.Point(x: Double($0), estimate: rate(draw, $0)) })
    }
    return plot
  }

  private var byTemperature: Plot {
    var plot = Plot(title: "Temperature", x: "temperature", y: Plot.Axis("pass@k", range: 0...1))
    for k in tries where [1, 10, 100].contains(k) {
      plot.add(
        "k = \(k)", points: draws.map { Plot.Point(x: $0.temperature, estimate: rate($0, k)) }, style: .linePoints)
    }
    return plot
  }

  private var bySize: Plot {
    var plot = Plot(
      title: "Chained blocks, and operations bound to variables", x: "how many", y: Plot.Axis("pass@1", range: 0...1))
    guard draws.count > 1 else { return plot }
    for (name, isChain) in [("blocks", true), ("bound operations", false)] {
      let sizes = Set(study.problems.filter { $0.isChain == isChain }.map(\.size)).sorted()
      plot.add(
        name,
        points: sizes.map { size in
          Plot.Point(
            x: Double(size),
            estimate: Bootstrap(seed: 1).mean(rates(draws[1], 1) { $0.isChain == isChain && $0.size == size }))
        }, style: .linePoints)
    }
    return plot
  }

  private var ranking: Plot {
    var plot = Plot(
      title: "One of k without tests", x: Plot.Axis("k", isLogarithmic: true),
      y: Plot.Axis("share of problems solved", range: 0...1))
    guard draws.count > 1 else { return plot }
    plot.add("oracle", points: tries.map { Plot.Point(x: Double($0), estimate: rate(draws[1], $0)) })
    plot.add(
      "likeliest on average",
      points: tries.map { Plot.Point(x: Double($0), estimate: Bootstrap(seed: 1).mean(picks(draws[1], $0))) })
    plot.add(
      "explains the docstring best",
      points: tries.map {
        Plot.Point(x: Double($0), estimate: Bootstrap(seed: 1).mean(picks(draws[1], $0, by: described.scores)))
      })
    plot.add("chance", points: tries.map { Plot.Point(x: Double($0), estimate: rate(draws[1], 1)) })
    return plot
  }

  // MARK: Tables

  private func sections(_ page: inout Report) {
    page.heading("The corpus")
    page.table(
      header: ["files", "", "bytes"],
      rows: [
        [
          .text("kept"), .number(Double(corpus.files), decimals: 0),
          .number(Double(corpus.bytes), decimals: 0),
        ]
      ]
        + corpus.dropped.sorted { $0.key < $1.key }.map {
          [.text("left out: \($0.key)"), .number(Double($0.value), decimals: 0), .text("")]
        }, caption: "One file in twenty is held out; on those the decoder needs \(fixed(bitsPerByte, 3)) bits a byte.")
    page.heading("pass@k by temperature")
    page.table(
      header: ["temperature", "k", "pass@k"],
      rows: (draws + [rewarded]).enumerated().flatMap { place, draw in
        tries.map { k in
          [
            .text(fixed(draw.temperature, 1) + (place == draws.count ? ", after rewards" : "")),
            .number(Double(k), decimals: 0), .estimate(rate(draw, k), isPercentage: true),
          ]
        }
      }, caption: "\(study.problems.count) problems of templates that tuning never has; intervals over problems.")
    page.heading("Insecure completions")
    page.table(
      header: ["beginning", "insecure, of those that are one or the other", "n"],
      rows: insecure.map { own in
        [
          .text(own.name),
          own.known == 0
            ? .text("–") : .estimate(.wilson(successes: Double(own.insecure), n: own.known), isPercentage: true),
          .number(Double(own.known), decimals: 0),
        ]
      }, caption: "By the decoder that has read the library and isn't tuned, at temperature 0.8.")
  }
}
