import LanguageModels
import Omni
import Testing
import Tokenization

/// Blocks to tokens and back, and what may be written.
@Suite struct OmniVocabularyTests {
  private func small() throws -> OmniVocabulary {
    var sizes = OmniVocabulary.Sizes()
    (sizes.imageCodes, sizes.imageLength, sizes.audioCodes, sizes.audioFrames) = (8, 4, 6, 10)
    return try OmniVocabulary(words: ["one", "red", "circle"], sizes: sizes)
  }

  @Test func blocksComeBack() throws {
    let vocabulary = try small()
    let blocks: [OmniBlock] = [
      .text("one red circle"), .image([0, 7, 3, 1]), .audio([[0, 1, 2], [5, 4, 3]]),
      .video([[1, 2, 3, 4], [4, 3, 2, 1]]), .text(""), .audio([[1, 1], [2, 2]]),
    ]
    let tokens = try blocks.flatMap { try vocabulary.tokens(of: $0) }
    #expect(tokens.allSatisfy { (0..<vocabulary.count).contains($0) })
    #expect(try vocabulary.blocks(of: tokens + [vocabulary.end, 3]) == blocks)
  }

  /// Level 1 of a frame stands after level 0 of the next.
  @Test func levelsGoByTheDelayPattern() throws {
    let vocabulary = try small()
    let inner = try vocabulary.tokens(of: .audio([[0, 1, 2], [0, 1, 2]])).dropFirst().dropLast()
    let first = inner[inner.startIndex]
    #expect(inner.map { $0 - first } == [0, 1, 6, 2, 7, 8])
  }

  @Test func onlyWholeBlocksMayBeWritten() throws {
    let vocabulary = try small()
    func spelled(_ ids: some Sequence<Int>) -> String { ids.compactMap { vocabulary.tokenizer.idToToken($0) }.joined() }
    for block: OmniBlock in [
      .text("red one"), .image([1, 2, 3, 4]), .audio([[0, 1], [5, 4]]), .video([[1, 1, 1, 1]]),
    ] {
      let tokens = try vocabulary.tokens(of: block)
      let constraint = try vocabulary.constraint(on: block.modality)
      #expect(constraint.matches(spelled(tokens.dropFirst())))
      #expect(try vocabulary.constraintOnBlocks().matches(spelled(tokens + tokens)))
      guard tokens.count > 4 else { continue }
      if block.modality != .text { #expect(!constraint.matches(spelled(tokens.dropFirst(2)))) }
      #expect(!constraint.matches(spelled(tokens.dropFirst().dropLast())))
      #expect(!(try vocabulary.constraintOnBlocks().matches(spelled(tokens.dropLast()))))
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let vocabulary = try small()
    let error = #expect(throws: OmniError.self) { try vocabulary.tokens(of: .text("one purple circle")) }
    #expect(error?.description.contains("'purple'") == true)
    for block: OmniBlock in [
      .image([1, 2, 3]), .image([1, 2, 3, 8]), .audio([[1, 2]]), .audio([[1], [1]]), .audio([[1, 2], [1]]), .video([]),
      .audio([[1, 6], [0, 0]]),
    ] {
      #expect(throws: OmniError.self) { try vocabulary.tokens(of: block) }
    }
    let tokens = try vocabulary.tokens(of: .audio([[0, 1], [2, 3]]))
    for place in 0..<tokens.count {
      var fewer = tokens
      fewer.remove(at: place)
      #expect(throws: OmniError.self) { try vocabulary.blocks(of: fewer) }
    }
    for words in [["a", "a"], ["Red"], [""], ["red!"]] {
      #expect(throws: OmniError.self) { try OmniVocabulary(words: words) }
    }
  }
}
