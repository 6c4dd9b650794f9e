import Documents
import Foundation
import Statistics
import TestSupport
import Testing
import Tokenization

/// Hugging Face's `tokenizers` reads the files that are written here, and cuts text as this room does.
@Suite("Written tokenizers", .needsTestPython)
struct WrittenTokenizerTests {
  /// The texts' ids and what `tokenizers` decodes from them.
  private func theirs(_ tokenizer: Tokenizer, _ texts: [String]) throws -> [JSONValue] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try tokenizer.write(to: folder)
    let file = folder.appendingPathComponent("texts.json")
    try JSONValue.array(texts.map { .string($0) }).serialized().write(to: file, atomically: true, encoding: .utf8)
    let reader = Process()
    reader.executableURL = TestPython.url
    reader.arguments = [
      try Bundle.module.fixtures.appendingPathComponent("encode_texts.py").path,
      folder.appendingPathComponent("tokenizer.json").path, file.path,
    ]
    let output = Pipe()
    reader.standardOutput = output
    reader.standardError = output
    try reader.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    reader.waitUntilExit()
    let lines = said.split(separator: "\n")
    try #require(reader.terminationStatus == 0 && lines.count == texts.count, "\(said.suffix(2000))")
    return try lines.map { try JSONValue(parsing: String($0)) }
  }

  private func expectSame(_ tokenizer: Tokenizer, _ texts: [String]) throws {
    for (text, found) in zip(texts, try theirs(tokenizer, texts)) {
      let ids = tokenizer.encode(text, addSpecialTokens: false, allowSpecial: true)
      #expect(found[0]?.array?.compactMap(\.int) == ids, "\(text.debugDescription)")
      #expect(found[1]?.string.map { same($0, tokenizer.decode(ids, skipSpecialTokens: false)) } == true)
    }
  }

  @Test(
    "a GGUF file's byte-level tokenizer, whose decoder `tokenizers` wants to be told whole",
    arguments: [("gpt2", "gpt-2"), ("smollm", "smollm"), ("llama3", "llama-bpe")])
  func byteLevel(name: String, pre: String) throws {
    let original = try Tokenizer(contentsOf: Golden.folder(name))
    let tokens = (0..<original.vocabularySize).map { original.idToToken($0) ?? "" }
    let merges = (original.document["model"]?["merges"]?.array ?? []).map { pair in
      JSONValue.string("\(pair[0]?.string ?? "") \(pair[1]?.string ?? "")")
    }
    let read = try Tokenizer(
      ggufMetadata: JSONObject([
        (key: "tokenizer.ggml.model", value: "gpt2"), (key: "tokenizer.ggml.pre", value: .string(pre)),
        (key: "tokenizer.ggml.tokens", value: .array(tokens.map { .string($0) })),
        (
          key: "tokenizer.ggml.token_type",
          value: .array(tokens.indices.map { .int(original.isSpecial($0) ? 3 : 1) })
        ),
        (key: "tokenizer.ggml.merges", value: .array(merges)), (key: "tokenizer.ggml.eos_token_id", value: 0),
      ]))
    try expectSame(read, Array(try Golden.strings("fuzz.json").prefix(300)))
  }

  @Test("a GGUF file's SentencePiece tokenizer")
  func sentencePiece() throws {
    let bytes = (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }
    let words = ["▁", "a", "b", "c", "ab", "▁a", "ca", "▁▁", "▁▁▁▁", "aa", "abca", "▁aab", "bb"]
    let tokens = ["<unk>", "<s>", "</s>"] + bytes + words
    let read = try Tokenizer(
      ggufMetadata: JSONObject([
        (key: "tokenizer.ggml.model", value: "llama"),
        (key: "tokenizer.ggml.tokens", value: .array(tokens.map { .string($0) })),
        (key: "tokenizer.ggml.scores", value: .array(tokens.indices.map { .double(-Double(($0 * 7_919) % 101)) })),
        (
          key: "tokenizer.ggml.token_type",
          value: .array(tokens.indices.map { .int($0 == 0 ? 2 : $0 < 3 ? 3 : $0 < 259 ? 6 : 1) })
        ),
        (key: "tokenizer.ggml.bos_token_id", value: 1), (key: "tokenizer.ggml.eos_token_id", value: 2),
      ]))
    try expectSame(read, ["abca aab", " a  bb", "é abc", "", "</s> cab", "a\nb"])
  }

  @Test("a GGUF file's WordPiece tokenizer")
  func wordPiece() throws {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁the", "▁ca", "t", "s", "▁,", "▁un"]
    let read = try Tokenizer(
      ggufMetadata: JSONObject([
        (key: "tokenizer.ggml.model", value: "bert"),
        (key: "tokenizer.ggml.tokens", value: .array(tokens.map { .string($0) })),
        (
          key: "tokenizer.ggml.token_type",
          value: .array(tokens.indices.map { .int($0 == 1 ? 2 : $0 < 4 ? 3 : 1) })
        ),
        (key: "tokenizer.ggml.unknown_token_id", value: 1), (key: "tokenizer.ggml.cls_token_id", value: 2),
        (key: "tokenizer.ggml.seperator_token_id", value: 3),
      ]))
    try expectSame(read, ["The cats, the CAT", "unknown [SEP]", "", "cäts"])
  }

  @Test("a tokenizer that was trained here")
  func trained() throws {
    let texts = Array(try Golden.strings("fuzz.json").prefix(300))
    try expectSame(Tokenizer(document: BytePairTrainer(vocabularySize: 400).train(texts: texts).document), texts)
  }
}
