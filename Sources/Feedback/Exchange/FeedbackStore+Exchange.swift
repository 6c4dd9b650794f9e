public import Documents

extension FeedbackStore {
  /// The outcome of an import.
  public struct Import: Sendable, Equatable {
    /// The records that were read.
    public var records = 0
    /// The items that are new in the store.
    public var added = 0
    /// The items that were there already.
    public var alreadyPresent = 0
    /// The bad lines that were left out.
    public var badLines = 0
    /// The first of them, at most 20.
    public var firstBadLines: [DataError] = []
  }

  /// Adds the feedback in data files: all of it, or, where a line is bad, none.
  ///
  /// Importing a file again adds nothing.
  @discardableResult
  public func importFiles(
    _ paths: [String], options: FeedbackReader.Options = FeedbackReader.Options()
  ) throws -> Import {
    let reader = try FeedbackReader(paths: paths, options: options)
    var pending: [FeedbackItem].SubSequence = []
    let addition = try add {
      while pending.isEmpty {
        guard let items = try reader.next() else { return nil }
        pending = items[...]
      }
      return pending.removeFirst()
    }
    return Import(
      records: reader.records.recordCount, added: addition.added,
      alreadyPresent: addition.alreadyPresent, badLines: reader.records.badLineCount,
      firstBadLines: reader.records.badLines)
  }

  /// Writes the items that a query asks for as JSON Lines; see ``FeedbackWriter``.
  @discardableResult
  public func export(
    _ query: FeedbackQuery = FeedbackQuery(), to path: String, as shape: FeedbackWriter.Shape,
    ties: FeedbackWriter.Ties = .drop
  ) throws -> FeedbackWriter.Report {
    try FeedbackWriter(shape: shape, ties: ties).write(to: path) { take in
      try forEach(query, take)
    }
  }
}
