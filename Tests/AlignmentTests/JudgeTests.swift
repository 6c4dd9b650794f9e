import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Documents
import Tokenization
import Torch

private func texts(_ task: Int, _ all: String...) -> [Candidate] { all.map { Candidate(task: task, text: $0) } }

@Suite struct VerifierTests {
  @Test func aPatternFindsTheAnswerInTheCompletionAndInTheWorkedReference() throws {
    let verifier = AnswerVerifier(
      answers: [ReferenceAnswer("48/2=24 and 48+24=72\n#### 72"), ReferenceAnswer("72")],
      finder: try AnswerPattern("#### (-?[0-9.,]+)"))
    for task in 0...1 {
      #expect(
        verifier.scores(of: texts(task, "so #### 72", "#### 71", "it is 72", "#### 72 or #### 71")) == [1, 0, 0, 1])
    }
  }

  @Test func eachRecordHasItsOwnAnswerThoughTheirPromptsAreOne() throws {
    let verifier = AnswerVerifier(
      answers: [ReferenceAnswer("heads"), ReferenceAnswer("tails")], finder: try AnswerPattern())
    let prompt = [4, 5]
    let candidates = [0, 1, 0, 1].map { Candidate(task: $0, prompt: prompt, text: " heads\n") }
    #expect(verifier.scores(of: candidates) == [1, 0, 1, 0])
  }

  @Test func numbersOfRecordsAreNumbersAndTextsAreTexts() throws {
    let whole = try #require(ReferenceAnswer(JSONValue.int(1200)))
    #expect(["1200", "1,200", "1200.0", " 1.2e3"].allSatisfy(whole.matches))
    #expect(!whole.matches("120") && !whole.matches("twelve hundred") && !whole.matches("12,00"))
    let half = try #require(ReferenceAnswer(JSONValue.double(0.5)))
    #expect(half.matches(".5") && half.matches("0.50") && !half.matches("5"))
    // A code that looks like a number is not one.
    let code = ReferenceAnswer("01234")
    #expect(code.matches("01234") && !code.matches("1234"))
    #expect(ReferenceAnswer("1,234,567").matches("1234567"))
    #expect(!ReferenceAnswer("1,2").matches("12") && !ReferenceAnswer("12,34").matches("1234"))
    #expect(ReferenceAnswer(JSONValue.null) == nil && ReferenceAnswer(JSONValue.array([])) == nil)
  }

  @Test func aPatternWithoutAGroupTakesTheWholeMatch() throws {
    #expect(try AnswerPattern("[a-z]+").answer(in: "12 bee 3") == "bee")
    #expect(try AnswerPattern("x(y)?").answer(in: "x") == nil)
    #expect(throws: (any Error).self) { try AnswerPattern("(") }
  }
}

@Suite struct JudgeTests {
  @Test func aFormIsMatchedAsAWhole() throws {
    let date = FormatJudge(try .regularExpression("[0-9]{4}-[0-9]{2}"))
    #expect(date.scores(of: texts(0, "2024-05", "2024-05.", "24-05", "")) == [1, 0, 0, 0])
    let object = FormatJudge(try .jsonSchema(["type": "object", "required": ["a"]]))
    #expect(object.scores(of: texts(0, #"{"a": 1}"#, "{}", "[]")) == [1, 0, 0])
  }

  @Test func severalJudgesAsOne() throws {
    let length = ClosureJudge("length", version: "2", each: { Double($0.text.count) })
    let vowels = ClosureJudge("vowels", each: { Double($0.text.count { "aeiou".contains($0) }) })
    let all = texts(0, "abc", "eau", "xyzzy")
    func scores(_ rule: CombinedJudge.Rule) throws -> [Double] {
      try CombinedJudge([length, vowels], rule: rule).scores(of: all)
    }
    #expect(try scores(.weightedSum([1, -10])) == [-7, -27, 5])
    #expect(try scores(.mean) == [2, 3, 2.5])
    #expect(try scores(.minimum) == [1, 3, 0])
    #expect(try scores(.product) == [3, 9, 0])
    let record = CombinedJudge([length, vowels], rule: .mean).identity
    #expect(record == JudgeIdentity(name: "mean of length, vowels", version: "2"))
  }

  @Test func samplesVoteWithinTheirTask() throws {
    let pattern = try AnswerPattern("is (.*)")
    let batch = texts(0, "is 7", "is 7", "is 8", "no idea") + texts(1, "is 8", "is 1,000", "is 1000")
    let vote = MajorityVote(finder: pattern)
    let shares: [Double] = [2, 2, 1, 0, 1, 2, 2]
    #expect(try vote.scores(of: batch) == shares.map { $0 / 3 })
    // A judge that trusts the third sample turns the first vote.
    let trust = ClosureJudge("trust", each: { $0.text == "is 8" ? 6 : 1 })
    #expect(
      try MajorityVote(finder: pattern, weights: trust).scores(of: Array(batch.prefix(4))) == [0.25, 0.25, 0.75, 0])
    // Or only those vote that it trusts most, and their votes weigh the same.
    let few = MajorityVote(finder: pattern, weights: trust, voters: 1)
    #expect(try few.scores(of: Array(batch.prefix(4))) == [0, 0, 1, 0])
    let two = MajorityVote(finder: pattern, weights: trust, voters: 2)
    #expect(
      try two.scores(of: Array(batch.prefix(4))) == [0.5, 0.5, 0.5, 0]
        && two.name == "majority vote of the 2 best by trust")
  }

  @Test func aRewardModelReadsTokensAsDrawnOrTextsAnew() throws {
    let tokenizer = try BytePairTrainer(vocabularySize: 270).train(texts: ["the cat and the dog"])
    let model = ScalarModel(try tinyModel(vocabulary: tokenizer.vocabularySize), generator: Generator(seed: 2))
    let prompt = tokenizer.encode("the")
    let one = Candidate(prompt: prompt, completion: tokenizer.encode(" cat"), text: " dog")
    let asDrawn = RewardJudge(model, endOfText: 0).scores(of: [one])
    #expect(asDrawn == model.scores(of: [(prompt, tokenizer.encode(" cat") + [0])]).map(Double.init))
    let anew = RewardJudge(model, tokenizer: tokenizer, prompts: [[1, 2]], endOfText: 0).scores(of: [one])
    #expect(anew == model.scores(of: [([1, 2], tokenizer.encode(" dog") + [0])]).map(Double.init))
  }
}

@Suite struct SampleJudgeKeepTests {
  @Test func theBestOfNIsWhatTheJudgeLikesBest() throws {
    let engine = GenerationEngine(model: try tinyModel())
    let parameters = SamplingParameters(maxTokens: 4, seed: 5)
    let chooser = BestOfN(6, judge: PolicyTests.count7)
    let pools = try chooser.draw([[1, 2], [3]], engine: engine, parameters: parameters)
    let drawn = try engine.candidates(of: [[1, 2], [3]], samples: 6, parameters: parameters)
    #expect(pools.map(\.candidates) == drawn)
    for (task, pool) in pools.enumerated() {
      #expect(pool.candidates.allSatisfy { $0.task == task && $0.logProbabilities.count == $0.completion.count })
      let sevens = pool.candidates.map { Double($0.completion.filter { $0 == 7 }.count) / 4 }
      #expect(pool.scores == sevens && pool.order.map { sevens[$0] } == sevens.sorted(by: >))
      #expect(pool.best == pool.candidates[sevens.firstIndex(of: sevens.max() ?? 0) ?? 0])
    }
    // Of a longer pool only the first n are chosen from.
    #expect(
      try BestOfN(2, judge: PolicyTests.count7).ranked(drawn).map(\.candidates) == drawn.map { Array($0.prefix(2)) })
  }

  @Test func equalScoresKeepTheOrderOfDrawing() {
    let pool = JudgedPool(texts(0, "a", "b", "c", "d"), scores: [1, 2, 2, 1])
    #expect(pool.order == [1, 2, 0, 3] && pool.top(3).map(\.text) == ["b", "c", "a"])
    #expect(JudgedPool([], scores: []).best == nil)
  }

  /// Against all subsets, one by one.
  @Test func expectedScoresAreMeansOverAllSubsets() {
    let (proxy, gold) = ([3.0, 1, 2, 5, 4], [0.1, 0.9, 0.4, 0.2, 0.7])
    let pool = JudgedPool(texts(0, "a", "b", "c", "d", "e"), scores: proxy)
    for n in 1...5 {
      let subsets = (0..<32).filter { $0.nonzeroBitCount == n }
      let mean =
        subsets.reduce(0.0) { sum, set in
          let members = (0..<5).filter { set >> $0 & 1 == 1 }
          return sum + gold[members.max { proxy[$0] < proxy[$1] } ?? 0]
        } / Double(subsets.count)
      #expect(abs(pool.expectedScore(ofBest: n, gold: gold) - mean) < 1e-12)
      let passing = Double(subsets.count { set in (0..<5).contains { set >> $0 & 1 == 1 && proxy[$0] > 3.5 } })
      #expect(abs(pool.passRate(at: n, above: 3.5) - passing / Double(subsets.count)) < 1e-12)
    }
  }

  @Test func rejectionByThresholdKeepsEachAcceptedTextOnce() {
    let candidates = [[1], [2], [1], [3], [4]].map { Candidate(completion: $0) }
    let pool = JudgedPool(candidates, scores: [1, 0, 1, 1, 1])
    #expect(RejectionSampling(.atLeast(1)).kept([pool])[0].map(\.completion) == [[1], [3], [4]])
    #expect(RejectionSampling(.atLeast(1), most: 2).kept([pool])[0].map(\.completion) == [[1], [3]])
    #expect(RejectionSampling(.atLeast(1), dropsRepeats: false).kept([pool])[0].count == 4)
  }

  /// The optimum of score − β·KL is π·exp(score/β)/Z, in closed form for a policy over three words.
  @Test func tiltedRejectionSamplesFromTheOptimalPolicy() {
    let policy = [0.5, 0.3, 0.2]
    let scores = [0.0, 1, 2]
    let beta = 1.5
    let weights = zip(policy, scores).map { $0 * exp($1 / beta) }
    let optimum = weights.map { $0 / weights.reduce(0, +) }
    let drawn = (0..<20_000).map { i in i % 10 < 5 ? 0 : i % 10 < 8 ? 1 : 2 }
    let pool = JudgedPool(drawn.map { Candidate(completion: [$0]) }, scores: drawn.map { scores[$0] })
    let kept = RejectionSampling(.tilted(beta: beta), dropsRepeats: false, seed: 3).kept([pool])[0]
    // Five standard errors of a share over the some 9,000 that are kept.
    for word in 0..<3 {
      let share = Double(kept.count { $0.completion == [word] }) / Double(kept.count)
      #expect(abs(share - optimum[word]) < 0.027, "word \(word): \(share) and \(optimum[word])")
    }
  }
}
