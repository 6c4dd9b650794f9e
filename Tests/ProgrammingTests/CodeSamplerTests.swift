import Documents
import Foundation
import LanguageModels
import Programming
import TestSupport
import Testing
import Tokenization
import Torch

/// Samples of a model, drawn into a file.
@Suite("Drawing samples")
struct CodeSamplerTests {
  let folder: TemporaryFolder
  private let tasks = Array(CodeTask.small.prefix(3))

  init() throws { folder = try TemporaryFolder() }

  private func sampler(samples: Int = 2, batch: Int = 3, seed: UInt64 = 1) throws -> CodeSampler {
    let tokenizer = try BytePairTrainer(vocabularySize: 257, specialTokens: ["<|endoftext|>"]).train()
    let shape = DecoderConfiguration.llama(
      vocabularySize: 257, width: 16, layers: 1, heads: 2, feedForwardWidth: 32, contextLength: 512, endOfText: 0)
    var settings = CodeSampler.Settings()
    (settings.samples, settings.temperature, settings.maxTokens) = (samples, 1, 12)
    (settings.batch, settings.seed) = (batch, seed)
    return try CodeSampler(
      model: Decoder(shape, generator: Generator(seed: 3)), tokenizer: tokenizer, settings: settings)
  }

  @Test("a draw that was stopped keeps the tasks that are whole, and goes on to the samples of one that wasn't")
  func resume() throws {
    let whole = try #require(try sampler().draw(tasks, into: folder.path("whole.jsonl")))
    #expect(whole.map(\.taskID) == tasks.flatMap { [$0.id, $0.id] } && whole[0] != whole[1])
    #expect(try CodeSample.read(contentsOf: folder.path("whole.jsonl"), of: tasks) == whole)
    #expect(whole.allSatisfy { ($0.meanLogProbability ?? 0) < 0 })
    // One at a time: the first task is whole when its second sample ends.
    var done = 0
    let cut = try sampler(batch: 1).draw(
      tasks, into: folder.path("cut.jsonl"), isStopped: { done > 0 }, progress: { count, _ in done = count })
    #expect(cut == nil && done == 1)
    let kept = try CodeSample.read(contentsOf: folder.path("cut.jsonl"), of: tasks, ignoresIncomplete: true)
    #expect(kept == Array(whole.prefix(2)))
    var counts: [Int] = []
    let rest = try sampler(batch: 2).draw(
      tasks, into: folder.path("cut.jsonl"), progress: { count, _ in counts.append(count) })
    #expect(rest == whole && counts.first == 1 && counts.last == 3)
    // All is there: nothing is drawn.
    #expect(try sampler(seed: 9).draw(tasks, into: folder.path("cut.jsonl")) == whole)
  }

  @Test("a file of other settings or other tasks is refused")
  func refused() throws {
    _ = try sampler().draw(tasks, into: folder.path("two.jsonl"))
    let error = #expect(throws: DataError.self) { try sampler(samples: 3).draw(tasks, into: folder.path("two.jsonl")) }
    #expect(
      error?.description.contains("2 samples") == true && error?.description.contains("3 are to be drawn") == true)
    #expect(throws: DataError.self) { try sampler().draw(Array(tasks.prefix(1)), into: folder.path("two.jsonl")) }
  }
}
