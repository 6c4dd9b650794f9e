import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import TestSupport
import Testing
import Torch

/// Adapters that peft made over the tiny checkpoints, with the logits that it computes.
@Suite struct AdapterTests {
  private func fixtures(_ name: String) throws -> URL {
    try Bundle.module.fixtures.appendingPathComponent(name)
  }

  private func largestError(_ model: Decoder, _ name: String, _ kind: String) throws -> Double {
    let ids = try Safetensors(try fixtures(name).appendingPathComponent("expected.safetensors")).tensor("ids")
    let expected = try Safetensors(
      try fixtures("\(name)-\(kind)").appendingPathComponent("expected.safetensors")
    ).tensor("logits")
    let rows = (0..<ids.size(0)).map { ids[$0].array(of: Int.self) }
    let logits = withoutGradients { model.logits(model(PackedTokens(rows))) }
    return (logits - expected.reshaped(logits.shape)).abs().max().item()
  }

  @Test(arguments: ["gpt2", "llama"], ["lora", "dora"])
  func logitsEqualPEFTs(_ name: String, _ kind: String) throws {
    let folder = try fixtures("\(name)-\(kind)")
    let base = try Checkpoint.loadModel(try fixtures(name))
    let before = base.parameters.flatMap { $0.tensor.array() }
    let (model, extra) = try Checkpoint.loadAdapters(folder, over: base)
    #expect(extra.isEmpty)
    #expect(try largestError(model, name, kind) < 1e-4)
    // The base sees nothing of it.
    #expect(try largestError(base, name, kind) > 0.1)
    #expect(base.parameters.flatMap { $0.tensor.array() } == before)
    // Merged into a copy, and read as a model with the base that the settings name.
    #expect(try largestError(try model.copy(), name, kind) < 1e-4)
    #expect(try largestError(try Checkpoint.load(folder).model, name, kind) < 1e-4)

    // What is written has the tensors and the keys that peft wrote.
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: place) }
    try Checkpoint.saveTrained(model, tokenizer: nil, to: place)
    let (mine, theirs) = try (
      Safetensors(place.appendingPathComponent("adapter_model.safetensors")),
      Safetensors(folder.appendingPathComponent("adapter_model.safetensors"))
    )
    #expect(mine.names.sorted() == theirs.names.sorted())
    for key in theirs.names { #expect(try mine.tensor(key).array() == theirs.tensor(key).array()) }
    func settings(_ folder: URL) throws -> [String: Any] {
      let data = try Data(contentsOf: folder.appendingPathComponent("adapter_config.json"))
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    let (ours, peft) = try (settings(place), settings(folder))
    for key in ["r", "lora_alpha", "peft_type", "task_type", "fan_in_fan_out", "use_dora", "bias"] {
      #expect("\(ours[key] ?? "")" == "\(peft[key] ?? "")", "\(key)")
    }
  }

  /// Over a base of fewer bits: the loss and the gradients of the adapters are those over a base of the rounded weights.
  @Test(arguments: [PackedLinear.Format.bfloat16, .int8, .int4])
  func gradientsOverAQuantizedBaseAreThoseOverItsRoundedWeights(_ format: PackedLinear.Format) throws {
    func loss(_ model: Decoder) throws -> (Double, [Float]) {
      let adapters = try #require(model.adapters)
      model.requireTraining()
      withoutGradients {
        for (i, (_, tensor)) in adapters.parameters.enumerated() {
          tensor.normalInPlace(standardDeviation: 0.1, generator: Generator(seed: UInt64(i)))
        }
      }
      let loss = -model.logProbabilities(PackedTokens([[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5]])).sum()
      loss.backward()
      return (loss.item(), adapters.parameters.flatMap { $0.tensor.grad?.array() ?? [] })
    }
    let base = try TinyModel.make()
    let plain = try TinyModel.make().adapted(.init(rank: 3), generator: Generator(seed: 1))
    try base.quantizeLayers(format)
    #expect(base.isQuantized && !base.isPacked)
    // A copy has the rounded weights in full.
    let rounded = try base.copy()
    #expect(!rounded.isQuantized)
    let own = try loss(base.adapted(.init(rank: 3), generator: Generator(seed: 1)))
    let expected = try loss(rounded.adapted(.init(rank: 3), generator: Generator(seed: 1)))
    #expect(abs(own.0 - expected.0) < 1e-3 && own.1.count == expected.1.count && own.1.count > 1000)
    #expect(zip(own.1, expected.1).allSatisfy { abs($0 - $1) < 1e-3 })
    let exact = try loss(plain)
    #expect(abs(exact.0 - own.0) > 1e-4)
    // What can't be had is refused by name.
    let adapted = try base.adapted(.init(rank: 3), generator: Generator(seed: 1))
    #expect { try adapted.adapters?.merge(into: base) } throws: { "\($0)".contains("quantized") }
    #expect { try base.adapted(.init(rank: 3, isWeightDecomposed: true), generator: Generator(seed: 1)) } throws: {
      "\($0)".contains("DoRA")
    }
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    #expect(throws: CheckpointError.self) { try Checkpoint.save(base, tokenizer: nil, to: place) }
    // It still draws text, and its layers stay as they are.
    let drawn = try GenerationEngine(model: adapted).generate([
      .init(prompt: [1, 2, 3], parameters: .init(maxTokens: 4))
    ])
    #expect(drawn[0][0].ids.count > 0 && base.isQuantized && !adapted.isPacked)
  }

  /// Over a GGUF file's own blocks: what is learnt beside them is used by the same products that taught it, one set over another.
  @Test func adaptersOverBlocksAreLearntAndReadAgain() throws {
    let file = try GGUFTests.file("gemma3.gguf")
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: place) }
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let moved = place.appendingPathComponent("base.gguf")
    try FileManager.default.copyItem(at: file, to: moved)
    let packed = PackedTokens([[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5]])
    func logits(_ model: Decoder) -> [Float] { withoutGradients { model.logits(model(packed)).array() } }
    func folder(_ name: String) -> URL { place.appendingPathComponent(name) }

    /// Adapters over a folder or file, a little trained, and their logits.
    func train(_ base: URL, _ name: String, seed: UInt64) throws -> [Float] {
      let below = try Checkpoint.load(base, keepingBlocks: true).model
      #expect(below.isQuantized)
      var configuration = LowRankConfiguration(rank: 3, targets: [LowRankConfiguration.allLinear])
      configuration.base = base.path
      configuration.baseFingerprint = Fingerprint.ofWeights(base.path)
      let model = try below.adapted(configuration, generator: Generator(seed: seed))
      model.requireTraining()
      let parameters = try #require(model.adapters).parameters.map(\.tensor)
      withoutGradients {
        for (i, tensor) in parameters.enumerated() {
          tensor.normalInPlace(standardDeviation: 0.05, generator: Generator(seed: seed + UInt64(i)))
        }
      }
      let before = model.logProbabilities(packed).sum()
      before.backward()
      // A small step along the gradients raises what they are of, by their square.
      let slope = parameters.reduce(0.0) { $0 + ($1.grad?.square().sum().item() ?? 0) }
      withoutGradients {
        for tensor in parameters { tensor.copyInPlace(tensor + (tensor.grad ?? tensor) * (0.2 / slope)) }
      }
      let gained = withoutGradients { model.logProbabilities(packed).sum().item() } - before.item()
      #expect(gained > 0.1 && gained < 0.3, "\(gained)")
      // What is trained is what is drawn from: the same numbers with gradients and without.
      #expect(model.logProbabilities(packed).array() == withoutGradients { model.logProbabilities(packed).array() })
      try Checkpoint.saveTrained(model, tokenizer: nil, to: folder(name))
      return logits(model)
    }
    let first = try train(moved, "first", seed: 1)
    let read = try Checkpoint.load(folder("first"), keepingBlocks: true).model
    let plain = try Checkpoint.load(moved, keepingBlocks: true).model
    #expect(read.isQuantized && logits(read) == first && logits(plain) != first)
    // One set over another, and both in full where the weights are restored.
    let second = try train(folder("first"), "second", seed: 7)
    let both = try Checkpoint.load(folder("second"), keepingBlocks: true).model
    #expect(logits(both) == second && second != first)
    for full in [try Checkpoint.load(folder("second")).model, try both.copy()] {
      #expect(!full.isQuantized)
      let worst = zip(logits(full), second).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 0.25 && worst > 0, "\(worst)")
    }
    #expect { try Checkpoint.save(both, tokenizer: nil, to: folder("third")) } throws: { "\($0)".contains("quantized") }

    // A base that is another one, or gone, is named.
    let bytes = try Data(contentsOf: moved)
    var other = bytes
    other[bytes.count - 1] ^= 1
    try other.write(to: moved)
    #expect { try Checkpoint.load(folder("second"), keepingBlocks: true) } throws: {
      "\($0)".contains("another model") && "\($0)".contains(moved.path)
    }
    try FileManager.default.removeItem(at: moved)
    #expect { try Checkpoint.load(folder("first"), keepingBlocks: true) } throws: {
      "\($0)".contains(moved.path) && "\($0)".contains("no such file")
    }
  }

  @Test func modelsOverOneBaseShareItsMemory() throws {
    let base = try Checkpoint.loadModel(try fixtures("llama"))
    let first = try base.adapted(.init(rank: 2), generator: Generator(seed: 1))
    let second = try base.adapted(.init(rank: 2), generator: Generator(seed: 2))
    for ((_, a), (_, b)) in zip(first.parameters, base.parameters) { #expect(a.sharesMemory(with: b)) }
    #expect(first.trained === first.adapters && base.trained === base)
    first.requireTraining()
    let packed = PackedTokens([[1, 2, 3]])
    (first(packed) * second(packed)).sum().backward()
    #expect(base.parameters.allSatisfy { $0.tensor.grad == nil })
    #expect(second.trained.parameters.allSatisfy { $0.tensor.grad == nil })
    #expect(first.trained.parameters.contains { $0.name.contains("lora_B") && $0.tensor.grad != nil })
    #expect {
      try base.adapted(.init(targets: ["c_attn"]), generator: Generator(seed: 1))
    } throws: { "\($0)".contains("c_attn") && "\($0)".contains("q_proj") }
  }

  @Test func generationRunsWithAdapters() throws {
    let base = try Checkpoint.loadModel(try fixtures("llama"))
    let (model, _) = try Checkpoint.loadAdapters(try fixtures("llama-lora"), over: base)
    let request = GenerationRequest(
      prompt: [5, 6, 7], parameters: SamplingParameters(temperature: 0, maxTokens: 6))
    let drawn = try GenerationEngine(model: model, tokenizer: nil).generate([request])[0][0]
    let merged = try GenerationEngine(model: try model.copy(), tokenizer: nil).generate([request])[0][0]
    let plain = try GenerationEngine(model: base, tokenizer: nil).generate([request])[0][0]
    #expect(drawn.ids == merged.ids && drawn.ids != plain.ids)
    let scored = withoutGradients { model.logProbabilities(PackedTokens([[5, 6, 7] + drawn.ids])).array() }
    for (a, b) in zip(drawn.logProbabilities, scored.dropFirst(3)) { #expect(abs(a - b) < 1e-5) }
  }
}

@Suite struct DropoutTests {
  private func model(_ change: (inout DecoderConfiguration.Dropout) -> Void) throws -> Decoder {
    var shape = DecoderConfiguration.llama(
      vocabularySize: 20, width: 16, layers: 2, heads: 4, keyValueHeads: 2, feedForwardWidth: 24, contextLength: 32)
    shape.initializerRange = 0.3
    change(&shape.dropout)
    return try Decoder(shape, generator: Generator(seed: 1))
  }

  @Test func eachRateActsInTrainingOnlyAndFollowsItsSeed() throws {
    let packed = PackedTokens([[1, 2, 3, 4], [5, 6], [7]])
    let still = try model { _ in }(packed).array()
    for key in [\DecoderConfiguration.Dropout.embedding, \.residual, \.attention] {
      let dropping = try model { $0[keyPath: key] = 0.4 }
      #expect(dropping(packed).array() == still)
      dropping.train()
      dropping.random.restart(seed: 9)
      let first = dropping(packed).array()
      #expect(first != still)
      #expect(dropping(packed).array() != first)
      dropping.random.restart(seed: 9)
      #expect(dropping(packed).array() == first)
      // Scoring and generation never drop.
      #expect(withoutGradients { dropping(packed).array() } == still)
      dropping.train(false)
      #expect(dropping(packed).array() == still)
    }
  }

  /// A rate too small to drop anything leaves the plain composition, which must equal the fused kernel.
  @Test func attentionWithDropoutIsTheSameAttention() throws {
    let packed = PackedTokens([[1, 2, 3, 4, 5], [6, 7], [8]])
    let fused = try model { _ in }
    let plain = try model { $0.attention = 1e-12 }
    plain.train()
    for model in [fused, plain] { model.requireGradients() }
    let (a, b) = (fused(packed), plain(packed))
    #expect((a - b).abs().max().item() < 1e-5)
    a.square().sum().backward()
    b.square().sum().backward()
    for ((name, x), (_, y)) in zip(fused.parameters, plain.parameters) {
      // The output embedding takes no part.
      guard name != "lm_head.weight" else { continue }
      let (g, h) = (try #require(x.grad), try #require(y.grad))
      #expect((g - h).abs().max().item() < 1e-3 * (1 + g.abs().max().item()), "\(name)")
    }
  }

  @Test func ratesAreReadAndWrittenUnderHuggingFacesNames() throws {
    func read(_ json: [String: Any]) throws -> DecoderConfiguration {
      try DecoderConfiguration(huggingFace: JSONSerialization.data(withJSONObject: json))
    }
    var json: [String: Any] = [
      "model_type": "gpt2", "vocab_size": 10, "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 8,
      "embd_pdrop": 0.2, "attn_pdrop": 0.3,
    ]
    let c = try read(json)
    // An absent rate is the one that transformers takes.
    #expect(c.dropout.embedding == 0.2 && c.dropout.attention == 0.3 && c.dropout.residual == 0.1)
    #expect(try read(c.huggingFace) == c)
    json["embd_pdrop"] = 1.5
    #expect { try read(json) } throws: { "\($0)".contains("embd_pdrop") }
  }
}
