/// A record in one of the shapes that a learner takes.
public protocol TrainingExample: Sendable {
  /// Takes the example out of a record.
  ///
  /// - Throws: ``DataError`` with the record's file and line where a field is missing or of the
  ///   wrong kind.
  init(record: Record, columns: ColumnNames) throws(DataError)
}

/// A document to model: `{"text"}`.
public struct TextExample: TrainingExample, Equatable {
  /// The document.
  public var text: String

  /// Makes an example.
  public init(text: String) { self.text = text }

  /// Takes the example out of a record.
  public init(record: Record, columns: ColumnNames) throws(DataError) {
    text = try record.text(in: columns.text, role: "text")
  }
}

/// Several completions of one prompt with their ranks: `{"prompt", "completions", "ranking"}`.
public struct RankingExample: TrainingExample, Equatable {
  /// The prompt.
  public var prompt: String
  /// The completions, in any order.
  public var completions: [String]
  /// For each completion its rank, 1 for the best; equal ranks are ties.
  public var ranking: [Int]

  /// Makes an example of completions and as many ranks.
  public init(prompt: String, completions: [String], ranking: [Int]) {
    precondition(completions.count == ranking.count, "one rank for each completion")
    self.prompt = prompt
    self.completions = completions
    self.ranking = ranking
  }

  /// Takes the example out of a record.
  public init(record: Record, columns: ColumnNames) throws(DataError) {
    prompt = try record.text(in: columns.prompt, role: "prompt")
    let texts = try record.value(in: columns.completions, role: nil)
    let ranks = try record.value(in: columns.ranking, role: nil)
    guard let completions = texts.array?.map(\.string), !completions.contains(nil) else {
      throw record.error("the field '\(columns.completions)' is not an array of strings")
    }
    guard let ranking = ranks.array?.map(\.int), !ranking.contains(nil) else {
      throw record.error("the field '\(columns.ranking)' is not an array of whole numbers")
    }
    guard completions.count == ranking.count else {
      throw record.error(
        "there are \(completions.count) completions and \(ranking.count) ranks",
        advice: "Give each completion its rank, 1 for the best.")
    }
    self.completions = completions.compactMap(\.self)
    self.ranking = ranking.compactMap(\.self)
  }
}
