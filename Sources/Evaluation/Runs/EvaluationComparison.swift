public import Documents
import Foundation
import Statistics

/// Evaluations of several models side by side, on the documents that all of them were asked about.
///
/// ```swift
/// let comparison = try EvaluationComparison(folders: ["runs/evaluation/small", "runs/evaluation/large"])
/// for row in comparison.rows { print(row.task, row.metric, row.difference, row.pValue) }
/// ```
public struct EvaluationComparison: Sendable {
  /// A metric of a task, of the first model and another.
  public struct Row: Sendable {
    /// The task.
    public let task: String
    /// The metric with its filter, `acc,none`.
    public let metric: String
    /// The models' names.
    public let models: (first: String, second: String)
    /// Their means on the documents that both were asked about.
    public let values: (first: Double, second: Double)
    /// The second's mean less the first's, over pairs of the same document.
    public let difference: Estimate
    /// The chance of a difference at least as large if the models were alike: McNemar's exact test of marks of 0 and 1, the
    /// paired permutation test of others.
    public let pValue: Double
  }

  /// An evaluation: the newest in its folder.
  struct Source: Sendable {
    var name: String
    /// The values by task, metric and filter, and document.
    var values: [String: [String: [Int: (hash: String, value: Double)]]] = [:]

    init(folder: String) throws {
      let names = try Self.files(in: folder)
      guard let newest = names.filter({ $0.hasPrefix("results_") && $0.hasSuffix(".json") }).max() else {
        throw DataError(
          .noInput, path: folder, problem: "there is no results_*.json",
          advice:
            "Give a folder that 'apprentice evaluate tasks' or lm_eval --output_path wrote, the one with the model's name."
        )
      }
      let results = try JSONValue(contentsOf: "\(folder)/\(newest)")
      name = results["model_name"]?.string ?? folder
      let date = newest.dropFirst("results_".count).dropLast(".json".count)
      for file in names where file.hasPrefix("samples_") && file.hasSuffix("_\(date).jsonl") {
        let task = String(file.dropFirst("samples_".count).dropLast(date.count + "_.jsonl".count))
        let reader = try RecordReader(paths: ["\(folder)/\(file)"])
        while let record = try reader.next() {
          guard let document = record["doc_id"]?.int, let filter = record["filter"]?.string else {
            throw record.error("this is no sample: it lacks doc_id or filter")
          }
          let hash = record["doc_hash"]?.string ?? ""
          for metric in record["metrics"]?.array?.compactMap(\.string) ?? [] {
            guard let value = record[metric]?.double ?? record[metric]?.bool.map({ $0 ? 1 : 0 }) else { continue }
            values[task, default: [:]]["\(metric),\(filter)", default: [:]][document] = (hash, value)
          }
        }
      }
      guard !values.isEmpty else {
        throw DataError(
          .noInput, path: folder, problem: "there are no samples_*_\(date).jsonl beside \(newest)",
          advice: "lm_eval writes them with --log_samples.")
      }
    }

    private static func files(in folder: String) throws(DataError) -> [String] {
      do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
        throw DataError(.noInput, path: folder, problem: "there is no such folder", advice: "Check the path.")
      }
    }
  }

  /// The rows: for each task and metric, each model against the first.
  public let rows: [Row]
  /// What wasn't compared, and why.
  public let remarks: [String]

  /// Compares the newest evaluations of folders.
  ///
  /// - Throws: `DataError` where a folder holds no evaluation, or no two have a document in common.
  public init(folders: [String]) throws {
    let sources = try folders.map { try Source(folder: $0) }
    var (rows, remarks) = ([Row](), [String]())
    guard let first = sources.first else {
      (self.rows, self.remarks) = ([], [])
      return
    }
    for other in sources.dropFirst() {
      for (task, metrics) in first.values.sorted(by: { $0.key < $1.key }) {
        for (metric, own) in metrics.sorted(by: { $0.key < $1.key }) {
          guard let theirs = other.values[task]?[metric] else {
            remarks.append("\(task) \(metric): \(other.name) has none")
            continue
          }
          let common = own.keys.filter { theirs[$0]?.hash == own[$0]?.hash }.sorted()
          if common.count < max(own.count, theirs.count) {
            remarks.append(
              "\(task) \(metric): \(common.count) documents are the same in both, of \(own.count) and \(theirs.count)")
          }
          guard !common.isEmpty else { continue }
          rows.append(
            Self.row(
              task, metric, (first.name, other.name), common.map { own[$0]?.value ?? .nan },
              common.map { theirs[$0]?.value ?? .nan }))
        }
      }
    }
    guard !rows.isEmpty else {
      throw DataError(
        .badData, path: folders.joined(separator: ", "),
        problem: "no task, metric and document is common to the evaluations" + (remarks.first.map { ": \($0)" } ?? ""))
    }
    (self.rows, self.remarks) = (rows, remarks)
  }

  private static func row(
    _ task: String, _ metric: String, _ models: (String, String), _ first: [Double], _ second: [Double]
  ) -> Row {
    let isMark = (first + second).allSatisfy { $0 == 0 || $0 == 1 }
    let p =
      isMark
      ? PairedTest.mcNemar(
        onlyFirst: zip(first, second).count { $0 == 1 && $1 == 0 },
        onlySecond: zip(first, second).count { $0 == 0 && $1 == 1 })
      : PairedTest.permutation(first, second)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    return Row(
      task: task, metric: metric, models: models, values: (mean(first), mean(second)),
      difference: Bootstrap(seed: 1).meanDifference(second, first), pValue: p)
  }

  /// The rows as one document.
  public var document: JSONValue {
    [
      "comparisons": .array(
        rows.map { row in
          [
            "task": .string(row.task), "metric": .string(row.metric),
            "models": [.string(row.models.first), .string(row.models.second)],
            "values": [.double(row.values.first), .double(row.values.second)],
            "difference": [
              "value": .double(row.difference.value), "low": .double(row.difference.low),
              "high": .double(row.difference.high),
              "n": .int(row.difference.n),
            ], "p": .double(row.pValue),
          ]
        }), "remarks": .array(remarks.map { .string($0) }),
    ]
  }
}
