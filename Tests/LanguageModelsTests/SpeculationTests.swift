import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Torch

/// Speculative decoding against the exact distribution of a model so small that all its texts can be listed.
@Suite struct SpeculationTests {
  static let vocabulary = 6
  static let length = 4
  static let prompt = [1, 4, 2]

  static func model(seed: UInt64, width: Int) throws -> Decoder {
    let model = try Decoder(
      .llama(
        vocabularySize: vocabulary, width: width, layers: 1, heads: 2, keyValueHeads: 2, feedForwardWidth: 16,
        contextLength: 64, endOfText: nil),
      generator: Generator(seed: seed))
    // Random weights of the usual size make all tokens about equally likely.
    withoutGradients {
      for parameter in model.parameters where parameter.tensor.shape.count == 2 { parameter.tensor.multiplyInPlace(12) }
    }
    return model
  }

  /// The probability of each text of `length` tokens, by the model's own scores.
  static func exact(
    _ model: Decoder, prompt: [Int] = prompt, keeping: (([Double]) -> [Double])? = nil
  ) -> [[Int]: Double] {
    var texts: [[Int]: Double] = [[]: 1]
    for _ in 0..<length {
      var longer: [[Int]: Double] = [:]
      for (text, probability) in texts {
        let hidden = withoutGradients { model(PackedTokens([prompt + text])) }
        let last = hidden.size(0) - 1
        let row = withoutGradients {
          model.logits(hidden.slice(last..<(last + 1))).softmax(axis: -1).array().map(Double.init)
        }
        for (id, p) in (keeping?(row) ?? row).enumerated() { longer[text + [id]] = probability * p }
      }
      texts = longer
    }
    return texts
  }

  /// G = 2 Σ observed · ln(observed/expected) over cells that expect at least ten, the others joined, less its mean in
  /// units of its standard deviation: about N(0, 1) where the draws are from the distribution.
  static func deviation(_ counts: [[Int]: Int], _ expected: [[Int]: Double]) -> Double {
    let total = Double(counts.values.reduce(0, +))
    var g = 0.0
    var cells = 0
    var rest = (seen: 0.0, expected: 0.0)
    func add(_ seen: Double, _ mean: Double) {
      if seen > 0 { g += 2 * seen * log(seen / mean) }
      cells += 1
    }
    for (text, p) in expected {
      let seen = Double(counts[text] ?? 0)
      if p * total >= 10 {
        add(seen, p * total)
      } else {
        rest.seen += seen
        rest.expected += p * total
      }
    }
    if rest.expected > 0 { add(rest.seen, rest.expected) }
    let freedom = Double(cells - 1)
    // Wilson and Hilferty's cube root makes χ² nearly normal.
    return (pow(g / freedom, 1.0 / 3) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)).squareRoot()
  }

  static func counts(
    _ model: Decoder, draft: Decoder?, prompt: [Int] = prompt, draws: Int = 6000,
    _ change: (inout SamplingParameters) -> Void = { _ in }
  ) throws -> ([[Int]: Int], GenerationScheduler.Statistics) {
    var parameters = SamplingParameters(maxTokens: length, seed: 77)
    parameters.ignoresEndOfText = true
    change(&parameters)
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: nil, limits: .init(batch: 256, draftTokens: 2), cacheTokens: 256 * 32, draft: draft)
    try scheduler.submit(GenerationRequest(prompt: prompt, samples: draws, parameters: parameters))
    var counts: [[Int]: Int] = [:]
    while !scheduler.isIdle {
      for event in try scheduler.step() {
        if case .finished(let completion, _) = event.kind { counts[completion.ids, default: 0] += 1 }
      }
    }
    #expect(counts.values.reduce(0, +) == draws)
    return (counts, scheduler.statistics)
  }

  @Test("a draft model changes nothing about how texts are distributed")
  func draftModel() throws {
    let model = try Self.model(seed: 1, width: 16)
    let draft = try Self.model(seed: 2, width: 8)
    let expected = Self.exact(model)
    let (counts, statistics) = try Self.counts(model, draft: draft)
    #expect(abs(Self.deviation(counts, expected)) < 4)
    // It proposed much, part of which was taken; and the test would see the draft's own distribution.
    #expect(statistics.draftedTokens > 6000)
    #expect(statistics.acceptedTokens > 500 && statistics.acceptedTokens < statistics.draftedTokens)
    #expect(Self.deviation(counts, Self.exact(draft)) > 20)
  }

  @Test("nor after temperature and top-k")
  func filtered() throws {
    let model = try Self.model(seed: 1, width: 16)
    let draft = try Self.model(seed: 2, width: 8)
    let (counts, _) = try Self.counts(model, draft: draft) {
      $0.temperature = 0.5
      $0.topK = 4
    }
    let expected = Self.exact(model) { row in
      let weights = row.map { $0 * $0 }
      let floor = weights.sorted(by: >)[3]
      let kept = weights.map { $0 >= floor ? $0 : 0 }
      return kept.map { $0 / kept.reduce(0, +) }
    }
    #expect(abs(Self.deviation(counts, expected.filter { $0.value > 0 })) < 4)
    #expect(counts.keys.allSatisfy { expected[$0] ?? 0 > 0 })
  }

  @Test("prompt look-up doesn't either")
  func lookup() throws {
    let model = try Self.model(seed: 1, width: 16)
    // Every pair of tokens is in the prompt, so that look-up always proposes something.
    let pairs = (0..<Self.vocabulary).flatMap { a in (0...a).flatMap { b in [a, b] } }
    let (counts, statistics) = try Self.counts(model, draft: nil, prompt: pairs) { $0.lookupTokens = 3 }
    #expect(abs(Self.deviation(counts, Self.exact(model, prompt: pairs))) < 4)
    #expect(statistics.draftedTokens > 5000 && statistics.acceptedTokens > 500)
  }

  @Test("the model as its own draft is always right; greedy text is the model's own with any draft")
  func agreement() throws {
    let model = try Self.model(seed: 1, width: 16)
    let same = try Self.counts(model, draft: try model.copy(), draws: 300).1
    #expect(same.acceptedTokens >= same.draftedTokens * 99 / 100)
    let tiny = try TinyModel.make()
    let draft = try Decoder(
      .llama(
        vocabularySize: tiny.configuration.vocabularySize, width: 16, layers: 1, heads: 2, keyValueHeads: 1,
        feedForwardWidth: 32, contextLength: 100, endOfText: nil),
      generator: Generator(seed: 9))
    var requests = SchedulerTests.requests(4, length: 30, maxTokens: 90)
    for i in requests.indices { requests[i].parameters.temperature = 0 }
    let expected = try GenerationEngine(model: tiny).generate(requests)
    // Contexts of the draft end before those of the model, and memory is short.
    for tokens in [4096, 224] {
      let scheduler = GenerationScheduler(
        models: [tiny], tokenizer: nil, limits: .init(batch: 6, prefillTokens: 64, reusesPrefixes: true),
        cacheTokens: tokens, draft: draft)
      let made = try SchedulerTests.run(scheduler, requests)
      #expect(made.map { $0.map(\.ids) } == expected.map { $0.map(\.ids) })
      for (a, b) in zip(made.joined(), expected.joined()) {
        for (x, y) in zip(a.logProbabilities, b.logProbabilities) { #expect(abs(x - y) < 1e-4) }
      }
      #expect(scheduler.statistics.draftedTokens > 100 && scheduler.statistics.usedBlocks == 0)
    }
  }

  @Test("reported log-probabilities of drawn texts are the model's own")
  func scores() throws {
    let model = try Self.model(seed: 1, width: 16)
    var parameters = SamplingParameters(maxTokens: 20, seed: 3)
    parameters.ignoresEndOfText = true
    let engine = GenerationEngine(model: model, draft: try Self.model(seed: 2, width: 8))
    for completion in try engine.generate([.init(prompt: Self.prompt, samples: 8, parameters: parameters)])[0] {
      let own = withoutGradients {
        model.logProbabilities(PackedTokens([Self.prompt + completion.ids])).array().suffix(20)
      }
      for (x, y) in zip(completion.logProbabilities, own) { #expect(abs(x - y) < 1e-4) }
    }
  }

  @Test("a draft model of another vocabulary is refused")
  func vocabulary() throws {
    let engine = GenerationEngine(model: try Self.model(seed: 1, width: 16), draft: try TinyModel.make())
    #expect {
      try engine.generate([.init(prompt: [1], parameters: .init())])
    } throws: {
      "\($0)".contains("vocabulary has") && "\($0)".contains("draft model")
    }
  }
}
