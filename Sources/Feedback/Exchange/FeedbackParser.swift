public import Documents

/// Takes feedback out of records of any known shape: for a store and for training alike, so that a field means one thing.
///
/// ```swift
/// let parser = FeedbackParser()
/// let reader = try RecordReader(paths: ["feedback.jsonl"])
/// while let record = try reader.next() { _ = try store.add(parser.items(of: record)) }
/// ```
public struct FeedbackParser: Sendable {
  /// The options for reading records.
  public let options: FeedbackReader.Options

  /// A parser with these options.
  public init(_ options: FeedbackReader.Options = FeedbackReader.Options()) { self.options = options }

  /// The format of a record of that shape: the one that was asked for, else the one that its fields tell.
  func format(of record: Record, _ shape: DataShape?) throws(DataError) -> FeedbackFormat {
    if let format = options.format ?? FeedbackFormat(shape) { return format }
    let names = record.fields.members.map { "'\($0.key)'" }.joined(separator: ", ")
    throw record.error(
      "no kind of feedback has the fields \(names.isEmpty ? "(none)" : names)",
      advice: "Give {\"prompt\", \"chosen\", \"rejected\"}, {\"prompt\", \"completion\"}, "
        + "{\"messages\"} or {\"prompt\", \"completions\", \"ranking\"}.")
  }

  /// The items of a record, under fresh identifiers where it has none; one record may hold several ratings.
  ///
  /// - Throws: `DataError` with the record's file and line.
  public func items(of record: Record) throws(DataError) -> [FeedbackItem] {
    try items(of: record, shape: DataShape(of: record, columns: options.columns))
  }

  /// The same of a record whose shape is known: finding it out looks at every field.
  package func items(of record: Record, shape: DataShape?) throws(DataError) -> [FeedbackItem] {
    switch try format(of: record, shape) {
    case .native: [try nativeItem(record)]
    case .trl: [try trlItem(record, shape)]
    case .summarizeFromFeedback:
      record["summaries"] != nil
        ? [try summaryComparison(record)] : try summaryRatings(record)
    case .webGPT: [try answerComparison(record)]
    case .hhRLHF: [try dialogueComparison(record)]
    case .alpaca: [try instructionItem(record)]
    case .ultraFeedback: [try scoredAnswers(record)]
    case .labelStudio: try labelStudioItems(record)
    case .argilla: try argillaItems(record)
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
