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

  @Test(
    arguments: [
      "llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "olmo2", "gpt2", "gemma", "smollm3", "granite",
      "granitemoe",
      "mixtral", "qwen2moe", "qwen3moe", "gpt-oss", "phi4", "deepseek2", "deepseek3",
    ])
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
  @Test(arguments: ["llama", "gemma3", "phi3", "mixtral", "gpt-oss", "phi4", "deepseek2", "deepseek3", "granitemoe"])
  func becomesAFolder(_ name: String) throws {
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

  /// Experts whose matrices stay in the file's blocks, one expert's after the other's.
  @Test(arguments: ["mixtral", "qwen3moe", "gpt-oss", "deepseek2"]) func expertsStayInBlocks(_ name: String) throws {
    let expected = try SafetensorsFile(Self.file("\(name).safetensors"))
    let ids = try expected.tensor("ids")[0].array(of: Int.self)
    let (model, _) = try Checkpoint.load(Self.file("\(name).gguf"), keepingBlocks: true)
    let layer = try #require(model.layers.last?.experts)
    // Qwen's file has some matrices in 16 bits.
    let linear = layer.experts.flatMap { [$0.up, $0.down] }
    #expect(linear.contains(where: \.isQuantized) && (name == "qwen3moe" || linear.allSatisfy(\.isQuantized)))
    let logits = withoutGradients { model.logits(model(PackedTokens([ids]))) }
    // Inputs are rounded to eight bits; a token whose experts nearly tie may take another.
    let differences = (logits - (try expected.tensor("logits")[0])).abs().max(axis: -1).array().sorted()
    #expect(differences[differences.count / 2] < 0.5, "\(differences)")
    var parameters = SamplingParameters(maxTokens: 8, seed: 1)
    parameters.ignoresEndOfText = true
    let made = try GenerationEngine(model: model).generate([
      GenerationRequest(prompt: Array(ids[0..<5]), samples: 3, parameters: parameters)
    ])
    #expect(made[0].allSatisfy { $0.ids.count == 8 })
    // The weights are those of the whole, restored.
    let (whole, _) = try Checkpoint.load(Self.file("\(name).gguf"))
    let other = try #require(whole.layers.last?.experts)
    for (a, b) in zip(layer.experts, other.experts) {
      #expect((a.down.restoredWeight - b.down.weight).abs().max().item() < 0.02)
    }
  }

  /// Every type's blocks of random bits as gguf's own dequantisation reads them, to the bit (make_block_fixtures.py).
  @Test(
    arguments: [
      "F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
      "Q8_K",
      "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4",
      "NVFP4",
    ])
  func blocksAreRestoredAsGGUFDoes(_ type: String) throws {
    let expected = try SafetensorsFile(Self.file("blocks.safetensors")).tensor(type)
    let made = try Checkpoint.ggufTensor(type, in: Self.file("blocks.gguf")).to(.float32)
    #expect(made.shape == [2, 512] && expected.shape == made.shape)
    let (a, b) = (made.array(of: Float.self), expected.array(of: Float.self))
    let wrong = a.indices.filter { a[$0].bitPattern != b[$0].bitPattern }
    #expect(wrong.isEmpty, "\(wrong.count) numbers, the first \(wrong.first.map { (a[$0], b[$0]) } as Any)")
    #expect(Set(b).count > 2, "the blocks are of random bits")
  }

  /// The same model in one file and in three that the gguf package cut.
  @Test func splitFilesAreOneModel() throws {
    let whole = try Checkpoint.load(Self.file("llama.gguf"))
    let parts = try Checkpoint.load(Self.file("split-00001-of-00003.gguf"))
    #expect(parts.model.configuration == whole.model.configuration)
    for (a, b) in zip(whole.model.parameters, parts.model.parameters) {
      #expect(a.name == b.name && a.tensor.array() == b.tensor.array(), "\(a.name)")
    }
    #expect(parts.tokenizer?.encode("an the") == [1, 34, 32])
  }

  @Test func partsThatAreMissingOrForeignAreNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func place(_ part: Int, as name: String) throws {
      let target = folder.appendingPathComponent(name)
      try? FileManager.default.removeItem(at: target)
      try FileManager.default.copyItem(at: Self.file("split-0000\(part)-of-00003.gguf"), to: target)
    }
    func refused(_ name: String, _ says: String...) {
      #expect { try Checkpoint.load(folder.appendingPathComponent(name)) } throws: { error in
        says.allSatisfy { "\(error)".contains($0) }
      }
    }
    try place(1, as: "m-00001-of-00003.gguf")
    try place(2, as: "m-00002-of-00003.gguf")
    refused("m-00001-of-00003.gguf", "m-00003-of-00003.gguf")
    refused("m-00002-of-00003.gguf", "is part 2 of 3", "-00001-of-00003.gguf")
    try place(2, as: "m-00003-of-00003.gguf")
    refused("m-00001-of-00003.gguf", "m-00003-of-00003.gguf", "is not part 3")
    try place(1, as: "renamed.gguf")
    refused("renamed.gguf", "NAME-00001-of-00003.gguf")
    try place(3, as: "m-00003-of-00003.gguf")
    #expect(try Checkpoint.load(folder.appendingPathComponent("m-00001-of-00003.gguf")).tokenizer != nil)
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
