import Documents
import Foundation
import Testing
import Tokenization

/// Ids, tokens, offsets and decoded text of every kind of tokenizer equal the `tokenizers` library's
/// on the fuzz corpus.
@Suite struct PipelineGoldenTests {
  static let names = [
    "gpt2", "llama3", "qwen2", "llama2", "gemma", "mistral", "unigram", "bert", "roberta", "smollm",
    "neox", "o200k", "deepseek", "added", "precompiled", "words",
  ]

  @Test(arguments: names)
  func encodingsEqual(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for row in try Golden.rows(name) {
      let encoding = try tokenizer.encoding(of: row.text, allowSpecial: true)
      #expect(encoding.ids == row.ids, "\(row.text.debugDescription)")
      #expect(encoding.offsets == row.offsets, "\(row.text.debugDescription)")
      #expect(
        encoding.tokens.elementsEqual(row.tokens, by: same), "\(row.text.debugDescription)")
      #expect(tokenizer.encode(row.text, allowSpecial: true) == row.ids)
    }
  }

  @Test("ids and texts with a Prepend before normalised added tokens equal those of tokenizers")
  func prepended() throws {
    let kinds = try Golden.json("prepend.json")["kinds"]?.array ?? []
    #expect(kinds.count == 15)
    for kind in kinds {
      let tokenizer = try Tokenizer(document: kind["document"] ?? [:])
      for row in kind["rows"]?.array ?? [] {
        let what = "\(kind["name"]?.string ?? ""): \(row["text"]?.serialized() ?? "")"
        let ids = (row["ids"]?.array ?? []).compactMap(\.int)
        #expect(
          tokenizer.encode(row["text"]?.string ?? "", addSpecialTokens: false, allowSpecial: true) == ids, "\(what)")
        for (skips, wanted) in [(false, row["decoded"]?.string ?? ""), (true, row["skipping"]?.string ?? "")] {
          #expect(same(tokenizer.decode(ids, skipSpecialTokens: skips), wanted), "\(what)")
          var decoder = IncrementalDecoder(tokenizer, skipSpecialTokens: skips)
          #expect(same(ids.map { decoder.append($0) }.joined() + decoder.finish(), wanted), "\(what)")
        }
      }
    }
  }

  @Test(arguments: names)
  func plainTextEqual(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for row in try Golden.rows(name) {
      let ids = tokenizer.encode(row.text, addSpecialTokens: false)
      let spelled = tokenizer.addedTokens.filter { $0.isSpecial && row.text.contains($0.content) }
      let controls = Set(spelled.map(\.id)).intersection(row.plain)
      if ids == row.plain { continue }
      // Different only where the library's model itself finds a control token in plain text.
      #expect(!controls.isEmpty, "\(row.text.debugDescription): \(ids) is not \(row.plain)")
      #expect(!ids.contains(where: controls.contains), "\(row.text.debugDescription)")
    }
  }

  @Test(arguments: names)
  func decodedTextEqual(name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: Golden.folder(name))
    for row in try Golden.rows(name) {
      let whole = tokenizer.decode(row.ids, skipSpecialTokens: false)
      #expect(same(whole, row.decoded), "\(row.text.debugDescription)")
      #expect(same(tokenizer.decode(row.ids), row.decodedSkipping))
      var decoder = IncrementalDecoder(tokenizer, skipSpecialTokens: false)
      let pieces = row.ids.map { decoder.append($0) }.joined() + decoder.finish()
      #expect(same(pieces, whole), "\(row.text.debugDescription)")
    }
  }
}
