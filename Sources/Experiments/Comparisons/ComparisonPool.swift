public import Documents

/// Pairs to choose from, with what each member of an ensemble of reward models makes of them.
public struct ComparisonPool: Sendable {
  /// One pair: two completions of a record.
  public struct Pair: Sendable {
    /// The record.
    public var record: Record
    /// The index of one completion.
    public var first: Int
    /// The index of the other.
    public var second: Int

    /// Its `id` or, without one, where it stands.
    public var name: String { record["id"]?.string ?? record.origin.description }
  }

  /// The pairs.
  public private(set) var pairs: [Pair] = []
  /// P(first preferred), by member and pair.
  public private(set) var probabilities: [[Double]] = []

  /// Reads pairs that already have their members' answers in `probabilities` or `rewards`.
  ///
  /// - Parameter warn: gets what was left out, in words for a person.
  public init(
    answered paths: [String], options: ReadingOptions = ReadingOptions(), warn: (String) -> Void = { _ in }
  ) throws {
    let reader = try RecordReader(paths: paths, options: options.reader)
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
    if let report = reader.badLineReport { warn(report) }
    guard let members = columns.first?.count else {
      throw DataError(.badData, path: paths.joined(separator: ", "), problem: "there is no pair in it")
    }
    probabilities = (0..<members).map { member in columns.map { $0[member] } }
  }

  /// An empty pool, to which ``add(_:name:)`` gives pairs and members.
  public init() {}

  /// Adds a member of the ensemble by its scores of records' completions; all pairs of a record's completions are in the
  /// pool.
  ///
  /// - Parameters:
  ///   - items: for each record the member's scores of its completions, in order.
  ///   - name: the member, for errors.
  /// - Throws: ``ExperimentError`` where the records aren't those of the members before it.
  public mutating func add(
    _ items: [(record: Record, scores: [Double])], name: String
  ) throws(ExperimentError) {
    var found: [Pair] = []
    var row: [Double] = []
    for (record, scores) in items {
      for second in scores.indices {
        for first in 0..<second {
          found.append(Pair(record: record, first: first, second: second))
          row.append(QuestionChooser.preference(scores[first], over: scores[second]))
        }
      }
    }
    guard pairs.isEmpty || pairs.map(\.record.origin) == found.map(\.record.origin) else {
      throw ExperimentError(
        "\(name): leaves other records out than the reward models before it; their contexts differ")
    }
    pairs = found
    probabilities.append(row)
  }

  /// The price of asking about each pair: its record's `cost`, or 1.
  ///
  /// - Throws: `DataError` with the record's file and line for a cost that is no finite number above 0.
  public func costs() throws(DataError) -> [Double] {
    var costs: [Double] = []
    for pair in pairs {
      let cost = pair.record["cost"]
      guard let number = cost == nil ? 1 : cost?.double, number > 0, number.isFinite else {
        throw pair.record.error("\"cost\" must be a finite number above 0")
      }
      costs.append(number)
    }
    return costs
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
