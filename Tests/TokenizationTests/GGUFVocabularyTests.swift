import Documents
import Statistics
import Testing
import Tokenization

/// Tokenizers from GGUF metadata.
@Suite struct GGUFVocabularyTests {
  /// The metadata that a converter writes for a byte-level tokenizer gives the same ids.
  @Test(arguments: [("gpt2", "gpt-2"), ("llama3", "llama-bpe"), ("smollm", "smollm")])
  func byteLevelEqualsTokenizerFile(name: String, pre: String) throws {
    let original = try Tokenizer(contentsOf: Golden.folder(name))
    let tokens = (0..<original.vocabularySize).map { original.idToToken($0) ?? "" }
    let merges = (original.document["model"]?["merges"]?.array ?? []).map { pair in
      JSONValue.string("\(pair[0]?.string ?? "") \(pair[1]?.string ?? "")")
    }
    let read = try Tokenizer(
      ggufMetadata: JSONObject([
        (key: "tokenizer.ggml.model", value: "gpt2"),
        (key: "tokenizer.ggml.pre", value: .string(pre)),
        (key: "tokenizer.ggml.tokens", value: .array(tokens.map { .string($0) })),
        (
          key: "tokenizer.ggml.token_type",
          value: .array(tokens.indices.map { .int(original.isSpecial($0) ? 3 : 1) })
        ),
        (key: "tokenizer.ggml.merges", value: .array(merges)),
        (key: "tokenizer.ggml.eos_token_id", value: 0),
        (key: "tokenizer.chat_template", value: "{{ eos_token }}"),
      ]))
    #expect(read.eos == 0)
    #expect(try read.applyChatTemplate(messages: []) == "<|endoftext|>")
    for text in try Golden.strings("fuzz.json") {
      // Llama 3's words that are tokens stay whole, which the fixture's own file does not ask for.
      if pre == "llama-bpe" {
        #expect(same(read.decode(read.encode(text)), text))
      } else {
        #expect(read.encode(text) == original.encode(text, addSpecialTokens: false))
      }
    }
  }

  /// SentencePiece's rule, done plainly: join the neighbours that make the token with the highest
  /// score, leftmost first, until none do.
  @Test func scoresDecideMerges() throws {
    let pieces = ["<unk>", "<s>", "</s>"]
    let bytes = (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }
    // Each has one way only to be made of two others, so that the rule alone decides.
    let words = ["▁", "a", "b", "c", "ab", "▁a", "ca", "▁▁", "▁▁▁▁", "aa", "abca", "▁aab", "bb"]
    let tokens = pieces + bytes + words
    let scores = tokens.indices.map { -Double(($0 * 7_919) % 101) }
    let kinds = tokens.indices.map { $0 == 0 ? 2 : $0 < 3 ? 3 : $0 < 259 ? 6 : 1 }
    let tokenizer = try Tokenizer(
      ggufMetadata: JSONObject([
        (key: "tokenizer.ggml.model", value: "llama"),
        (key: "tokenizer.ggml.tokens", value: .array(tokens.map { .string($0) })),
        (key: "tokenizer.ggml.scores", value: .array(scores.map { .double($0) })),
        (key: "tokenizer.ggml.token_type", value: .array(kinds.map { .int($0) })),
        (key: "tokenizer.ggml.bos_token_id", value: 1),
        (key: "tokenizer.ggml.eos_token_id", value: 2),
      ]))
    func expected(_ text: String) -> [Int] {
      var symbols = ("▁" + text.map { $0 == " " ? "▁" : $0 }).map(String.init)
      func score(_ index: Int) -> Double? {
        let id = tokens.firstIndex(of: symbols[index] + symbols[index + 1])
        return id.flatMap { $0 >= 259 ? scores[$0] : nil }
      }
      while let best = symbols.indices.dropLast().filter({ score($0) != nil }).max(by: {
        (score($0) ?? 0, -$0) < (score($1) ?? 0, -$1)
      }) {
        symbols[best] += symbols.remove(at: best + 1)
      }
      return [1]
        + symbols.flatMap { symbol in
          tokens.firstIndex(of: symbol).map { [$0] } ?? symbol.utf8.map { Int($0) + 3 }
        }
    }
    var generator = SeededGenerator(seed: 23)
    for _ in 0..<300 {
      let text = String(
        (0..<Int.random(in: 1...14, using: &generator)).map { _ in
          Array("abc aab é").randomElement(using: &generator) ?? "a"
        })
      #expect(tokenizer.encode(text) == expected(text), "\(text.debugDescription)")
      #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }
    #expect(tokenizer.encode("</s>").filter { $0 == 2 }.isEmpty)
  }

  @Test func incompleteMetadataIsRefused() {
    for (metadata, place) in [
      (JSONObject(), "tokenizer.ggml.tokens"),
      (JSONObject([(key: "tokenizer.ggml.tokens", value: ["a"])]), "tokenizer.ggml.model"),
      (
        JSONObject([
          (key: "tokenizer.ggml.tokens", value: ["a"]), (key: "tokenizer.ggml.model", value: "gpt2"),
          (key: "tokenizer.ggml.pre", value: "kimi-k2"),
        ]), "tokenizer.ggml.pre"
      ),
      (
        JSONObject([
          (key: "tokenizer.ggml.tokens", value: ["a"]), (key: "tokenizer.ggml.model", value: "llama"),
        ]), "tokenizer.ggml.scores"
      ),
    ] {
      let error = #expect(throws: TokenizationError.self) {
        try Tokenizer(ggufMetadata: metadata)
      }
      #expect(error?.description.contains(place) == true)
    }
  }
}
