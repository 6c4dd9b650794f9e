import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import TestSupport
import Testing
import Tokenization
import Torch

/// Every parser of files from strangers, on seeded mutations of good files: no crash, no hang, and errors that say where.
@Suite struct FuzzTests {
  static let json = [
    "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-1", "1e400", "99999999999999999999", "0.5",
    "\\ud800", "[[[[[[[[", "4294967296", "\"\"", "{}",
  ]

  private func scratch(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.appendingPathComponent(name)
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: try #require(fixtures).appendingPathComponent(path)))
  }

  private func check(_ outcomes: Outcomes, least: Int) {
    #expect(outcomes.vague.isEmpty, "\(outcomes.vague.prefix(5))")
    // Both happen, or the mutations test nothing.
    #expect(outcomes.read >= least && outcomes.refused >= least, "\(outcomes.read), \(outcomes.refused)")
  }

  @Test func configurations() throws {
    let seeds = try (FamilyTests.names + ["gpt2", "llama", "yarn"]).map { try bytes("\($0)/config.json") }
    let outcomes = Outcomes(
      of: seeds, count: 4000, Mutator(seed: 1, words: Self.json), isPlaced: { $0 is ConfigurationError }
    ) { bytes in
      let c = try DecoderConfiguration(huggingFace: Data(bytes))
      // What was understood is written and read as the same.
      let again = try JSONSerialization.data(withJSONObject: c.huggingFace)
      #expect(try DecoderConfiguration(huggingFace: again) == c)
    }
    check(outcomes, least: 20)
  }

  /// The same for values of the wrong kind and size in JSON that is right.
  @Test func configurationsOfOtherValues() throws {
    let seeds = try (FamilyTests.names + ["gpt2", "llama", "yarn"]).map {
      try JSONValue(parsing: bytes("\($0)/config.json"))
    }
    var mutator = Mutator(seed: 6, words: [])
    let documents = (0..<4000).map { Array(mutator.mutated(document: seeds[$0 % seeds.count]).serialized().utf8) }
    var (read, refused) = (0, 0)
    for document in documents {
      do {
        let c = try DecoderConfiguration(huggingFace: Data(document))
        let again = try JSONSerialization.data(withJSONObject: c.huggingFace)
        #expect(try DecoderConfiguration(huggingFace: again) == c)
        read += 1
      } catch {
        #expect(error is ConfigurationError, "\(type(of: error)): \(error)")
        refused += 1
      }
    }
    #expect(read > 300 && refused > 300, "\(read), \(refused)")
  }

  /// Folders whose weights or whose settings were changed.
  @Test(arguments: ["config.json", "model.safetensors"]) func folders(_ changed: String) throws {
    let file = try scratch(changed)
    let folder = file.deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["config.json", "model.safetensors"] {
      try Data(try bytes("smollm/\(name)")).write(to: folder.appendingPathComponent(name))
    }
    let reach = changed == "config.json" ? Int.max : 2600
    let outcomes = Outcomes(
      of: [try bytes("smollm/\(changed)")], count: 600,
      Mutator(seed: 2, words: Self.json + ["F64", "I8", "BF16", "lm_head.weight"], reach: reach),
      isPlaced: { "\($0)".contains(folder.path) && ($0 is SafetensorsError || $0 is CheckpointError) }
    ) { bytes in
      try Data(bytes).write(to: file)
      let model = try Checkpoint.loadModel(folder)
      #expect(model.parameterCount < 100_000)
    }
    check(outcomes, least: 1)
  }

  @Test func ggufFiles() throws {
    let file = try scratch("x.gguf")
    defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
    let outcomes = Outcomes(
      of: try ["llama", "gemma3", "gpt2"].map { try bytes("gguf/\($0).gguf") }, count: 900,
      Mutator(
        seed: 3, words: ["GGUF", "llama", "gemma3", "phi3", "general.alignment", "output.weight"],
        reach: 5000), isPlaced: { "\($0)".contains(file.path) && $0 is CheckpointError }
    ) { bytes in
      try Data(bytes).write(to: file)
      let (model, tokenizer) = try Checkpoint.load(file)
      #expect(model.parameterCount < 200_000)
      if let tokenizer { _ = tokenizer.decode(tokenizer.encode("an the and", allowSpecial: true)) }
    }
    check(outcomes, least: 20)
  }

  @Test func tokenizers() throws {
    let (_, tokenizer) = try Checkpoint.load(GGUFTests.file("llama.gguf"))
    let text = try #require(tokenizer).document.serialized()
    let outcomes = Outcomes(
      of: [Array(text.utf8)], count: 800,
      Mutator(seed: 4, words: Self.json + ["Unigram", "WordPiece", "Regex", "(?i:", "(a+)+$", "Split"]),
      isPlaced: { $0 is TokenizationError || $0 is JSONSyntaxError }
    ) { bytes in
      let tokenizer = try Tokenizer(document: JSONValue(parsing: bytes))
      _ = tokenizer.decode(tokenizer.encode("an the and </s> \u{1F600} é", allowSpecial: true))
    }
    check(outcomes, least: 20)
    let document = try #require(tokenizer).document
    var mutator = Mutator(seed: 7, words: [])
    var refused = 0
    for _ in 0..<1500 {
      do {
        let changed = try Tokenizer(document: mutator.mutated(document: document))
        _ = changed.decode(changed.encode("an the and </s> \u{1F600} é", allowSpecial: true))
      } catch {
        #expect(error is TokenizationError, "\(type(of: error)): \(error)")
        refused += 1
      }
    }
    #expect(refused > 100 && refused < 1400, "\(refused)")
  }

  @Test func chatTemplates() throws {
    let seeds = [
      """
      {{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' and loop.first %}[INST] {{ m.content | trim }}\
      {% elif m.role != "x" %}{{ m.role + ': ' + m.content[0:3] | upper }}{% else %}{{ raise_exception('no') }}\
      {% endif %}{{ loop.index0 % 2 }}{%- endfor -%}{% if add_generation_prompt %}>{% endif %}
      """,
      """
      {% macro say(x, y=2) %}{{ x ~ y }}{% endmacro %}{% set ns = namespace(n=0) %}{% for i in range(5) %}\
      {% set ns.n = ns.n + i * 3 // 2 %}{% endfor %}{{ say(ns.n) }}{{ tools | tojson }}{# c #}\
      {{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join(', ') }}
      """,
    ].map { Array($0.utf8) }
    let words = [
      "{{", "}}", "{%", "%}", "{#", "endfor", "range(999999999)", "'a' * 999999999", "**", "[", "(", "|",
      "{% for a in messages %}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "namespace", "-%}",
    ]
    let messages: JSONValue = [
      ["role": "user", "content": "Hello there"], ["role": "assistant", "content": "Yes"],
    ]
    let outcomes = Outcomes(
      of: seeds, count: 3000, Mutator(seed: 5, words: words), isPlaced: { $0 is TokenizationError }
    ) { bytes in
      let template = try ChatTemplate(String(decoding: bytes, as: UTF8.self))
      _ = try template.render(messages: messages, addGenerationPrompt: true)
    }
    check(outcomes, least: 100)
  }

  /// Settings far beyond the weights beside them are refused for the weights' sake, before memory is taken.
  @Test(
    arguments: [
      ("hidden_size", 1 << 26), ("vocab_size", 1 << 26), ("num_hidden_layers", 1 << 26),
      ("intermediate_size", 1 << 26), ("num_attention_heads", 1 << 26), ("head_dim", 1 << 26),
    ]) func sizesBeyondTheFileAreRefused(_ key: String, _ value: Int) throws
  {
    for name in ["smollm", "gemma3"] {
      let file = try scratch("config.json")
      let folder = file.deletingLastPathComponent()
      defer { try? FileManager.default.removeItem(at: folder) }
      try Data(try bytes("\(name)/model.safetensors"))
        .write(to: folder.appendingPathComponent("model.safetensors"))
      var json = try #require(JSONValue(parsing: bytes("\(name)/config.json")).object)
      json[key] = .int(value)
      if key == "num_hidden_layers" { json["layer_types"] = nil }
      try Data(JSONValue.object(json).serialized().utf8).write(to: file)
      #expect { try Checkpoint.loadModel(folder) } throws: { "\($0)".contains(folder.path) }
    }
  }

  /// A context that no memory could hold costs nothing until it is used.
  @Test func longContextsCostNothingUnused() throws {
    let file = try scratch("config.json")
    let folder = file.deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(try bytes("smollm/model.safetensors"))
      .write(to: folder.appendingPathComponent("model.safetensors"))
    var json = try #require(JSONValue(parsing: bytes("smollm/config.json")).object)
    json["max_position_embeddings"] = .int(2_000_000_000)
    try Data(JSONValue.object(json).serialized().utf8).write(to: file)
    let model = try Checkpoint.loadModel(folder)
    let (_, ids, expected) = try DecoderTests.load("smollm")
    let logits = withoutGradients { model.logits(model(PackedTokens([ids[0].array(of: Int.self)]))) }
    #expect((logits - expected[0]).abs().max().item() < 1e-4)
  }
}
