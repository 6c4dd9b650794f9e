import Foundation
import TestSupport
import Testing

/// The commands that need tensors, one after the other on a toy problem, by the built tool.
@Suite("Learning commands")
struct LearningCommandTests: ToolSuite {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // A language in which every word is followed by its successor in a ring.
    let words = ["ant", "bee", "cat", "dog", "eel", "fox"]
    let lines = (0..<240).map { i in
      (0..<8).map { words[(i * 5 + $0) % 6] }.joined(separator: " ")
    }
    try folder.write("text.txt", lines.joined(separator: "\n"))
    func record(_ members: String) -> String { "{\(members)}" }
    try folder.write(
      "demonstrations.jsonl",
      (0..<48).map { record(#""prompt": "\#(words[$0 % 6])", "completion": " \#(words[($0 + 1) % 6])""#) }
        .joined(separator: "\n"))
    try folder.write(
      "comparisons.jsonl",
      (0..<48).map {
        record(
          #""prompt": "\#(words[$0 % 6])", "chosen": " \#(words[($0 + 1) % 6])", "rejected": " \#(words[($0 + 3) % 6])""#
        )
      }.joined(separator: "\n"))
    try folder.write(
      "rankings.jsonl",
      (0..<24).map {
        record(
          #""prompt": "\#(words[$0 % 6])", "completions": [" ant", " bee", " cat"], "ranking": [2, 1, 2]"#)
      }.joined(separator: "\n"))
    try folder.write(
      "answers.jsonl",
      (0..<24).map { record(#""prompt": "\#(words[$0 % 6])", "answer": "\#(words[($0 + 1) % 6])""#) }
        .joined(separator: "\n"))
  }

  func metrics(_ run: String) throws -> [[String: Any]] {
    try String(contentsOfFile: folder.path("\(run)/metrics.jsonl"), encoding: .utf8)
      .split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
  }

  func pretrain(_ run: String, _ more: String = "") -> String {
    "train pretrain --data text.txt --text-division lines --tokenizer words --layers 1 --hidden-size 32 "
      + "--heads 2 --context 32 --batch-size 8 --optim muon --run \(run) \(more)"
  }

  @Test("text, demonstrations, comparisons, rewards: each command learns, and the next one starts from it")
  func circle() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(pretrain("base", "--max-steps 120 --eval-steps 60"))
    let base = try metrics("base")
    #expect(base.count == 120)
    for key in ["step", "loss", "learning_rate", "grad_norm", "tokens_per_second"] {
      #expect(base.allSatisfy { $0[key] is NSNumber }, "\(key)")
    }
    let first = try #require(base.first?["loss"] as? Double)
    let last = try #require(base.last?["loss"] as? Double)
    #expect(last < first / 2)
    #expect(base[59]["eval_loss"] is Double && base[119]["eval_loss"] is Double && base[60]["eval_loss"] == nil)

    try tool(
      "train sft --model base --data demonstrations.jsonl --run sft --max-steps 60 --batch-size 8 --learning-rate 0.003 --eval-share 0"
    )
    let likely = try tool("score --model sft --text ant --json").json()
    #expect((likely["logprobs"] as? [Any])?.first is NSNull)
    let sampled = try tool("sample --model sft --prompt cat --n 3 --max-tokens 8 --temperature 0 --json").json()
    let completions = try #require(sampled["completions"] as? [[String: Any]])
    #expect(completions.count == 3)
    #expect(completions.allSatisfy { $0["text"] as? String == " dog" && $0["finish_reason"] as? String == "stop" })

    try tool(
      "train reward --model sft --data comparisons.jsonl rankings.jsonl --run reward --max-steps 50 --batch-size 8 --learning-rate 0.003 --eval-share 0"
    )
    let judged = try tool("evaluate reward --model reward --data comparisons.jsonl --json").json()
    let accuracy = try #require((judged["accuracy"] as? [String: Any])?["value"] as? Double)
    #expect(accuracy > 0.9)

    try tool(
      "train ppo --model base --reward reward --data answers.jsonl --run ppo --max-steps 3 --batch-size 8 --response-length 4 --ptx-data text.txt --text-division lines"
    )
    let ppo = try metrics("ppo")
    #expect(ppo.count == 3 && ppo.allSatisfy { $0["objective/kl"] is NSNumber && $0["val/ratio"] is NSNumber })
    try tool(
      "train dpo --model sft --data comparisons.jsonl --run dpo --max-steps 15 --batch-size 8 --learning-rate 0.001")
    let dpo = try metrics("dpo")
    #expect(abs((dpo[0]["loss"] as? Double ?? 0) - log(2)) < 1e-4)
    #expect(dpo.last?["rewards/accuracies"] as? Double ?? 0 > 0.9)
    // Early in its training a model is right now and then, which is what there is to learn from.
    try tool(pretrain("young", "--max-steps 45"))
    try tool(
      "train grpo --model young --answer-column answer --answer-pattern [a-z]+ --data answers.jsonl --run grpo --max-steps 25 --batch-size 6 --num-generations 8 --response-length 3 --learning-rate 0.003"
    )
    let grpo = try metrics("grpo").compactMap { $0["reward"] as? Double }
    #expect(grpo.count == 25 && grpo.suffix(8).reduce(0, +) > 1.5 * grpo.prefix(8).reduce(0, +))

    let text = try tool("evaluate likelihood --model base --data text.txt --text-division lines --json").json()
    let loss = try #require(text["loss"] as? Double)
    #expect(abs(exp(loss) - (text["perplexity"] as? Double ?? 0)) < 1e-9 && loss < 1)
    // What fewer bits cost is near nothing and not nothing.
    for weights in ["bfloat16", "int8", "int4"] {
      let both = try tool(
        "evaluate likelihood --model base --data text.txt --text-division lines --weights \(weights) --json"
      ).json()
      let packed = try #require(both["packed"] as? [String: Any])
      #expect(both["loss"] as? Double == loss)
      let other = try #require(packed["loss"] as? Double)
      #expect(other != loss && abs(other - loss) < 0.1, "\(weights)")
      #expect(abs(exp(other - loss) - 1 - (packed["perplexity_rise"] as? Double ?? 9)) < 1e-9)
    }
    // A draft model proposes; what comes at temperature 0 is the model's own.
    let plain = try tool("sample --model sft --prompt cat --max-tokens 8 --temperature 0 --json").json()
    let drafted = try tool("sample --model sft --draft-model base --prompt cat --max-tokens 8 --temperature 0 --json")
      .json()
    func ids(_ report: [String: Any]) -> [[Int]] {
      (report["completions"] as? [[String: Any]] ?? []).compactMap { $0["ids"] as? [Int] }
    }
    #expect(ids(plain) == ids(drafted) && ids(plain).count == 1)
    let win = try tool(
      "evaluate win-rate --model sft --against base --reward reward --data answers.jsonl --response-length 4 --json"
    ).json()
    #expect((win["wins"] as? Int ?? 0) + (win["ties"] as? Int ?? 0) + (win["losses"] as? Int ?? 0) == 24)
    // Their tokens differ, so a model that was made with other words is refused.
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 270 --out other")
    try tool(
      "train pretrain --data text.txt --text-division lines --tokenizer other --layers 1 --hidden-size 32 --heads 2 --context 32 --run stranger --max-steps 1"
    )
    #expect(
      try tool("sample --model sft --draft-model stranger --prompt cat", expecting: 65).errors.contains("stranger"))
    try tool(
      "train ppo --model stranger --reward reward --data answers.jsonl --run bad --max-steps 1 --response-length 4",
      expecting: 65)
    #expect(!FileManager.default.fileExists(atPath: folder.path("bad")))
    try tool("sample --model nowhere --prompt x", expecting: 66)
  }

  @Test("a demonstration that is too long or broken: its file and line, before anything is written")
  func demonstrationsThatDoNotFit() throws {
    try tool("tokenizer train --data text.txt --vocabulary 300 --out words")
    try tool(pretrain("base", "--max-steps 1"))
    let good = #"{"prompt": "ant", "completion": " bee"}"#
    let long = #"{"prompt": "ant", "completion": "\#(String(repeating: " bee", count: 40))"}"#
    try folder.write("long.jsonl", [good, good, long, good].joined(separator: "\n"))
    let sft = "train sft --model base --data long.jsonl --max-steps 1 --batch-size 2 --eval-share 0 --run sft"
    let refused = try tool(sft, expecting: 65)
    #expect(refused.errors.contains("long.jsonl:3"))
    #expect(refused.errors.contains("--skip-long"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("sft")))
    #expect(try tool(sft + " --skip-long").errors.contains("left out 1 demonstration"))
    try folder.write("few.jsonl", good)
    let few = try tool("train sft --model base --data few.jsonl --max-steps 1 --run few", expecting: 66)
    #expect(few.errors.contains("1 usable demonstrations where at least 2 are needed"))
  }

  @Test("an expression learned from examples constrains what an untrained model says, and evaluation agrees")
  func inducedExpressionConstrainsSampling() throws {
    try tool("tokenizer train --data text.txt --vocabulary 300 --out words")
    try tool(pretrain("base", "--max-steps 1"))
    try folder.write("yes.txt", ["2024-03-17", "1999-12-31", "2031-07-04"].joined(separator: "\n"))
    try folder.write("no.txt", ["2024-3-17", "17-03-2024"].joined(separator: "\n"))
    let learned = try tool("teach regex --positive yes.txt --negative no.txt --json").json()
    let expression = try #require(learned["regex"] as? String)
    let drawn = try Tool.run(
      arguments: [
        "sample", "--model", "base", "--prompt", "ant", "--n", "8", "--max-tokens", "24", "--seed", "3", "--json",
        "--regex", expression,
      ], in: folder.path, environment: ["OMP_NUM_THREADS": "1"])
    #expect(drawn.status == 0, "\(drawn.errors)")
    let completions = try #require(try drawn.json()["completions"] as? [[String: Any]])
    #expect(completions.count == 8)
    let texts = completions.compactMap { $0["text"] as? String }
    try folder.write("drawn.txt", texts.joined(separator: "\n") + "\n")
    let checked = try Tool.run(
      "evaluate", "format", "--regex", expression, "--data", "drawn.txt", "--text-division", "lines", "--json",
      in: folder.path)
    let share = try #require(try checked.json()["matching"] as? [String: Any])
    #expect(share["value"] as? Double == 1 && share["n"] as? Int == 8, "\(expression): \(texts)")
  }

  @Test(
    "kill -9 in the middle, then the same command: the same losses to the last bit, and more steps can be asked for")
  func killed() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    let command = "--max-steps 60 --save-steps 3"
    try tool(pretrain("whole", command))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Tool.path)
    process.arguments = pretrain("cut", command).split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder.url
    process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
    process.standardError = FileHandle.nullDevice
    try process.run()
    // Killed once it has a checkpoint behind it; where exactly differs from run to run, as it should.
    while process.isRunning, !FileManager.default.fileExists(atPath: folder.path("cut/checkpoints/step-000006")) {
      usleep(2000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let before = try metrics("cut").count
    #expect(before < 60)
    try tool(pretrain("cut", command))
    let (whole, cut) = (try metrics("whole"), try metrics("cut"))
    #expect(cut.compactMap { $0["step"] as? Int } == Array(1...60))
    #expect(cut.compactMap { $0["loss"] as? Double } == whole.compactMap { $0["loss"] as? Double })

    // The line of a checkpoint's step is written again where the run died before it.
    var lines = try String(contentsOfFile: folder.path("cut/metrics.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    lines.removeLast()
    try folder.write("cut/metrics.jsonl", lines.joined(separator: "\n") + "\n")
    try tool(pretrain("cut", "--max-steps 62 --save-steps 3"))
    let longer = try metrics("cut")
    #expect(longer.compactMap { $0["step"] as? Int } == Array(1...62))
    #expect(longer[59]["loss"] as? Double == whole[59]["loss"] as? Double)
    // Anything that changes what a step is stays refused.
    try tool(pretrain("cut", "--max-steps 62 --learning-rate 0.5"), expecting: 64)
  }

  @Test("two processes that share a batch have the losses of one")
  func parallel() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    let settings = "--max-steps 6 --micro-batch-tokens 64"
    try tool(pretrain("one", settings))
    let port = "\(try Listener().port)"
    let processes = try (0..<2).map { rank in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try Tool.path)
      process.arguments = pretrain("two", settings).split(separator: " ").map(String.init)
      process.currentDirectoryURL = folder.url
      // What torchrun sets for the processes that it starts.
      process.environment = ProcessInfo.processInfo.environment.merging([
        "OMP_NUM_THREADS": "1", "RANK": "\(rank)", "LOCAL_RANK": "\(rank)", "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
      ]) { $1 }
      process.standardError = FileHandle.nullDevice
      try process.run()
      return process
    }
    for process in processes { process.waitUntilExit() }
    #expect(processes.allSatisfy { $0.terminationStatus == 0 })
    let (one, two) = (try metrics("one"), try metrics("two"))
    #expect(one.count == 6 && two.count == 6)
    for (a, b) in zip(one, two) {
      let (x, y) = (a["loss"] as? Double ?? 0, b["loss"] as? Double ?? 1)
      #expect(abs(x - y) < 2e-5 * x, "\(x) and \(y)")
    }
  }
}
