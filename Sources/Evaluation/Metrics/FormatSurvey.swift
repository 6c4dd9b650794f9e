public import Documents
import Foundation

/// The form of the texts in data files: the share that has it, and some that don't.
public struct FormatSurvey: Sendable {
  /// A text that doesn't have the form.
  public struct Other: Sendable {
    /// The file and line.
    public var origin: String
    /// The text.
    public var text: String
  }

  /// The share of texts that have the form, with Wilson's 95% interval.
  public let share: Estimate
  /// The number of texts.
  public let count: Int
  /// The first texts that don't have it.
  public private(set) var others: [Other] = []

  /// Checks the completion of each record or, without one, its text; a record that has neither is a bad line.
  ///
  /// - Parameters:
  ///   - trims: whether white space at both ends is left out.
  ///   - shown: how many texts that don't have the form are kept.
  /// - Throws: `DataError` for bad lines that the reader doesn't skip, and where there is not a single text.
  public init(
    _ reader: RecordReader, _ check: FormatCheck, columns: ColumnNames = ColumnNames(), trims: Bool = false,
    shown: Int = 5
  ) throws(DataError) {
    var texts: [String] = []
    while let record = try reader.next() {
      do throws(DataError) {
        var text = try record.text(
          in: record[columns.completion] != nil ? columns.completion : columns.text, role: "text")
        if trims { text = text.trimmingCharacters(in: .whitespacesAndNewlines) }
        texts.append(text)
        if others.count < shown, !check.accepts(text) {
          others.append(Other(origin: record.origin.description, text: text))
        }
      } catch { try reader.skip(error) }
    }
    guard !texts.isEmpty else { throw reader.emptiness(.badData, "there is no text in it") }
    (share, count) = (check.share(of: texts), texts.count)
  }
}
