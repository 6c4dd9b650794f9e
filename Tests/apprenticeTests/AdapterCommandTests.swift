import Foundation
import Testing

extension LearningCommandTests {
  @Test("policy, reference, value and reward model as adapters over one base, and an adapted run is a model like any other")
  func adapters() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(pretrain("base", "--max-steps 60"))
    let flags = "--lora-r 4 --lora-alpha 16 --batch-size 8"
    try tool("train sft --model base --data demonstrations.jsonl --run sft --max-steps 80 --learning-rate 0.01 --lora-dropout 0.05 \(flags)")
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

    try tool("train reward --model base --data comparisons.jsonl --run reward --max-steps 60 --learning-rate 0.01 --use-dora \(flags)")
    let judged = try tool("evaluate reward --model reward --data comparisons.jsonl --json").json()
    #expect((judged["accuracy"] as? [String: Any])?["value"] as? Double ?? 0 > 0.8)
    try tool("train ppo --model base --reward reward --data answers.jsonl --run ppo --max-steps 2 --response-length 4 \(flags)")
    let ppo = try metrics("ppo")
    #expect(ppo.count == 2 && abs(ppo[0]["objective/kl"] as? Double ?? 1) < 1e-3)
    let saved = "ppo/checkpoints/step-000002"
    for part in ["adapter_model.safetensors", "value/adapter_model.safetensors"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("\(saved)/\(part)")), "\(part)")
    }
    try tool("train dpo --model base --data comparisons.jsonl --run dpo --max-steps 2 \(flags)")
    #expect(abs((try metrics("dpo")[0]["loss"] as? Double ?? 0) - log(2)) < 1e-3)

    // The same run with other adapters is another run; layers that are not there are named.
    try tool("train dpo --model base --data comparisons.jsonl --run dpo --max-steps 3 --lora-r 2 --batch-size 8", expecting: 64)
    let wrong = try tool("train sft --model base --data demonstrations.jsonl --run bad --lora-r 2 --lora-target-modules nothing", expecting: 65)
    #expect(wrong.errors.contains("nothing"))
    try tool("train sft --model base --data demonstrations.jsonl --run bad --lora-r -1", expecting: 64)
  }
}
