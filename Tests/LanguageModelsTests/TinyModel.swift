import Foundation
import LanguageModels
import Tokenization
import Torch

/// A random Llama with a byte-level vocabulary of 300 tokens, the same at every call.
enum TinyModel {
  static let tokenizer: Tokenizer? = try? BytePairTrainer(
    vocabularySize: 300, specialTokens: ["<|endoftext|>"]
  ).train(texts: [
    #"{"name": "value", "list": [1, 2, 3], "true": false, "null": null} the cat and the dog in the rain "#,
    "the rain in the plain and the name of the value, the date 2020-10-10",
  ])

  static func make(context: Int = 512) throws -> Decoder {
    let end = tokenizer?.tokenToID("<|endoftext|>")
    return try Decoder(
      .llama(
        vocabularySize: tokenizer?.vocabularySize ?? 300, width: 32, layers: 2, heads: 4, keyValueHeads: 2,
        feedForwardWidth: 64, contextLength: context, endOfText: end),
      generator: Generator(seed: 5))
  }
}
