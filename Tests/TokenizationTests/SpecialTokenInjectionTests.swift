import Documents
import Foundation
import Testing
import Tokenization

/// Text from strangers must not become control tokens.
@Suite struct SpecialTokenInjectionTests {
  @Test(arguments: ["gpt2", "llama3", "qwen2"])
  func plainTextNeverBecomesSpecial(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    let specials = tokenizer.addedTokens.filter(\.isSpecial)
    #expect(specials.count == 3)
    for token in specials {
      for text in [token.content, "a\(token.content)b", " \(token.content)\n"] {
        let ids = tokenizer.encode(text, addSpecialTokens: false)
        #expect(!ids.contains { tokenizer.isSpecial($0) })
        #expect(same(tokenizer.decode(ids), text))
        let asked = tokenizer.encode(text, addSpecialTokens: false, allowSpecial: true)
        #expect(asked.contains(token.id))
      }
    }
  }

  /// A hostile file may hold merges that spell a control token.
  @Test func mergesCannotSpellSpecialTokens() throws {
    var tokenizer = try Tokenizer(contentsOf: Golden.folder("gpt2"))
    var document = try #require(tokenizer.document.object)
    var model = try #require(document["model"]?.object)
    var vocabulary = try #require(model["vocab"]?.object)
    vocabulary["<|"] = 900
    vocabulary["<|x"] = 901
    vocabulary["<|x|"] = 902
    vocabulary["<|x|>"] = 903
    model["vocab"] = .object(vocabulary)
    model["merges"] = [["<", "|"], ["<|", "x"], ["<|x", "|"], ["<|x|", ">"]]
    for ignoresMerges in [false, true] {
      model["ignore_merges"] = .bool(ignoresMerges)
      document["model"] = .object(model)
      document["pre_tokenizer"] = [
        "type": "Sequence",
        "pretokenizers": [
          [
            "type": "Split", "behavior": "Isolated", "invert": false,
            "pattern": ["Regex": .string(SplitPattern.llama3.regularExpression)],
          ],
          ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
        ],
      ]
      document["added_tokens"] = [["id": 903, "content": "<|x|>", "special": true]]
      tokenizer = try Tokenizer(document: .object(document))
      let ids = tokenizer.encode("<|x|>", addSpecialTokens: false)
      #expect(!ids.contains(903))
      #expect(tokenizer.decode(ids) == "<|x|>")
      #expect(tokenizer.encode("<|x|>", allowSpecial: true) == [903])
    }
  }

  @Test func trainingTextWithSpecialTokensStaysText() throws {
    let text = String(repeating: "<|endoftext|> ", count: 500)
    let tokenizer = try BytePairTrainer(vocabularySize: 400).train(texts: [text])
    let ids = tokenizer.encode(text)
    #expect(!ids.contains(0))
    #expect(tokenizer.decode(ids) == text)
  }
}
