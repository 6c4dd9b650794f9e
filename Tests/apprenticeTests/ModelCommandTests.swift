import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// `apprentice model`, and how commands keep the weights of what it writes.
extension LearningCommandTests {
  @Test(
    "what was tuned here becomes a GGUF file and a merged folder that score as it does, and is served under its name")
  func conversion() async throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(pretrain("base", "--max-steps 30"))
    try tool(
      "train sft --model base --data demonstrations.jsonl --run tuned --max-steps 4 --lora-r 2 --batch-size 4 --learning-rate 0.05"
    )
    func scores(_ model: String, _ more: String = "") throws -> [Double] {
      let json = try tool("score --model \(model) --text ant.bee.cat.dog \(more)--json").json()
      return try #require(json["logprobs"] as? [Any]).compactMap { $0 as? Double }
    }
    let tuned = try scores("tuned")
    #expect(try tuned.count > 0 && scores("base") != tuned)

    let written = try tool("model convert --model tuned --out tuned.gguf --type f32 --json").json()
    #expect((written["tensors"] as? [String: Int])?.keys.sorted() == ["F32"])
    #expect(try scores("tuned.gguf") == tuned)
    try tool("model merge --model tuned --out merged")
    #expect(try scores("merged") == tuned)
    let second = try tool("model merge --model merged --out again", expecting: 64)
    #expect(second.errors.contains("no adapters"))
    try tool("model merge --model base --adapter tuned --out other --dtype bfloat16")
    let rounded = try scores("other")
    #expect(zip(rounded, tuned).allSatisfy { abs($0 - $1) < 0.1 } && rounded != tuned)

    let info = try tool("model info tuned.gguf --json").json()
    let size = try #require(info["parameters"] as? Int)
    let bytes = ((info["tensors"] as? [[String: Any]]) ?? []).compactMap { $0["bytes"] as? Int }.reduce(0, +)
    #expect(bytes == 4 * size && bytes == written["bytes"] as? Int)
    #expect(
      info["format"] as? String == "GGUF" && info["context"] as? Int == 32
        && info["tokens"] as? Int == info["vocabulary"] as? Int)
    let memory = try #require(info["memory"] as? [String: Any])
    #expect(memory["weights"] as? Int == bytes)
    #expect(try tool("model info tuned").output.contains("adapters"))

    // Quantised files draw text; what a folder can't have is refused before anything is written.
    let small = try tool("model convert --model tuned --out Small-Q4_K_M.gguf --type q4_k_m --json").json()
    #expect((small["tensors"] as? [String: Int])?["Q5_0"] ?? 0 > 0, "rows of 32 can't have a K type")
    let drawn = try tool("sample --model Small-Q4_K_M.gguf --prompt cat --max-tokens 8 --temperature 0 --json")
    #expect(drawn.errors.contains("the file's own blocks"))
    #expect(try drawn.json()["completions"] != nil)
    let kind = try tool("model convert --model tuned --out folder --type Q8_0", expecting: 64)
    #expect(kind.errors.contains("Q8_0") && kind.errors.contains(".gguf"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("folder")))
    try tool("model convert --model tuned.gguf --out folder --type bf16")
    #expect(zip(try scores("folder"), tuned).allSatisfy { abs($0 - $1) < 0.1 })

    // A file is served under its name without the ending.
    let (server, address) = try serve(["--model", "Small-Q4_K_M.gguf"])
    defer { server.terminate() }
    let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: address + "/v1/models")))
    let answer = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect((answer["data"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == ["Small-Q4_K_M"])
  }

  @Test("every command that runs a model takes --weights, and refuses what is no format")
  func weightsEverywhere() throws {
    for command in [
      "sample --model m --prompt x", "chat --model m", "serve --model m", "score --model m --text x",
      "evaluate likelihood --model m --data d", "evaluate win-rate --model m --against m --reward m --data d",
      "experiment savings --model m --data d",
    ] {
      let wrong = try tool("\(command) --weights int9", expecting: 64)
      #expect(
        wrong.errors.contains("--weights") && wrong.errors.contains("auto, float32, bfloat16, int8, int4"), "\(command)"
      )
      try tool("\(command) --weights int8", expecting: 66)
    }
  }
}
