import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Testing
import Tokenization
import Torch

/// Encoders and vectors of texts against transformers and tokenizers (Fixtures/make_encoder_fixtures.py).
@Suite struct EncoderTests {
  private struct Row: Decodable {
    let text: String, ids: [Int], vector: [Float]
    let prompt: String?
  }

  private static func folder(_ name: String) throws -> URL {
    try #require(fixtures).appendingPathComponent("encoders/\(name)")
  }

  private static func rows(_ name: String) throws -> [Row] {
    try JSONDecoder().decode([Row].self, from: Data(contentsOf: folder(name)))
  }

  @Test(arguments: ["bert", "roberta", "distilbert", "mpnet"]) func hiddenVectorsEqualTransformers(_ name: String)
    throws
  {
    let folder = try Self.folder(name)
    let expected = try SafetensorsFile(folder.appendingPathComponent("expected.safetensors"))
    let (model, _) = try TextEncoder.load(folder)
    let count = expected.names.filter { $0.hasPrefix("ids.") }.count
    let texts = try (0..<count).map { try expected.tensor("ids.\($0)").array(of: Int.self) }
    let packed = PackedTokens(texts)
    for (key, layers) in [("hidden", nil), ("first", 1)] as [(String, Int?)] {
      let made = withoutGradients { model(packed, layers: layers) }
      for (i, range) in packed.ranges.enumerated() {
        let difference = (made.slice(range) - (try expected.tensor("\(key).\(i)"))).abs().max().item()
        #expect(difference < 1e-5, "\(key) \(i): \(difference)")
      }
    }
    #expect(throws: GenerationError.self) { try model.check(PackedTokens([[80]])) }
    #expect(throws: GenerationError.self) {
      try model.check(PackedTokens([[Int](repeating: 5, count: model.configuration.contextLength + 1)]))
    }
  }

  @Test(arguments: [
    "cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken",
  ])
  func poolingIsSentenceTransformers(_ mode: String) throws {
    let place = try Self.folder("bert")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("1_Pooling"), withIntermediateDirectories: true)
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
      try FileManager.default.copyItem(at: place.appendingPathComponent(file), to: folder.appendingPathComponent(file))
    }
    func write(_ name: String, _ text: String) throws {
      try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    let pooling = #"{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}"#
    try write(
      "modules.json",
      #"[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},\#(pooling)]"#)
    try write("1_Pooling/config.json", #"{"pooling_mode_\#(mode)": true, "word_embedding_dimension": 32}"#)
    let expected = try SafetensorsFile(place.appendingPathComponent("expected.safetensors"))
    let embedder = try TextEmbedder(contentsOf: folder)
    let texts = try (0..<5).map { try expected.tensor("ids.\($0)").array(of: Int.self) }
    #expect(!embedder.normalizes && embedder.width == 32)
    for (i, vector) in try embedder.embeddings(ofTokens: texts).enumerated() {
      let wanted = try expected.tensor("\(mode).\(i)").array()
      for (a, b) in zip(vector, wanted) { #expect(abs(a - b) < 1e-5 * max(1, abs(b))) }
    }
    try write(
      "modules.json", #"[{"idx":0,"name":"0","path":"","type":"x.Transformer"},{"path":"1","type":"x.WordWeights"}]"#)
    #expect { try TextEmbedder(contentsOf: folder) } throws: { "\($0)".contains("WordWeights") }
  }

  @Test("modules.json's pooling, projection and scaling; cut texts, prompts, fewer dimensions, any order of lengths")
  func pipeline() throws {
    let embedder = try TextEmbedder(contentsOf: Self.folder("bert"))
    let rows = try Self.rows("bert/texts.json")
    #expect(embedder.width == 12 && embedder.maximumTokens == 16 && embedder.normalizes)
    for prompt in [nil, "query"] as [String?] {
      let own = rows.filter { $0.prompt == prompt }
      let (tokens, cut) = try embedder.tokens(of: own.map(\.text), prompt: prompt)
      #expect(tokens == own.map(\.ids) && cut == (prompt == nil ? 1 : 0))
      let vectors = try embedder.embeddings(of: own.map(\.text), prompt: prompt)
      for (row, vector) in zip(own, vectors) {
        #expect(zip(row.vector, vector).allSatisfy { abs($0 - $1) < 1e-5 }, "\(row.text)")
      }
    }
    let many = (0..<40).map { rows[$0 % 4].text + String(repeating: " cat", count: $0 % 7) }
    let together = try embedder.embeddings(of: many)
    for (text, vector) in zip(many, together) {
      let alone = try embedder.embeddings(of: [text])[0]
      #expect(TextEmbedder.cosine(alone, vector) > 1 - 1e-6)
    }
    let short = try embedder.embeddings(of: [rows[0].text], dimensions: 5)[0]
    let length = rows[0].vector.prefix(5).reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(zip(short, rows[0].vector).allSatisfy { abs($0 - $1 / length) < 1e-5 } && short.count == 5)
    #expect(throws: GenerationError.self) { try embedder.embeddings(of: ["a"], dimensions: 13) }
    #expect(throws: GenerationError.self) { try embedder.embeddings(ofTokens: [[]]) }
    #expect(throws: GenerationError.self) { try embedder.embeddings(ofTokens: [[Int](repeating: 5, count: 17)]) }
    #expect(throws: GenerationError.self) { try embedder.embeddings(ofTokens: [[2, 80, 3]]) }
    #expect { try embedder.tokens(of: ["a"], prompt: "passage") } throws: { "\($0)".contains("document, query") }
    let ranking = try embedder.ranking(of: ["rain", "The cats eat fish."], by: "the cats eat fish.")
    #expect(ranking.map(\.index) == [1, 0] && ranking[0].score > 0.999)
  }

  @Test("a GGUF file's encoder, tokenizer and pooling")
  func gguf() throws {
    let file = try Self.folder("bert.gguf")
    #expect(TextEmbedder.isOne(file))
    let embedder = try TextEmbedder(contentsOf: file)
    let rows = try Self.rows("bert-gguf.json")
    #expect(try embedder.tokens(of: rows.map(\.text)).tokens == rows.map(\.ids))
    #expect(embedder.maximumTokens == 64 && embedder.normalizes)
    for (row, vector) in zip(rows, try embedder.embeddings(of: rows.map(\.text))) {
      #expect(zip(row.vector, vector).allSatisfy { abs($0 - $1) < 1e-5 }, "\(row.text)")
    }
    #expect(embedder.tokenizer.decode(rows[0].ids) == "the cats eat fish.")
  }

  @Test func hiddenVectorsOfTokens() throws {
    let embedder = try TextEmbedder(contentsOf: Self.folder("bert"))
    let expected = try SafetensorsFile(Self.folder("bert").appendingPathComponent("expected.safetensors"))
    let ids = try [0, 4].map { try expected.tensor("ids.\($0)").array(of: Int.self) }
    let made = try embedder.tokenVectors(ofTokens: ids, layers: 1)
    for (i, x) in zip([0, 4], made) {
      #expect((x - (try expected.tensor("first.\(i)"))).abs().max().item() < 1e-5)
    }
  }

  @Test func decodersMakeVectorsToo() throws {
    let model = try TinyModel.make()
    let tokenizer = try #require(TinyModel.tokenizer)
    let embedder = TextEmbedder(model, tokenizer: tokenizer)
    let ids = tokenizer.encode("the cat and the dog")
    let vector = try embedder.embeddings(of: ["the cat and the dog"])[0]
    let mean = withoutGradients { model(PackedTokens([ids])).mean(axis: 0) }
    #expect(TextEmbedder.cosine(vector, mean.array()) > 1 - 1e-6)
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test(
    arguments: [
      ("hidden_size", "30"), ("position_embedding_type", #""relative_key""#), ("is_decoder", "true"),
      ("hidden_act", #""snake""#), ("attention_window", "4"),
    ])
  func settingsThatChangeNumbersAreRefusedByName(_ key: String, _ value: String) throws {
    let text = try String(contentsOf: Self.folder("bert").appendingPathComponent("config.json"), encoding: .utf8)
    var json = try #require(try JSONValue(parsing: text).object)
    json[key] = try JSONValue(parsing: value)
    let data = Data(JSONValue.object(json).serialized().utf8)
    #expect { try EncoderConfiguration(huggingFace: data) } throws: { error in
      let said = "\(error)"
      return said.contains(key) || said.contains("snake")
    }
    #expect(try EncoderConfiguration(huggingFace: Data(#"{"model_type": "llama"}"#.utf8)) == nil)
  }

  private static let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("models/all-MiniLM-L6-v2")

  @Test(
    "MiniLM's real weights: the tokens of tokenizers, cosines of 1 with the vectors of transformers",
    .enabled(
      if: FileManager.default.fileExists(atPath: place.appendingPathComponent("model.safetensors").path),
      "run Scripts/fetch-models minilm to have this tested"))
  func miniLM() throws {
    let embedder = try TextEmbedder(contentsOf: Self.place)
    let rows = try Self.rows("minilm.json")
    #expect(embedder.width == 384 && embedder.maximumTokens == 256)
    let (tokens, cut) = try embedder.tokens(of: rows.map(\.text))
    #expect(cut == 1)
    for (row, ids) in zip(rows, tokens) { #expect(row.ids == ids, "\(row.text)") }
    for (row, vector) in zip(rows, try embedder.embeddings(of: rows.map(\.text))) {
      #expect(1 - TextEmbedder.cosine(row.vector, vector) < 1e-5, "\(row.text)")
      #expect(zip(row.vector, vector).allSatisfy { abs($0 - $1) < 1e-5 }, "\(row.text)")
    }
  }
}
