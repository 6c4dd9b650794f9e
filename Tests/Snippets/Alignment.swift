import LanguageModels
import Tokenization
import Training

/// What the snippets of `Alignment` take for granted.
struct AlignmentSnippets {
  let folder: URL
  let pairs: [DPOLearner.Pair]
  let settings: TrainingSettings
}
