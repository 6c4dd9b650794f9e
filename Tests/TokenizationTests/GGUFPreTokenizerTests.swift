import Documents
import Foundation
import Testing
import Tokenization

/// Every way of cutting that a GGUF file can name, against llama.cpp (Fixtures/gguf_pretokenizers.py).
@Suite struct GGUFPreTokenizerTests {
  private struct Expected: Decodable {
    struct Kind: Decodable { var names: [String], ids: [[Int]] }
    var tokens: [String], merges: [String], texts: [String], kinds: [Kind]
  }

  /// Where llama.cpp has an approximation of what the models' own files say, which it is known for: it writes "a capital" as "a
  /// letter that isn't a to z", and takes no account of case and of word boundaries in the patterns of the last three.
  private func isApproximated(_ name: String, _ text: String) -> Bool {
    switch name {
    case "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2", "granite-embed-multi-97m", "tekken":
      text.unicodeScalars.contains { !$0.isASCII && ($0.properties.isAlphabetic || $0.properties.isDiacritic) }
    case "youtu", "tiny_aya", "cohere2moe": text.contains("iOS16beta") || text.contains("a1b22c333")
    default: false
    }
  }

  @Test func equalsLlama() throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Golden.folder("gguf_pretokenizers.json")))
    #expect(expected.kinds.count >= 19)
    for kind in expected.kinds {
      for name in kind.names {
        let tokenizer = try Tokenizer(
          ggufMetadata: JSONObject([
            (key: "tokenizer.ggml.model", value: "gpt2"), (key: "tokenizer.ggml.pre", value: .string(name)),
            (key: "tokenizer.ggml.tokens", value: .array(expected.tokens.map { .string($0) })),
            (
              key: "tokenizer.ggml.token_type",
              value: .array(expected.tokens.indices.map { .int($0 == 0 ? 3 : 1) })
            ),
            (key: "tokenizer.ggml.merges", value: .array(expected.merges.map { .string($0) })),
            (key: "tokenizer.ggml.bos_token_id", value: 0), (key: "tokenizer.ggml.eos_token_id", value: 0),
          ]))
        for (text, ids) in zip(expected.texts, kind.ids) {
          let isApproximated = isApproximated(name, text)
          #expect(isApproximated || tokenizer.encode(text) == ids, "\(name): \(text.debugDescription)")
          #expect(tokenizer.decode(tokenizer.encode(text), skipSpecialTokens: true) == text, "\(name)")
        }
      }
    }
  }
}
