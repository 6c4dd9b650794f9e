public import Documents
import Statistics

/// ROUGE over the records of data files, with intervals.
public struct RougeSurvey: Sendable {
  /// The scores of each record, in order.
  public private(set) var scores: [Rouge.Scores] = []
  /// The records of which a text has no word that is compared, so that a score of 0 says nothing.
  public private(set) var blind = 0

  /// Scores all records of a reader; a record that lacks a text is a bad line.
  ///
  /// - Throws: `DataError` for bad lines that the reader doesn't skip, and where there is not a single record.
  public init(
    _ reader: RecordReader, rouge: Rouge = Rouge(), referenceColumn: String = "reference",
    columns: ColumnNames = ColumnNames()
  ) throws(DataError) {
    while let record = try reader.next() {
      do throws(DataError) {
        let reference = try record.text(in: referenceColumn, role: "reference")
        let text = try record.text(in: columns.completion, role: "completion")
        scores.append(rouge.score(reference: reference, text: text))
        if rouge.isBlind(to: reference) || rouge.isBlind(to: text) { blind += 1 }
      } catch { try reader.skip(error) }
    }
    guard !scores.isEmpty else { throw reader.emptiness(.noInput, "no record") }
  }

  /// Mean F1 of each measure under its usual name, with bootstrapped 95% intervals.
  public func means(seed: UInt64) -> [(name: String, value: Estimate)] {
    let bootstrap = Bootstrap(seed: seed)
    return [
      ("rouge1", bootstrap.mean(scores.map(\.rouge1.f1))), ("rouge2", bootstrap.mean(scores.map(\.rouge2.f1))),
      ("rougeL", bootstrap.mean(scores.map(\.rougeL.f1))),
    ]
  }
}

extension RecordReader {
  /// The error of files in which there was nothing to look at.
  func emptiness(_ kind: DataError.Kind, _ problem: String) -> DataError {
    DataError(
      kind, path: files.joined(separator: ", "), problem: problem,
      advice: "Look at the files with 'apprentice data inspect'.")
  }
}
