public import Documents
import Foundation

/// How often models of several budgets solved each problem of a set, and the law that it follows.
///
/// The mean of log pass rates falls as a power law: −E_P[log pass_rate(C)] = α·C^(−k), over the problems P that each model solves
/// at least once (OpenAI, 2023, section 3.2). Problems are put into buckets by how well the smaller models do on them, the
/// hardest first left out, because a set as a whole mixes problems that are far from solved with those that always are.
public struct PassRates: Sendable {
  /// How often one model solved one problem.
  public struct Row: Sendable, Equatable, Codable {
    /// The problem.
    public var problem: String
    /// The compute that the model was trained with, in FLOP.
    public var flops: Double
    /// How many answers were drawn.
    public var samples: Int
    /// How many of them were right.
    public var passes: Int

    /// Makes a row.
    public init(problem: String, flops: Double, samples: Int, passes: Int) {
      (self.problem, self.flops, self.samples, self.passes) = (problem, flops, samples, passes)
    }
  }

  /// The rows.
  public let rows: [Row]
  /// The budgets, ascending.
  public let budgets: [Double]
  private let rates: [String: [Double: Row]]

  /// Takes counts.
  public init(_ rows: [Row]) {
    self.rows = rows
    budgets = Set(rows.map(\.flops)).sorted()
    rates = Dictionary(grouping: rows, by: \.problem).mapValues { rows in
      Dictionary(rows.map { ($0.flops, $0) }, uniquingKeysWith: { $1 })
    }
  }

  /// Reads counts: CSV or JSON Lines with `problem`, `flops`, `samples` and `passes`.
  ///
  /// - Throws: ``DataError`` with file and line.
  public init(path: String) throws(DataError) {
    let reader = try RecordReader(table: path)
    var rows: [Row] = []
    var seen: Set<String> = []
    while let record = try reader.next() {
      func number(_ name: String) throws(DataError) -> Double {
        let value = try record.value(in: name)
        guard let number = value.double ?? value.string.flatMap({ Double($0) }), number.isFinite else {
          throw record.error("\(name) is \(StructuredFields.shown(value)), not a finite number")
        }
        return number
      }
      let problem = try record.value(in: "problem")
      let row = Row(
        problem: problem.string ?? problem.serialized(), flops: try number("flops"),
        samples: Int(exactly: try number("samples")) ?? -1, passes: Int(exactly: try number("passes")) ?? -1)
      guard row.flops > 0 else { throw record.error("flops is \(short(row.flops)): it must be above 0") }
      guard row.samples > 0, (0...row.samples).contains(row.passes) else {
        throw record.error("passes must be a whole number from 0 to samples, which must be one from 1 on")
      }
      guard seen.insert("\(row.problem)\u{0}\(row.flops)").inserted else {
        throw record.error("problem \(row.problem) has two rows at \(short(row.flops)) FLOP")
      }
      rows.append(row)
    }
    self.init(rows)
  }

  /// The problems by how well the models of at most `flops` do on them, the easiest bucket first.
  ///
  /// - Parameters:
  ///   - count: how many buckets of equal size; the first ones get what is left over.
  ///   - hardest: how many of the hardest problems are left out first; 15 in the report, of 164.
  ///   - flops: the largest compute of a model that is asked; what is to be predicted must not choose the problems.
  public func buckets(_ count: Int, droppingHardest hardest: Int, upTo flops: Double) -> [[String]] {
    precondition(count > 0 && hardest >= 0)
    var ease: [(problem: String, rate: Double)] = []
    for (problem, models) in rates {
      let asked = models.values.filter { $0.flops <= flops }
      guard !asked.isEmpty else { continue }
      ease.append((problem, asked.reduce(0) { $0 + Double($1.passes) / Double($1.samples) } / Double(asked.count)))
    }
    let sorted = ease.sorted { ($1.rate, $0.problem) < ($0.rate, $1.problem) }.dropLast(hardest).map(\.problem)
    return (0..<count).map { bucket in
      Array(sorted[(bucket * sorted.count / count)..<((bucket + 1) * sorted.count / count)])
    }
  }

  /// −E_P[log pass_rate] of each model on the problems that every one of them solves at least once.
  public func points(on problems: [String], upTo flops: Double = .infinity) -> [TrainingPoint] {
    let budgets = budgets.filter { $0 <= flops }
    let solved = problems.filter { problem in
      budgets.allSatisfy { (rates[problem]?[$0]?.passes ?? 0) > 0 }
    }
    guard !solved.isEmpty else { return [] }
    return budgets.compactMap { budget in
      let sum = solved.reduce(0.0) { sum, problem in
        guard let row = rates[problem]?[budget] else { return sum }
        return sum - log(Double(row.passes) / Double(row.samples))
      }
      // Where every answer is right there is nothing left to fall.
      return sum > 0 ? TrainingPoint(flops: budget, loss: sum / Double(solved.count)) : nil
    }
  }

  /// The law α·C^(−k) of a bucket of problems.
  ///
  /// - Throws: ``ScalingError`` where fewer than three models solve some of the problems.
  public func law(
    on problems: [String], upTo flops: Double = .infinity, options: FitOptions = FitOptions()
  ) throws(ScalingError) -> FittedLaw {
    let points = points(on: problems, upTo: flops)
    guard points.count > 2 else {
      throw .tooFew(
        "of these \(problems.count) problems, too few are solved at least once by each of the \(budgets.count) models",
        advice: "Draw more answers, choose an easier bucket, or leave the weakest models out.")
    }
    return try FittedLaw(LawForm([.flops], hasConstant: false), to: points, options: options)
  }
}
