import NeuralNetworks
import Tokenization
import Torch

/// What the snippets of `LanguageModels` take for granted.
struct LanguageModelsSnippets {
  let folder: URL
  let model: Decoder
  let tokenizer: Tokenizer
  let ids: [Int]
  let generator: Generator
  let scheduler: GenerationScheduler
  let request: GenerationRequest
}
