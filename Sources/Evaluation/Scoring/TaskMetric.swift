import Documents
import Expressions

/// A metric of a task: what it is called, how the documents' values become one, which way is better.
struct TaskMetric: Sendable {
  let name: String
  let aggregation: MetricAggregation
  let higherIsBetter: Bool
  let matching: ExactMatch
  /// What the choices' unconditional likelihood is conditioned on, for `acc_unconditional`.
  let answerContext: String

  private struct Kind {
    var aggregation: MetricAggregation
    var higherIsBetter = true
    var outputs: [TaskConfiguration.OutputType]
  }

  private static let kinds: [(name: String, kind: Kind)] = [
    ("acc", Kind(aggregation: .mean, outputs: [.logLikelihood, .multipleChoice])),
    ("acc_norm", Kind(aggregation: .mean, outputs: [.multipleChoice])),
    ("acc_bytes", Kind(aggregation: .mean, outputs: [.multipleChoice])),
    ("acc_mutual_info", Kind(aggregation: .mean, outputs: [.multipleChoice])),
    ("acc_per_token", Kind(aggregation: .mean, outputs: [.multipleChoice])),
    ("acc_unconditional", Kind(aggregation: .mean, outputs: [.multipleChoice])),
    ("exact_match", Kind(aggregation: .mean, outputs: [.multipleChoice, .generation])),
    ("f1", Kind(aggregation: .f1, outputs: [.multipleChoice])),
    ("mcc", Kind(aggregation: .matthews, outputs: [.multipleChoice])),
    ("brier_score", Kind(aggregation: .brierScore, higherIsBetter: false, outputs: [.multipleChoice])),
    ("bleu", Kind(aggregation: .bleu, outputs: [.generation])),
    ("chrf", Kind(aggregation: .chrF, outputs: [.generation])),
    ("chrf++", Kind(aggregation: .chrFPlusPlus, outputs: [.generation])),
    ("perplexity", Kind(aggregation: .perplexity, higherIsBetter: false, outputs: [.logLikelihood])),
    ("word_perplexity", Kind(aggregation: .weightedPerplexity, higherIsBetter: false, outputs: [.rolling])),
    ("byte_perplexity", Kind(aggregation: .weightedPerplexity, higherIsBetter: false, outputs: [.rolling])),
    ("bits_per_byte", Kind(aggregation: .bitsPerByte, higherIsBetter: false, outputs: [.rolling])),
  ]

  private static func usual(_ type: TaskConfiguration.OutputType) -> [String] {
    switch type {
    case .logLikelihood: ["perplexity", "acc"]
    case .multipleChoice: ["acc", "acc_norm"]
    case .rolling: ["word_perplexity", "byte_perplexity", "bits_per_byte"]
    case .generation: ["exact_match"]
    }
  }

  static func list(
    of file: TaskFile, _ type: TaskConfiguration.OutputType, _ scorer: TaskScorer?
  ) throws(DataError) -> [TaskMetric] {
    let key = "metric_list"
    if let scorer {
      return scorer.metrics.map {
        TaskMetric(
          name: $0.name, aggregation: $0.aggregation, higherIsBetter: true, matching: ExactMatch(), answerContext: "")
      }
    }
    guard let value = file.settings[key], !value.isNull else {
      return usual(type).compactMap { name in
        kinds.first { $0.name == name }.map {
          TaskMetric(
            name: name, aggregation: $0.kind.aggregation, higherIsBetter: $0.kind.higherIsBetter,
            matching: ExactMatch(),
            answerContext: "")
        }
      }
    }
    guard let entries = value.array, !entries.isEmpty else { throw file.error(at: key, "must be a list of metrics") }
    var made: [TaskMetric] = []
    for entry in entries { made.append(try metric(entry, of: file, type)) }
    return made
  }

  private static func metric(
    _ entry: JSONValue, of file: TaskFile, _ type: TaskConfiguration.OutputType
  ) throws(DataError) -> TaskMetric {
    let key = "metric_list"
    if let function = entry["metric"]?.pythonFunction ?? entry["aggregation"]?.pythonFunction {
      throw file.error(at: key, "this is the Python code \(function), and no Python is run here")
    }
    guard let name = entry["metric"]?.string else { throw file.error(at: key, "each entry needs a metric") }
    let known = kinds.filter { $0.kind.outputs.contains(type) }
    if entry["hf_evaluate"]?.bool == true, name != "exact_match" {
      throw file.error(at: key, "'\(name)' of the package evaluate isn't there; of it only exact_match is")
    }
    guard let kind = known.first(where: { $0.name == name })?.kind else {
      throw file.error(
        at: key,
        "there is no metric '\(name)' for \(type.rawValue)"
          + (known.map(\.name).nearest(to: name).map { "; the nearest one is '\($0)'" } ?? ""),
        advice: "The metrics are \(known.map(\.name).joined(separator: ", ")).")
    }
    var aggregation = kind.aggregation
    if let word = entry["aggregation"]?.string {
      guard let chosen = MetricAggregation(rawValue: word) else {
        throw file.error(
          at: key, "\(name): there is no aggregation '\(word)'",
          advice: "The aggregations are \(MetricAggregation.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      guard chosen.takes == aggregation.takes else {
        throw file.error(at: key, "\(name) can't be aggregated by \(word)")
      }
      aggregation = chosen
    }
    return TaskMetric(
      name: name, aggregation: aggregation, higherIsBetter: entry["higher_is_better"]?.bool ?? kind.higherIsBetter,
      matching: try ExactMatch(entry, of: file), answerContext: entry["answer_context"]?.string ?? "Answer:")
  }
}

/// When two texts are the same: `exact_match` with what it ignores.
struct ExactMatch: Sendable {
  private var ignored: [PythonExpression] = []
  private var ignoresCase = false
  private var ignoresPunctuation = false
  private var ignoresNumbers = false

  init() {}

  init(_ entry: JSONValue, of file: TaskFile) throws(DataError) {
    for source in entry["regexes_to_ignore"]?.array ?? [] {
      guard let text = source.string else {
        throw file.error(at: "metric_list", "regexes_to_ignore must be a list of texts")
      }
      do { ignored.append(try PythonExpression(text)) } catch { throw file.error(at: "metric_list", error.description) }
    }
    ignoresCase = entry["ignore_case"]?.bool ?? false
    ignoresPunctuation = entry["ignore_punctuation"]?.bool ?? false
    ignoresNumbers = entry["ignore_numbers"]?.bool ?? false
  }

  /// A text without what is ignored.
  func normalized(_ text: String) throws -> String {
    var text = try ignored.reduce(text) { try $1.replacing(in: $0, with: "") }
    if ignoresCase { text = text.lowercased() }
    if ignoresPunctuation || ignoresNumbers {
      text.unicodeScalars.removeAll { scalar in
        guard scalar.isASCII else { return false }
        let isDigit = (48...57).contains(scalar.value)
        let isPunctuation = (33...126).contains(scalar.value) && !isDigit && !scalar.properties.isAlphabetic
        return ignoresPunctuation && isPunctuation || ignoresNumbers && isDigit
      }
    }
    return text
  }

  func holds(_ prediction: String, _ reference: String) throws -> Bool {
    try normalized(prediction).utf8.elementsEqual(normalized(reference).utf8)
  }
}
