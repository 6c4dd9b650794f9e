import Documents

/// A way to score that a data set's authors publish and that metrics can't say: `scorer` in the task files of this package.
enum TaskScorer: String, Sendable, CaseIterable {
  /// The official script of DROP.
  case drop
  /// The official script of SQuAD 2.0, without thresholds.
  case squad
  /// The probability mass of the true answers (Lin 2022).
  case truthMass = "truthfulqa_mc2"
  /// Checks of instructions (Zhou 2023).
  case instructions = "ifeval"

  /// The scorer that a file names, if any.
  init?(_ file: TaskFile) throws(DataError) {
    guard let value = file.settings["scorer"], !value.isNull else { return nil }
    guard let name = value.string, let known = TaskScorer(rawValue: name) else {
      throw file.error(
        at: "scorer", "there is no scorer \(value.serialized())",
        advice: "The scorers are \(Self.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self = known
  }

  var metrics: [(name: String, aggregation: MetricAggregation)] {
    switch self {
    case .drop: [("em", .mean), ("f1", .mean)]
    case .squad: [("exact", .percentage), ("f1", .percentage)]
    case .truthMass: [("acc", .mean)]
    case .instructions:
      [
        ("prompt_level_strict_acc", .mean), ("inst_level_strict_acc", .verdictMean), ("prompt_level_loose_acc", .mean),
        ("inst_level_loose_acc", .verdictMean),
      ]
    }
  }

  func score(
    _ document: JSONObject, _ results: [ResponsePipeline.Value], of task: EvaluationTask
  ) throws -> DocumentScore {
    switch self {
    case .drop: return try DROPScore.score(document, results[0].text ?? "")
    case .squad: return try SQuADScore.score(document, results[0].text ?? "")
    case .truthMass: return try TruthMass.score(document, try results.map { try EvaluationTask.scored($0).value })
    case .instructions: return try InstructionChecks.score(document, results[0].text ?? "")
    }
  }
}
