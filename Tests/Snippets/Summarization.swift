import Evaluation
import Pages
import Summarization
import Tokenization

/// What the snippets of `Summarization` take for granted.
struct SummarizationSnippets {
  let model: any EvaluatedModel
  let tokenizer: Tokenizer
  let book: Book
  let text: String
}
