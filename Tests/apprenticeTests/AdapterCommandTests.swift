import Foundation
import TestSupport
import Testing

extension LearningCommandTests {
  @Test(
    "policy, reference, value and reward model as adapters over one base, and an adapted run is a model like any other")
  func adapters() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(pretrain("base", "--max-steps 60"))
    let flags = "--lora-r 4 --lora-alpha 16 --batch-size 8"
    try tool(
      "train sft --model base --data demonstrations.jsonl --run sft --max-steps 80 --learning-rate 0.01 --lora-dropout 0.05 \(flags)"
    )
    let losses = try metrics("sft").compactMap { $0["loss"] as? Double }
    // The frozen embedding, barely trained, bounds how sure the model can get.
    #expect(losses.count == 80 && losses.suffix(5).allSatisfy { $0 < losses[0] - 0.2 })
    let checkpoint = "sft/checkpoints/step-000080"
    #expect(FileManager.default.fileExists(atPath: folder.path("\(checkpoint)/adapter_model.safetensors")))
    #expect(!FileManager.default.fileExists(atPath: folder.path("\(checkpoint)/model.safetensors")))
    // It samples and scores with the base that it names.
    let sampled = try tool("sample --model sft --prompt cat --max-tokens 8 --temperature 0 --json").json()
    let completions = try #require(sampled["completions"] as? [[String: Any]])
    #expect(completions.first?["text"] as? String == " dog")

    try tool(
      "train reward --model base --data comparisons.jsonl --run reward --max-steps 60 --learning-rate 0.01 --eval-share 0 --use-dora \(flags)"
    )
    let judged = try tool("evaluate reward --model reward --data comparisons.jsonl --json").json()
    #expect((judged["accuracy"] as? [String: Any])?["value"] as? Double ?? 0 > 0.8)
    try tool(
      "train ppo --model base --reward reward --data answers.jsonl --run ppo --max-steps 2 --response-length 4 \(flags)"
    )
    let ppo = try metrics("ppo")
    #expect(ppo.count == 2 && abs(ppo[0]["objective/kl"] as? Double ?? 1) < 1e-3)
    let saved = "ppo/checkpoints/step-000002"
    for part in ["adapter_model.safetensors", "value/adapter_model.safetensors"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("\(saved)/\(part)")), "\(part)")
    }
    try tool("train dpo --model base --data comparisons.jsonl --run dpo --max-steps 2 \(flags)")
    #expect(abs((try metrics("dpo")[0]["loss"] as? Double ?? 0) - log(2)) < 1e-3)

    // The same run with other adapters is another run; layers that are not there are named.
    try tool(
      "train dpo --model base --data comparisons.jsonl --run dpo --max-steps 3 --lora-r 2 --batch-size 8", expecting: 64
    )
    let wrong = try tool(
      "train sft --model base --data demonstrations.jsonl --run bad --lora-r 2 --lora-target-modules nothing",
      expecting: 65)
    #expect(wrong.errors.contains("nothing"))
    try tool("train sft --model base --data demonstrations.jsonl --run bad --lora-r -1", expecting: 64)
  }

  @Test(
    "learning from rewards goes on from a checkpoint to the same bits, with models of their own and with adapters over one base",
    arguments: [
      ("ppo", "", "--reward reward --ptx-data text.txt --text-division lines --kl-target 0.5"),
      ("ppo", "--lora-r 2", "--reward reward"),
      ("grpo", "--lora-r 2", "--answer-column answer"), ("ppo", "--lora-r 2 --weights int8", "--reward reward"),
    ])
  func rewardsResume(_ command: String, _ adapters: String, _ more: String) throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 270 --out words")
    try tool(pretrain("base", "--max-steps 20"))
    if command == "ppo" {
      try tool(
        "train reward --model base --data comparisons.jsonl --run reward --max-steps 4 --batch-size 8 \(adapters)")
    }
    let length = command == "ppo" ? "--response-length 4" : "--response-length 4 --num-generations 4"
    func run(_ name: String) throws {
      try tool(
        "train \(command) --model base --data answers.jsonl --run \(name) --max-steps 5 --save-steps 2 --save-total-limit 9 --batch-size 8 "
          + "--learning-rate 0.003 \(length) \(more) \(adapters)")
    }
    func weights(_ step: String, _ run: String) throws -> Data {
      let name = adapters.isEmpty ? "model.safetensors" : "adapter_model.safetensors"
      return try Data(contentsOf: folder.url.appendingPathComponent("\(run)/checkpoints/\(step)/\(name)"))
    }
    try run("whole")
    try run("cut")
    // As if it had died in its third step, with that step's line half written.
    let checkpoints = folder.url.appendingPathComponent("cut/checkpoints")
    for step in ["step-000004", "step-000005"] {
      try FileManager.default.removeItem(at: checkpoints.appendingPathComponent(step))
    }
    let lines = try String(contentsOfFile: folder.path("cut/metrics.jsonl"), encoding: .utf8).split(separator: "\n")
    try folder.write("cut/metrics.jsonl", lines.prefix(2).joined(separator: "\n") + "\n" + lines[2].prefix(20))
    let before = try weights("step-000002", "cut")
    try run("cut")
    #expect(try before == weights("step-000002", "cut"))
    func numbers(_ run: String) throws -> [[String: Double]] {
      try metrics(run).map { line in
        line.compactMapValues { ($0 as? NSNumber)?.doubleValue }.filter {
          !$0.key.hasPrefix("time") && $0.key != "tokens_per_second"
        }
      }
    }
    let (whole, cut) = (try numbers("whole"), try numbers("cut"))
    #expect(whole.count == 5 && cut.count == 5 && whole.allSatisfy { $0.count > 8 })
    for (a, b) in zip(whole, cut) {
      #expect(a.filter { !$0.value.isNaN } == b.filter { !$0.value.isNaN })
    }
    // The weights moved, and to the same place.
    #expect(try weights("step-000005", "whole") == weights("step-000005", "cut"))
    #expect(try weights("step-000005", "cut") != weights("step-000002", "cut"))
  }
}
