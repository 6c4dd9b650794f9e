import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import TestSupport
import Testing
import Tokenization
import Torch

/// What is written runs in llama.cpp and continues texts as it does here (Fixtures/run_llama.py).
@Suite(.serialized) struct LlamaConversionTests {
  /// A python with llama-cpp-python, if there is one.
  private static let python: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let own = root.appendingPathComponent(".venv-test-llama/bin/python").path
    let named = ProcessInfo.processInfo.environment["APPRENTICE_LLAMA_PYTHON"]
    return [named, own].compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  private struct Answer: Decodable {
    struct Row: Decodable { let logits: [Double], greedy: [Int] }
    let rows: [Row], texts: [[Int]], template: String?, eos: Int
  }

  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func run(_ request: JSONValue) throws -> [String: Answer] {
    let process = Process(), input = Pipe(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = [try #require(fixtures).appendingPathComponent("run_llama.py").path]
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(request.serialized().utf8))
    try input.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return try JSONDecoder().decode([String: Answer].self, from: data)
  }

  /// A model of a family, large enough for the K types, with random weights that make it sure of what it says.
  private func make(_ name: String, _ words: Tokenizer) throws -> URL {
    let source = try #require(fixtures).appendingPathComponent("\(name)/config.json")
    var json = try #require(JSONValue(parsing: Array(Data(contentsOf: source))).object)
    let sizes: [(String, Int)] =
      name == "gpt2"
      ? [("n_embd", 256), ("n_head", 8), ("n_positions", 128), ("n_ctx", 128)]
      : [
        ("hidden_size", 256), ("intermediate_size", 512), ("num_attention_heads", 8), ("num_key_value_heads", 2),
        ("head_dim", 32), ("query_pre_attn_scalar", 32), ("max_position_embeddings", 128),
      ]
    for (key, value) in sizes where json[key] != nil { json[key] = .int(value) }
    json["vocab_size"] = .int(words.vocabularySize)
    for key in ["bos_token_id", "eos_token_id", "pad_token_id"] { json[key] = .null }
    json["initializer_range"] = 0.12
    // llama.cpp leaves Phi-3's windows aside.
    if name == "phi3" { json["sliding_window"] = .null }
    let c = try DecoderConfiguration(huggingFace: Data(JSONValue.object(json).serialized().utf8))
    let model = try Decoder(c, generator: Generator(seed: 3))
    let place = folder.file(name)
    try Checkpoint.save(model, tokenizer: words, to: place)
    return place
  }

  private static let schemes: [QuantizationScheme] = [.f32, .f16, .bf16, .q8_0, .q6_K, .q5_K_M, .q5_0, .q4_K_M, .q4_0]

  @Test(
    .enabled(if: python != nil, "no python with llama-cpp-python: set APPRENTICE_LLAMA_PYTHON"),
    arguments: ["llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "olmo2", "gpt2"])
  func llamaContinuesTextsAlike(_ name: String) throws {
    let template = "{% for m in messages %}{{ m.role }}: {{ m.content }}<|endoftext|>{% endfor %}"
    let words = try Tokenizer(#require(TinyModel.tokenizer), chatTemplate: template)
    let source = try make(name, words)
    var files: [String] = []
    for scheme in Self.schemes {
      let file = folder.file("\(name)-\(scheme.rawValue).gguf")
      let report = try ModelConversion(of: source).writeGGUF(to: file, as: scheme)
      #expect(report.bytes > 0)
      files.append(file.path)
    }
    let prompts = ["the cat and", "{\"name\": [1, 2", "in the rain", "dog"].map { words.encode($0) }
    let texts = ["The cat's 12,345 dogs -- naïve\n\n  über  中文!", "a", "   \t x"]
    let answers = try run([
      "files": .array(files.map { .string($0) }), "ids": .array(prompts.map { .array($0.map { .int($0) }) }),
      "texts": .array(texts.map { .string($0) }), "length": 24,
    ])
    for (scheme, path) in zip(Self.schemes, files) {
      let answer = try #require(answers[path])
      #expect(answer.template == template && answer.eos == words.eos, "\(scheme)")
      #expect(answer.texts == texts.map { words.encode($0) }, "\(scheme)")
      let (model, tokenizer) = try Checkpoint.load(URL(fileURLWithPath: path), keepingBlocks: true)
      #expect(texts.map { tokenizer?.encode($0) } == texts.map { words.encode($0) })
      for (prompt, row) in zip(prompts, answer.rows) {
        var ids = prompt
        for step in 0..<24 {
          let logits = withoutGradients { model.logits(model(PackedTokens([ids]))) }.slice(ids.count - 1..<ids.count)
          let values = logits.array(of: Double.self)
          let mean = values.reduce(0, +) / Double(values.count)
          let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
          // Activations are rounded to 16 or 8 bits there, in other groups than here; its GELU is a table of half precision.
          let bound = spread * (scheme == .f32 ? 1e-3 : scheme.isQuantized ? 0.1 : 0.02)
          if step == 0 {
            let error = zip(values, row.logits).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(values.count)
            #expect(error.squareRoot() < bound, "\(scheme), \(prompt): \(error.squareRoot() / spread) of the spread")
          }
          let best = values.indices.max { values[$0] < values[$1] } ?? 0
          // Texts part only where the two most probable tokens are nearly as probable.
          guard row.greedy[step] == best else {
            let gap = values[best] - values[row.greedy[step]]
            #expect(gap < 4 * bound, "\(scheme), \(prompt), place \(step): \(gap)")
            break
          }
          ids.append(best)
        }
      }
    }
  }
}
