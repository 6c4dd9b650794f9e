import Documents
import Foundation

/// A document's metrics, from the answers to its requests.
struct DocumentScore {
  /// The values in the order in which the harness lists them.
  var values: [(name: String, value: MetricValue)] = []
  /// The probability that the model gives the choice that it takes, and whether that is right: for calibration.
  var confidence: (probability: Double, isRight: Bool)?
}

extension EvaluationTask {
  /// Scores a document by the answers to its requests, as one pipeline of filters left them.
  func score(_ document: JSONObject, _ results: [ResponsePipeline.Value]) throws -> DocumentScore {
    if let scorer = configuration.scorer { return try scorer.score(document, results, of: self) }
    switch configuration.outputType {
    case .logLikelihood:
      let (value, isGreedy, _) = try Self.scored(results[0])
      var score = DocumentScore()
      if has("perplexity") { score.values.append(("perplexity", .number(value))) }
      if has("acc") { score.values.append(("acc", .number(isGreedy ? 1 : 0, isWhole: true))) }
      return score
    case .rolling:
      let (value, _, _) = try Self.scored(results[0])
      let text = try target(of: document).pythonText
      let words = MetricValue.weighted(value, Double(PythonText.wordCount(text)))
      let bytes = MetricValue.weighted(value, Double(text.utf8.count))
      var score = DocumentScore()
      if has("word_perplexity") { score.values.append(("word_perplexity", words)) }
      if has("byte_perplexity") { score.values.append(("byte_perplexity", bytes)) }
      if has("bits_per_byte") { score.values.append(("bits_per_byte", bytes)) }
      return score
    case .multipleChoice: return try choiceScore(document, results)
    case .generation: return try generationScore(document, results[0])
    }
  }

  func has(_ metric: String) -> Bool { configuration.metrics.contains { $0.name == metric } }

  static func scored(_ value: ResponsePipeline.Value) throws -> (value: Double, isGreedy: Bool, tokens: Int) {
    switch value {
    case .response(.score(let value, let isGreedy, let tokens)): return (value, isGreedy, tokens)
    case .list(let values) where values.count == 1: return try scored(values[0])
    default: throw TaskError("a filter left something that is no log-likelihood")
    }
  }

  private func choiceScore(_ document: JSONObject, _ results: [ResponsePipeline.Value]) throws -> DocumentScore {
    let choices = try self.choices(of: document)
    let all = try results.map(Self.scored)
    guard all.count >= choices.count else { throw TaskError("there are fewer answers than choices") }
    let own = Array(all.prefix(choices.count))
    let likelihoods = own.map(\.value)
    func best(_ scores: [Double]) -> Int { scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 } }
    func divided(by lengths: [Int]) -> Int { best(zip(likelihoods, lengths).map { $0 / Double($1) }) }
    let chosen = best(likelihoods)
    let gold = try Self.gold(isMultipleInput ? prompt(of: document) : target(of: document), choices)
    func isRight(_ choice: Int) -> Bool { gold.contains(choice) }
    let most = likelihoods.max() ?? 0
    let weights = likelihoods.map { exp($0 - most) }
    let probabilities = weights.map { $0 / weights.reduce(0, +) }
    var score = DocumentScore(confidence: (probabilities[chosen], isRight(chosen)))
    func add(_ name: String, _ value: @autoclosure () -> MetricValue) {
      if has(name) { score.values.append((name, value())) }
    }
    func mark(_ choice: Int) -> MetricValue { .number(isRight(choice) ? 1 : 0) }
    add("acc", mark(chosen))
    add("f1", .classes(gold.first ?? -100, chosen))
    add("mcc", .classes(gold.first ?? -100, chosen))
    add("acc_norm", mark(divided(by: choices.map(\.unicodeScalars.count))))
    add("acc_bytes", mark(divided(by: choices.map(\.utf8.count))))
    let isGreedy = gold.contains { place in
      let place = place < 0 && place > -100 ? choices.count + place : place
      return own.indices.contains(place) && own[place].isGreedy
    }
    add("exact_match", .number(isGreedy ? 1 : 0, isWhole: true))
    add("brier_score", .probabilities(gold.first ?? -100, probabilities))
    var rest = all.dropFirst(choices.count)
    for name in ["acc_mutual_info", "acc_unconditional"] where has(name) {
      let unconditional = Array(rest.prefix(choices.count))
      rest = rest.dropFirst(choices.count)
      guard unconditional.count == choices.count else { throw TaskError("\(name) lacks answers") }
      add(name, mark(best(zip(likelihoods, unconditional).map { $0 - $1.value })))
    }
    add("acc_per_token", mark(divided(by: own.map { max(1, $0.tokens) })))
    return score
  }

  /// The numbers of the right choices; −100 for one that isn't there.
  static func gold(_ target: JSONValue, _ choices: [String]) throws -> [Int] {
    switch target {
    case .array(let targets): return try targets.flatMap { try gold($0, choices) }
    case .string(let text): return [choices.firstIndex(of: text) ?? -100]
    default:
      guard let number = target.pythonInteger else {
        throw TaskError("the target \(target.serialized().prefix(60)) is no choice's number or text")
      }
      return [number < choices.count ? number : -100]
    }
  }

  private func generationScore(_ document: JSONObject, _ result: ResponsePipeline.Value) throws -> DocumentScore {
    var gold = try target(of: document)
    if configuration.choices != nil {
      let choices = try self.choices(of: document)
      guard let number = gold.pythonInteger, choices.indices.contains(number) else {
        throw TaskError("the target \(gold.serialized().prefix(60)) is no choice's number")
      }
      gold = .string(choices[number])
    }
    let references =
      isMultipleTarget ? (gold.array ?? [gold]).map(\.pythonText) : [gold.pythonText]
    var score = DocumentScore()
    for metric in configuration.metrics {
      if metric.aggregation.takes == .texts {
        guard references.count == 1, let prediction = result.text else {
          throw TaskError("\(metric.name) needs one reference and one answer a document")
        }
        score.values.append((metric.name, .texts(reference: references[0], prediction: prediction)))
        continue
      }
      let predictions: [String?] = if case .list(let values) = result { values.map(\.text) } else { [result.text] }
      if isMultipleTarget {
        let isHit = try references.contains { reference in
          try predictions.contains { try $0.map { try metric.matching.holds($0, reference) } ?? false }
        }
        score.values.append((metric.name, .number(isHit ? 1 : 0)))
      } else {
        let hits = try predictions.count { try $0.map { try metric.matching.holds($0, references[0]) } ?? false }
        score.values.append((metric.name, .number(Double(hits) / Double(max(1, predictions.count)))))
      }
    }
    return score
  }
}
