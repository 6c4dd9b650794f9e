import LanguageModels
import Tokenization

/// What the snippets of `Serving` take for granted.
struct ServingSnippets {
  let folder: URL
}
