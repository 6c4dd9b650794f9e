import Statistics
import Testing
import Tokenization

@Suite struct IncrementalDecoderTests {
  @Test(arguments: ["gpt2", "llama3", "qwen2"])
  func piecesJoinToTheWhole(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for row in try Golden.rows(name) {
      var decoder = IncrementalDecoder(tokenizer)
      var text = ""
      for id in row.ids { text += decoder.append(id) }
      text += decoder.finish()
      #expect(same(text, tokenizer.decode(row.ids)))
    }
  }

  @Test func incompleteCharactersWait() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 257).train(texts: [])
    let ids = tokenizer.encode("é😀x")
    var decoder = IncrementalDecoder(tokenizer)
    #expect(ids.map { decoder.append($0) } == ["", "é", "", "", "", "😀", "x"])
    #expect(decoder.finish() == "")
    _ = decoder.append(ids[2])
    #expect(decoder.finish() == "\u{FFFD}")
  }

  /// Random bytes, one token each: the pieces equal decoding at once, however they break.
  @Test func anyBytes() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 257).train(texts: [])
    var generator = SeededGenerator(seed: 3)
    let leads: [UInt8] = [0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xED, 0xA0, 0xF0, 0x90, 0xF4, 0xF5, 0xFF]
    for _ in 0..<500 {
      let bytes = (0..<12).map { _ in leads.randomElement(using: &generator) ?? 0 }
      let ids = bytes.withUnsafeBufferPointer { tokenizer.encode(utf8: $0) }
      var decoder = IncrementalDecoder(tokenizer)
      var text = ids.map { decoder.append($0) }.joined()
      text += decoder.finish()
      #expect(same(text, String(decoding: bytes, as: UTF8.self)))
    }
  }
}
