import Documents
import Evaluation
import Foundation
import ScalingLaws
import Statistics

extension ScalingRecipe {
  /// Laws of all runs, and how the prediction turned out.
  func findings(_ outcome: Outcome, _ run: RecipeRun) throws -> RecipeFindings {
    let all = outcome.all
    try PointFile.write(all, to: run.path(of: "points.csv"))
    let study = try ScalingStudy(points: all, options: fit)
    let scores = try outcome.record.scores(from: all)
    let entropy = domain.sourceLoss()
    var findings = RecipeFindings(effects: try effects(study, scores, entropy))
    let plots = plots(study, outcome, entropy)
    try DurableFile.write(Plot.svg(plots), to: run.path(of: "plots.svg"))
    findings.pictures = stride(from: 0, to: plots.count, by: 2).map { Array(plots[$0..<min($0 + 2, plots.count)]) }
    findings.details["domain"] = .string(domain.name)
    findings.details["entropy"] = entropy.map { .double($0) } ?? .null
    findings.details["prediction_sha256"] = .string(outcome.record.digest)
    findings.details["prediction"] = try outcome.record.document(scores)
    findings.details["laws"] = try study.document()
    if !outcome.failed.isEmpty {
      findings.cautions.append("Runs that failed and are left out: \(outcome.failed.joined(separator: "; ")).")
    }
    findings.cautions.append(
      "Sizes are thousands of parameters, where the published laws begin with hundreds of thousands; exponents of so short a piece "
        + "of a law needn't be those of its whole.")
    let forecast = forecast(study, entropy)
    findings.details["parameters_for_divergence"] = .array(
      forecast.map { ["nats": .double($0.nats), "parameters": (try? JSONValue(encoding: $0.parameters)) ?? .null] })
    findings.sections = { page in
      page.heading("The prediction and what came")
      page.table(
        header: ["law", "from runs of at most", "predicted", "came", "error"],
        rows: scores.map { score in
          [
            .text(score.prediction.formula), .text("1/\(Int((1 / score.prediction.share).rounded())) of the compute"),
            .estimate(score.prediction.estimate, isPercentage: false), .number(score.actual, decimals: 4),
            .number(100 * score.error, decimals: 2),
          ]
        },
        caption:
          "Registered at \(outcome.record.created), SHA-256 \(outcome.record.digest), which stands in the manifest of the "
          + "largest run. Error in per cent.")
      if !forecast.isEmpty {
        page.heading("Parameters for a divergence")
        page.table(
          header: ["nats a sequence above the entropy", "parameters at data without end"],
          rows: forecast.map { [.number($0.nats, decimals: 1), .estimate($0.parameters, isPercentage: false)] })
      }
      for law in study.laws {
        page.heading(law.form.formula, level: 3)
        page.table(
          header: ["constant", "value"],
          rows: law.constants.map { [.text($0.name), .estimate($0.estimate, isPercentage: false)] })
      }
    }
    return findings
  }

  private func effects(
    _ study: ScalingStudy, _ scores: [PredictionRecord.Score], _ entropy: Double?
  ) throws -> [Effect] {
    var effects: [Effect] = []
    if let score = scores.first {
      let (low, high) = (score.prediction.estimate.low, score.prediction.estimate.high)
      let ends = [low, high].map { abs($0 / score.actual - 1) }
      effects = [
        Effect(
          "the largest run's loss, foretold from 1/\(Int((1 / score.prediction.share).rounded())) of its compute",
          score.prediction.estimate, goal: .contains(score.actual)),
        Effect(
          "error of that prediction",
          Estimate(
            value: abs(score.error), low: score.isWithin ? 0 : ends.min() ?? .nan, high: ends.max() ?? .nan,
            n: score.prediction.estimate.n),
          goal: .atMost(0.02), isShare: true),
      ]
    }
    let law = study.law(.parameters, .tokens)
    if let law, let constant = law.constants.first(where: { $0.name == "E" }), let entropy {
      effects.append(Effect("L∞ in nats a token, the entropy being known", constant.estimate, goal: .contains(entropy)))
    }
    let published = domain.published.flatMap(PublishedLaw.named)
    if let optimum = study.optimum(.parametric) {
      effects.append(
        Effect(
          "exponent of N_opt(C)", optimum.estimate(\.exponent), goal: .above(0),
          published: published?.optimum?.exponent, source: "\(domain.published ?? ""), Henighan et al. 2020, table 1"))
    }
    if let law {
      // Along the best sizes both terms fall alike, with αβ/(α+β) of compute.
      let exponent: (PowerLaw) -> Double = { law in
        let (a, b) = (law.terms[0].exponent, law.terms[1].exponent)
        return a * b / (a + b)
      }
      effects.append(
        Effect(
          "exponent of the reducible loss over compute", law.estimate(exponent(law.law), of: exponent), goal: .above(0),
          published: published?.flops?.terms[0].exponent,
          source: "\(domain.published ?? ""), Henighan et al. 2020, table 1"))
    }
    return effects
  }

  /// The parameters that leave so many nats a sequence above the entropy when there is data without end: A/N^α = KL/tokens.
  private func forecast(_ study: ScalingStudy, _ entropy: Double?) -> [(nats: Double, parameters: Estimate)] {
    guard entropy != nil, let law = study.law(.parameters, .tokens) else { return [] }
    return [30, 10, 3, 1].map { nats in
      let size: (PowerLaw) -> Double = { fitted in
        let term = fitted.terms[0]
        return pow(term.coefficient * Double(domain.context) / nats, 1 / term.exponent)
      }
      return (nats, law.estimate(size(law.law), of: size))
    }
  }

  private func plots(_ study: ScalingStudy, _ outcome: Outcome, _ entropy: Double?) -> [Plot] {
    var plots = study.plots(of: outcome.all)
    for place in plots.indices where plots[place].title.hasPrefix("L(") {
      if let entropy { plots[place].addReference(y: entropy, label: "entropy") }
      guard plots[place].title.hasPrefix("L(C)"), let prediction = outcome.record.predictions.first else { continue }
      plots[place].add(
        "predicted", points: [Plot.Point(x: prediction.flops, estimate: prediction.estimate)], style: .points)
      plots[place].add("came", points: [Plot.Point(x: prediction.flops, y: outcome.end.loss)], style: .points)
    }
    return plots
  }
}
