import Documents
import Evaluation
import Reasoning
import Statistics

/// What each way to choose one answer of n is worth, for reports.
struct ChoiceTable {
  /// The solutions with each verifier's scores, by its name.
  let pools: [(name: String, pools: [SolutionPool])]
  /// The solutions alone.
  let plain: [SolutionPool]
  /// Solutions to choose from.
  let n: Int

  private var choices: [(name: String, rate: (Int) -> Estimate)] {
    let own = pools.flatMap { name, pools -> [(String, (Int) -> Estimate)] in
      [("best by the verifier (\(name))", { pools.rate(.best, of: $0) })]
        + [3, 5].filter { $0 < n }.map { k in
          ("majority of the \(k) best (\(name))", { pools.rate(.top(min(k, $0)), of: $0) })
        } + [("vote weighted by the verifier (\(name))", { pools.rate(.weighted, of: $0) })]
    }
    return [("one sample", { _ in plain.rate(.best, of: 1) }), ("majority", { plain.rate(.majority, of: $0) })] + own
      + [("one of them is right (coverage)", { plain.rate(.oracle, of: $0) })]
  }

  var rows: [[Report.Cell]] {
    choices.map { [.text($0.name), .estimate($0.rate(n), isPercentage: true)] }
  }

  var document: JSONValue {
    get throws {
      .array(
        try choices.map { ["choice": .string($0.name), "n": .int(n), "rate": try JSONValue(encoding: $0.rate(n))] })
    }
  }

  /// Numbers of solutions at which a curve is measured.
  static func counts(_ most: Int) -> [Int] { [1, 2, 3, 5, 8, 16, 25, 50, 100, 200, 400].filter { $0 < most } + [most] }

  /// The share of problems solved by the number of solutions that are drawn, for each choice.
  func curves(title: String) -> Plot {
    var plot = Plot(
      title: title, x: Plot.Axis("solutions drawn", isLogarithmic: true),
      y: Plot.Axis("share of problems solved", range: 0...1))
    for choice in choices where !choice.name.hasPrefix("majority of") && choice.name != "one sample" {
      plot.add(choice.name, points: Self.counts(n).map { Plot.Point(x: Double($0), estimate: choice.rate($0)) })
    }
    return plot
  }

  /// A problem with the solution that a verifier likes best and the one that it likes least.
  static func show(_ problem: WordProblem, _ solutions: [Solution], _ pool: SolutionPool?, in page: inout Report) {
    guard let pool else { return }
    let order = pool.scores.indices.sorted { pool.scores[$0] > pool.scores[$1] }
    guard let first = order.first, let last = order.last else { return }
    page.samples(
      prompt: "\(problem.question)\nRight: \(problem.answer)",
      [("liked best", first), ("liked least", last)].map { name, place in
        (
          name, solutions[place].completion,
          "\(solutions[place].isCorrect ? "right" : "wrong"), \(fixed(pool.scores[place], 2))"
        )
      })
  }
}
