/// The shapes of training data, the more particular first.
public enum DataShape: String, CaseIterable, Sendable {
  /// Two completions of a prompt, one preferred.
  case preference
  /// Several completions with ranks.
  case ranking
  /// A conversation.
  case messages
  /// A prompt and what follows.
  case completion
  /// A document.
  case text
  /// A prompt alone.
  case prompt

  /// The fields that every record of the shape has.
  public func fields(_ names: ColumnNames) -> [String] {
    switch self {
    case .preference: [names.prompt, names.chosen, names.rejected]
    case .ranking: [names.prompt, names.completions, names.ranking]
    case .messages: [names.messages]
    case .completion: [names.prompt, names.completion]
    case .text: [names.text]
    case .prompt: [names.prompt]
    }
  }

  /// Its name and the training that takes it.
  public var summary: String {
    switch self {
    case .preference: "preference: for a reward model, or for DPO"
    case .ranking: "ranking: for a reward model"
    case .messages: "messages: conversations, for supervised fine-tuning"
    case .completion: "completion: prompts and completions, for supervised fine-tuning"
    case .text: "text: documents, for pretraining"
    case .prompt: "prompt: prompts alone, for PPO, GRPO or sampling"
    }
  }
}
