import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Torch

let fixtures = Bundle.module.url(forResource: "Fixtures", withExtension: nil)

@Suite struct DecoderTests {
  static func load(_ name: String) throws -> (Decoder, ids: Tensor, logits: Tensor) {
    let folder = try #require(fixtures).appendingPathComponent(name)
    let expected = try SafetensorsFile(folder.appendingPathComponent("expected.safetensors"))
    return (
      try Checkpoint.loadModel(folder), try expected.tensor("ids"), try expected.tensor("logits")
    )
  }

  @Test(arguments: ["gpt2", "llama", "llama3", "yarn"]) func logitsEqualTransformers(_ name: String) throws {
    let (model, ids, expected) = try Self.load(name)
    let rows = ids.array(of: Int.self)
    let packed = PackedTokens([Array(rows[0..<40]), Array(rows[40...])])
    let logits = withoutGradients { model.logits(model(packed)) }
    let difference = (logits - expected.reshaped(80, 96)).abs().max().item()
    #expect(difference < 1e-4, "largest difference \(difference)")
  }

  @Test(arguments: ["gpt2", "llama", "llama3", "yarn"]) func packingChangesNothing(_ name: String) throws {
    let (model, ids, expected) = try Self.load(name)
    let rows = ids.array(of: Int.self)
    // Ragged neighbours: lengths 7, 40, 1, 3.
    let packed = PackedTokens([Array(rows[50..<57]), Array(rows[0..<40]), [5], [1, 2, 3]])
    let logits = withoutGradients { model.logits(model(packed)) }.slice(7..<47)
    let difference = (logits - expected[0]).abs().max().item()
    #expect(difference < 1e-4, "largest difference \(difference)")
  }

  @Test(arguments: ["gpt2", "llama3", "mistral", "gemma2", "qwen3", "gpt_oss", "qwen2_moe", "deepseek_v3"])
  func completionsThatShareTheirPromptScoreAsAlone(_ name: String) throws {
    let model = try Checkpoint.loadModel(try #require(fixtures).appendingPathComponent(name))
    let prompt = Array(3..<23)
    let completions = [[5, 6, 7], [8], [9, 10, 11, 12, 1], [9, 10, 2]]
    var shared = PackedTokens([[4, 4, 4]])
    shared.append(prompt: prompt, completions: completions)
    shared.append([1, 2])
    #expect(shared.count == 3 + 19 + (4 + 2 + 6 + 4) + 2)
    #expect(shared.sequenceCount == 6)
    #expect(shared.longest == 25)
    let apart = PackedTokens([[4, 4, 4]] + completions.map { prompt + $0 } + [[1, 2]])
    for isTraining in [false, true] {
      model.train(isTraining)
      let (ours, plain) = withoutGradients {
        (model.logProbabilities(shared).array(), model.logProbabilities(apart).array())
      }
      for (i, completion) in completions.enumerated() {
        let mine = ours[shared.ranges[i + 1].suffix(completion.count)]
        let theirs = plain[apart.ranges[i + 1].suffix(completion.count)]
        for (a, b) in zip(mine, theirs) { #expect(abs(a - b) < 1e-5, "completion \(i)") }
      }
    }
    // Neighbours of one prompt are found by themselves.
    let found = PackedTokens(
      prompted: completions.map { (prompt, $0) } + [([4, 4, 4], [1]), (prompt, [2]), ([], [3])])
    #expect(found.count == 19 + 16 + 4 + 21 + 1)
    #expect(found.sequenceCount == 7)
  }

  @Test(arguments: ["gpt2", "llama", "llama3", "yarn"]) func writtenCheckpointsReadBack(_ name: String) throws {
    let (model, _, _) = try Self.load(name)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Checkpoint.save(model, tokenizer: nil, to: folder)
    let again = try Checkpoint.loadModel(folder)
    #expect(again.configuration == model.configuration)
    for (a, b) in zip(model.parameters, again.parameters) {
      #expect(a.name == b.name)
      #expect(a.tensor.array() == b.tensor.array(), "\(a.name)")
    }
    // The names on disk are transformers' own.
    let original = try Safetensors(try #require(fixtures).appendingPathComponent(name))
    #expect(Set(try Safetensors(folder).names) == Set(original.names))
  }

  @Test func unknownSettingsAreRefusedByName() throws {
    let folder = try #require(fixtures).appendingPathComponent("llama")
    let data = try Data(contentsOf: folder.appendingPathComponent("config.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for (key, value) in [
      ("attn_logit_softcapping", 50.0), ("model_type", "mamba"), ("pretraining_tp", 2),
      ("rope_parameters", ["rope_type": "spiral", "factor": 2.0]), ("num_key_value_heads", 3),
      ("hidden_act", "snake"),
    ] as [(String, Any)] {
      var changed = json
      changed[key] = value
      let text = try JSONSerialization.data(withJSONObject: changed)
      #expect {
        try DecoderConfiguration(huggingFace: text)
      } throws: { "\($0)".contains(key == "hidden_act" ? "snake" : key) }
    }
  }
}
