/// A solution that a model wrote to a problem, and whether it came to the right answer.
public struct Solution: Sendable, Codable, Equatable {
  /// The problem's identifier.
  public var problem: String
  /// Its number among the problem's samples, from 0.
  public var sample: Int
  /// The text.
  public var completion: String
  /// The tokens as they were drawn, the ending one included.
  public var ids: [Int]
  /// The mean of ln p of its tokens when they were drawn.
  public var meanLogProbability: Double
  /// Whether it ended by itself.
  public var isFinished: Bool
  /// The final answer that was found; nil where there is none.
  public var answer: String?
  /// Whether that is the problem's.
  public var isCorrect: Bool

  enum CodingKeys: String, CodingKey {
    case problem, sample, completion, ids, answer
    case meanLogProbability = "mean_logprob"
    case isFinished = "finished"
    case isCorrect = "correct"
  }

  /// A solution.
  public init(
    problem: String, sample: Int, completion: String, ids: [Int], meanLogProbability: Double, isFinished: Bool,
    answer: String?, isCorrect: Bool
  ) {
    self.problem = problem
    self.sample = sample
    self.completion = completion
    self.ids = ids
    self.meanLogProbability = meanLogProbability
    self.isFinished = isFinished
    self.answer = answer
    self.isCorrect = isCorrect
  }
}
