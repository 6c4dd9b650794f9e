public import Documents

/// A question and its answer: `{"prompt", "completion"}`.
public struct QuestionAnswer: TrainingExample, Codable, Equatable {
  /// The question.
  public var question: String
  /// The answer.
  public var answer: String

  enum CodingKeys: String, CodingKey {
    case question = "prompt"
    case answer = "completion"
  }

  /// A pair.
  public init(_ question: String, _ answer: String) { (self.question, self.answer) = (question, answer) }

  /// Takes the pair out of a record.
  public init(record: Record, columns: ColumnNames) throws(DataError) {
    question = try record.text(in: columns.prompt, role: "prompt")
    answer = try record.text(in: columns.completion, role: "completion")
  }
}

extension [QuestionAnswer] {
  /// Each question with the answer of the line after it, as the published code paired them; one pair fewer.
  ///
  /// Where neighbouring lines have the same answer, which is what hid it, nothing changes.
  public var shiftedByOne: [QuestionAnswer] {
    zip(self, dropFirst()).map { QuestionAnswer($0.question, $1.answer) }
  }
}
