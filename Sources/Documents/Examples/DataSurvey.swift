/// A survey of records: their fields, kinds, lengths, and shape.
public struct DataSurvey: Sendable {
  /// One field over all records.
  public struct Column: Sendable {
    /// The number of its values of each kind.
    public var kinds: [String: Int] = [:]
    /// The number of records that have it.
    public var count = 0
    /// The lengths of its strings in characters.
    public var lengths: [Int] = []

    /// A field that no record has had yet.
    public init() {}
  }

  /// The number of records.
  public private(set) var recordCount = 0
  /// The fields' names in the order of their first appearance.
  public private(set) var names: [String] = []
  /// The fields by name.
  public private(set) var columns: [String: Column] = [:]
  /// The first records.
  public private(set) var examples: [Record] = []
  private let examplesToKeep: Int

  /// A survey that keeps some of the first records to show.
  public init(examplesToKeep: Int) { self.examplesToKeep = examplesToKeep }

  /// Takes a record in.
  public mutating func add(_ record: Record) {
    recordCount += 1
    if examples.count < examplesToKeep { examples.append(record) }
    for (name, value) in record.fields.members {
      if columns[name] == nil { names.append(name) }
      columns[name, default: Column()].count += 1
      columns[name]?.kinds[value.kind, default: 0] += 1
      if let text = value.string { columns[name]?.lengths.append(Self.characterCount(of: text)) }
    }
  }

  /// The number of Unicode scalars of a text: the bytes of its UTF-8 that don't continue one.
  private static func characterCount(of text: String) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      bytes.reduce(0) { $0 &+ ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
  }

  /// The first shape whose fields all records have, by the names given.
  public func shape(columns names: ColumnNames) -> DataShape? {
    DataShape.allCases.first { shape in
      recordCount > 0
        && shape.fields(names).allSatisfy { columns[$0]?.count == recordCount }
    }
  }

  /// The survey as one JSON object.
  public func document(of reader: RecordReader, shape: DataShape?) -> JSONValue {
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
}

/// The spread of some lengths.
package struct Lengths {
  var minimum: Int
  var median: Int
  var mean: Double
  var maximum: Int

  package init?(_ lengths: [Int]) {
    let sorted = lengths.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    minimum = first
    median = sorted[sorted.count / 2]
    mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    maximum = last
  }

  package var cells: [String] { ["\(minimum)", "\(median)", "\(Int(mean.rounded()))", "\(maximum)"] }

  var document: JSONValue {
    [
      "min": .int(minimum), "median": .int(median), "mean": .double(mean),
      "max": .int(maximum),
    ]
  }
}
