import Documents
import Foundation
import Statistics

extension EvaluationResults {
  /// A page with the results, and every answer beside its prompt and its mark.
  public func report() -> Report {
    var page = Report(title: "Evaluation", subtitle: model.name)
    page.heading("Results")
    var rows: [[Report.Cell]] = []
    for result in tasks {
      for score in result.scores {
        let decimals = 4
        rows.append([
          .text(result.task.configuration.alias), .number(Double(result.shots), decimals: 0), .text(score.filter),
          .text(score.metric), .number(score.value, decimals: decimals),
          score.standardError.map { .number($0, decimals: decimals) } ?? .text(""),
          .number(Double(result.count), decimals: 0),
        ])
      }
    }
    let metrics = metrics
    for group in groups where !group.averages.isEmpty {
      for (key, value) in metrics[group.name]?.object?.members ?? []
      where key.contains(",") && !key.contains("_stderr,") {
        let parts = key.split(separator: ",", maxSplits: 1).map(String.init)
        let error = metrics[group.name]?["\(parts[0])_stderr,\(parts[1])"]?.double
        rows.append([
          .text("\(group.alias) (group)"), .text(""), .text(parts[1]), .text(parts[0]),
          .number(value.double ?? .nan, decimals: 4), error.map { .number($0, decimals: 4) } ?? .text(""),
          .number(Double(metrics[group.name]?["sample_len"]?.int ?? 0), decimals: 0),
        ])
      }
    }
    page.table(
      header: ["task", "examples", "filter", "metric", "value", "standard error", "documents"], rows: rows)
    for remark in remarks { page.note(remark, kind: .caution) }
    page.heading("Tokens", level: 3)
    page.code(tokenization.map { "\($0.task): \($0.text)" }.joined(separator: "\n"))
    addCalibration(to: &page)
    for result in tasks { addSamples(of: result, to: &page) }
    return page
  }

  private func addCalibration(to page: inout Report) {
    let measured = tasks.compactMap { result in result.calibration.map { (result.task.configuration.alias, $0) } }
    guard !measured.isEmpty else { return }
    page.heading("Calibration")
    page.paragraph(
      "The probability that the model gives the choice that it takes, among all choices, against how often that is right."
    )
    page.table(
      header: ["task", "expected calibration error", "largest gap", "Brier score", "documents"],
      rows: measured.map { name, calibration in
        [
          .text(name), .number(calibration.expectedError, decimals: 4), .number(calibration.maximumError, decimals: 4),
          .number(calibration.brierScore, decimals: 4), .number(Double(calibration.n), decimals: 0),
        ]
      })
    page.figure(
      measured.map { Self.plot($0.0, $0.1) }, caption: "Bars are Wilson's 95% intervals; on the line all is calibrated."
    )
  }

  /// A reliability diagram.
  static func plot(_ name: String, _ calibration: Calibration) -> Plot {
    var plot = Plot(
      title: name, x: Plot.Axis("probability of the choice", range: 0...1), y: Plot.Axis("share right", range: 0...1))
    plot.add("calibrated", points: [Plot.Point(x: 0, y: 0), Plot.Point(x: 1, y: 1)])
    plot.add(
      "model", points: calibration.bins.map { Plot.Point(x: $0.prediction, estimate: $0.frequency) }, style: .linePoints
    )
    return plot
  }

  private func addSamples(of result: TaskResult, to page: inout Report) {
    page.heading(result.task.configuration.alias)
    // What all prompts begin with, such as the same examples, is shown once.
    let prompts = result.samples.map { $0.requests.first.map(Self.text) ?? "" }
    let shared = Self.sharedStart(prompts)
    if !shared.isEmpty {
      page.paragraph("Every prompt begins with:")
      page.code(shared)
    }
    for (sample, prompt) in zip(result.samples, prompts) {
      let marks = sample.metrics.map { "\($0.name) \(Self.shown($0.value))" }.joined(separator: ", ")
      let filter = sample.filter == "none" ? "" : " · \(sample.filter)"
      var answers: [(name: String, text: String, remark: String?)] = []
      let asked = "document \(sample.documentID)\(filter) · target: \(sample.target)"
      if sample.requests.count > 1 {
        let scores = sample.responses.map { $0.first?.logLikelihood ?? .nan }
        let count = (try? result.task.choices(of: sample.document).count) ?? scores.count
        let best = scores.indices.prefix(count).max { scores[$0] < scores[$1] }
        for (place, request) in sample.requests.enumerated() {
          guard case .logLikelihood(let context, let continuation) = request else { continue }
          let text = result.task.isMultipleInput ? String(context.dropFirst(shared.count)) + continuation : continuation
          // What comes behind the choices are the same ones without the question.
          let kind = place < count ? "" : context.isEmpty ? " without context" : " after \(context)"
          answers.append(
            ("\(place % count)\(kind)\(place == best ? " ← likeliest" : "")", text, "ln p \(fixed(scores[place], 3))"))
        }
      } else {
        for response in sample.responses.first ?? [] {
          switch response {
          case .text(let text): answers.append(("answer", text, nil))
          case .score(let value, let isGreedy, _):
            answers.append(
              ("target", Self.continuation(sample.requests[0]), "ln p \(fixed(value, 3))\(isGreedy ? ", greedy" : "")"))
          }
        }
        if sample.filter != "none", let text = sample.filtered.first?.text { answers.append(("filtered", text, nil)) }
      }
      page.samples(
        prompt: String(prompt.dropFirst(shared.count)),
        answers + [(name: "mark", text: marks.isEmpty ? "none" : marks, remark: asked)])
    }
  }

  private static func text(of request: ModelRequest) -> String {
    if case .rolling(let text) = request { text } else { request.context }
  }

  private static func continuation(_ request: ModelRequest) -> String {
    switch request {
    case .logLikelihood(_, let continuation): continuation
    case .rolling(let text): text
    case .generation: ""
    }
  }

  private static func shown(_ value: MetricValue) -> String {
    switch value {
    case .number(let number, _): fixed(number, number == number.rounded() ? 0 : 3)
    case .classes(let gold, let chosen): "\(chosen) for \(gold)"
    case .probabilities(let gold, let all): all.indices.contains(gold) ? "p \(fixed(all[gold], 3))" : "none"
    default: value.json.serialized()
    }
  }

  private static func sharedStart(_ prompts: [String]) -> String {
    guard let first = prompts.first, prompts.count > 1 else { return "" }
    var count = first.count
    let characters = Array(first)
    for prompt in prompts.dropFirst() {
      var same = 0
      for character in prompt {
        guard same < count, characters[same] == character else { break }
        same += 1
      }
      count = same
    }
    // A beginning of a few words is no examples.
    return count < 200 ? "" : String(characters[..<count])
  }
}

extension TaskResult {
  /// Whether the model's probabilities mean what they say: of multiple choice, under the first filter.
  var calibration: Calibration? {
    let first = samples.first?.filter
    let measured = samples.filter { $0.filter == first }.compactMap(\.confidence)
    guard measured.count > 1, task.configuration.outputType == .multipleChoice else { return nil }
    return Calibration(
      predictions: measured.map { min(1, $0.probability) }, outcomes: measured.map { $0.isRight ? 1 : 0 })
  }
}
