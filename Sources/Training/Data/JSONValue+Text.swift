public import Foundation

extension JSONValue {
  /// Parses strict JSON text.
  ///
  /// - Parameters:
  ///   - text: one JSON value, UTF-8.
  ///   - path: the file named in an error.
  ///   - line: the line at which the text starts, named in an error.
  /// - Throws: ``DataError`` with the line, the column in bytes and what is wrong there.
  public init(parsing text: some DataProtocol, path: String = "", line: Int = 1) throws {
    let contiguous = Data(text)
    self = try contiguous.withUnsafeBytes { try JSONValue(bytes: $0, path: path, line: line) }
  }

  /// Parses strict JSON text; see ``init(parsing:path:line:)-(DataProtocol,_,_)``.
  public init(parsing text: String, path: String = "", line: Int = 1) throws {
    var text = text
    self = try text.withUTF8 {
      try JSONValue(bytes: UnsafeRawBufferPointer($0), path: path, line: line)
    }
  }

  /// Reads and parses a whole JSON file.
  public init(contentsOf path: String) throws {
    let stream = try ByteStream(path: path)
    var data = Data()
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      while true {
        let count = try stream.read(into: buffer)
        guard count > 0 else { return }
        data.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
    try self.init(parsing: data, path: path)
  }

  init(bytes: UnsafeRawBufferPointer, path: String, line: Int) throws(DataError) {
    do {
      self = try JSONParser.parse(bytes)
    } catch {
      throw DataError(path: path, line: line, failure: error, in: bytes)
    }
  }

  /// Compact or indented JSON text with sorted keys; numbers that aren't finite become `null`.
  public func serialized(pretty: Bool = false) -> String {
    var writer = JSONWriter(pretty: pretty)
    writer.write(self)
    return writer.text
  }

  /// The value that `encodable` encodes to.
  public init(encoding encodable: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    try self.init(parsing: try encoder.encode(encodable))
  }

  /// Decodes the value as `type`.
  public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(serialized().utf8))
  }
}

extension DataError {
  /// A JSON failure inside `bytes`, which start at `line` of the file.
  init(path: String, line: Int, failure: JSONParser.Failure, in bytes: UnsafeRawBufferPointer) {
    let before = bytes[..<min(failure.offset, bytes.count)]
    let newlines = before.count { $0 == 0x0A }
    let lastBreak = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    self.init(
      .badData, path: path, line: line + newlines,
      problem: "\(failure.problem) (column \(failure.offset - lastBreak + 1))",
      advice: "Each record must be valid JSON in UTF-8.")
  }
}
