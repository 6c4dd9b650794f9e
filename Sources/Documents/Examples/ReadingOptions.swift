/// Options for reading data files: their form and the names of their fields.
public struct ReadingOptions: Sendable, Equatable {
  /// Options for reading files.
  public var reader: RecordReader.Options
  /// Which field holds what.
  public var columns: ColumnNames

  /// Files told by their names, with the usual fields.
  public init(reader: RecordReader.Options = .init(), columns: ColumnNames = ColumnNames()) {
    self.reader = reader
    self.columns = columns
  }
}

extension RecordReader {
  /// Says how many bad lines were left out and shows the first; nil where there were none.
  public var badLineReport: String? {
    guard badLineCount > 0 else { return nil }
    return (["skipped \(badLineCount) bad lines; the first are"] + badLines.prefix(5).map { "  \($0)" })
      .joined(separator: "\n")
  }
}
