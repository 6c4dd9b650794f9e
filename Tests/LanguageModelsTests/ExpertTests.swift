import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Torch

/// Mixtures of experts beyond their families' logits: what is read, batches, packed weights, files.
@Suite struct ExpertTests {
  /// A token's experts are the only ones that are read, whatever stands in the others.
  @Test(arguments: ["mixtral", "qwen3_moe", "gpt_oss", "deepseek_v3"]) func othersAreNotRead(_ name: String) throws {
    let (model, ids, _) = try DecoderTests.load(name)
    let row = Array(ids.array(of: Int.self)[0..<1])
    let before = withoutGradients { model.logits(model(PackedTokens([row]))) }
    // Poisons one expert after the other: some change nothing, and those that the token takes change all.
    for layer in model.layers.indices where model.layers[layer].experts != nil {
      let count = model.layers[layer].experts?.experts.count ?? 0
      var changed = 0
      for expert in 0..<count {
        guard let weight = model.layers[layer].experts?.experts[expert].down.weight else { continue }
        let kept = weight.clone()
        withoutGradients { weight.copyInPlace(weight * Double.nan) }
        let after = withoutGradients { model.logits(model(PackedTokens([row]))) }
        withoutGradients { weight.copyInPlace(kept) }
        if after.isNaN().any() { changed += 1 } else { #expect(after.array() == before.array()) }
      }
      #expect(changed == model.configuration.experts?.perToken, "layer \(layer)")
    }
  }

  /// Weights in bfloat16 and in eight bits: logits near those in full, from one row and from many alike.
  @Test(arguments: ["mixtral", "qwen2_moe", "gpt_oss", "deepseek_v2"]) func packedWeightsKeepTheLogits(_ name: String)
    throws
  {
    let (model, ids, _) = try DecoderTests.load(name)
    let rows = ids.array(of: Int.self)
    let packed = PackedTokens([Array(rows[0..<40]), [3]])
    let exact = withoutGradients { model.logits(model(packed)) }
    for (format, bound) in [(PackedLinear.Format.float32, 1e-4), (.bfloat16, 0.2), (.int8, 0.5)] {
      try model.pack(format)
      let made = withoutGradients { model.logits(model(packed)) }
      model.unpack()
      // A router whose scores nearly tie may choose otherwise: most rows must be near, not all.
      let differences = (made - exact).abs().max(axis: -1).array().sorted()
      #expect(Double(differences[differences.count / 2]) < bound, "\(format): \(differences)")
      if format != .float32 { #expect(differences.last ?? 0 > 1e-5, "\(format) rounds") }
    }
  }

  /// Adapters go beside attention and the part that every token takes; the experts are left alone.
  @Test(arguments: [("mixtral", ["q_proj", "o_proj"]), ("deepseek_v3", ["q_b_proj", "kv_a_proj_with_mqa"])])
  func adaptersTrain(_ name: String, _ targets: [String]) throws {
    let (model, ids, _) = try DecoderTests.load(name)
    let policy = try model.adapted(
      LowRankConfiguration(rank: 2, targets: targets), generator: Generator(seed: 1))
    policy.requireTraining()
    let packed = PackedTokens([Array(ids.array(of: Int.self)[0..<20])])
    let before = policy.logProbabilities(packed).sum()
    before.backward()
    for (name, tensor) in policy.trained.parameters where name.hasSuffix("lora_B.weight") {
      let gradient = try #require(tensor.grad, "\(name)")
      withoutGradients { tensor.copyInPlace(tensor + gradient * 1e-3) }
    }
    let after = withoutGradients { policy.logProbabilities(packed).sum() }
    #expect(after.item() > before.item())
    #expect(throws: AdapterError.self) {
      try model.adapted(LowRankConfiguration(rank: 2, targets: ["w1"]), generator: Generator(seed: 1))
    }
  }

  /// gpt-oss as it is published: experts in MXFP4 (make_mxfp4_fixture.py).
  @Test func expertsInMXFP4AreRestored() throws {
    let (model, ids, expected) = try DecoderTests.load("mxfp4")
    let logits = withoutGradients { model.logits(model(PackedTokens([ids[0].array(of: Int.self)]))) }
    #expect((logits - expected[0]).abs().max().item() < 1e-4)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Checkpoint.save(model, tokenizer: nil, to: folder)
    let again = try Checkpoint.loadModel(folder)
    for (a, b) in zip(model.parameters, again.parameters) { #expect(a.tensor.array() == b.tensor.array(), "\(a.name)") }
  }

  /// The cache of latent attention holds the short vectors alone.
  @Test func latentAttentionCachesShortVectors() throws {
    let (model, _, _) = try DecoderTests.load("deepseek_v3")
    let c = model.configuration
    #expect(PagedCache.bytesPerToken(c, dtype: .float32) == 2 * c.layers * (10 + 4) * 4)
  }

  /// What a token's pass reads is counted without the experts that it doesn't take.
  @Test func activeParametersAreCounted() throws {
    let (model, _, _) = try DecoderTests.load("mixtral")
    let c = model.configuration
    #expect(c.parameterCount - c.activeParameterCount == c.layers * 2 * 3 * c.width * c.feedForwardWidth)
    let (dense, _, _) = try DecoderTests.load("llama")
    #expect(dense.configuration.activeParameterCount == dense.configuration.parameterCount)
  }
}
