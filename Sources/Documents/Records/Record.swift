/// One row of a data file: its fields, and where it came from.
public struct Record: Sendable, Equatable {
  /// The place of a record in its file.
  public struct Origin: Sendable, Equatable, Hashable, CustomStringConvertible {
    /// The file, as it was named or found.
    public var path: String
    /// The line where the record starts, counted from 1.
    public var line: Int

    /// Names a place.
    public init(path: String, line: Int) {
      self.path = path
      self.line = line
    }

    /// `file:line`.
    public var description: String { "\(path):\(line)" }
  }

  /// The fields in the order of the file; a document of plain text and a JSON string alone have the
  /// one field `text`.
  public var fields: JSONObject
  /// The place at which the record starts.
  public var origin: Origin

  /// Makes a record.
  public init(fields: JSONObject, origin: Origin) {
    self.fields = fields
    self.origin = origin
  }

  /// The value of a field, or nil where the record has none of that name.
  public subscript(name: String) -> JSONValue? { fields[name] }

  /// Whether the record has all these fields, and something in them: `null` is how tables of several shapes say that a field
  /// isn't there.
  public func holds(_ names: String...) -> Bool { names.allSatisfy { fields[$0].map { !$0.isNull } ?? false } }

  /// An error that names this record's file and line.
  public func error(_ problem: String, advice: String? = nil) -> DataError {
    DataError(.badData, path: origin.path, line: origin.line, problem: problem, advice: advice)
  }
}
