import Documents
import Foundation

/// A run of tasks with a model: requests, answers, scores.
///
/// ```swift
/// let evaluation = try TaskEvaluation(nodes, options: EvaluationOptions(shots: 5, limit: .count(100)), dataFolder: "data")
/// if case .finished(let results) = try evaluation.run(model) { print(results.table()) }
/// ```
public struct TaskEvaluation: Sendable {
  /// A task with its requests.
  struct Part: Sendable {
    var task: EvaluationTask
    var instances: [EvaluationInstance]
    var shots: Int
  }

  let nodes: [TaskNode]
  let options: EvaluationOptions
  private(set) var parts: [Part] = []
  /// Things that a reader of the results should know, such as documents that stand twice.
  public private(set) var remarks: [String] = []

  /// Reads tasks' documents and makes their requests, all before a model is asked anything.
  ///
  /// - Throws: `DataError` that names task, file and document.
  public init(_ nodes: [TaskNode], options: EvaluationOptions, dataFolder: String?) throws {
    self.nodes = nodes
    self.options = options
    for configuration in nodes.flatMap(\.tasks) {
      let task = try EvaluationTask(configuration, dataFolder: dataFolder, shots: options.shots)
      let instances = try task.instances(options)
      parts.append(Part(task: task, instances: instances, shots: options.shots(of: configuration)))
      if options.shots ?? 0 > 0, configuration.shots == 0 {
        remarks.append("task '\(configuration.name)' says 0 examples itself and keeps them")
      }
      if configuration.file.settings["fewshot_config"]?["fewshot_indices"] != nil {
        remarks.append("task '\(configuration.name)': fewshot_indices isn't heeded, as in lm-evaluation-harness 0.4.13")
      }
      remarks += Self.duplicates(in: task)
    }
  }

  private static func duplicates(in task: EvaluationTask) -> [String] {
    for column in ["id", "ind", "query_id", "question_id", "key"] {
      let values = task.documents.compactMap { $0[column] }.filter { !$0.isNull }.map { $0.serialized() }
      guard values.count == task.documents.count else { continue }
      let twice = values.count - Set(values).count
      if twice > 0 {
        return [
          "task '\(task.configuration.name)': \(twice) of \(values.count) documents have a '\(column)' that another has too; each is counted"
        ]
      }
    }
    return []
  }

  /// The requests, each once, in the order in which they are first made.
  public var requests: [ModelRequest] {
    var seen: Set<ModelRequest> = []
    return parts.flatMap { part in
      part.instances.flatMap { repeats(of: $0, part).filter { seen.insert($0).inserted } }
    }
  }

  /// An instance's requests: as many as the task repeats, where that makes a difference.
  private func repeats(of instance: EvaluationInstance, _ part: Part) -> [ModelRequest] {
    guard case .generation(let context, let settings, _) = instance.request, settings.temperature > 0 else {
      return [instance.request]
    }
    return (0..<part.task.configuration.repeats).map { .generation(context: context, settings, sample: $0) }
  }

  /// The ending of a run.
  public enum Ending: Sendable {
    /// All was answered.
    case finished(EvaluationResults)
    /// It was asked to stop; this many requests are answered.
    case stopped(answered: Int, of: Int)
  }

  /// Asks the model and scores its answers.
  ///
  /// - Parameters:
  ///   - journal: knows the answers of a run that was stopped, and notes new ones.
  ///   - progress: is told how many requests are answered, of how many, and the tokens since the last call; false asks to stop.
  public func run(
    _ model: any EvaluatedModel, journal: ResponseJournal? = nil,
    progress: (_ done: Int, _ total: Int, _ tokens: Int) -> Bool = { _, _, _ in true }
  ) throws -> Ending {
    let started = Date()
    var answers: [ModelRequest: ModelResponse] = [:]
    let all = requests
    for request in all { answers[request] = journal?[request] }
    let open = all.filter { answers[$0] == nil }
    var isStopped = false
    if !open.isEmpty {
      try model.answer(open) { place, response, tokens in
        answers[open[place]] = response
        try journal?.append(response, to: open[place])
        isStopped = !progress(answers.count, all.count, tokens)
        return !isStopped
      }
    }
    try journal?.synchronize()
    guard answers.count == all.count else { return .stopped(answered: answers.count, of: all.count) }
    let scored = try parts.map { part in
      var part = part
      for place in part.instances.indices {
        let requests = repeats(of: part.instances[place], part)
        part.instances[place].responses = requests.compactMap { answers[$0] }
        // Greedy answers are the same each time.
        if requests.count < part.task.configuration.repeats, let one = part.instances[place].responses.first {
          part.instances[place].responses = Array(repeating: one, count: part.task.configuration.repeats)
        }
      }
      return try TaskResult(part, resamples: options.bootstrapResamples)
    }
    return .finished(
      EvaluationResults(
        nodes: nodes, tasks: scored, options: options, model: (model.name, model.facts), remarks: remarks,
        started: started, tokenization: tokenization(by: model)))
  }

  /// How the first request of each task becomes tokens, in words.
  public func tokenization(by model: any EvaluatedModel) -> [(task: String, text: String)] {
    parts.compactMap { part in
      part.instances.first.map { (part.task.configuration.name, model.tokenization(of: $0.request)) }
    }
  }
}
