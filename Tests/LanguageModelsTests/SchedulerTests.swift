import Foundation
import LanguageModels
import Testing
import Tokenization
import Torch

@Suite struct SchedulerTests {
  /// Runs until nothing is left, submitting each request before the step of its number.
  static func run(
    _ scheduler: GenerationScheduler, _ requests: [GenerationRequest], every: Int = 0
  ) throws -> [[Completion]] {
    var results = requests.map { [Completion?](repeating: nil, count: $0.samples) }
    var texts = requests.map { [String](repeating: "", count: $0.samples) }
    var next = 0
    var step = 0
    while next < requests.count || !scheduler.isIdle {
      while next < requests.count, step >= next * every {
        #expect(try scheduler.submit(requests[next]) == next)
        next += 1
      }
      for event in try scheduler.step() {
        switch event.kind {
        case .token(_, let text): texts[event.request][event.sample] += text
        case .finished(let completion, let text):
          texts[event.request][event.sample] += text
          #expect(texts[event.request][event.sample] == completion.text)
          results[event.request][event.sample] = completion
        case .promptRead, .failed: break
        }
      }
      step += 1
    }
    return results.map { $0.compactMap { $0 } }
  }

  static func requests(_ count: Int, length: Int = 40, maxTokens: Int = 24) -> [GenerationRequest] {
    (0..<count).map { i in
      var parameters = SamplingParameters(
        temperature: 0.9, topP: 0.95, maxTokens: maxTokens, seed: UInt64(i))
      parameters.ignoresEndOfText = true
      return GenerationRequest(
        prompt: (0..<(length + i * 7)).map { ($0 * 31 + i * 5) % 250 + 1 }, samples: 1 + i % 3,
        parameters: parameters)
    }
  }

  @Test("requests that come at any time, in pieces, with shared beginnings: the texts of the closed batch")
  func sameTexts() throws {
    let model = try TinyModel.make()
    let tokenizer = try #require(TinyModel.tokenizer)
    let requests = Self.requests(6)
    let expected = try GenerationEngine(model: model, tokenizer: tokenizer).generate(requests)
    for (limits, tokens) in [
      (GenerationEngine.Limits(batch: 4, prefillTokens: 16), 4096),
      (.init(batch: 64, prefillTokens: 33, reusesPrefixes: true), 4096),
      // Little more than the longest request: completions give way to others and are read again.
      (.init(batch: 8, prefillTokens: 48, reusesPrefixes: true), 128),
      (.init(batch: 8, prefillTokens: 200), 112),
    ] {
      let scheduler = GenerationScheduler(
        models: [model], tokenizer: tokenizer, limits: limits, cacheTokens: tokens)
      let made = try Self.run(scheduler, requests, every: 3)
      #expect(made.map { $0.map(\.ids) } == expected.map { $0.map(\.ids) })
      for (a, b) in zip(made.joined(), expected.joined()) {
        for (x, y) in zip(a.logProbabilities, b.logProbabilities) { #expect(abs(x - y) < 1e-4) }
      }
      #expect(scheduler.statistics.usedBlocks == 0)
      if tokens < 1000 { #expect(scheduler.statistics.preemptions > 0) }
    }
  }

  @Test("a prompt that begins like an earlier one is taken from the cache, blocks of generated text included")
  func prefixes() throws {
    let model = try TinyModel.make()
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: nil, limits: .init(reusesPrefixes: true), cacheTokens: 1024)
    let first = Self.requests(1, length: 70, maxTokens: 30)
    let made = try Self.run(scheduler, first)[0][0]
    var second = first[0]
    second.prompt += made.ids + [1, 2, 3]
    func cached(_ request: GenerationRequest) throws -> (Int, Completion?) {
      try scheduler.submit(request)
      var cached = -1
      var completion: Completion?
      while !scheduler.isIdle {
        for event in try scheduler.step() {
          if case .promptRead(let count, _) = event.kind { cached = count }
          if case .finished(let made, _) = event.kind { completion = made }
        }
      }
      return (cached, completion)
    }
    let (count, completion) = try cached(second)
    // 70 + 30 tokens, the last of which was never read: six full blocks.
    #expect(count == 96)
    let alone = try GenerationEngine(model: model).generate([second])[0][0]
    #expect(completion?.ids == alone.ids)
    // Another beginning shares nothing; the same once more shares all full blocks before its last token.
    var third = second
    third.prompt[0] += 1
    #expect(try cached(third).0 == 0)
    #expect(try cached(second).0 == 96)
    #expect(scheduler.statistics.cachedTokens == 192)
  }

  @Test("a full cache overwrites what was freed first, and hands out nothing that is in use")
  func eviction() throws {
    let model = try TinyModel.make()
    let tokenizer = try #require(TinyModel.tokenizer)
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: tokenizer, limits: .init(batch: 3, reusesPrefixes: true),
      cacheTokens: 256)
    let requests = Self.requests(12, length: 20, maxTokens: 12)
    let expected = try GenerationEngine(model: model, tokenizer: tokenizer).generate(requests + requests)
    let made = try Self.run(scheduler, requests + requests, every: 2)
    #expect(made.map { $0.map(\.ids) } == expected.map { $0.map(\.ids) })
  }

  @Test("a cancelled request is heard of no more and gives its blocks back; the others go on as they were")
  func cancelling() throws {
    let model = try TinyModel.make()
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: nil, limits: .init(prefillTokens: 32), cacheTokens: 2048)
    let requests = Self.requests(4)
    let expected = try GenerationEngine(model: model).generate(requests)
    for request in requests { try scheduler.submit(request) }
    var finished: [Int: [[Int]]] = [:]
    var step = 0
    while !scheduler.isIdle {
      for event in try scheduler.step() {
        #expect(step < 4 || event.request != 1)
        if case .finished(let completion, _) = event.kind {
          finished[event.request, default: []].append(completion.ids)
        }
      }
      step += 1
      if step == 4 { scheduler.cancel(1) }
      // Cancelled while it waits to be read.
      if step == 1 { scheduler.cancel(3) }
    }
    #expect(finished.keys.sorted() == [0, 2])
    #expect(finished[0] == expected[0].map(\.ids) && finished[2] == expected[2].map(\.ids))
    #expect(scheduler.statistics.usedBlocks == 0)
  }

  @Test("what can never fit is refused when it is submitted")
  func tooLarge() throws {
    let scheduler = GenerationScheduler(
      models: [try TinyModel.make()], tokenizer: nil, cacheTokens: 64)
    #expect {
      try scheduler.submit(GenerationRequest(prompt: [1, 2, 3], parameters: .init(maxTokens: 62)))
    } throws: { "\($0)".contains("cache") }
    try scheduler.submit(GenerationRequest(prompt: [1, 2, 3], parameters: .init(maxTokens: 61)))
    var bad = SamplingParameters()
    bad.stopTokens = [300]
    #expect(throws: GenerationError.self) {
      try scheduler.submit(GenerationRequest(prompt: [1], parameters: bad))
    }
  }

  @Test("prompt scores and alternatives are the model's own, in pieces or whole")
  func scores() throws {
    let model = try TinyModel.make()
    let prompt = Self.requests(1, length: 50)[0].prompt
    let logits = withoutGradients { model.logits(model(PackedTokens([prompt]))).logSoftmax(axis: -1) }
    for prefill in [8192, 16] {
      var parameters = SamplingParameters(temperature: 0, maxTokens: 1)
      parameters.promptAlternatives = 3
      parameters.alternatives = 2
      let scheduler = GenerationScheduler(
        models: [model], tokenizer: nil, limits: .init(prefillTokens: prefill), cacheTokens: 128)
      try scheduler.submit(GenerationRequest(prompt: prompt, parameters: parameters))
      var events: [GenerationEvent] = []
      while !scheduler.isIdle { events += try scheduler.step() }
      guard case .promptRead(_, let scores)? = events.first?.kind else {
        Issue.record("no scores")
        continue
      }
      #expect(scores.map(\.score.id) == prompt)
      #expect(scores[0].score.logProbability.isNaN)
      for i in 1..<prompt.count {
        let row = logits[i - 1]
        #expect(abs(Double(scores[i].score.logProbability) - row[prompt[i]].item()) < 1e-4)
        #expect(scores[i].alternatives.map(\.id) == row.topK(3).indices.array(of: Int.self))
      }
      guard case .token(let token, _)? = events.dropFirst().first?.kind else { continue }
      #expect(token.alternatives.map(\.id) == logits[-1].topK(2).indices.array(of: Int.self))
      #expect(token.score.id == token.alternatives[0].id)
      #expect(abs(token.score.logProbability - token.alternatives[0].logProbability) < 1e-5)
    }
  }

  @Test("penalties and biases act on the logits, and reported log-probabilities stay the model's")
  func penalties() throws {
    let model = try TinyModel.make()
    let prompt = [5, 9, 200, 9]
    let plain = withoutGradients { model.logits(model(PackedTokens([prompt])))[-1] }.array()
    let normalizer = log(plain.reduce(0) { $0 + exp($1) })
    func greedy(_ change: (inout SamplingParameters) -> Void, tokens: Int = 1) throws -> Completion {
      var parameters = SamplingParameters(temperature: 0, maxTokens: tokens)
      parameters.ignoresEndOfText = true
      change(&parameters)
      return try GenerationEngine(model: model).generate([
        GenerationRequest(prompt: prompt, parameters: parameters)
      ])[0][0]
    }
    let biased = try greedy { $0.logitBias = [77: 100] }
    #expect(biased.ids == [77])
    #expect(abs(biased.logProbabilities[0] - (plain[77] - normalizer)) < 1e-4)
    let best = try greedy { _ in }.ids[0]
    #expect(try greedy { $0.logitBias = [best: -100] }.ids[0] != best)
    // Presence forbids to say anything twice.
    let varied = try greedy({ $0.presencePenalty = 1000 }, tokens: 40).ids
    #expect(Set(varied).count == 40)
    // Frequency counts: no token may run ahead of the others.
    let even = try greedy({ $0.frequencyPenalty = 1000 }, tokens: 320).ids
    let counts = Dictionary(grouping: even) { $0 }.values.map(\.count)
    #expect((counts.max() ?? 0) - 1 <= 320 / (TinyModel.tokenizer?.vocabularySize ?? 300) + 1)
    // Repetition: positive logits are divided and negative ones multiplied, the prompt's included.
    let expected = plain.enumerated().map { i, x in prompt.contains(i) ? (x > 0 ? x / 50 : x * 50) : x }
    #expect(try greedy { $0.repetitionPenalty = 50 }.ids[0] == expected.firstIndex(of: expected.max() ?? 0))
  }

  @Test("typical sampling keeps the tokens whose surprise is nearest to the entropy")
  func typical() throws {
    let model = try TinyModel.make()
    let prompt = [5, 9, 200, 9]
    let p = withoutGradients { (model.logits(model(PackedTokens([prompt])))[-1] * 8).softmax(axis: 0) }.array(
      of: Double.self)
    let entropy = p.reduce(0) { $0 - $1 * log($1) }
    let order = p.indices.sorted { abs(-log(p[$0]) - entropy) < abs(-log(p[$1]) - entropy) }
    var kept: Set<Int> = []
    var mass = 0.0
    for id in order where mass < 0.3 {
      kept.insert(id)
      mass += p[id]
    }
    var parameters = SamplingParameters(temperature: 0.125, maxTokens: 1)
    parameters.typicalP = 0.3
    parameters.ignoresEndOfText = true
    let made = try GenerationEngine(model: model).generate([
      GenerationRequest(prompt: prompt, samples: 400, parameters: parameters)
    ])[0].map { $0.ids[0] }
    #expect(Set(made).isSubset(of: kept))
    #expect(Set(made).count > kept.count / 3)
  }

  @Test("prompt look-up drafts what sampling would have drawn, and changes no text")
  func lookup() throws {
    let model = try TinyModel.make()
    var requests = Self.requests(4, length: 30, maxTokens: 60)
    for i in requests.indices {
      requests[i].parameters.temperature = i % 2 == 0 ? 0 : 0.3
      // Where the text repeats itself, drafts are right.
      requests[i].parameters.logitBias = [65: 9, 66: 9]
      requests[i].parameters.frequencyPenalty = 0.01
    }
    let expected = try GenerationEngine(model: model).generate(requests)
    for i in requests.indices { requests[i].parameters.lookupTokens = 5 }
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: nil, limits: .init(reusesPrefixes: true), cacheTokens: 4096)
    let made = try Self.run(scheduler, requests)
    #expect(made.map { $0.map(\.ids) } == expected.map { $0.map(\.ids) })
    let statistics = scheduler.statistics
    #expect(statistics.acceptedTokens > 50 && statistics.acceptedTokens < statistics.draftedTokens)
  }
}
