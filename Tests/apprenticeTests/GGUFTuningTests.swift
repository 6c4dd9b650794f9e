import Foundation
import TestSupport
import Testing

/// Adapters over a GGUF file's own blocks, by the built tool: each command learns, and what it wrote is a model for the others.
@Suite("Tuning a GGUF file")
struct GGUFTuningTests: ToolSuite {
  let folder: TemporaryFolder
  private let base: String

  init() throws {
    folder = try TemporaryFolder()
    // Gemma 3's shape, every matrix in Q8_0 (LanguageModelsTests/Fixtures/make_gguf_fixtures.py).
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("LanguageModelsTests/Fixtures/gguf/gemma3.gguf")
    base = folder.path("base.gguf")
    try FileManager.default.copyItem(atPath: file.path, toPath: base)
    func lines(_ record: (Int) -> String) -> String { (0..<32).map { "{\(record($0))}" }.joined(separator: "\n") }
    let words = ["an", "in", "the", "and"]
    try folder.write(
      "demonstrations.jsonl",
      lines { #""messages":[{"role":"user","content":"\#(words[$0 % 4])"},{"role":"assistant","content":"the"}]"# })
    try folder.write(
      "comparisons.jsonl", lines { #""prompt":"\#(words[$0 % 4])","chosen":" the","rejected":" and""# })
    try folder.write("answers.jsonl", lines { #""prompt":"\#(words[$0 % 4])","answer":"the""# })
    try folder.write("text.txt", "an and in the and the")
    try folder.write(
      "template.jinja",
      // A token stands before each answer, so that it is cut alike where it is learnt and where it is drawn.
      "{% for m in messages %}{{ m.role[0] }}</s>{{ m.content }}</s>{% endfor %}"
        + "{% if add_generation_prompt %}a</s>{% endif %}")
  }

  private func metric(_ name: String, of run: String) throws -> [Double] {
    try String(contentsOfFile: folder.path("\(run)/metrics.jsonl"), encoding: .utf8).split(separator: "\n").compactMap {
      (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?[name] as? Double
    }
  }

  private static let flags = "--lora-r 4 --batch-size 8 --learning-rate 0.02 --weight-decay 0"

  @Test(
    "demonstrations, preferences, rewards: one set of adapters over another, and none of them needs the file restored")
  func circle() throws {
    try tool(
      "train sft --model base.gguf --data demonstrations.jsonl --chat-template template.jinja --run sft --max-steps 30 --eval-share 0.2 \(Self.flags)"
    )
    let losses = try metric("loss", of: "sft")
    #expect(losses.count == 30 && losses[29] < 0.5 * losses[0], "\(losses)")
    let checkpoint = "sft/checkpoints/step-000030"
    let written = try FileManager.default.contentsOfDirectory(atPath: folder.path(checkpoint))
    #expect(written.contains("adapter_model.safetensors") && written.contains("base_model.json"))
    #expect(!written.contains("model.safetensors"))
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("\(checkpoint)/base_model.json")))
    let note = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      note["base_model_name_or_path"] as? String == base && (note["fingerprint"] as? String)?.contains("sha256") == true
    )

    // The template that it was taught with came along: a conversation is what it was then.
    let answered = try Tool.run(
      arguments: "chat --model sft --temperature 0 --max-tokens 4".split(separator: " ").map(String.init),
      in: folder.path,
      input: "an\n")
    #expect(answered.status == 0 && answered.output.contains("the"), "\(answered.output) \(answered.errors)")
    try tool("score --model sft --text the")
    try tool("evaluate likelihood --model sft --data text.txt --weights auto")

    try tool("train dpo --model sft --data comparisons.jsonl --run dpo --max-steps 20 \(Self.flags)")
    // Policy and reference begin as one, to the bit: both are the same products.
    let margins = try metric("rewards/margins", of: "dpo")
    #expect(margins[0] == 0 && margins[19] > 0.05, "\(margins)")
    try tool(
      "train reward --model sft --data comparisons.jsonl --run reward --max-steps 30 --eval-share 0 \(Self.flags)")
    let judged = try tool("evaluate reward --model reward --data comparisons.jsonl --json").json()
    #expect((judged["accuracy"] as? [String: Any])?["value"] as? Double == 1)
    for model in ["sft", "dpo"] {
      // Over the reward model's own base, and over another.
      try tool(
        "train ppo --model \(model) --reward reward --data answers.jsonl --run ppo-\(model) --max-steps 2 --response-length 4 \(Self.flags)"
      )
      // Both read the same weights: what is left is the order of the engine's sums. A step later it is 3 to 14.
      #expect(abs(try metric("objective/kl", of: "ppo-\(model)")[0]) < 1e-3)
    }
    try tool(
      "train grpo --model dpo --data answers.jsonl --answer-column answer --run grpo --max-steps 3 --num-generations 4 "
        + "--response-length 4 --beta 0.01 \(Self.flags)")
    // What is drawn is what is trained: with one update a rollout the ratio stays within its bounds everywhere.
    #expect(try metric("clip_ratio", of: "grpo") == [0, 0, 0])
    #expect(abs(try metric("kl", of: "grpo")[0]) < 1e-6)

    let compared = try tool(
      "evaluate win-rate --model grpo --against base.gguf --data answers.jsonl --answer-column answer --answer-pattern (the) "
        + "--temperature 0 --response-length 4 --json"
    ).json()
    let shares = try #require(compared["right_answers"] as? [[String: Any]])
    #expect(shares.count == 2 && shares[0]["n"] as? Int == 32)
    #expect((shares[0]["value"] as? Double ?? 0) > (shares[1]["value"] as? Double ?? 1))

    // The base is another: whoever stands over it says so.
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: base))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    let changed = try tool("sample --model dpo --prompt an", expecting: 65)
    #expect(changed.errors.contains("another model") && changed.errors.contains(base), "\(changed.errors)")
    try FileManager.default.removeItem(atPath: base)
    let gone = try tool("sample --model dpo --prompt an", expecting: 65)
    #expect(gone.errors.contains("no such file") && gone.errors.contains(base), "\(gone.errors)")
  }

  @Test("another chat template is other data, and one that can't be read is named")
  func template() throws {
    let run = "train sft --model base.gguf --data demonstrations.jsonl --run sft --eval-share 0 \(Self.flags)"
    try tool("\(run) --chat-template template.jinja --max-steps 1")
    let other = try tool("\(run) --max-steps 2", expecting: 64)
    #expect(other.errors.contains("chat_template"), "\(other.errors)")
    try folder.write("template.jinja", "{{ messages[0].content }}")
    let changed = try tool("\(run) --chat-template template.jinja --max-steps 2", expecting: 64)
    #expect(changed.errors.contains("template.jinja") && changed.errors.contains("changed"), "\(changed.errors)")
    try folder.write("template.jinja", "{% for %}")
    let broken = try tool(
      "\(run) --chat-template template.jinja --max-steps 2".replacingOccurrences(of: "--run sft", with: "--run broken"),
      expecting: 65)
    #expect(broken.errors.contains("template.jinja"), "\(broken.errors)")
  }
}
