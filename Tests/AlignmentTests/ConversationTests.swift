import Alignment
import Documents
import Foundation
import LanguageModels
import TestSupport
import Testing
import Tokenization
import Torch
import Training

/// What belongs to one conversation: which of its words are the model's, and on which side of a division it stands.
@Suite struct ConversationTests {
  @Test("a reward model's log-probability is of the policy's own turns, in training, evaluation and scoring")
  func likelihoodOfOwnTurns() throws {
    let model = try tinyModel()
    let scorer = ScalarModel(model, likelihoodWeight: 0.5, generator: Generator(seed: 2))
    let completion = [3, 4, 5, 0], isSpoken = [true, false, true, true]
    let all = scorer.scores(of: [([1, 2], completion)])[0]
    let own = scorer.scores(of: [([1, 2], completion)], isSpoken: [isSpoken])[0]
    let each = withoutGradients { model.logProbabilities(PackedTokens([[1, 2] + completion])).array() }
    #expect(abs(all - own - 0.5 * each[3]) < 1e-5 && abs(all - own) > 0.1)

    // The learner's loss on held-out rankings is that of these scores.
    let ranked = RankedCompletions(
      prompt: [1, 2], completions: [completion, [7, 0]], isSpoken: [isSpoken, [true, true]], pairs: [.init(0, over: 1)])
    let learner = RewardLearner(
      scorer, tokenizer: nil, rankings: [ranked], heldOut: [ranked], settings: TrainingSettings())
    let other = scorer.scores(of: [([1, 2], [7, 0])])[0]
    let found = try #require(try learner.evaluate(step: 0)?["eval_loss"])
    #expect(abs(found - log(1 + exp(Double(other - own)))) < 1e-5)
  }

  @Test("pieces of one conversation stand on one side, with whatever else begins as it does")
  func division() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 300, specialTokens: ["<|endoftext|>"])
      .train(texts: ["the cat and the dog and the cat"])
    let folder = try TemporaryFolder()
    func turn(_ role: String, _ text: String) -> String { #"{"role":"\#(role)","content":"\#(text)"}"# }
    // Two conversations for each of 20 openings.
    let lines = (0..<40).map { i in
      let turns = [
        turn("user", "the \(i % 20)"), turn("assistant", "a\(i)"), turn("user", "and \(i)"), turn("assistant", "b\(i)"),
      ]
      return #"{"messages":[\#(turns.joined(separator: ","))]}"#
    }
    let path = try folder.write("conversations.jsonl", lines.joined(separator: "\n"))
    var shape = try tinyModel(vocabulary: 300).configuration
    shape.contextLength = 128
    let records = try TokenizedData(tokenizer, shape)
      .demonstrations([path], skipLong: true)
    // Without a chat template each turn is a piece of its own.
    #expect(records.count == 40 && records.allSatisfy { $0.count == 2 })
    let division = HeldOut(records, share: 0.3, seed: 1) { $0.first?.prompt }
    func openings(_ side: [[TargetedTokens]]) -> Set<[Int]> {
      Set(side.compactMap { $0.first.map { Array($0.prompt) } })
    }
    #expect(division.evaluation.count == 12 && division.training.count == 28)
    #expect(openings(division.training).isDisjoint(with: openings(division.evaluation)))
  }
}
