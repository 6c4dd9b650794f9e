import Documents
public import Tokenization

/// The form in which a model is given a problem.
public struct SolutionPrompt: Sendable, Equatable {
  /// The kinds of form.
  public enum Style: String, Sendable, Codable, CaseIterable {
    /// The question and a line break, as models are tuned on GSM8K.
    case plain
    /// Solved problems, `Question: … Answer: …`, and then this one's.
    case fewShot = "few-shot"
    /// A request in the model's chat template, after solved problems as earlier turns where there are some.
    case chat
  }

  /// The style.
  public var style: Style
  /// The solved problems in front.
  public var examples: [WordProblem]
  /// The request behind a chat's question.
  ///
  /// Small chat models take `####` for a heading; a box is what they were taught to end with.
  public static let request = #"Please reason step by step, and put your final answer within \boxed{}."#

  /// A form.
  public init(_ style: Style, examples: [WordProblem] = []) {
    self.style = style
    self.examples = examples
  }

  /// The texts that end a solution in this form.
  public var stops: [String] { style == .fewShot ? ["\n\nQuestion:", "\nQuestion:"] : [] }

  /// The tokens of a question in this form.
  ///
  /// - Throws: the chat template's own error.
  public func tokens(of problem: WordProblem, _ tokenizer: Tokenizer) throws -> [Int] {
    switch style {
    case .plain: return tokenizer.encode(problem.question + "\n")
    case .fewShot:
      let shown = examples.map { "Question: \($0.question)\nAnswer: \($0.solution)\n\n" }
      return tokenizer.encode(shown.joined() + "Question: \(problem.question)\nAnswer:")
    case .chat:
      let turns = examples.flatMap { example in
        [Self.turn("user", asked(example)), Self.turn("assistant", answered(example))]
      }
      return try tokenizer.chatPrompt(messages: turns + [Self.turn("user", asked(problem))])
    }
  }

  private func asked(_ problem: WordProblem) -> String { "\(problem.question)\n\n\(Self.request)" }

  /// A worked solution as the request asks for it.
  private func answered(_ example: WordProblem) -> String {
    guard example.format != .boxed else { return example.solution }
    let lines = example.solution.split(separator: "\n").filter { !$0.hasPrefix("####") }
    return Calculator.withoutAnnotations(lines.joined(separator: "\n")) + "\nThe answer is \\boxed{\(example.answer)}."
  }

  private static func turn(_ role: String, _ content: String) -> JSONValue {
    ["role": .string(role), "content": .string(content)]
  }
}
