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
    /// Where its values are lists of messages, the number of messages in each.
    public var turns: [Int] = []
    /// The lengths of the messages' texts in characters by who says them.
    public var said: [String: [Int]] = [:]

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
  /// The number of records of each shape.
  public private(set) var shapes: [DataShape: Int] = [:]
  private let examplesToKeep: Int
  private let fields: ColumnNames

  /// A survey that keeps some of the first records to show, of fields by the names given.
  public init(examplesToKeep: Int, columns: ColumnNames = ColumnNames()) {
    self.examplesToKeep = examplesToKeep
    fields = columns
  }

  /// Takes a record in.
  public mutating func add(_ record: Record) {
    recordCount += 1
    if let shape = DataShape(of: record, columns: fields) { shapes[shape, default: 0] += 1 }
    if examples.count < examplesToKeep { examples.append(record) }
    for (name, value) in record.fields.members {
      if columns[name] == nil { names.append(name) }
      columns[name, default: Column()].count += 1
      columns[name]?.kinds[value.kind, default: 0] += 1
      if let text = value.string { columns[name]?.lengths.append(Self.characterCount(of: text)) }
      if let messages = Self.messages(value) {
        columns[name]?.turns.append(messages.count)
        for message in messages {
          columns[name]?.said[message.role, default: []].append(Self.characterCount(of: message.text))
        }
      }
    }
  }

  /// The speakers and texts of a list of messages, OpenAI's or ShareGPT's; nil for anything else.
  private static func messages(_ value: JSONValue) -> [(role: String, text: String)]? {
    guard let list = value.array, !list.isEmpty else { return nil }
    var messages: [(role: String, text: String)] = []
    for item in list {
      guard let fields = item.object, let role = (fields["role"] ?? fields["from"])?.string else { return nil }
      messages.append((role, (fields["content"] ?? fields["value"])?.string ?? ""))
    }
    return messages
  }

  /// The number of Unicode scalars of a text: the bytes of its UTF-8 that don't continue one.
  private static func characterCount(of text: String) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      bytes.reduce(0) { $0 &+ ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
  }

  /// The shape that all records have; nil where they differ or tell none.
  public var shape: DataShape? { shapes.first { $0.value == recordCount }?.key }

  /// The shape in words, or the shapes where there are several.
  public var shapeSummary: String {
    if let shape { return shape.summary }
    let counts = DataShape.allCases.compactMap { shape in shapes[shape].map { "\($0) \(shape.rawValue)" } }
    let rest = recordCount - shapes.values.reduce(0, +)
    guard !counts.isEmpty else { return "unknown; name the fields with --prompt-column and its like" }
    return "several: " + (counts + (rest > 0 ? ["\(rest) unknown"] : [])).joined(separator: ", ")
  }

  /// The survey as one JSON object.
  public func document(of reader: RecordReader) -> JSONValue {
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
    if let turns = Lengths(column.turns) {
      entry["turns"] = turns.document
      entry["characters_by_role"] = .object(
        JSONObject(
          column.said.keys.sorted().compactMap { role in
            Lengths(column.said[role] ?? []).map { (key: role, value: $0.document) }
          }))
    }
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
