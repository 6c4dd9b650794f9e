import Documents
import LanguageModels
import Tokenization

/// What the snippets of `Training` take for granted.
struct TrainingSnippets {
  let settings: TrainingSettings
  let learner: any Learner
  let model: Decoder
  let tokenizer: Tokenizer
  let totalSteps: Int
}
