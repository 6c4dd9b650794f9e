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

  /// The format that a record's fields tell; nil where they tell none.
  public init?(of record: Record) {
    func has(_ names: String...) -> Bool { names.allSatisfy { record[$0] != nil } }
    if has("kind", "id", "provenance") {
      self = .native
    } else if has("info", "summaries", "choice") || has("info", "summary") {
      self = .summarizeFromFeedback
    } else if has("question", "answer_0", "answer_1") {
      self = .webGPT
    } else if has("chosen", "rejected"), record["prompt"] == nil,
      record["chosen"]?.string?.contains(FeedbackReader.assistantMark) ?? false
    {
      self = .hhRLHF
    } else if has("messages") || has("chosen", "rejected") || has("prompt", "completion")
      || has("prompt", "completions", "ranking")
    {
      self = .trl
    } else {
      return nil
    }
  }
}
