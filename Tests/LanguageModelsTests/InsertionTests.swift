import LanguageModels
import Testing
import Tokenization
import Torch

/// Text that is written into completions while they are drawn.
@Suite struct InsertionTests {
  private func requests(_ tokenizer: Tokenizer, _ insertion: Insertion?) -> [GenerationRequest] {
    (0..<3).map { i in
      GenerationRequest(
        prompt: tokenizer.encode("the rain \(i)"), samples: 4,
        parameters: SamplingParameters(temperature: 1, maxTokens: 24, seed: UInt64(i)), insertion: insertion)
    }
  }

  @Test func whatIsInsertedFollowsWhereItIsAskedForAndNowhereElse() throws {
    let tokenizer = try #require(TinyModel.tokenizer)
    let model = try TinyModel.make()
    let engine = GenerationEngine(model: model, tokenizer: tokenizer)
    let plain = try engine.generate(requests(tokenizer, nil)).flatMap { $0 }
    // Behind the first vowel of the text, once.
    let vowels = Insertion { text in
      guard let last = text.last, "aeiou".contains(last), text.count(where: { "aeiou".contains($0) }) == 1 else {
        return nil
      }
      return "<the date 10>"
    }
    let made = try engine.generate(requests(tokenizer, vowels)).flatMap { $0 }
    var inserted = 0
    for (before, after) in zip(plain, made) {
      guard let place = after.text.firstRange(of: "<the date 10>") else {
        // Nothing was asked for, or the text was over first: the same text.
        #expect(after.text == before.text || after.finishReason == .length)
        continue
      }
      inserted += 1
      let head = after.text[..<place.lowerBound]
      #expect(head.last.map { "aeiou".contains($0) } == true && before.text.hasPrefix(head))
      #expect(head.count(where: { "aeiou".contains($0) }) == 1)
    }
    #expect(inserted >= 4)
  }

  @Test func insertedTokensHaveTheModelsOwnLogProbabilities() throws {
    let tokenizer = try #require(TinyModel.tokenizer)
    let model = try TinyModel.make()
    let prompt = tokenizer.encode("the")
    let once = Insertion { $0.count == 2 ? " value" : nil }
    for temperature in [0.0, 1.0] {
      for penalty in [1.0, 1.3] {
        var parameters = SamplingParameters(temperature: temperature, maxTokens: 12, seed: 3)
        parameters.repetitionPenalty = penalty
        let made = try GenerationEngine(model: model, tokenizer: tokenizer).generate([
          GenerationRequest(prompt: prompt, parameters: parameters, insertion: once)
        ])[0][0]
        let all = withoutGradients {
          model.logits(model(PackedTokens([prompt + made.ids]))).logSoftmax(axis: -1)
        }
        for (i, id) in made.ids.enumerated() {
          let expected: Double = all.select(prompt.count - 1 + i, axis: 0).select(id, axis: 0).item()
          #expect(abs(Double(made.logProbabilities[i]) - expected) < 1e-3)
        }
      }
    }
  }

  @Test func theTextDoesNotDependOnWhatRunsBesideItNorOnDrafts() throws {
    let tokenizer = try #require(TinyModel.tokenizer)
    let model = try TinyModel.make()
    let rule = Insertion { $0.last == "e" && $0.count < 12 ? "e rain" : nil }
    let together = try GenerationEngine(model: model, tokenizer: tokenizer).generate(requests(tokenizer, rule))
    var alone: [[Completion]] = []
    for var request in requests(tokenizer, rule) {
      request.parameters.lookupTokens = 4
      let engine = GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: 1))
      alone += try engine.generate([request])
    }
    #expect(together.map { $0.map(\.ids) } == alone.map { $0.map(\.ids) })
  }

  @Test func itNeedsATokenizerAndGoesWithNoConstraint() throws {
    let tokenizer = try #require(TinyModel.tokenizer)
    let model = try TinyModel.make()
    let rule = Insertion { _ in nil }
    let request = GenerationRequest(prompt: [5], parameters: SamplingParameters(), insertion: rule)
    #expect(throws: GenerationError.self) { try GenerationEngine(model: model).generate([request]) }
    var constrained = request
    constrained.constraint = try .regularExpression("[a-z]+")
    #expect(throws: GenerationError.self) {
      try GenerationEngine(model: model, tokenizer: tokenizer).generate([constrained])
    }
  }
}
