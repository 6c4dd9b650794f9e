import Tokenization
import Training

/// What `data inspect` finds out about records: their fields, kinds, lengths, and shape.
struct DataSurvey {
  /// One field over all records.
  struct Column {
    var kinds: [String: Int] = [:]
    var count = 0
    /// The lengths of its strings in characters.
    var lengths: [Int] = []
  }

  private(set) var recordCount = 0
  /// The fields' names in the order of their first appearance.
  private(set) var names: [String] = []
  private(set) var columns: [String: Column] = [:]
  private(set) var examples: [Record] = []
  private let examplesToKeep: Int

  init(examplesToKeep: Int) { self.examplesToKeep = examplesToKeep }

  mutating func add(_ record: Record) {
    recordCount += 1
    if examples.count < examplesToKeep { examples.append(record) }
    for (name, value) in record.fields.members {
      if columns[name] == nil { names.append(name) }
      columns[name, default: Column()].count += 1
      columns[name]?.kinds[value.kind, default: 0] += 1
      if let text = value.string { columns[name]?.lengths.append(Self.characterCount(of: text)) }
    }
  }

  /// How many Unicode scalars a text has: the bytes of its UTF-8 that don't continue one.
  private static func characterCount(of text: String) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      bytes.reduce(0) { $0 &+ ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
  }

  /// The first shape whose fields all records have, by the names given.
  func shape(columns names: ColumnNames) -> DataShape? {
    DataShape.allCases.first { shape in
      recordCount > 0
        && shape.fields(names).allSatisfy { columns[$0]?.count == recordCount }
    }
  }

  func document(of reader: RecordReader, shape: DataShape?) -> JSONValue {
    [
      "files": .array(reader.files.map { .string($0) }),
      "records": .int(recordCount),
      "bad_lines": .int(reader.badLineCount),
      "errors": .array(reader.badLines.map { .string($0.description) }),
      "shape": shape.map { .string($0.rawValue) } ?? .null,
      "columns": .object(
        JSONObject(names.map { (key: $0, value: document(of: columns[$0] ?? Column())) })),
      "examples": .array(examples.map { .object($0.fields) }),
    ]
  }

  private func document(of column: Column) -> JSONValue {
    var entry: JSONObject = [
      "records": .int(column.count),
      "kinds": .array(column.kinds.keys.sorted().map { .string($0) }),
    ]
    if let lengths = Lengths(column.lengths) { entry["characters"] = lengths.document }
    return .object(entry)
  }

  func text(of reader: RecordReader, shape: DataShape?) -> String {
    var lines = [
      "files    \(reader.files.count == 1 ? reader.files[0] : "\(reader.files.count)")",
      "records  \(recordCount)",
      "shape    \(shape?.summary ?? "unknown; name the fields with --prompt-column and its like")",
    ]
    if reader.badLineCount > 0 {
      lines.append("bad      \(reader.badLineCount) lines")
      lines += reader.badLines.map { "  \($0)" }
    }
    var table = Table([
      ("field", .left), ("records", .right), ("kind", .left), ("min", .right),
      ("median", .right), ("mean", .right), ("max", .right),
    ])
    for name in names {
      let column = columns[name] ?? Column()
      let kinds = column.kinds.keys.sorted().joined(separator: " or ")
      let lengths = Lengths(column.lengths)?.cells ?? ["", "", "", ""]
      table.add([name, "\(column.count)", kinds] + lengths)
    }
    lines += ["", table.text, "(lengths in characters)"]
    for record in examples {
      lines += ["", "\(record.origin)"]
      for (name, value) in record.fields.members {
        lines.append("  \(name): \(Self.excerpt(value))")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func excerpt(_ value: JSONValue) -> String {
    let text = value.serialized()
    return text.count > 200 ? text.prefix(200) + "…" : text
  }
}

/// The spread of some lengths.
private struct Lengths {
  var minimum: Int
  var median: Int
  var mean: Double
  var maximum: Int

  init?(_ lengths: [Int]) {
    let sorted = lengths.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    minimum = first
    median = sorted[sorted.count / 2]
    mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    maximum = last
  }

  var cells: [String] { ["\(minimum)", "\(median)", "\(Int(mean.rounded()))", "\(maximum)"] }

  var document: JSONValue {
    [
      "min": .int(minimum), "median": .int(median), "mean": .double(mean),
      "max": .int(maximum),
    ]
  }
}
