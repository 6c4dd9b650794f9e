import Alignment
import Experiments
import Foundation
import LanguageModels
import Tokenization
import Torch
import Training

/// Pairs to choose from, with what each member of an ensemble of reward models makes of them.
struct ComparisonPool {
  /// One pair: two completions of a record.
  struct Pair {
    var record: Record
    var first: Int
    var second: Int

    /// Its `id` or, without one, where it stands.
    var name: String { record["id"]?.string ?? record.origin.description }
  }

  private(set) var pairs: [Pair] = []
  /// P(first preferred), by member and pair.
  private(set) var probabilities: [[Double]] = []

  /// Reads pairs that already have their members' answers in `probabilities` or `rewards`.
  init(answered paths: [String], options: DataOptions) throws {
    let reader = try RecordReader(paths: paths, options: options.readerOptions)
    var columns: [[Double]] = []
    while let record = try reader.next() {
      do throws(DataError) {
        let column = try Self.probabilities(of: record)
        if let first = columns.first, first.count != column.count {
          throw record.error(
            "the pair has \(column.count) members' answers, and the first pair has \(first.count)")
        }
        columns.append(column)
        pairs.append(Pair(record: record, first: 0, second: 1))
      } catch { try reader.skip(error) }
    }
    DataOptions.reportBadLines(of: reader)
    guard let members = columns.first?.count else {
      throw DataError(.badData, path: paths.joined(separator: ", "), problem: "there is no pair in it")
    }
    probabilities = (0..<members).map { member in columns.map { $0[member] } }
  }

  /// Scores completions by each reward model; all pairs of a record's completions are in the pool.
  init(_ paths: [String], judgedBy models: [String], device: Device, options: DataOptions) throws {
    for model in models {
      let folder = try ModelFolder.resolve(model)
      let (scorer, tokenizer) = try ScalarModel.load(folder, device: device)
      guard let tokenizer else {
        throw CheckpointError(path: folder.path, message: "no tokenizer.json in this folder")
      }
      let items = try TokenizedData(tokenizer, scorer.backbone.configuration, options: options)
        .unjudged(paths)
      let scores = scorer.scores(
        items.flatMap { item in item.completions.map { item.prompt + $0 } })
      var found: [Pair] = []
      var row: [Double] = []
      var start = 0
      for item in items {
        for second in item.completions.indices {
          for first in 0..<second {
            found.append(Pair(record: item.record, first: first, second: second))
            row.append(
              QuestionChooser.preference(
                Double(scores[start + first]), over: Double(scores[start + second])))
          }
        }
        start += item.completions.count
      }
      guard pairs.isEmpty || pairs.map(\.record.origin) == found.map(\.record.origin) else {
        throw CheckpointError(
          path: folder.path,
          message: "leaves other records out than the reward models before it; their contexts differ")
      }
      pairs = found
      probabilities.append(row)
    }
  }

  private static func probabilities(of record: Record) throws(DataError) -> [Double] {
    if let list = record["probabilities"]?.array {
      var probabilities: [Double] = []
      for value in list {
        guard let p = value.double, (0...1).contains(p) else {
          throw record.error("\"probabilities\" must be numbers from 0 to 1")
        }
        probabilities.append(p)
      }
      return probabilities
    }
    guard let list = record["rewards"]?.array else {
      throw record.error(
        "a pair needs \"probabilities\" or \"rewards\"",
        advice: "Give one entry for each ensemble member, or reward models with --rewards.")
    }
    var probabilities: [Double] = []
    for value in list {
      guard let pair = value.array, pair.count == 2, let first = pair[0].double,
        let second = pair[1].double, first.isFinite, second.isFinite
      else { throw record.error("\"rewards\" must be pairs of finite numbers, [first, second]") }
      probabilities.append(QuestionChooser.preference(first, over: second))
    }
    return probabilities
  }
}
