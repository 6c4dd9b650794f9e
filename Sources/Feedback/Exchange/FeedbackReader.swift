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
  private var identifiers = ContentIdentifier()

  /// Prepares to read files and the files in folders; a missing one is found now.
  public init(paths: [String], options: Options = Options()) throws(DataError) {
    self.options = options
    records = try RecordReader(paths: paths, options: options.records)
  }

  /// The items of the next record, or nil at the end; one record may hold several ratings.
  public func next() throws(DataError) -> [FeedbackItem]? {
    while let record = try records.next() {
      do {
        let format = try options.format ?? detectedFormat(of: record)
        let items = try items(of: record, as: format)
        guard format != .native else { return items }
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

  private func detectedFormat(of record: Record) throws(DataError) -> FeedbackFormat {
    if let format = FeedbackFormat(of: record) { return format }
    let names = record.fields.members.map { "'\($0.key)'" }.joined(separator: ", ")
    throw record.error(
      "no kind of feedback has the fields \(names.isEmpty ? "(none)" : names)",
      advice: "Give {\"prompt\", \"chosen\", \"rejected\"}, {\"prompt\", \"completion\"}, "
        + "{\"messages\"} or {\"prompt\", \"completions\", \"ranking\"}.")
  }

  private func items(
    of record: Record, as format: FeedbackFormat
  ) throws(DataError) -> [FeedbackItem] {
    switch format {
    case .native: [try nativeItem(record)]
    case .trl: [try trlItem(record)]
    case .summarizeFromFeedback:
      record["summaries"] != nil
        ? [try summaryComparison(record)] : try summaryRatings(record)
    case .webGPT: [try answerComparison(record)]
    case .hhRLHF: [try dialogueComparison(record)]
    }
  }

  private func nativeItem(_ record: Record) throws(DataError) -> FeedbackItem {
    do {
      return try JSONValue.object(record.fields).decoded(as: FeedbackItem.self)
    } catch let error as DecodingError {
      throw record.error("the record is not a piece of feedback: \(Self.explain(error))")
    } catch {
      throw record.error("the record is not a piece of feedback: \(error)")
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "" : " in '\(path.map(\.stringValue).joined(separator: "."))'"
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "it has no '\(key.stringValue)'\(place(context.codingPath))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      return context.debugDescription + place(context.codingPath)
    @unknown default:
      return "\(error)"
    }
  }

  /// The provenance of feedback without a name or date of its own.
  func provenance(
    labeller: String? = nil, batch: String? = nil, split: String? = nil
  ) -> Provenance {
    Provenance(
      labeller: labeller ?? options.labeller, date: options.date, batch: batch ?? options.batch,
      split: split)
  }
}
