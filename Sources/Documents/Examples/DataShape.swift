/// The shapes of records, told by their fields, the more particular first.
///
/// A field that holds `null` is none. What `data inspect` says of a file, what `data import` takes it for and what training reads
/// it as is this one decision.
public enum DataShape: String, CaseIterable, Sendable {
  /// An item of a feedback store, as `data export --shape native` writes it.
  case feedback
  /// OpenAI's summarization comparisons and ratings.
  case summarizeFromFeedback = "summarize-from-feedback"
  /// OpenAI's WebGPT comparisons.
  case webGPT = "webgpt"
  /// Anthropic's helpful-harmless dialogues: whole texts that differ at their end.
  case dialogues = "hh-rlhf"
  /// Label Studio's export: a task's data with its annotations.
  case labelStudio = "label-studio"
  /// Argilla's export: a record's fields with people's responses.
  case argilla
  /// Alpaca's: an instruction, what it is about, and what follows.
  case instruction = "alpaca"
  /// UltraFeedback as published: several models' answers to an instruction, with a score each.
  case ultraFeedback = "ultrafeedback"
  /// Two completions, one preferred; the prompt may be their common beginning.
  case preference
  /// Several completions with ranks.
  case ranking
  /// A conversation.
  case messages
  /// A prompt and a completion, with a word on whether it is wanted.
  case label
  /// A prompt and what follows.
  case completion
  /// A document.
  case text
  /// A prompt alone.
  case prompt

  /// The mark before each of the assistant's turns in the helpful-harmless dialogues.
  public static let assistantMark = "\n\nAssistant:"

  /// The shape of a record; nil where its fields tell none.
  public init?(of record: Record, columns names: ColumnNames = ColumnNames()) {
    func has(_ fields: String...) -> Bool { fields.allSatisfy { record.holds($0) } }
    if has("kind", "id", "provenance") {
      self = .feedback
    } else if has("info", "summaries", "choice") || has("info", "summary") {
      self = .summarizeFromFeedback
    } else if has("question", "answer_0", "answer_1") {
      self = .webGPT
    } else if record["data"]?.object != nil, has("annotations") || has("completions") {
      self = .labelStudio
    } else if record["fields"]?.object != nil, has("responses") {
      self = .argilla
    } else if has("instruction"), record["completions"]?[0]?["response"] != nil {
      self = .ultraFeedback
    } else if has("instruction", "output"), !has(names.prompt), !has(names.completion) {
      self = .instruction
    } else if has(names.chosen, names.rejected) {
      let isWhole = !has(names.prompt) && record[names.chosen]?.string?.contains(Self.assistantMark) ?? false
      self = isWhole ? .dialogues : .preference
    } else if has(names.completions, names.ranking) {
      self = .ranking
    } else if has(names.messages) || has("conversations") {
      self = .messages
    } else if has(names.prompt, names.completion) {
      self = has("label") ? .label : .completion
    } else if has(names.text) {
      self = .text
    } else if has(names.prompt) {
      self = .prompt
    } else {
      return nil
    }
  }

  /// Its name and the training that takes it.
  public var summary: String {
    switch self {
    case .feedback: "feedback: items of a store, for 'data import', and for training by their kind"
    case .summarizeFromFeedback: "summarize-from-feedback: comparisons for a reward model or DPO, or ratings"
    case .webGPT: "webgpt: comparisons of answers, for a reward model, or for DPO"
    case .labelStudio: "label-studio: what people said of a task, for training by its kind"
    case .argilla: "argilla: what people said of a record, for training by its kind"
    case .instruction: "alpaca: instructions with inputs and outputs, for supervised fine-tuning"
    case .ultraFeedback: "ultrafeedback: scored answers, for a reward model, or for DPO"
    case .dialogues: "hh-rlhf: dialogues that differ at their end, for a reward model, or for DPO"
    case .preference: "preference: for a reward model, or for DPO"
    case .ranking: "ranking: for a reward model, or for DPO"
    case .messages: "messages: conversations, for supervised fine-tuning"
    case .label: "label: completions that are wanted or not; supervised fine-tuning takes the wanted ones"
    case .completion: "completion: prompts and completions, for supervised fine-tuning"
    case .text: "text: documents, for pretraining"
    case .prompt: "prompt: prompts alone, for PPO, GRPO or sampling"
    }
  }
}
