/// Streams the records of data files, one after another, in bounded memory.
///
/// ```swift
/// let reader = try RecordReader(paths: ["posts.jsonl", "more.csv.gz", "folder/"])
/// while let record = try reader.next() {
///   print(record.origin, record["text"]?.string ?? "")
/// }
/// ```
///
/// A missing file is found when the reader is made, before anything is read. Content that can't be
/// understood throws a ``DataError`` that names file and line; with
/// ``Options/skipBadLines`` it is counted and kept in ``badLines`` instead.
public final class RecordReader {
  /// Options for reading files.
  public struct Options: Sendable, Equatable {
    /// The format of all files; nil tells it from each file's name.
    public var format: DataFormat?
    /// The cut of plain text into documents.
    public var textDivision: TextDivision
    /// Whether bad lines are counted and left out instead of ending the reading.
    public var skipBadLines: Bool
    /// The names of the columns of tables that have no header; nil where the first row names them.
    public var columns: [String]?

    /// Names how files are read.
    public init(
      format: DataFormat? = nil, textDivision: TextDivision = .endOfText,
      skipBadLines: Bool = false, columns: [String]? = nil
    ) {
      self.columns = columns
      self.format = format
      self.textDivision = textDivision
      self.skipBadLines = skipBadLines
    }
  }

  /// The files that are read, in order.
  public let files: [String]
  /// The options for reading them.
  public let options: Options
  /// The number of records that were returned so far.
  public private(set) var recordCount = 0
  /// The number of bad lines that were left out so far.
  public private(set) var badLineCount = 0
  /// The first bad lines that were left out, at most 20.
  public private(set) var badLines: [DataError] = []

  private var nextFile = 0
  private var source: (any RecordSource)?

  /// Prepares to read files and the files in folders.
  ///
  /// - Throws: ``DataError`` where a path doesn't exist, a folder holds no data file, or a file's
  ///   format can't be told.
  public init(paths: [String], options: Options = Options()) throws(DataError) {
    files = try DataFiles.find(paths)
    self.options = options
    for file in files where options.format == nil && DataFormat(path: file) == nil {
      throw DataError(
        .badData, path: file, problem: "the name doesn't tell the format",
        advice: "Rename it to end in \(DataFiles.endings), or give it with --format.")
    }
  }

  /// The next record, or nil at the end of the last file.
  public func next() throws(DataError) -> Record? {
    while true {
      if source == nil {
        guard nextFile < files.count else { return nil }
        source = try open(files[nextFile])
        nextFile += 1
      }
      do {
        if let record = try source?.next() {
          recordCount += 1
          return record
        }
        source = nil
      } catch {
        try skip(error)
      }
    }
  }

  /// Leaves out a record that the caller can't use, as ``next()`` does with a bad line: counts it
  /// where bad lines are skipped, else throws.
  public func skip(_ error: DataError) throws(DataError) {
    guard options.skipBadLines, error.kind == .badData, error.line != nil else { throw error }
    badLineCount += 1
    if badLines.count < 20 { badLines.append(error) }
  }

  /// All remaining records at once.
  public func readAll() throws(DataError) -> [Record] {
    var records: [Record] = []
    while let record = try next() { records.append(record) }
    return records
  }

  private func open(_ path: String) throws(DataError) -> any RecordSource {
    switch options.format ?? DataFormat(path: path) ?? .text {
    case .jsonLines: try JSONLinesSource(path: path)
    case .json: try JSONFileSource(path: path)
    case .csv: try CSVSource(path: path, columns: options.columns)
    case .tsv: try CSVSource(path: path, separator: UInt8(ascii: "\t"), columns: options.columns)
    case .text: try TextSource(path: path, division: options.textDivision)
    }
  }
}
