public import Documents

extension BytePairTrainer {
  /// Counts the words of all records of a reader: of every text in a field that is known by name, conversations included.
  ///
  /// A record without such a text is a bad line.
  /// - Returns: the number of records, and of bytes of text in them.
  /// - Throws: `DataError` for bad lines that the reader doesn't skip.
  public mutating func count(
    _ reader: RecordReader, columns: ColumnNames = ColumnNames()
  ) throws(DataError) -> (records: Int, bytes: Int) {
    var (records, bytes) = (0, 0)
    while let record = try reader.next() {
      do throws(DataError) {
        for text in try Self.texts(of: record, columns) {
          count(text)
          bytes += text.utf8.count
        }
        records += 1
      } catch { try reader.skip(error) }
    }
    return (records, bytes)
  }

  private static func texts(of record: Record, _ names: ColumnNames) throws(DataError) -> [String] {
    var texts = [names.text, names.prompt, names.completion, names.chosen, names.rejected].compactMap {
      record[$0]?.string
    }
    if record[names.messages] != nil {
      texts += try MessagesExample(record: record, columns: names).messages.map(\.content)
    }
    // Where nothing is known by name, the error of the one field that must be there says it best.
    return texts.isEmpty ? [try record.text(in: names.text, role: "text")] : texts
  }
}
