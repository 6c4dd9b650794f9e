import Alignment
import Documents
import Evaluation
import Foundation
import LanguageModels
import Serving
import TestSupport
import Testing
import Tokenization
import Torch

@Suite("The harness's results through this package's server")
struct OwnServerTests {
  /// Serves the tiny Llama on a port of its own while `body` asks it from a thread that may wait.
  private func serving<Result: Sendable>(_ body: @escaping @Sendable (String) throws -> Result) async throws -> Result {
    let folder = try Bundle.module.fixtures.appendingPathComponent("harness/model").path
    var limits = ModelHost.Settings()
    limits.cacheTokens = 4096
    var settings = ModelServer.Settings()
    settings.port = 0
    let host = try await ModelHost(settings: limits) {
      let (model, tokenizer) = try ModelFolder.load(folder, device: .cpu)
      return ServedModels("tiny", model, tokenizer: tokenizer)
    }
    let server = try ModelServer(host: host, settings: settings)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await server.run(untilSignal: false) { listening.yield($0) }
      }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let result = try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
          continuation.resume(with: Swift.Result { try body("http://127.0.0.1:\(port)") })
        }
      }
      group.cancelAll()
      while let ended = await group.nextResult() { _ = ended }
      return result
    }
  }

  @Test(
    "with the tokenizer at hand every task gives the results of the model in memory, without it those with a context")
  func results() async throws {
    let tasks = ["colours", "cloze", "sums", "blanks", "truths"]
    let memory = try HarnessFixture.finished(
      HarnessFixture.evaluation(tasks, EvaluationOptions(limit: .count(6))).run(HarnessFixture.model()))
    let folder = try Bundle.module.fixtures.appendingPathComponent("harness/model").path
    let (tables, wordPerplexity) = try await serving { url in
      func table(_ tasks: [String], _ model: CompletionsServer) throws -> String {
        try HarnessFixture.finished(HarnessFixture.evaluation(tasks, EvaluationOptions(limit: .count(6))).run(model))
          .table()
      }
      let tokens = try CompletionsServer(url: url, tokenizer: ModelFolder.loadTokenizer(folder), maxLength: 256)
      let text = try CompletionsServer(url: url + "/v1")
      #expect(tokens.name == "tiny")
      let rolling = try HarnessFixture.finished(
        HarnessFixture.evaluation(["pages"], EvaluationOptions(limit: .count(4))).run(tokens))
      return (
        [try table(tasks, tokens), try table(["cloze", "sums", "blanks"], text)],
        rolling.metrics["pages"]?["word_perplexity,none"]?.double ?? .nan
      )
    }
    #expect(tables[0] == memory.table())
    let some = try HarnessFixture.finished(
      HarnessFixture.evaluation(["cloze", "sums", "blanks"], EvaluationOptions(limit: .count(6))).run(
        HarnessFixture.model()))
    #expect(tables[1] == some.table())
    let own = try HarnessFixture.finished(
      HarnessFixture.evaluation(["pages"], EvaluationOptions(limit: .count(4))).run(HarnessFixture.model()))
    // Windows are two tokens shorter behind HTTP.
    let expected = own.metrics["pages"]?["word_perplexity,none"]?.double ?? .nan
    #expect(abs(wordPerplexity / expected - 1) < 0.02)
  }
}
