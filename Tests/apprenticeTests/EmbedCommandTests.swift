import Documents
import Foundation
import LanguageModels
import TestSupport
import Testing
import Torch

/// `apprentice embed` as its users meet it, over a tiny encoder.
@Suite struct EmbedCommandTests {
  /// The folder of an encoder with sentence-transformers' files.
  static let encoder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("LanguageModelsTests/Fixtures/encoders/bert").path
  let folder: TemporaryFolder
  static let texts = ["The cats eat fish.", "rain", "a dog, a cat, a fish and the rain and the rain and the rain"]

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String], input: String? = nil) throws -> Tool.Result {
    try Tool.run(arguments: ["embed"] + arguments + ["--model", Self.encoder], in: folder.path, input: input)
  }

  private static func numbers(_ value: JSONValue?) -> [Float] {
    (value?.array ?? []).compactMap(\.double).map(Float.init)
  }

  @Test("lines, records, standard input; text, a document, a file of tensors: the library's vectors")
  func vectors() throws {
    let wanted = try TextEmbedder(contentsOf: URL(fileURLWithPath: Self.encoder)).embeddings(of: Self.texts)
    func agree(_ made: [[Float]]) -> Bool {
      made.count == wanted.count
        && zip(made, wanted).allSatisfy { $0.count == $1.count && zip($0, $1).allSatisfy { abs($0 - $1) < 1e-6 } }
    }
    try folder.write("x.txt", Self.texts.joined(separator: "\n") + "\n")
    let plain = try run(["x.txt"])
    #expect(plain.status == 0 && plain.errors.contains("1 of 3 texts were cut to 16 tokens"), "\(plain.errors)")
    let lines = try plain.output.split(separator: "\n").map { Self.numbers(try JSONValue(parsing: String($0))) }
    #expect(agree(lines))
    let records = Self.texts.map { (["body": .string($0)] as JSONValue).serialized() }.joined(separator: "\n")
    let typed = try run(["-", "--format", "jsonl", "--text-column", "body", "--json"], input: records)
    let document = try JSONValue(parsing: typed.output)
    #expect(agree((document["embeddings"]?.array ?? []).map(Self.numbers)))
    #expect(document["dimensions"] == 12 && document["texts"] == 3 && document["cut"] == 1)
    let written = try run(["x.txt", "--out", "v.safetensors"])
    #expect(written.status == 0)
    let file = try SafetensorsFile(URL(fileURLWithPath: folder.path("v.safetensors")))
    #expect(agree(try (0..<3).map { try file.tensor("embeddings")[$0].array() }))
  }

  @Test("a query ranks the texts; what can't be is said")
  func ranking() throws {
    try folder.write("x.txt", Self.texts.joined(separator: "\n") + "\n")
    let made = try run(["x.txt", "--query", "rain", "--json"]).output
    let results = try JSONValue(parsing: made)["results"]?.array ?? []
    #expect(results.count == 3 && results[0]["index"] == 1 && results[0]["text"] == "rain")
    let scores = results.compactMap { $0["score"]?.double }
    #expect(scores[0] > 0.9999 && scores == scores.sorted(by: >))
    #expect(try run(["x.txt", "--query", "rain"]).output.hasPrefix("1.0000  rain\n"))
    #expect(try run(["x.txt", "--dimensions", "13"]).status != 0)
    let unknown = try run(["x.txt", "--prompt-name", "passage"])
    #expect(unknown.status != 0 && unknown.errors.contains("document, query"))
    #expect(try run(["none.txt"]).status == 66)
  }
}
