public import Foundation

extension JSONValue {
  /// Reads one JSON document of a file.
  ///
  /// - Parameters:
  ///   - data: strict JSON, UTF-8.
  ///   - path: the file named in an error.
  /// - Throws: ``DataError`` with the line, the column in bytes and what is wrong there.
  public init(parsing data: Data, path: String) throws(DataError) {
    try self.init(parsing: data, path: path, line: 1)
  }

  /// Reads bytes that begin at a line of a file.
  init(parsing data: some ContiguousBytes, path: String, line: Int) throws(DataError) {
    let result: Result<JSONValue, DataError> = data.withUnsafeBytes { bytes in
      do throws(DataError) {
        return .success(try JSONValue(bytes: bytes, path: path, line: line))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  /// Reads a whole JSON file, gzipped or not.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(parsing: FileContents.data(of: path), path: path)
  }

  init(bytes: UnsafeRawBufferPointer, path: String, line: Int) throws(DataError) {
    do {
      self = try JSONParser.parse(bytes)
    } catch {
      throw DataError(path: path, line: line, failure: error, in: bytes)
    }
  }

  /// The value that `encodable` encodes to, its keys sorted.
  public init(encoding encodable: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    try self.init(parsing: [UInt8](encoder.encode(encodable)))
  }

  /// Decodes the value as `type`.
  public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(serialized().utf8))
  }
}

extension DataError {
  /// A JSON failure inside `bytes`, which start at `line` of the file.
  init(path: String, line: Int, failure: JSONParser.Failure, in bytes: UnsafeRawBufferPointer) {
    let place = failure.position(in: bytes)
    self.init(
      .badData, path: path, line: line + place.line - 1,
      problem: "\(failure.problem) (column \(place.column))",
      advice: "Each record must be valid JSON in UTF-8.")
  }
}
