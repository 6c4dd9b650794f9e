public import Documents
import Foundation

/// The points of a study, read from CSV, TSV or JSON Lines.
///
/// Columns: `loss`, at least one of `parameters`, `tokens` and `flops`, and where there are learning curves `run` and `step`. The
/// headers of the published Chinchilla points (`Model Size`, `Training FLOP`) and a few other usual ones are understood. Columns
/// that nobody asked for are left alone.
///
/// ```swift
/// let points = try PointFile(path: "points.csv").points
/// ```
public struct PointFile: Sendable {
  /// The file.
  public let path: String
  /// The points, in the file's order.
  public let points: [TrainingPoint]

  private static let names: [String: [String]] = [
    "run": ["run", "name", "run_id"],
    "step": ["step", "steps"],
    "parameters": ["parameters", "params", "n", "n_params", "num_params", "model size", "model_size"],
    "tokens": ["tokens", "d", "n_tokens", "num_tokens", "training tokens", "training_tokens"],
    "flops": ["flops", "flop", "c", "compute", "training flop", "training_flop", "training flops"],
    "loss": ["loss", "l", "final_loss", "final loss"],
  ]

  /// Reads a file.
  ///
  /// - Throws: ``DataError`` with file and line where a value is no number, not finite or not positive, where the three sizes of
  ///   a row contradict C = 6·N·D by more than a factor of three, or where a column is missing.
  public init(path: String) throws(DataError) {
    let reader = try RecordReader(table: path)
    var points: [TrainingPoint] = []
    while let record = try reader.next() { points.append(try Self.point(record)) }
    guard !points.isEmpty else {
      throw DataError(.badData, path: path, problem: "the file holds no points", advice: "Give one row a run.")
    }
    self.path = path
    self.points = points
  }

  /// Writes points as CSV that this type reads.
  public static func write(_ points: [TrainingPoint], to path: String) throws(DataError) {
    func word(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let rows = points.map { point in
      [
        point.run ?? "", point.step.map { "\($0)" } ?? "", word(point.parameters), word(point.tokens),
        word(point.flops),
        word(point.loss),
      ].joined(separator: ",") + "\n"
    }
    try DurableFile.write("run,step,parameters,tokens,flops,loss\n" + rows.joined(), to: path)
  }

  private static func point(_ record: Record) throws(DataError) -> TrainingPoint {
    let parameters = try positive("parameters", in: record)
    let tokens = try positive("tokens", in: record)
    let flops = try positive("flops", in: record)
    guard parameters != nil || tokens != nil || flops != nil else {
      throw record.error(
        "the row has none of the columns parameters, tokens and flops",
        advice: "Name the model's size 'parameters', the data read 'tokens' and the compute 'flops'.")
    }
    guard let loss = try positive("loss", in: record) else {
      throw record.error("the row has no 'loss'", advice: "Give the loss in nats a token; leave runs without one out.")
    }
    if let parameters, let tokens, let flops {
      let ratio = flops / (TrainingPoint.flopsPerParameterAndToken * parameters * tokens)
      guard (1.0 / 3...3).contains(ratio) else {
        throw record.error(
          "flops is \(short(ratio)) times 6·parameters·tokens",
          advice: "Check the units: FLOP, not petaflop/s-days; parameters and tokens, not millions.")
      }
    }
    return TrainingPoint(
      run: field("run", of: record).flatMap { $0.string ?? $0.serialized() }, step: try step(of: record),
      parameters: parameters, tokens: tokens, flops: flops, loss: loss)
  }

  /// The value of a column under any of its names; blank fields count as missing.
  private static func field(_ name: String, of record: Record) -> JSONValue? {
    let known = names[name] ?? []
    for member in record.fields.members
    where known.contains(member.key.trimmingCharacters(in: .whitespaces).lowercased()) {
      if member.value.isNull { continue }
      if let text = member.value.string, text.allSatisfy(\.isWhitespace) { continue }
      return member.value
    }
    return nil
  }

  private static func positive(_ name: String, in record: Record) throws(DataError) -> Double? {
    guard let value = field(name, of: record) else { return nil }
    guard let number = number(value) else {
      throw record.error("\(name) is \(StructuredFields.shown(value)), not a number")
    }
    guard number.isFinite else {
      throw record.error(
        "\(name) is \(StructuredFields.shown(value)): not finite",
        advice: name == "loss" ? "Leave runs that diverged out." : nil)
    }
    guard number > 0 else { throw record.error("\(name) is \(short(number)): it must be above 0") }
    return number
  }

  private static func step(of record: Record) throws(DataError) -> Int? {
    guard let value = field("step", of: record) else { return nil }
    guard let number = number(value), let step = Int(exactly: number), step >= 0 else {
      throw record.error("step is \(StructuredFields.shown(value)), not a whole number from 0 on")
    }
    return step
  }

  private static func number(_ value: JSONValue) -> Double? {
    value.double ?? value.string.flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }
  }
}

extension RecordReader {
  /// Reads a table; a stream, or a file whose name doesn't tell its format, is taken for CSV.
  convenience init(table path: String) throws(DataError) {
    var options = Options()
    if DataFormat(path: path) == nil { options.format = .csv }
    try self.init(paths: [path], options: options)
  }
}
