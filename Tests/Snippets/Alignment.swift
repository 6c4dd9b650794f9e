import Feedback
import LanguageModels
import Tokenization
import Training

/// What the snippets of `Alignment` take for granted.
struct AlignmentSnippets {
  let messages: [Prompt.Message]
  let folder: URL
  let pairs: [DPOLearner.Pair]
  let settings: TrainingSettings
  let reward: ScalarModel
  let tokenizer: Tokenizer
  let engine, other: GenerationEngine
  let prompts: [[Int]]
  let parameters: SamplingParameters
  let pools: [[Candidate]]
  let form: Constraint
  let generator: Decoder
  let judged: [JudgedCompletion]
  let examples: [TargetedTokens]
  let options: VerifierSettings
}
