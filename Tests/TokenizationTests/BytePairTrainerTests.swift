import Documents
import Foundation
import Testing
import Tokenization

@Suite struct BytePairTrainerTests {
  /// The same text teaches the same vocabulary and merges as `tokenizers`' trainer.
  @Test(arguments: [("gpt2", SplitPattern.gpt2), ("llama3", .llama3)])
  func learnsWhatTokenizersLearns(name: String, pattern: SplitPattern) throws {
    let lines = try Golden.strings("corpus.json")
    #expect(lines.count == 400)
    let trained = try BytePairTrainer(
      vocabularySize: 700, specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
      pattern: pattern
    ).train(texts: lines)
    let reference = try Golden.json(name + "/tokenizer.json")
    #expect(trained.document["model"]?["vocab"] == reference["model"]?["vocab"])
    #expect(trained.document["model"]?["merges"] == reference["model"]?["merges"])
    #expect(trained.document["added_tokens"] == reference["added_tokens"])
  }

  @Test func bytesAndStringsTeachTheSame() throws {
    let lines = try Golden.strings("corpus.json")
    let trainer = try BytePairTrainer(vocabularySize: 500)
    let fromText = try trainer.train(texts: lines)
    let fromBytes = try trainer.train(bytes: lines.map { Array($0.utf8) })
    #expect(fromText.document == fromBytes.document)
    #expect(fromText.vocabularySize == 500)
  }

  @Test func smallTextGivesSmallVocabulary() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 1_000).train(texts: ["ab ab"])
    #expect(tokenizer.vocabularySize == 258)
    #expect(tokenizer.tokenToID("ab") == 257)
    #expect(tokenizer.eos == 0)
  }

  @Test func impossibleRequestsAreRefused() {
    #expect(throws: TokenizationError.self) { try BytePairTrainer(vocabularySize: 256) }
    #expect(throws: TokenizationError.self) {
      try BytePairTrainer(vocabularySize: 400, specialTokens: ["a", "a"])
    }
    #expect(throws: TokenizationError.self) {
      try BytePairTrainer(vocabularySize: 400, specialTokens: [""])
    }
  }

  @Test func writtenFolderReadsBack() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let lines = try Golden.strings("corpus.json")
    let trained = try BytePairTrainer(vocabularySize: 600, pattern: .qwen2).train(texts: lines)
    try trained.write(to: folder)
    let read = try Tokenizer(contentsOf: folder)
    #expect(read.document == trained.document)
    #expect(read.eos == trained.eos)
    #expect(read.configuration["eos_token"]?.string == "<|endoftext|>")
    for text in try Golden.strings("fuzz.json") {
      #expect(read.encode(text) == trained.encode(text))
    }
  }
}
