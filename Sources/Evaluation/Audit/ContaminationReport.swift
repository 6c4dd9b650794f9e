public import Documents
import Foundation
import Statistics

/// Which documents of tasks stand in training text, and a model's results with and without them.
public struct ContaminationReport: Sendable {
  private struct Part: Sendable {
    var task: String
    var documents: Int
    var check: ContaminationCheck
    var subsets: [CleanSubset] = []
  }

  private var parts: [Part] = []
  private let texts: Int

  /// Reads a corpus once and looks for all documents of the tasks.
  ///
  /// - Parameters:
  ///   - corpus: files of training text.
  ///   - column: the field of a record that holds its text.
  ///   - results: a folder of evaluations of one model, of which the newest is taken; nil for none.
  /// - Throws: `DataError` for files that aren't there or hold no text.
  public init(
    _ nodes: [TaskNode], dataFolder: String?, method: ContaminationCheck.Method, seed: UInt64, corpus: [String],
    options: RecordReader.Options, column: String, results: String?
  ) throws {
    for configuration in nodes.flatMap(\.tasks) {
      let task = try EvaluationTask(configuration, dataFolder: dataFolder, shots: 0)
      let documents = try task.documents.enumerated().map { place, document in
        do { return try task.contaminationText(of: document) } catch {
          throw EvaluationTask.located(error, configuration, document: place)
        }
      }
      parts.append(
        Part(
          task: configuration.name, documents: documents.count,
          check: ContaminationCheck(method, documents: documents, seed: seed)))
    }
    let reader = try RecordReader(paths: corpus, options: options)
    var texts = 0
    while let record = try reader.next() {
      do throws(DataError) {
        let text = try record.text(in: column, role: "text")
        for place in parts.indices { parts[place].check.read(text) }
        texts += 1
      } catch { try reader.skip(error) }
    }
    guard texts > 0 else {
      throw DataError(.noInput, path: corpus.joined(separator: ", "), problem: "there is no text in it")
    }
    self.texts = texts
    guard let results else { return }
    let source = try EvaluationComparison.Source(folder: results)
    for place in parts.indices {
      let dirty = parts[place].check.dirty
      for (metric, values) in (source.values[parts[place].task] ?? [:]).sorted(by: { $0.key < $1.key }) {
        parts[place].subsets.append(
          CleanSubset(
            metric: metric, values: values.map { ($0.key, $0.value.value) }.sorted { $0.0 < $1.0 }, dirty: dirty))
      }
    }
  }

  /// The report as one document.
  public var document: JSONValue {
    func estimate(_ value: Estimate) -> JSONValue {
      func number(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }
      return ["value": number(value.value), "low": number(value.low), "high": number(value.high), "n": .int(value.n)]
    }
    return [
      "texts": .int(texts),
      "tasks": .array(
        parts.map { part in
          [
            "task": .string(part.task), "method": .string(part.check.method.rawValue),
            "documents": .int(part.documents),
            "too_short": .int(part.check.tooShort), "run_length": .int(part.check.runLength),
            "dirty": .array(part.check.dirty.sorted().map { .int($0) }),
            "results": .array(
              part.subsets.map {
                [
                  "metric": .string($0.metric), "all": estimate($0.all), "clean": estimate($0.clean),
                  "dirty": estimate($0.dirty),
                ]
              }),
          ]
        }),
    ]
  }

  /// The report in words.
  public var text: String {
    parts.map { part in
      let share = 100 * Double(part.check.dirty.count) / Double(max(1, part.documents))
      let short = part.check.tooShort > 0 ? "; \(part.check.tooShort) are too short to be looked for" : ""
      let lines = part.subsets.map { "  \($0.metric): all \($0.all); clean \($0.clean); dirty \($0.dirty)" }
      return
        ([
          "\(part.task): \(part.check.dirty.count) of \(part.documents) documents (\(fixed(share, 1))%) stand in \(texts) texts\(short)"
        ] + lines).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
