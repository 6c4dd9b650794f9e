import Foundation
import Probability
import Testing

@Suite struct EnumerationTests {
  @Test func sprinklerAgreesWithBayes() throws {
    let posterior = try enumerate { s in
      let rain = try s.flip(0.2)
      let sprinkler = try s.flip(0.1)
      try s.condition(rain || sprinkler)
      return rain
    }
    #expect(abs(posterior.probability(of: true) - 0.2 / (1 - 0.8 * 0.9)) < 1e-12)
    #expect(abs((posterior.diagnostics.logEvidence ?? 0) - log(0.28)) < 1e-12)
    #expect(posterior.diagnostics.executions == 4)
    #expect(posterior.diagnostics.missedPriorMass == 0)
  }

  /// A hidden Markov model by paths, by steps, and by a forward pass written out here.
  @Test(arguments: [Enumeration.Order.depthFirst, .breadthFirst, .likelyFirst])
  func hiddenMarkovModelAgreesWithForwardPass(order: Enumeration.Order) throws {
    let seen = [true, true, false, true, false, false, true, true]
    let model = HiddenMarkov.model(seen)
    var alpha = [0.5, 0.5]
    var evidence = 1.0
    for observation in seen {
      var next = [alpha[0] * 0.7 + alpha[1] * 0.3, alpha[0] * 0.3 + alpha[1] * 0.7]
      next[0] *= observation ? 0.1 : 0.9
      next[1] *= observation ? 0.9 : 0.1
      let total = next[0] + next[1]
      evidence *= total
      alpha = [next[0] / total, next[1] / total]
    }
    let paths = try infer(.enumeration(order: order), model.model)
    let steps = try infer(.enumeration(), model)
    #expect(abs(paths.probability(of: true) - alpha[1]) < 1e-10)
    #expect(abs(steps.probability(of: true) - alpha[1]) < 1e-12)
    #expect(abs((paths.diagnostics.logEvidence ?? 0) - log(evidence)) < 1e-9)
    #expect(abs((steps.diagnostics.logEvidence ?? 0) - log(evidence)) < 1e-12)
  }

  @Test func geometricRecursionIsBoundedAndSaysWhatItMissed() throws {
    @Sendable func geometric(_ s: Sampler) throws -> Int {
      try s.flip() ? 1 + geometric(s) : 0
    }
    let result = try enumerate(geometric)
    #expect(abs(result.probability(of: 3) - 1.0 / 16) < 1e-9)
    let short = try infer(.enumeration(order: .likelyFirst, maximumExecutions: 8), geometric)
    #expect(short.diagnostics.missedPriorMass > 0)
    // What was found is 0, 1, … up to some n; the bound must cover the rest exactly.
    let found = short.values.reduce(0.0) { $0 + pow(0.5, Double($1 + 1)) }
    #expect(abs(short.diagnostics.missedPriorMass - (1 - found)) < 1e-12)
    #expect(try #require(short.diagnostics.missedPosteriorBound) >= 1 - found - 1e-12)
  }

  @Test func aLoopWithoutEndIsAnError() {
    #expect(throws: InferenceError.self) {
      try infer(.enumeration(maximumExecutions: 1_000)) { s -> Int in
        while true { _ = try s.flip() }
      }
    }
  }

  @Test func infiniteSupportsAreEnumeratedUpToNegligibleMass() throws {
    for order in [Enumeration.Order.depthFirst, .likelyFirst, .breadthFirst] {
      let result = try infer(.enumeration(order: order)) { s in try s.sample(Poisson(rate: 3)) }
      #expect(abs(result.mean - 3) < 1e-9)
      #expect(abs(result.variance - 3) < 1e-9)
    }
  }

  @Test func contradictionsAndBadScoresAreErrors() {
    let impossible = #expect(throws: InferenceError.self) {
      try enumerate { s -> Bool in
        let x = try s.flip()
        try s.factor(-.infinity)
        return x
      }
    }
    #expect(impossible?.kind == .impossible)
    let notANumber = #expect(throws: InferenceError.self) {
      try enumerate { s -> Bool in
        let x = try s.flip()
        try s.factor(x ? .nan : 0)
        return x
      }
    }
    #expect(notANumber?.kind == .badScore)
    #expect(notANumber?.description.contains("EnumerationTests.swift:") == true)
    let continuous = #expect(throws: InferenceError.self) {
      try enumerate { s in try s.sample(Gaussian(mean: 0, standardDeviation: 1)) }
    }
    #expect(continuous?.kind == .unsupportedChoice)
    #expect(throws: ParameterError.self) { try enumerate { s in try s.flip(1.5) } }
  }

  @Test func nestedInferenceIsCached() throws {
    let calls = Counter()
    // A literal listener inside a pragmatic speaker (rational speech acts).
    let listener = Cache { (word: String) in
      calls.increment()
      return try enumerate { s in
        let count = try s.sample(UniformInteger(0...2))
        try s.condition(word == "all" ? count == 2 : word == "some" ? count > 0 : count == 0)
        return count
      }
    }
    let speaker = Cache { (count: Int) in
      try enumerate { s in
        let word = try s.sample(Categorical(["none", "some", "all"]))
        try s.observe(try listener(word), count)
        return word
      }
    }
    let pragmatic = try enumerate { s in
      let count = try s.sample(UniformInteger(0...2))
      try s.observe(try speaker(count), "some")
      return count
    }
    // Speaker(1): only "some" is true. Speaker(2): "some" 1/2, "all" 1, so "some" has 1/3.
    #expect(abs(pragmatic.probability(of: 1) - 0.75) < 1e-12)
    #expect(calls.value == 3)
  }

  @Test func memoizedFunctionsKeepTheirAnswers() throws {
    let result = try enumerate { s in
      let color = s.memoized { (_: String) in try s.flip(0.3) }
      let first = try color("Ann")
      let other = try color("Bob")
      return [first == (try color("Ann")), first == other]
    }
    #expect(result.probability(where: { $0[0] }) == 1)
    #expect(abs(result.probability(where: { $0[1] }) - (0.09 + 0.49)) < 1e-12)
  }
}

/// Counts calls from closures that must be sendable.
final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  func increment() { lock.withLock { count += 1 } }
  var value: Int { lock.withLock { count } }
}

enum HiddenMarkov {
  static func model(_ seen: [Bool]) -> SequentialModel<Bool> {
    SequentialModel(
      steps: seen.count, initial: { try $0.flip() },
      step: { s, state, index in
        let next = try s.flip(state ? 0.7 : 0.3)
        try s.observe(Bernoulli(next ? 0.9 : 0.1), seen[index])
        return next
      })
  }
}
