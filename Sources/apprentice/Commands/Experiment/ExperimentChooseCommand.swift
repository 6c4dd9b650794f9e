import ArgumentParser
import Experiments
import Foundation
import Tokenization
import Training

/// `apprentice experiment choose`.
struct ExperimentChooseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "choose",
    abstract: "Choose which comparisons to ask a person next.",
    discussion: """
      The pool has one pair a record, with what each member of an ensemble of reward models makes of it: \
      "probabilities", how probable it is that the first is preferred, one number a member; or "rewards", \
      one [first, second] a member. Optional: "id", "cost". Chooses a batch in which no answer makes \
      another superfluous.

      EXAMPLE:
        apprentice experiment choose --pool pairs.jsonl --count 10
      """)

  @Option(help: .init("Files of pairs.", valueName: "path"))
  var pool: [String]

  @Option(help: .init("How many comparisons to choose.", valueName: "count"))
  var count = 10

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count must be at least 1, not \(count).") }
  }

  func run() throws {
    let records = try RecordReader(paths: pool).readAll()
    var columns: [[Double]] = []
    for record in records {
      let column = try Self.probabilities(of: record)
      if let first = columns.first, first.count != column.count {
        throw record.error(
          "the pair has \(column.count) members' answers, and the first pair has \(first.count)")
      }
      columns.append(column)
    }
    let costs = try records.map { record -> Double in
      guard let cost = record["cost"] else { return 1 }
      guard let number = cost.double, number > 0, number.isFinite else {
        throw record.error("\"cost\" must be a finite number above 0")
      }
      return number
    }
    guard let members = columns.first?.count else {
      throw DataError(.badData, path: pool.joined(separator: ", "), problem: "there is no pair in it")
    }
    let chooser = try ComparisonChooser(
      (0..<members).map { member in columns.map { $0[member] } }, costs: costs)
    let batch = try chooser.batch(of: count, seed: seed)
    func name(_ choice: ComparisonChooser.Choice) -> String {
      records[choice.pair]["id"]?.string ?? records[choice.pair].origin.description
    }
    var table = Table([("pair", .left), ("gain, nats", .right)])
    for choice in batch { table.add([name(choice), String(format: "%.4f", choice.gain)]) }
    output.show(
      .array(
        batch.map {
          ["pair": .int($0.pair), "id": .string(name($0)), "gain": .double($0.gain)]
        }), text: table.text)
  }

  private static func probabilities(of record: Record) throws -> [Double] {
    if let list = record["probabilities"]?.array {
      return try list.map { value in
        guard let p = value.double, (0...1).contains(p) else {
          throw record.error("\"probabilities\" must be numbers from 0 to 1")
        }
        return p
      }
    }
    guard let list = record["rewards"]?.array else {
      throw record.error(
        "a pair needs \"probabilities\" or \"rewards\"", advice: "Give one entry for each ensemble member.")
    }
    return try list.map { value in
      guard let pair = value.array, pair.count == 2, let first = pair[0].double,
        let second = pair[1].double, first.isFinite, second.isFinite
      else { throw record.error("\"rewards\" must be pairs of finite numbers, [first, second]") }
      return ComparisonChooser.preference(first, over: second)
    }
  }
}
