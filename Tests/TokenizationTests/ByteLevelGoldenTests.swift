import Documents
import Foundation
import Statistics
import Testing
import Tokenization

/// Ids and decoded text equal the `tokenizers` library's on the fuzz corpus.
@Suite struct ByteLevelGoldenTests {
  @Test(arguments: ["gpt2", "llama3", "qwen2"])
  func idsEqual(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for row in try Golden.rows(name) {
      #expect(
        tokenizer.encode(row.text, addSpecialTokens: false) == row.plain,
        "plain \(row.text.debugDescription)")
      #expect(
        tokenizer.encode(row.text, allowSpecial: true) == row.ids,
        "special \(row.text.debugDescription)")
    }
  }

  @Test(arguments: ["gpt2", "llama3", "qwen2"])
  func decodedTextEqual(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for row in try Golden.rows(name) {
      #expect(same(tokenizer.decode(row.ids, skipSpecialTokens: false), row.decoded))
      #expect(same(tokenizer.decode(row.ids), row.decodedSkipping))
    }
  }

  @Test(arguments: ["gpt2", "llama3"])
  func decodingInvertsEncoding(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for text in try Golden.strings("fuzz.json") {
      #expect(same(tokenizer.decode(tokenizer.encode(text, addSpecialTokens: false)), text))
    }
  }

  @Test func invalidBytesSurvive() throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder("gpt2"))
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let ids = bytes.withUnsafeBufferPointer { tokenizer.encode(utf8: $0) }
      #expect(tokenizer.decodeBytes(ids) == bytes)
    }
  }

  /// Every merge of a run costs the same: 200,000 spaces are encoded as one word.
  @Test func longRunsEqualTheSimpleAlgorithm() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 300).train(texts: [
      String(repeating: " ", count: 4096) + "x"
    ])
    let text = String(repeating: " ", count: 200_000)
    let ids = tokenizer.encode(text)
    #expect(tokenizer.decode(ids) == text)
    // By induction the learnt merges double, so greedy merging leaves the binary digits' pieces.
    let longest = ids.map { tokenizer.decodeBytes([$0]).count }.max() ?? 0
    #expect(longest > 256)
    #expect(ids.count <= text.utf8.count / longest + 16)
  }

  @Test func idsAndTokens() throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder("gpt2"))
    let size = try #require(
      Golden.json("gpt2/tokenizer.json")["model"]?["vocab"]?.object?.members.count)
    #expect(tokenizer.vocabularySize == size)
    #expect(tokenizer.tokenToID("<|endoftext|>") == 0)
    #expect(tokenizer.idToToken(0) == "<|endoftext|>")
    #expect(tokenizer.tokenToID("no such token") == nil)
    #expect(tokenizer.idToToken(size) == nil)
    #expect(tokenizer.idToToken(-1) == nil)
    #expect(tokenizer.decode([-1, size, .max]) == "")
    for id in 0..<tokenizer.vocabularySize {
      let token = try #require(tokenizer.idToToken(id))
      #expect(tokenizer.tokenToID(token) == id)
    }
  }
}
