import Foundation
import TestSupport
import Testing

/// Choosing what to ask with an ensemble of trained reward models, by the built tool.
@Suite("Reward ensembles")
struct RewardEnsembleTests: ToolSuite {
  let folder: TemporaryFolder
  static let words = ["ant", "bee", "cat", "dog", "eel", "fox"]

  init() throws {
    folder = try TemporaryFolder()
    let words = Self.words
    let lines = (0..<200).map { i in
      (0..<8).map { words[(i * 5 + $0) % 6] }.joined(separator: " ")
    }
    try folder.write("text.txt", lines.joined(separator: "\n"))
    // The labeller likes the next word better than any other, and is only asked about the first three.
    try folder.write(
      "comparisons.jsonl",
      (0..<48).map { i in
        let place = i % 3
        let other = (place + 2 + i / 3 % 4) % 6
        return #"{"prompt": "\#(words[place])", "chosen": " \#(words[place + 1])", "rejected": " \#(words[other])"}"#
      }.joined(separator: "\n"))
  }

  @Test("models of other seeds disagree about what they were not shown, and that is asked first")
  func choose() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(
      "train pretrain --data text.txt --text-division lines --tokenizer words --layers 1 --hidden-size 32 --heads 2 --context 32 --batch-size 8 --optim muon --run base --max-steps 60"
    )
    let seeds = 1...3
    for seed in seeds {
      try tool(
        "train reward --model base --data comparisons.jsonl --run reward-\(seed) --seed \(seed) --max-steps 40 --batch-size 8 --learning-rate 0.003 --eval-share 0"
      )
    }
    let rewards = seeds.map { "reward-\($0)" }.joined(separator: " ")

    // A third of the pool is like the labels; the rest is about words that never were prompts, each
    // question twice.
    let known = (0..<3).map { i in
      #"{"id": "known-\#(i)", "prompt": "\#(Self.words[i])", "chosen": " \#(Self.words[i + 1])", "rejected": " \#(Self.words[(i + 2) % 6])"}"#
    }
    let strange = (3..<6).map { i in
      #"{"id": "strange-\#(i)", "prompt": "\#(Self.words[i])", "completions": [" \#(Self.words[(i + 1) % 6])", " \#(Self.words[(i + 3) % 6])"]}"#
    }
    let repeated = strange.map { $0.replacingOccurrences(of: "strange", with: "again") }
    try folder.write("pool.jsonl", (known + strange + repeated).joined(separator: "\n"))
    let result = try tool("experiment choose --rewards \(rewards) --data pool.jsonl -n 2 --json")
    let chosen = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(chosen.count == 2)
    let names = chosen.compactMap { $0["id"] as? String }
    #expect(names.first?.hasPrefix("known") == false, "\(names)")
    for row in chosen {
      #expect(row["first"] as? Int == 0 && row["second"] as? Int == 1)
      #expect((row["probabilities"] as? [Double])?.count == 3)
      #expect(row["gain"] as? Double ?? -1 >= 0)
    }
    // Both gains together are the mutual information of both answers and the model.
    let p = chosen.compactMap { $0["probabilities"] as? [Double] }
    func information(_ outcomes: [[Double]]) -> Double {
      outcomes.reduce(0) { sum, likelihoods in
        let mean = likelihoods.reduce(0, +) / 3
        return sum + likelihoods.reduce(0) { $0 + $1 / 3 * log($1 / mean) }
      }
    }
    let gains = chosen.compactMap { $0["gain"] as? Double }
    let one = information([p[0], p[0].map { 1 - $0 }])
    #expect(abs(gains[0] - one) < 1e-9)
    let both = [(1.0, 1.0), (1, -1), (-1, 1), (-1, -1)].map { first, second in
      zip(p[0], p[1]).map { a, b in
        (first > 0 ? a : 1 - a) * (second > 0 ? b : 1 - b)
      }
    }
    #expect(abs(gains[0] + gains[1] - information(both)) < 1e-9)

    // Of three completions all pairs are in the pool.
    try folder.write(
      "three.jsonl", #"{"prompt": "dog", "completions": [" ant", " eel", " fox"]}"#)
    let three = try tool("experiment choose --rewards \(rewards) --data three.jsonl -n 9 --json")
    let pairs = try #require(
      JSONSerialization.jsonObject(with: Data(three.output.utf8)) as? [[String: Any]])
    #expect((1...3).contains(pairs.count))
    #expect(pairs.allSatisfy { $0["first"] as? Int ?? 9 < $0["second"] as? Int ?? 0 })

    let savings = try tool(
      "experiment savings --model base --data comparisons.jsonl --labels 12 --batch 3 --repetitions 2 --components 8 --json"
    ).json()
    #expect(savings["labels"] as? [Int] == [3, 6, 9, 12])
    #expect((savings["chosen"] as? [Double])?.allSatisfy { (0...1).contains($0) } == true)
    #expect((savings["chosen"] as? [Double])?.last ?? 0 > 0.6)

    try tool("experiment choose --rewards reward-1 --data pool.jsonl", expecting: 64)
    try tool("experiment choose --rewards reward-1 nowhere --data pool.jsonl", expecting: 66)
    try tool("experiment choose --rewards reward-1 base --data pool.jsonl", expecting: 65)
    try tool("experiment savings --model base", expecting: 64)
    try tool("experiment savings --model base --data comparisons.jsonl --labels 48", expecting: 65)
    try folder.write("one.jsonl", #"{"prompt": "dog", "completions": [" ant"]}"#)
    let single = try tool("experiment choose --rewards \(rewards) --data one.jsonl", expecting: 65)
    #expect(single.errors.contains("one.jsonl:1: 1 completions where a pair needs two"))
  }
}
