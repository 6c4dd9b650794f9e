import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Tokenization
import Torch

/// GGUF files that the gguf package wrote (Fixtures/make_gguf_fixtures.py).
@Suite struct GGUFTests {
  static func file(_ name: String) throws -> URL {
    try #require(fixtures).appendingPathComponent("gguf/\(name)")
  }

  @Test(arguments: ["llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "olmo2", "gpt2"])
  func logitsEqualTransformers(_ name: String) throws {
    let expected = try SafetensorsFile(Self.file("\(name).safetensors"))
    let (model, tokenizer) = try Checkpoint.load(Self.file("\(name).gguf"))
    let ids = try expected.tensor("ids")[0].array(of: Int.self)
    let logits = withoutGradients { model.logits(model(PackedTokens([ids]))) }
    let difference = (logits - (try expected.tensor("logits")[0])).abs().max().item()
    #expect(difference < 1e-4, "largest difference \(difference)")
    #expect(model.configuration.endOfText == 2 && model.configuration.beginningOfText == 1)
    // " the" is one token by its merges, and texts begin with <s>.
    #expect(tokenizer?.encode("an the") == [1, 34, 32])
    #expect(try Checkpoint.loadConfiguration(Self.file("\(name).gguf")) == model.configuration)
  }

  /// The same model, written as a Hugging Face folder and read again.
  @Test(arguments: ["llama", "gemma3", "phi3"]) func becomesAFolder(_ name: String) throws {
    let (model, tokenizer) = try Checkpoint.load(Self.file("\(name).gguf"))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Checkpoint.save(model, tokenizer: tokenizer, to: folder)
    let (again, other) = try Checkpoint.load(folder)
    #expect(again.configuration == model.configuration)
    for (a, b) in zip(model.parameters, again.parameters) {
      #expect(a.tensor.array() == b.tensor.array(), "\(a.name)")
    }
    #expect(other?.encode("and in the") == tokenizer?.encode("and in the"))
  }

  /// Every type's blocks of random bits as gguf's own dequantisation reads them.
  @Test(arguments: ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"])
  func blocksAreRestoredAsGGUFDoes(_ type: String) throws {
    let expected = try SafetensorsFile(Self.file("blocks.safetensors")).tensor(type)
    let made = try Checkpoint.ggufTensor(type, in: Self.file("blocks.gguf")).to(.float32)
    #expect(made.shape == expected.shape)
    for (a, b) in zip(made.array(), expected.array()) {
      #expect(abs(a - b) <= 1e-6 * abs(b), "\(a) against \(b)")
    }
  }

  @Test func bfloat16WeightsComeInTheTypeAsked() throws {
    let model = try Checkpoint.loadModel(Self.file("llama.gguf"), dtype: .bfloat16)
    #expect(model.parameters.allSatisfy { $0.tensor.dtype == .bfloat16 })
  }

  @Test func whatIsNotSupportedIsNamed() throws {
    let whole = [UInt8](try Data(contentsOf: Self.file("llama.gguf")))
    func refused(_ old: String, _ new: String, _ says: String) throws {
      var bytes = whole
      let place = try #require(bytes.firstRange(of: Array(old.utf8)))
      bytes.replaceSubrange(place, with: Array(new.utf8))
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf")
      defer { try? FileManager.default.removeItem(at: url) }
      try Data(bytes).write(to: url)
      #expect { try Checkpoint.load(url) } throws: {
        "\($0)".contains(url.path) && "\($0)".contains(says)
      }
    }
    try refused("llama.block_count", "llama.black_count", "block_count")
    try refused("llama.rope.freq_base", "llama.rope.freq_bass", "rope.freq_bass")
    try refused("blk.1.attn_q.weight", "blk.2.attn_q.weight", "blk.1.attn_q.weight")
    try refused("GGUF", "GGML", "no GGUF file")
    #expect { try Checkpoint.load(URL(fileURLWithPath: "/nowhere/x.gguf")) } throws: {
      "\($0)".contains("/nowhere/x.gguf")
    }
    #expect { try Checkpoint.load(Self.file("blocks.gguf")) } throws: { "\($0)".contains("'none'") }
  }
}
