import Agents
import Arcade
import Documents
import Evaluation
import Foundation
import Statistics

extension ProcgenRecipe {
  /// Effects, curves and tables of all runs.
  func findings(
    _ results: [(Cell, Scores)], random: [Game: Baseline], blind: [Game: Baseline], in run: RecipeRun
  ) -> RecipeFindings {
    let measured = results.map { cell, scores in
      Measured(
        cell: cell, scores: scores, random: random[cell.game] ?? [:], blind: blind[cell.game] ?? [:],
        best: cell.game.normalization(settings.mode)?.high)
    }
    var findings = RecipeFindings(effects: measured.flatMap { effects(of: $0) } + axisEffects(measured))
    findings.pictures = [measured.map { curves(of: $0, in: run) }] + axisPictures(measured)
    findings.details["runs"] = .array(measured.map(\.document))
    if let mean = meanScore(measured) { findings.details["mean_normalized_test"] = mean }
    findings.cautions = cautions(measured)
    findings.sections = { page in
      page.heading("Returns")
      page.table(
        header: [
          "run", "steps", "steps/s", "training levels", "unseen levels", "blind", "random", "normalised, unseen",
        ],
        rows: measured.map { one in
          [
            .text(one.cell.name), .number(Double(one.scores.steps), decimals: 0),
            .number(Double(one.scores.steps) / max(one.scores.seconds, 1e-9), decimals: 0),
            .estimate(one.train, isPercentage: false), .estimate(one.test, isPercentage: false),
            .estimate(one.estimate(one.blind["0"] ?? []), isPercentage: false),
            .estimate(one.estimate(one.random["0"] ?? []), isPercentage: false),
            one.normalized(one.scores.test.returns).map { .estimate($0, isPercentage: false) } ?? "–",
          ]
        },
        caption:
          "Undiscounted returns of whole episodes with actions drawn from the policies, with 95% intervals over episodes; "
          + "blind and random play all levels. Normalised: 0 is the blind policy, 1 the best possible return.")
    }
    return findings
  }

  /// One run beside the policies that it is compared with.
  struct Measured {
    var cell: Cell
    var scores: Scores
    var random: Baseline
    var blind: Baseline
    /// The best possible return; nil where none was published.
    var best: Double?

    func estimate(_ returns: [Double]) -> Estimate { Bootstrap(seed: 1).mean(returns) }
    var train: Estimate { estimate(scores.train.returns) }
    var test: Estimate { estimate(scores.test.returns) }

    /// (R − R_blind)/(R_max − R_blind).
    func normalized(_ returns: [Double]) -> Estimate? {
      guard let best, let zero = blind["0"], !zero.isEmpty else { return nil }
      let low = zero.reduce(0, +) / Double(zero.count)
      return estimate(returns.map { ($0 - low) / (best - low) })
    }

    var document: JSONValue {
      var object = JSONObject([
        (key: "game", value: .string(cell.game.rawValue)), (key: "num_levels", value: .int(cell.levels)),
        (key: "width", value: .double(cell.width)), (key: "steps", value: .int(scores.steps)),
        (key: "seconds", value: .double(scores.seconds)),
      ])
      let figures: [(String, Estimate?)] = [
        ("train", train), ("test", test), ("blind", estimate(blind["0"] ?? [])),
        ("random", estimate(random["0"] ?? [])),
        ("normalized_train", normalized(scores.train.returns)), ("normalized_test", normalized(scores.test.returns)),
      ]
      for (name, figure) in figures { object[name] = figure.flatMap { try? JSONValue(encoding: $0) } ?? .null }
      return .object(object)
    }
  }

  // MARK: Effects

  /// The difference of two policies' mean returns, whose episodes have nothing to do with each other.
  private func difference(_ first: [Double], _ second: [Double]) -> Estimate {
    // Returns come in the order in which episodes ended, and both policies' short ones came first: without a shuffle, pairs would
    // resemble each other and the interval be too narrow.
    var random = SeededGenerator(seed: 1)
    var mixed = second
    mixed.shuffle(using: &random)
    let count = min(first.count, mixed.count)
    return Bootstrap(seed: 1).meanDifference(Array(first.prefix(count)), Array(mixed.prefix(count)))
  }

  private func effects(of one: Measured) -> [Effect] {
    let (cell, key) = (one.cell, "\(one.cell.levels)")
    let published = published[cell.levels]?.row(of: cell.game, at: one.scores.steps)
    func against(_ what: String, _ own: [Double], _ name: String, _ others: [Double], _ figure: Double?) -> Effect {
      // Only the blind return that the paper's scores start from is published.
      let zero = name == "blind" ? cell.game.normalization(settings.mode)?.low : nil
      let gain = figure.flatMap { figure in zero.map { figure - $0 } }
      return Effect(
        "\(cell.name), \(what): return over the \(name) policy's", difference(own, others), goal: .above(0),
        published: gain, source: gain.map { _ in "mean of 3 seeds at as many steps, less the paper's R_min" })
    }
    var effects: [Effect] = []
    if cell.levels > 0 {
      effects += [
        against("training levels", one.scores.train.returns, "blind", one.blind[key] ?? [], published?.train),
        against("training levels", one.scores.train.returns, "random", one.random[key] ?? [], nil),
      ]
    }
    let test = cell.levels == 0 ? published?.train : published?.test
    return effects + [
      against("unseen levels", one.scores.test.returns, "blind", one.blind["0"] ?? [], test),
      against("unseen levels", one.scores.test.returns, "random", one.random["0"] ?? [], nil),
    ]
  }

  /// What more levels and more channels are claimed to bring.
  private func axisEffects(_ measured: [Measured]) -> [Effect] {
    var effects: [Effect] = []
    for (game, width) in groups(measured, { "\($0.width)" }) where width.count > 1 {
      let sorted = width.filter { $0.cell.levels > 0 }.sorted { $0.cell.levels < $1.cell.levels }
      guard let few = sorted.first, let many = sorted.last, few.cell.levels < many.cell.levels else { continue }
      let gaps = [few, many].map { difference($0.scores.train.returns, $0.scores.test.returns) }
      effects.append(
        Effect(
          "\(game), width \(fixed(few.cell.width, 2)): the gap between training and unseen levels shrinks from \(few.cell.levels) to "
            + "\(many.cell.levels) levels", Self.difference(of: gaps[0], and: gaps[1]), goal: .above(0)))
    }
    for (game, levels) in groups(measured, { "\($0.levels)" }) where levels.count > 1 {
      let sorted = levels.sorted { $0.cell.width < $1.cell.width }
      guard let narrow = sorted.first, let wide = sorted.last, narrow.cell.width < wide.cell.width else { continue }
      effects.append(
        Effect(
          "\(game), \(narrow.cell.levels) levels, unseen: return of width \(fixed(wide.cell.width, 2)) over \(fixed(narrow.cell.width, 2))",
          difference(wide.scores.test.returns, narrow.scores.test.returns), goal: .above(0)))
    }
    return effects
  }

  /// The difference of two independent estimates, by the sum of their squared half-widths.
  private static func difference(of a: Estimate, and b: Estimate) -> Estimate {
    let value = a.value - b.value
    let half = (((a.high - a.low) / 2) * ((a.high - a.low) / 2) + ((b.high - b.low) / 2) * ((b.high - b.low) / 2))
      .squareRoot()
    return Estimate(value: value, low: value - half, high: value + half, n: min(a.n, b.n))
  }

  /// The runs of one game that differ along one axis alone.
  private func groups(_ measured: [Measured], _ key: (Cell) -> String) -> [(game: Game, runs: [Measured])] {
    settings.games.flatMap { game in
      Dictionary(grouping: measured.filter { $0.cell.game == game }) { key($0.cell) }
        .sorted { $0.key < $1.key }.map { (game, $0.value) }
    }
  }

  private func meanScore(_ measured: [Measured]) -> JSONValue? {
    let scores = measured.compactMap { $0.normalized($0.scores.test.returns)?.value }
    return scores.isEmpty ? nil : .double(scores.reduce(0, +) / Double(scores.count))
  }

  private func cautions(_ measured: [Measured]) -> [String] {
    let short = measured.filter { $0.scores.steps < steps / agent.batchSize * agent.batchSize }
    guard !short.isEmpty else { return [] }
    return [
      "Training was ended by --minutes: "
        + short.map { "\($0.cell.name) after \($0.scores.steps) steps of \(steps)" }
        .joined(separator: ", ") + "."
    ]
  }

  // MARK: Pictures

  private func curves(of one: Measured, in run: RecipeRun) -> Plot {
    var plot = Plot(
      title: one.cell.name, x: Plot.Axis("steps of the training environments", isLogarithmic: true),
      y: "mean return of the last 100 episodes")
    func thinned(_ points: [Plot.Point]) -> [Plot.Point] {
      let every = max(1, points.count / 300)
      return points.enumerated().filter { $0.offset % every == 0 || $0.offset == points.count - 1 }.map(\.element)
    }
    func add(_ name: String, _ metric: String) {
      let points = thinned(run.points(one.cell.name, x: "env_steps", y: metric))
      if !points.isEmpty { plot.add(name, points: points) }
    }
    add(one.cell.levels == 0 ? "all levels" : "training levels", "episode_return")
    add("unseen levels", "test_return")
    let rows = published[one.cell.levels]?.rows(of: one.cell.game) ?? []
    if !rows.isEmpty {
      plot.add("published, training", points: thinned(rows.map { .init(x: $0.steps, y: $0.train) }))
      let test = rows.compactMap { row in row.test.map { Plot.Point(x: row.steps, y: $0) } }
      if !test.isEmpty { plot.add("published, unseen", points: thinned(test)) }
    }
    for (name, returns) in [("blind", one.blind["0"]), ("random", one.random["0"])] {
      let value = one.estimate(returns ?? []).value
      if value.isFinite { plot.addReference(y: value, label: name) }
    }
    return plot
  }

  private func axisPictures(_ measured: [Measured]) -> [[Plot]] {
    func plot(_ title: String, _ label: String, _ runs: [Measured], _ x: (Cell) -> Double) -> Plot? {
      let sorted = runs.filter { x($0.cell) > 0 }.sorted { x($0.cell) < x($1.cell) }
      guard sorted.count > 1 else { return nil }
      var plot = Plot(title: title, x: Plot.Axis(label, isLogarithmic: true), y: "return")
      plot.add(
        "training levels", points: sorted.map { .init(x: x($0.cell), estimate: $0.train) }, style: .linePoints)
      plot.add("unseen levels", points: sorted.map { .init(x: x($0.cell), estimate: $0.test) }, style: .linePoints)
      return plot
    }
    let byLevels = groups(measured) { "\($0.width)" }.compactMap { game, runs in
      plot("\(game): numbers of levels", "training levels", runs) { Double($0.levels) }
    }
    let byWidth = groups(measured) { "\($0.levels)" }.compactMap { game, runs in
      plot("\(game): widths", "factor on the channels", runs) { $0.width }
    }
    return [byLevels, byWidth].filter { !$0.isEmpty }
  }
}
