public import Documents
import Foundation

/// A solution to be graded: a line of a file of samples.
public struct CodeSample: Sendable, Equatable {
  /// The task's identifier.
  public var taskID: String
  /// The text that completes the prompt.
  public var completion: String
  /// The line's fields as they stand, `task_id` and `completion` among them.
  public var fields: JSONObject

  /// A sample.
  ///
  /// - Parameter fields: what else is known of it.
  public init(taskID: String, completion: String, fields: JSONObject = [:]) {
    self.taskID = taskID
    self.completion = completion
    var all: JSONObject = ["task_id": .string(taskID), "completion": .string(completion)]
    for (key, value) in fields.members where all[key] == nil { all[key] = value }
    self.fields = all
  }

  /// The mean log-probability of its tokens, in nats; nil where the line has none.
  public var meanLogProbability: Double? { fields["mean_logprob"]?.double }

  /// Reads `task_id` and `completion` of each line, gzipped or not.
  ///
  /// - Throws: `DataError` with the line that isn't a sample or is of no task, and for a file that leaves tasks out, as the
  ///   reference evaluator refuses it: a mean over some of the problems would be no score.
  /// - Parameter ignoresIncomplete: whether tasks may be left out.
  public static func read(
    contentsOf path: String, of tasks: [CodeTask], ignoresIncomplete: Bool = false
  ) throws(DataError) -> [CodeSample] {
    let reader = try RecordReader(paths: [path], options: .init(format: .jsonLines))
    let known = Set(tasks.map(\.id))
    var samples: [CodeSample] = []
    while let record = try reader.next() {
      let id = try record.text(in: "task_id")
      guard known.contains(id) else {
        let near = known.nearest(to: id).map { "; the nearest one is '\($0)'" } ?? ""
        throw record.error(
          "there is no task '\(id)'\(near)", advice: "The tasks' file must be the one the samples were drawn for.")
      }
      var sample = CodeSample(taskID: id, completion: try record.text(in: "completion"))
      sample.fields = record.fields
      samples.append(sample)
    }
    guard !samples.isEmpty else { throw DataError(.badData, path: path, problem: "there is no sample in the file") }
    let attempted = Set(samples.map(\.taskID))
    let missing = tasks.filter { !attempted.contains($0.id) }
    guard missing.isEmpty || ignoresIncomplete else {
      let names = missing.prefix(3).map { "'\($0.id)'" }.joined(separator: ", ") + (missing.count > 3 ? ", …" : "")
      throw DataError(
        .badData, path: path, problem: "some problems are not attempted: \(missing.count) of \(tasks.count) (\(names))",
        advice: "Draw samples of them, or leave them out of the score with --ignore-incomplete.")
    }
    return samples
  }

  /// Writes samples in the evaluator's format.
  public static func write(_ samples: [CodeSample], to path: String) throws(DataError) {
    try DurableFile.write(samples.map { JSONValue.object($0.fields).serialized(ascii: true) + "\n" }.joined(), to: path)
  }
}
