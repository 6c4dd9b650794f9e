public import Documents

/// The shapes of record that feedback is read from.
public enum FeedbackFormat: String, Sendable, CaseIterable, Codable {
  /// Our own: every kind, nothing lost (``FeedbackItem`` as JSON).
  case native
  /// TRL's columns: `prompt` and `completion`, with `label`; `messages`; `prompt`, `chosen` and
  /// `rejected`; `prompt`, `completions` and `ranking`. Texts or conversations.
  case trl
  /// OpenAI's summarization comparisons (`info`, `summaries`, `choice`) and axis evaluations
  /// (`info`, `summary` with `axes`).
  case summarizeFromFeedback = "summarize-from-feedback"
  /// OpenAI's WebGPT comparisons (`question`, `answer_0`, `answer_1`, `score_0`, `score_1`).
  case webGPT = "webgpt"
  /// Anthropic's helpful-harmless dialogues (`chosen` and `rejected` as whole texts).
  case hhRLHF = "hh-rlhf"
  /// Stanford Alpaca's (`instruction`, `input`, `output`).
  case alpaca
  /// UltraFeedback as published (`instruction`, `completions` with `response` and `overall_score`).
  case ultraFeedback = "ultrafeedback"
  /// Label Studio's export (`data`, `annotations`): pairs, rankings, choices between answers, stars, texts.
  case labelStudio = "label-studio"
  /// Argilla's export (`fields`, `responses`), of either of its interfaces.
  case argilla

  /// The format that a record's fields tell; nil where they tell none that is feedback.
  public init?(of record: Record, columns: ColumnNames = ColumnNames()) {
    self.init(DataShape(of: record, columns: columns))
  }

  /// The format of a record whose shape is known.
  package init?(_ shape: DataShape?) {
    switch shape {
    case .feedback: self = .native
    case .summarizeFromFeedback: self = .summarizeFromFeedback
    case .webGPT: self = .webGPT
    case .dialogues: self = .hhRLHF
    case .labelStudio: self = .labelStudio
    case .instruction: self = .alpaca
    case .ultraFeedback: self = .ultraFeedback
    case .argilla: self = .argilla
    case .preference, .ranking, .messages, .label, .completion: self = .trl
    case .text, .prompt, nil: return nil
    }
  }
}
