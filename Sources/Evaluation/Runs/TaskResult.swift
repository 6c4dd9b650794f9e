import Documents
import Foundation

/// A task's results: its metrics with standard errors, and every document with its answers and marks.
public struct TaskResult: Sendable {
  /// A document as one pipeline of filters sees it.
  struct Sample: Sendable {
    var documentID: Int
    var document: JSONObject
    var target: String
    var requests: [ModelRequest]
    var responses: [[ModelResponse]]
    var filtered: [ResponsePipeline.Value]
    var filter: String
    var metrics: [(name: String, value: MetricValue)]
    var confidence: (probability: Double, isRight: Bool)?
    var source: JSONValue
  }

  /// A metric under a filter.
  struct Score: Sendable {
    var metric: String
    var filter: String
    var value: Double
    var standardError: Double?
  }

  let task: EvaluationTask
  let shots: Int
  let samples: [Sample]
  let scores: [Score]
  /// The number of documents that were asked about.
  let count: Int

  init(_ part: TaskEvaluation.Part, resamples: Int) throws {
    let configuration = part.task.configuration
    (task, shots) = (part.task, part.shots)
    var byDocument: [[EvaluationInstance]] = []
    for instance in part.instances {
      if byDocument.last?.first?.documentID == instance.documentID {
        byDocument[byDocument.count - 1].append(instance)
      } else {
        byDocument.append([instance])
      }
    }
    count = byDocument.count
    var samples: [Sample] = []
    var values: [(metric: String, filter: String, values: [MetricValue])] = []
    for pipeline in configuration.filters {
      for instances in byDocument {
        let document = instances[0].document
        do {
          let filtered = try instances.map { try pipeline.apply(to: $0.responses, of: document) }
          let score = try part.task.score(document, filtered)
          samples.append(
            Sample(
              documentID: instances[0].documentID, document: document,
              target: try part.task.target(of: document).pythonText, requests: instances.map(\.request),
              responses: instances.map(\.responses), filtered: filtered, filter: pipeline.name, metrics: score.values,
              confidence: score.confidence, source: configuration.generation.source))
          for (name, value) in score.values {
            if let place = values.firstIndex(where: { $0.metric == name && $0.filter == pipeline.name }) {
              values[place].values.append(value)
            } else {
              values.append((name, pipeline.name, [value]))
            }
          }
        } catch { throw EvaluationTask.located(error, configuration, document: instances[0].documentID) }
      }
    }
    self.samples = samples
    scores = values.map { entry in
      let aggregation = configuration.metrics.first { $0.name == entry.metric }?.aggregation ?? .mean
      return Score(
        metric: entry.metric, filter: entry.filter, value: aggregation.value(of: entry.values),
        standardError: aggregation.standardError(of: entry.values, resamples: resamples))
    }
  }

  /// The metrics as results have them: `acc,none`, `acc_stderr,none`.
  var metrics: JSONObject {
    var object: JSONObject = [
      "name": .string(task.configuration.name), "alias": .string(task.configuration.alias), "sample_len": .int(count),
    ]
    for score in scores {
      object["\(score.metric),\(score.filter)"] = .double(score.value)
      object["\(score.metric)_stderr,\(score.filter)"] = score.standardError.map { .double($0) } ?? "N/A"
    }
    return object
  }
}

extension TaskResult.Sample {
  /// A line of `samples_*.jsonl`.
  var json: JSONObject {
    var arguments = JSONObject()
    for (place, request) in requests.enumerated() {
      let parts: JSONObject =
        switch request {
        case .logLikelihood(let context, let continuation):
          ["arg_0": .string(context), "arg_1": .string(continuation)]
        case .rolling(let text): ["arg_0": .string(text)]
        case .generation(let context, _, _): ["arg_0": .string(context), "arg_1": source]
        }
      arguments["gen_args_\(place)"] = .object(parts)
    }
    func hash(_ text: String) -> JSONValue { .string(SHA256Digest(of: Data(text.utf8)).hexadecimal) }
    let prompt: String = if case .rolling(let text)? = requests.first { text } else { requests.first?.context ?? "" }
    var line: JSONObject = [
      "doc_id": .int(documentID), "doc": .object(document), "target": .string(target), "arguments": .object(arguments),
      "resps": .array(
        zip(requests, responses).map { request, all in
          .array(all.map { ResponsePipeline.Value.response($0).json(of: request) })
        }), "filtered_resps": .array(zip(requests, filtered).map { $1.json(of: $0) }), "filter": .string(filter),
      "metrics": .array(metrics.map { .string($0.name) }),
      "doc_hash": hash(JSONValue.object(document).serialized(indent: 2)), "prompt_hash": hash(prompt),
      "target_hash": hash(target),
    ]
    for (name, value) in metrics { line[name] = value.json }
    return line
  }
}

extension MetricValue {
  /// As the records of samples show it.
  var json: JSONValue {
    switch self {
    case .number(let value, let isWhole): isWhole ? .int(Int(value)) : .double(value)
    case .weighted(let a, let b): .array([.double(a), .int(Int(b))])
    case .classes(let gold, let chosen): .array([.int(gold), .int(chosen)])
    case .probabilities(let gold, let all): .array([.int(gold), .array(all.map { .double($0) })])
    case .verdicts(let flags): .array(flags.map { .bool($0) })
    case .texts(let reference, let prediction): [.string(reference), .string(prediction)]
    }
  }
}
