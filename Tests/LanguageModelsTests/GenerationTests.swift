import Foundation
import LanguageModels
import Testing
import Torch

@Suite struct GenerationTests {
  @Test(arguments: ["gpt2", "llama"]) func greedyDecodingFollowsTheFullForwardPass(_ name: String) throws {
    let (model, _, _) = try DecoderTests.load(name)
    var parameters = SamplingParameters(temperature: 0, maxTokens: 30)
    parameters.ignoresEndOfText = true
    let prompt = [3, 14, 15, 9, 26, 5, 35]
    let made = try GenerationEngine(model: model).generate([
      GenerationRequest(prompt: prompt, parameters: parameters)
    ])[0][0]
    var tokens = prompt
    for _ in 0..<30 {
      let logits = withoutGradients { model.logits(model(PackedTokens([tokens]))) }
      tokens.append(logits[-1].argmax(axis: 0).itemInt())
    }
    #expect(made.ids == Array(tokens.dropFirst(prompt.count)))
    #expect(made.finishReason == .length)
  }

  @Test(arguments: ["gpt2", "llama"]) func logProbabilitiesEqualTheTrainers(_ name: String) throws {
    let (model, ids, _) = try DecoderTests.load(name)
    let rows = ids.array(of: Int.self)
    var requests: [GenerationRequest] = []
    for i in 0..<9 {
      // Lengths around the cache's page of 16, so that pages are shared, copied and filled exactly.
      requests.append(
        GenerationRequest(
          prompt: Array(rows[i..<(i + 11 + i)]), samples: i % 3 + 1,
          parameters: SamplingParameters(maxTokens: 20, seed: UInt64(i))))
    }
    let engine = GenerationEngine(model: model, limits: .init(batch: 5, prefillTokens: 40))
    let made = try engine.generate(requests)
    for (request, completions) in zip(requests, made) {
      #expect(completions.count == request.samples)
      for completion in completions {
        let all = withoutGradients {
          model.logProbabilities(PackedTokens([request.prompt + completion.ids]))
        }.array()
        let expected = Array(all.dropFirst(request.prompt.count))
        for (a, b) in zip(completion.logProbabilities, expected) { #expect(abs(a - b) < 1e-5) }
        #expect(expected.count == completion.ids.count)
      }
    }
  }

  @Test func aCompletionDoesNotDependOnItsBatch() throws {
    let (model, ids, _) = try DecoderTests.load("llama")
    let rows = ids.array(of: Int.self)
    let requests = (0..<6).map { i in
      GenerationRequest(
        prompt: Array(rows[(3 * i)..<(3 * i + 9)]), samples: 2,
        parameters: SamplingParameters(temperature: 0.9, topP: 0.95, maxTokens: 16, seed: 7))
    }
    let together = try GenerationEngine(model: model).generate(requests)
    for (i, request) in requests.enumerated() {
      let alone = try GenerationEngine(model: model, limits: .init(batch: 1)).generate([request])
      #expect(alone[0].map(\.ids) == together[i].map(\.ids))
    }
    #expect(Set(together.flatMap { $0.map(\.ids) }).count > 6)
  }

  @Test func badRequestsAreRefusedBeforeAnythingIsDrawn() throws {
    let (model, _, _) = try DecoderTests.load("gpt2")
    let engine = GenerationEngine(model: model)
    for (prompt, text) in [
      ([], "empty"), ([1, 2, 96], "96"), (Array(repeating: 1, count: 48), "context"),
    ] as [([Int], String)] {
      #expect {
        try engine.generate([
          GenerationRequest(prompt: prompt, parameters: SamplingParameters())
        ])
      } throws: { "\($0)".contains(text) }
    }
  }

  @Test func endOfTextStopsAndCountsAsAToken() throws {
    let (model, ids, _) = try DecoderTests.load("gpt2")
    let rows = ids.array(of: Int.self)
    let made = try GenerationEngine(model: model).generate([
      GenerationRequest(
        prompt: Array(rows[0..<6]), samples: 200,
        parameters: SamplingParameters(temperature: 2, maxTokens: 40, seed: 3))
    ])[0]
    let stopped = made.filter { $0.finishReason == .stop }
    #expect(!stopped.isEmpty)
    for completion in made {
      #expect(completion.ids.dropLast().allSatisfy { $0 != 0 })
      #expect((completion.ids.last == 0) == (completion.finishReason == .stop))
      #expect(completion.ids.count == completion.logProbabilities.count)
    }
  }

  /// The ops that a device takes in the place of our kernels write the same texts.
  @Test func completionsByComposedKernelsAreTheSame() throws {
    let requests = (0..<5).map { i -> GenerationRequest in
      var parameters = SamplingParameters(
        temperature: i < 2 ? 0 : 1, topP: i == 3 ? 0.9 : 1, maxTokens: 20, seed: UInt64(i))
      parameters.ignoresEndOfText = true
      let prompt = (0..<(3 + 9 * i)).map { ($0 * 31 + i) % 280 + 1 }
      return GenerationRequest(prompt: prompt, samples: 1 + i % 2, parameters: parameters)
    }
    func written() throws -> [[Int]] {
      try GenerationEngine(model: try TinyModel.make(), limits: .init(batch: 4, prefillTokens: 16)).generate(requests)
        .flatMap { $0.map(\.ids) }
    }
    #expect(try written() == withComposedKernels { try written() })
  }
}
