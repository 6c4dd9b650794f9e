import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Tokenization
import Torch

/// Every family against the logits that transformers computed for tiny checkpoints (Fixtures/make_family_fixtures.py).
@Suite struct FamilyTests {
  static let names = [
    "gpt_neo", "gpt_neox", "gpt_neox_serial", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "olmo2",
    "smollm", "gemma", "smollm3", "granite", "granitemoe", "mixtral", "qwen2_moe", "qwen3_moe", "gpt_oss",
    "deepseek_v2",
    "deepseek_v3",
  ]
  /// Families whose positions are turned by the length of the whole text.
  static let stretching = ["phi4", "dynamic"]

  /// Prompts of 40 tokens, beyond every window, packed with neighbours of other lengths.
  @Test(arguments: names + stretching) func logitsEqualTransformers(_ name: String) throws {
    let (model, ids, expected) = try DecoderTests.load(name)
    let rows = ids.array(of: Int.self)
    let packed = PackedTokens([
      Array(rows[0..<40]), Array(rows[40..<80]), [3], Array(rows[5..<16]), Array(rows[0..<40]),
    ])
    let logits = withoutGradients { model.logits(model(packed)) }
    for (row, range) in zip([0, 1, 0], [0..<40, 40..<80, 92..<132]) {
      let difference = (logits.slice(range) - expected[row]).abs().max().item()
      #expect(difference < 1e-4, "row \(row): largest difference \(difference)")
    }
  }

  /// The engine decodes over its cache far beyond the window and agrees with the full forward pass at every token.
  @Test(arguments: names) func cachedDecodingEqualsTheForwardPass(_ name: String) throws {
    let (model, ids, _) = try DecoderTests.load(name)
    let rows = ids.array(of: Int.self)
    var requests: [GenerationRequest] = []
    for length in [1, 5, 20, 33] {
      var parameters = SamplingParameters(maxTokens: 26, seed: UInt64(length))
      parameters.ignoresEndOfText = true
      requests.append(
        GenerationRequest(prompt: Array(rows[0..<length]), samples: 2, parameters: parameters))
    }
    let made = try GenerationEngine(model: model, limits: .init(batch: 3)).generate(requests)
    for (request, completions) in zip(requests, made) {
      for completion in completions {
        #expect(completion.ids.count == 26)
        let all = withoutGradients {
          model.logProbabilities(PackedTokens([request.prompt + completion.ids])).array()
        }
        for (a, b) in zip(completion.logProbabilities, all.dropFirst(request.prompt.count)) {
          #expect(abs(a - b) < 1e-4)
        }
      }
    }
  }

  /// Log-probabilities agree within some millionths on average, as sums in another order in float32 do.
  @Test(arguments: names + stretching) func logProbabilitiesEqualTransformers(_ name: String) throws {
    let (model, ids, expected) = try DecoderTests.load(name)
    let row = ids[0].array(of: Int.self)
    let made = withoutGradients { model.logits(model(PackedTokens([row]))).to(.float64).logSoftmax(axis: -1) }
    let difference = (made - expected[0].to(.float64).logSoftmax(axis: -1)).abs()
    #expect(difference.mean().item() < 3e-6, "mean difference \(difference.mean().item())")
    #expect(difference.max().item() < 5e-5, "largest difference \(difference.max().item())")
  }

  /// Texts within the length of training are turned as ever, and lie in one batch with longer ones.
  @Test(arguments: stretching) func shortTextsAreTurnedAsEver(_ name: String) throws {
    let (model, ids, expected) = try DecoderTests.load(name)
    let file = try SafetensorsFile(
      try #require(fixtures).appendingPathComponent("\(name)/expected.safetensors"))
    let short = try file.tensor("short_logits")
    let rows = ids.array(of: Int.self)
    let packed = PackedTokens([Array(rows[0..<40]), Array(rows[0..<12]), Array(rows[40..<52]), Array(rows[40..<80])])
    let logits = withoutGradients { model.logits(model(packed)) }
    for (range, wanted) in zip(packed.ranges, [expected[0], short[0], short[1], expected[1]]) {
      #expect((logits.slice(range) - wanted).abs().max().item() < 1e-4)
    }
    #expect((expected[0].slice(0..<12) - short[0]).abs().max().item() > 0.1, "the length makes a difference")
  }

  /// A text that grows beyond the length of training is read again, so that every token is drawn as the text so far says, in any
  /// company and whatever the cache held before.
  @Test(arguments: stretching) func growingTextsAreReadAgain(_ name: String) throws {
    let (model, ids, _) = try DecoderTests.load(name)
    let rows = ids.array(of: Int.self)
    var requests: [GenerationRequest] = []
    for length in [1, 5, 12, 16, 17, 33] {
      var parameters = SamplingParameters(maxTokens: 20, seed: UInt64(length))
      parameters.ignoresEndOfText = true
      requests.append(GenerationRequest(prompt: Array(rows[0..<length]), samples: 2, parameters: parameters))
    }
    let made = try GenerationEngine(model: model, limits: .init(batch: 3)).generate(requests)
    for (request, completions) in zip(requests, made) {
      for completion in completions {
        #expect(completion.ids.count == 20)
        var text = request.prompt
        for (id, found) in zip(completion.ids, completion.logProbabilities) {
          let last = withoutGradients {
            model.logits(model(PackedTokens([text])).slice((text.count - 1)..<text.count)).logSoftmax(axis: -1)
          }
          #expect(abs(Double(found) - last[0, id].item()) < 1e-4)
          text.append(id)
        }
      }
    }
    // Alone, in pieces, and with beginnings of others in the cache: the same texts.
    let scheduler = GenerationScheduler(
      models: [model], tokenizer: nil, limits: .init(batch: 1, prefillTokens: 4, reusesPrefixes: true), cacheTokens: 512
    )
    for (request, expected) in zip(requests + requests, made + made) {
      let number = try scheduler.submit(request)
      var texts = [[Int]](repeating: [], count: 2)
      while !scheduler.isIdle {
        for event in try scheduler.step() where event.request == number {
          if case .token(let token, _) = event.kind { texts[event.sample].append(token.score.id) }
        }
      }
      #expect(texts == expected.map(\.ids))
    }
  }

  /// Scores of chosen tokens are those of the (capped) logits.
  @Test(arguments: ["gemma2", "qwen2"]) func logProbabilitiesFollowTheLogits(_ name: String) throws {
    let (model, ids, expected) = try DecoderTests.load(name)
    let row = ids[0].array(of: Int.self)
    let scored = withoutGradients { model.logProbabilities(PackedTokens([row])).array() }
    let table = expected[0].logSoftmax(axis: -1)
    for i in 1..<40 {
      #expect(abs(Double(scored[i]) - table[i - 1, row[i]].item()) < 1e-4)
    }
  }

  @Test(arguments: names + stretching) func writtenCheckpointsReadBack(_ name: String) throws {
    let (model, _, _) = try DecoderTests.load(name)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Checkpoint.save(model, tokenizer: nil, to: folder)
    let again = try Checkpoint.loadModel(folder)
    #expect(again.configuration == model.configuration)
    for (a, b) in zip(model.parameters, again.parameters) {
      #expect(a.name == b.name && a.tensor.array() == b.tensor.array(), "\(a.name)")
    }
    let original = try Safetensors(try #require(fixtures).appendingPathComponent(name))
    #expect(Set(try Safetensors(folder).names) == Set(original.names))
    // transformers checks every number's kind: what it wrote itself is what it takes.
    func settings(_ url: URL) throws -> JSONObject {
      let text = try Data(contentsOf: url.appendingPathComponent("config.json"))
      return try #require(try JSONValue(parsing: [UInt8](text)).object)
    }
    let (ours, theirs) = try (settings(folder), settings(original.url))
    #expect(ours["model_type"] == theirs["model_type"] && ours["architectures"] == theirs["architectures"])
    for key in theirs.keys where ours[key] != nil && key != "rope_parameters" && theirs[key]?.isNull == false {
      let (a, b) = (ours[key]?.serialized(), theirs[key]?.serialized())
      // Dropout rates may be of either kind.
      #expect(a == b || (key.contains("drop") && ours[key]?.double == theirs[key]?.double), "\(key)")
    }
    #expect(
      model.parameters.reduce(0) { $0 + $1.tensor.count } == model.configuration.parameterCount)
  }

  /// Gradients of attention with windows and soft caps: a step along them changes the loss as they say.
  @Test(arguments: ["mistral", "gemma2", "gpt_neox", "granite", "gpt_oss", "qwen2_moe", "deepseek_v2", "deepseek_v3"])
  func gradientsAreThoseOfTheLoss(_ name: String) throws {
    let (model, ids, _) = try DecoderTests.load(name)
    let packed = PackedTokens([ids[0].array(of: Int.self)])
    model.requireGradients()
    func loss() -> Tensor { model.logProbabilities(packed).sum() }
    loss().backward()
    var squared = 0.0
    let gradients = model.parameters.map { $0.tensor.grad?.clone() }
    for case let gradient? in gradients { squared += gradient.square().sum().item() }
    let step = 2e-3 / squared.squareRoot()
    func move(_ factor: Double) {
      withoutGradients {
        for ((_, tensor), gradient) in zip(model.parameters, gradients) {
          if let gradient { tensor.copyInPlace(tensor + gradient * factor) }
        }
      }
    }
    move(step)
    let above = withoutGradients { loss().item() }
    move(-2 * step)
    let below = withoutGradients { loss().item() }
    let measured = (above - below) / (2 * step)
    #expect(abs(measured - squared) < 0.02 * squared, "\(measured) against \(squared)")
  }

  /// Settings of these families in their older spelling give the same configuration.
  @Test func olderSpellingsMeanTheSame() throws {
    func read(_ name: String, _ change: ([String: Any]) -> [String: Any]) throws -> DecoderConfiguration {
      let file = try #require(fixtures).appendingPathComponent("\(name)/config.json")
      let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
      return try DecoderConfiguration(
        huggingFace: JSONSerialization.data(withJSONObject: change(try #require(json))))
    }
    func older(_ name: String, dropping: [String], adding: [String: Any]) throws {
      let now = try read(name) { $0 }
      let before = try read(name) { json in
        json.filter { !dropping.contains($0.key) }.merging(adding) { $1 }
      }
      #expect(now == before, "\(name)")
    }
    try older(
      "gpt_neox", dropping: ["rope_parameters"],
      adding: ["rotary_pct": 0.5, "rotary_emb_base": 700, "rope_scaling": NSNull()])
    try older(
      "gemma3", dropping: ["rope_parameters", "layer_types", "_sliding_window_pattern"],
      adding: [
        "rope_theta": 3000.0, "rope_local_base_freq": 100.0, "sliding_window_pattern": 3,
        "rope_scaling": ["rope_type": "linear", "factor": 8.0],
      ])
    try older(
      "gemma2", dropping: ["rope_parameters", "layer_types"],
      adding: ["rope_theta": 10000, "hidden_act": "gelu_pytorch_tanh", "cache_implementation": "hybrid"])
    try older("qwen2", dropping: ["rope_parameters", "layer_types"], adding: ["rope_theta": 10000.0])
    try older(
      "phi3", dropping: ["rope_parameters"],
      adding: ["rope_theta": 10000.0, "partial_rotary_factor": 0.5, "rope_scaling": NSNull()])
    // What Mistral's and Gemma's files leave out.
    #expect(try read("mistral") { $0.filter { $0.key != "sliding_window" } }.window(ofLayer: 1) == 4096)
    #expect(
      try read("mistral") { $0.merging(["sliding_window": NSNull()]) { $1 } }.window(ofLayer: 1) == nil)
    #expect(try read("gemma2") { $0.filter { $0.key != "attn_logit_softcapping" } }.attentionSoftCap == 50)
  }

  @Test(
    arguments: [
      ("gemma3", "attn_logit_softcapping", "50.0"), ("gemma2", "use_bidirectional_attention", "true"),
      ("gemma2", "layer_types", #"["chunked_attention","full_attention"]"#),
      ("gemma2", "layer_types", #"["full_attention"]"#), ("gemma2", "sliding_window", "null"),
      ("gemma2", "final_logit_softcapping", "-1"), ("qwen2", "use_mrope", "true"),
      ("qwen2", "rope_parameters", #"{"rope_type":"default","mrope_section":[1]}"#),
      ("phi3", "rope_scaling", #"{"type":"longrope","short_factor":[1],"long_factor":[1]}"#),
      ("mistral", "sliding_window", "0"), ("mistral", "rope_theta", "\"many\""),
      ("gpt_neox", "rotary_pct", "1.5"), ("gpt_neox", "num_attention_heads", "5"),
      ("olmo2", "clip_qkv", "8.0"), ("llama", "hidden_size", "true"), ("llama", "head_dim", "1.5"),
      ("llama", "rope_interleaved", "true"), ("llama", "quantization_config", "{}"),
      ("mixtral", "num_local_experts", "0"), ("mixtral", "num_experts_per_tok", "9"),
      ("gpt_oss", "quantization_config", #"{"quant_method":"awq"}"#), ("qwen2_moe", "decoder_sparse_step", "0"),
      ("smollm3", "no_rope_layers", "[1]"), ("granite", "logits_scaling", "0"),
      ("deepseek_v2", "topk_method", "\"best\""),
      ("deepseek_v3", "topk_group", "5"), ("deepseek_v3", "scoring_func", "\"softmax\""),
      ("deepseek_v2", "qk_rope_head_dim", "3"),
    ] as [(String, String, String)])
  func settingsThatChangeNumbersAreRefusedByName(_ name: String, _ key: String, _ value: String) throws {
    let file = try #require(fixtures).appendingPathComponent("\(name)/config.json")
    var text = try String(contentsOf: file, encoding: .utf8)
    var json = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    json[key] = nil
    if key == "rotary_pct" || key == "rope_scaling" { json["rope_parameters"] = nil }
    text = try #require(
      String(data: JSONSerialization.data(withJSONObject: json), encoding: .utf8))
    text = "{\"\(key)\": \(value), " + text.dropFirst()
    let said = key == "rotary_pct" ? "partial_rotary_factor" : key == "rope_scaling" ? "longrope" : key
    #expect { try DecoderConfiguration(huggingFace: Data(text.utf8)) } throws: {
      $0 is ConfigurationError && "\($0)".contains(said)
    }
  }
}
