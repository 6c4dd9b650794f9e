import Alignment
import LanguageModels
import Reasoning
import Tokenization

/// What the snippets of `Reasoning` take for granted.
struct ReasoningSnippets {
  let decoder: LanguageModels.Decoder
  let tokenizer: Tokenizer
  let settings: SolutionSampler.Settings
  let problems: [WordProblem]
  let vectors: [[Float]]
  let others: [[Float]]
  let labels: [Double]
  let groups: [Int]
}
