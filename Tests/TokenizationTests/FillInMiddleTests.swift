import Statistics
import Testing
import Tokenization

/// Prompts for the text between two texts.
@Suite("Filling in the middle")
struct FillInMiddleTests {
  private func tokenizer(_ names: [String]) throws -> Tokenizer {
    try BytePairTrainer(vocabularySize: 270, specialTokens: ["<|endoftext|>"] + names).train()
  }

  @Test(
    "the tokens of each family are found, in the order that its models learnt",
    arguments: [
      ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"], ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
      ["<fim-prefix>", "<fim-suffix>", "<fim-middle>"], ["▁<PRE>", "▁<SUF>", "▁<MID>"],
      ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    ])
  func families(_ names: [String]) throws {
    let tokenizer = try tokenizer(names)
    let fill = try #require(FillInMiddle(tokenizer))
    let ids = fill.prompt(before: "ab", after: "yz", tokenizer)
    #expect(tokenizer.decode(ids, skipSpecialTokens: false) == names[0] + "ab" + names[1] + "yz" + names[2])
    // What looks like a token in a text is text.
    #expect(fill.prompt(before: names[2], after: "", tokenizer).count { $0 == fill.middle } == 1)
  }

  @Test("a family that puts the suffix first has no token in front of the gap")
  func suffixFirst() throws {
    let tokenizer = try tokenizer(["[PREFIX]", "[SUFFIX]"])
    let fill = try #require(FillInMiddle(tokenizer))
    #expect(fill.order == .suffixFirst)
    #expect(
      tokenizer.decode(fill.prompt(before: "ab", after: "yz", tokenizer), skipSpecialTokens: false)
        == "[SUFFIX]yz[PREFIX]ab")
    #expect(try FillInMiddle(self.tokenizer([])) == nil && FillInMiddle(self.tokenizer(["<|fim_prefix|>"])) == nil)
  }

  @Test("a document to learn from is the document, its middle at its end, cut at any two places")
  func examples() throws {
    let names = FillInMiddle.usualSpelling
    let tokenizer = try tokenizer(names)
    let fill = try #require(FillInMiddle(tokenizer))
    var random = SeededGenerator(seed: 1)
    let document = "zwölf Äpfel 🍎"
    var lengths: Set<Int> = []
    for _ in 0..<200 {
      let text = tokenizer.decode(fill.example(document, tokenizer, using: &random), skipSpecialTokens: false)
      let parts = text.split(separator: names[0], omittingEmptySubsequences: false)[1]
        .split(separator: names[1], omittingEmptySubsequences: false)
      let rest = parts[1].split(separator: names[2], omittingEmptySubsequences: false)
      #expect(String(parts[0] + rest[1] + rest[0]) == document)
      lengths.insert(rest[1].count)
    }
    #expect(lengths.contains(0) && lengths.count > 8)
    #expect(tokenizer.decode(fill.example("", tokenizer, using: &random), skipSpecialTokens: false) == names.joined())
  }
}
