/// Streams the examples of one shape out of data files.
///
/// ```swift
/// let documents = try ExampleReader<TextExample>(paths: ["posts.csv"], columns: ColumnNames(text: "body"))
/// let examples = try documents.readAll()
/// ```
///
/// A record that lacks a field counts as a bad line: it throws, or is left out and counted.
public final class ExampleReader<Example: TrainingExample> {
  /// The reader underneath, with its counts and its list of bad lines.
  public let records: RecordReader
  /// Which field holds what.
  public let columns: ColumnNames
  /// The number of examples that were returned so far.
  public private(set) var exampleCount = 0

  /// Prepares to read examples; see ``RecordReader/init(paths:options:)``.
  public init(
    paths: [String], columns: ColumnNames = ColumnNames(),
    options: RecordReader.Options = RecordReader.Options()
  ) throws(DataError) {
    records = try RecordReader(paths: paths, options: options)
    self.columns = columns
  }

  /// The next example, or nil at the end of the last file.
  public func next() throws(DataError) -> Example? {
    while let record = try records.next() {
      do {
        let example = try Example(record: record, columns: columns)
        exampleCount += 1
        return example
      } catch {
        try records.skip(error)
      }
    }
    return nil
  }

  /// All remaining examples, at most `limit`.
  ///
  /// - Throws: ``DataError`` also where the files hold not a single example.
  public func readAll(limit: Int = .max) throws(DataError) -> [Example] {
    var examples: [Example] = []
    while examples.count < limit, let example = try next() { examples.append(example) }
    guard !examples.isEmpty || exampleCount > 0 || limit == 0 else {
      let bad = records.badLineCount
      throw DataError(
        .badData, path: records.files.joined(separator: ", "),
        problem: "there is not a single example in the data"
          + (bad > 0 ? " (\(bad) bad lines were skipped)" : ""),
        advice: "Check the files with 'apprentice data inspect'.")
    }
    return examples
  }
}
