import Foundation
import TestSupport
import Testing

/// What a run that is started again notices, keeps and says.
extension LearningCommandTests {
  private func manifest(_ run: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.url.appendingPathComponent("\(run)/run.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func words() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
  }

  @Test("a run goes on only with the shape, tokenizer, division, share, data and base that it began with")
  func changes() throws {
    try words()
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --min-frequency 9 --out other")
    try tool(pretrain("base", "--max-steps 2"))
    let shape =
      "train pretrain --data text.txt --run base --max-steps 3 --layers 1 --hidden-size 32 --context 32 --batch-size 8 --optim muon"
    for (rest, named) in [
      ("--text-division lines --tokenizer words --heads 4", "heads was 2, is 4"),
      ("--text-division paragraphs --tokenizer words --heads 2", "text_division was"),
      ("--text-division lines --tokenizer other --heads 2", "tokenizer was"),
      ("--text-division lines --tokenizer words --heads 2 --eval-share 0.3", "eval_share was"),
    ] {
      let result = try tool("\(shape) \(rest)", expecting: 64)
      #expect(result.errors.contains(named), "\(result.errors)")
    }
    let before = try metrics("base").count
    let text = try String(contentsOfFile: folder.path("text.txt"), encoding: .utf8)
    try folder.write("text.txt", text.replacing("ant bee", with: "bee ant"))
    let data = try tool(pretrain("base", "--max-steps 3"), expecting: 64)
    #expect(data.errors.contains("what text.txt holds has changed"), "\(data.errors)")
    try folder.write("text.txt", text)
    #expect(try metrics("base").count == before, "a refused run leaves the folder as it was")
    try tool(pretrain("base", "--max-steps 3"))

    // The base under adapters: another one of the same shape in the same place.
    let adapters =
      "train sft --model base --data demonstrations.jsonl --run adapted --batch-size 8 --lora-r 2 --max-steps"
    try tool("\(adapters) 2")
    try tool(pretrain("base", "--max-steps 4"))
    let base = try tool("\(adapters) 3", expecting: 64)
    #expect(base.errors.contains("what base holds has changed"), "\(base.errors)")
  }

  @Test("run.json holds every setting and, given back as --config, makes the same run")
  func givenBack() throws {
    try words()
    try tool(pretrain("base", "--max-steps 4"))
    let runs = [
      ("sft", "--data demonstrations.jsonl --eval-share 0.2 --no-skip-long"),
      ("reward", "--data comparisons.jsonl rankings.jsonl"),
      ("dpo", "--data comparisons.jsonl --beta 0.2 --length-normalized --lora-r 2 --lora-target-modules q_proj v_proj"),
      ("grpo", "--data answers.jsonl --answer-column answer --num-generations 2 --response-length 3"),
      ("ppo", "--data answers.jsonl --reward reward --response-length 3 --ptx-data text.txt --text-division lines"),
    ]
    for (name, flags) in runs {
      try tool("train \(name) --model base --run \(name) --max-steps 2 --batch-size 4 --seed 7 \(flags)")
      try tool("train \(name) --config \(name)/run.json --run \(name)-again")
      let (first, again) = (try manifest(name), try manifest("\(name)-again"))
      for key in ["configuration", "inputs", "seed", "command"] {
        #expect(first[key] as? NSObject == again[key] as? NSObject, "\(name): \(key)")
      }
      let settings = try #require(first["configuration"] as? [String: Any])
      for key in ["model", "data", "learning_rate", "adam_epsilon", "text_division", "prompt_column", "batch_size"] {
        #expect(settings[key] != nil && !(settings[key] is NSNull), "\(name) has no \(key)")
      }
      #expect(settings["run"] == nil && settings["config"] == nil)
      #expect((first["inputs"] as? [String: String])?["base"] != nil)
      let (a, b) = (try metrics(name), try metrics("\(name)-again"))
      #expect(a.map { $0["loss"] as? Double } == b.map { $0["loss"] as? Double } && a.count == 2, "\(name)")
      #expect(a.map { $0["learning_rate"] as? Double } == b.map { $0["learning_rate"] as? Double })
    }
    #expect(try tool("train dpo --config sft/run.json --run x", expecting: 64).errors.contains("train sft"))
  }

  @Test(
    "without --save-steps a run saves by the clock, and at SIGHUP; killed, it goes on from there to the same losses")
  func byTheClock() throws {
    try words()
    let command = "--max-steps 500 --save-minutes 0.0005"
    try tool(pretrain("whole", "--max-steps 500"))
    #expect(checkpoints("whole") == ["step-000500"])
    func start(_ run: String) throws -> Process {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try Tool.path)
      process.arguments = pretrain(run, command).split(separator: " ").map(String.init)
      process.currentDirectoryURL = folder.url
      process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
      process.standardError = FileHandle.nullDevice
      // Under 'nohup' the tests ignore hangups, and so would what they start. What they block, as the threads of tests do, is
      // handed down, too, and must not keep a run from stopping.
      let before = signal(SIGHUP, SIG_DFL)
      defer { signal(SIGHUP, before) }
      try process.run()
      while process.isRunning, checkpoints(run).isEmpty { usleep(2000) }
      return process
    }
    for (run, number, status) in [("cut", SIGKILL, SIGKILL), ("hung-up", SIGHUP, 130)] {
      let process = try start(run)
      kill(process.processIdentifier, number)
      process.waitUntilExit()
      #expect(process.terminationStatus == status)
      let saved = try #require(checkpoints(run).last)
      #expect(saved < "step-000500")
      try tool(pretrain(run, command))
      #expect(
        try metrics(run).compactMap { $0["loss"] as? Double } == metrics("whole").compactMap { $0["loss"] as? Double })
    }
  }

  private func checkpoints(_ run: String) -> [String] {
    let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path("\(run)/checkpoints"))
    return (all ?? []).filter { $0.hasPrefix("step-") }.sorted()
  }

  @Test("early stopping keeps the best step, says so, and a rerun doesn't train on")
  func earlyStopping() throws {
    try words()
    try tool(pretrain("base", "--max-steps 30"))
    // The held-out prompts are none of those that are learnt: what is learnt soon makes it worse there.
    let command =
      "train sft --model base --data demonstrations.jsonl --run early --max-steps 60 --batch-size 4 --learning-rate 0.02 "
      + "--lr-scheduler-type constant --eval-share 0.2 --eval-steps 2 --early-stopping-patience"
    let said = try tool("\(command) 3").errors
    let lines = try metrics("early")
    let losses = lines.compactMap { line in (line["eval_loss"] as? Double).map { (line["step"] as? Int ?? 0, $0) } }
    let best = try #require(losses.min { $0.1 < $1.1 })
    #expect(lines.count < 60 && losses.count >= 4)
    #expect(losses.suffix(3).allSatisfy { $0.1 >= best.1 })
    #expect(said.contains("the best was step \(best.0)"), "\(said)")
    let name = "step-" + String(repeating: "0", count: 6 - String(best.0).count) + String(best.0)
    #expect(checkpoints("early").contains(name))
    #expect(
      try tool("run list --runs .").output.split(separator: "\n").first { $0.contains("early") }?.contains("unfinished")
        == false)
    // What the run is known by from now on is the best, not the last.
    func score(_ model: String) throws -> NSArray? {
      try tool("score --model \(model) --text ant --json").json()["logprobs"] as? NSArray
    }
    #expect(try score("early") == score("early/checkpoints/\(name)"))

    #expect(try tool("\(command) 3").errors.contains("the best was step \(best.0)"))
    #expect(try metrics("early").count == lines.count, "the rerun made no step")
    try tool("\(command) 50")
    #expect(try metrics("early").count > lines.count, "with more patience it goes on")
  }

  @Test("held-out examples are drawn; where the share is none of them it is said; no pair, no reward run")
  func division() throws {
    try words()
    try tool(pretrain("base", "--max-steps 1"))
    let sft = "train sft --model base --data demonstrations.jsonl --max-steps 1 --batch-size 4 --run"
    let none = try tool("\(sft) none --eval-share 0.001")
    #expect(none.errors.contains("no evaluation"), "\(none.errors)")
    #expect(try metrics("none")[0]["eval_loss"] == nil)
    let some = try tool("\(sft) some --eval-share 0.2")
    #expect(!some.errors.contains("no evaluation"))
    #expect(try metrics("some")[0]["eval_loss"] != nil)

    try folder.write(
      "single.jsonl",
      (0..<8).map { #"{"prompt": "p\#($0)", "completions": [" ant"], "ranking": [1]}"# }.joined(separator: "\n"))
    let refused = try tool(
      "train reward --model base --data single.jsonl --run unpaired --max-steps 1", expecting: 65)
    #expect(!refused.errors.isEmpty && !FileManager.default.fileExists(atPath: folder.path("unpaired/run.json")))
  }
}
