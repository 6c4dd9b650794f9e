/// Rewards that can be checked: 1 where a completion holds its task's answer, else 0.
public struct AnswerVerifier: Judge {
  /// Its name in records.
  public let name: String
  private let answers: [ReferenceAnswer]
  private let finder: any AnswerFinder

  /// A verifier of answers by task.
  ///
  /// - Parameter finder: finds the answer in a completion, and in the reference where that is a worked solution.
  public init(answers: [ReferenceAnswer], finder: any AnswerFinder, name: String = "answer verifier") {
    self.answers = answers.map { $0.found(by: finder) }
    self.finder = finder
    self.name = name
  }

  /// 1 for right answers, 0 for wrong ones and for none.
  public func scores(of candidates: [Candidate]) -> [Double] {
    candidates.map { candidate in
      guard let found = finder.answer(in: candidate.text) else { return 0 }
      return answers[candidate.task].matches(found) ? 1 : 0
    }
  }
}
