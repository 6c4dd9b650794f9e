public import Documents
public import Foundation

/// Streams feedback out of data files in any known shape.
///
/// ```swift
/// let reader = try FeedbackReader(paths: ["batch3.json"], options: .init(labeller: "openai"))
/// while let items = try reader.next() { try store.add(items) }
/// ```
///
/// Items of formats without identifiers get one from their content: reading a file again gives the
/// same ones. A record that can't be used throws a `DataError` with its file and line, or is
/// counted and left out where bad lines are skipped.
public final class FeedbackReader {
  /// Options for reading files.
  public struct Options: Sendable {
    /// The shape of all records; nil tells it from each record's fields.
    public var format: FeedbackFormat?
    /// The labeller of feedback that names nobody.
    public var labeller: String
    /// The date of feedback that has none.
    public var date: Date?
    /// The batch of feedback that names none.
    public var batch: String?
    /// The names of the columns.
    public var columns: ColumnNames
    /// Options for the files' records.
    public var records: RecordReader.Options

    /// Names how files are read.
    public init(
      format: FeedbackFormat? = nil, labeller: String = "unknown", date: Date? = nil,
      batch: String? = nil, columns: ColumnNames = ColumnNames(),
      records: RecordReader.Options = RecordReader.Options()
    ) {
      self.format = format
      self.labeller = labeller
      self.date = date
      self.batch = batch
      self.columns = columns
      self.records = records
    }
  }

  /// The options for reading files.
  public let options: Options
  /// The reader underneath, with its counts and its list of bad lines.
  public let records: RecordReader
  private let parser: FeedbackParser
  private var identifiers = ContentIdentifier()

  /// Prepares to read files and the files in folders; a missing one is found now.
  public init(paths: [String], options: Options = Options()) throws(DataError) {
    self.options = options
    parser = FeedbackParser(options)
    records = try RecordReader(paths: paths, options: options.records)
  }

  /// The items of the next record, or nil at the end; one record may hold several ratings.
  public func next() throws(DataError) -> [FeedbackItem]? {
    while let record = try records.next() {
      do {
        let shape = DataShape(of: record, columns: options.columns)
        let items = try parser.items(of: record, shape: shape)
        guard try parser.format(of: record, shape) != .native else { return items }
        do {
          return try items.map { try identifiers.identify($0) }
        } catch {
          throw record.error("the record can't be written as JSON: \(error)")
        }
      } catch let error as DataError {
        try records.skip(error)
      } catch {
        throw record.error("\(error)")
      }
    }
    return nil
  }

  /// All remaining items.
  public func readAll() throws(DataError) -> [FeedbackItem] {
    var all: [FeedbackItem] = []
    while let items = try next() { all += items }
    return all
  }
}
