import Foundation
import TestSupport
import Testing

/// A chatbot from its data to its page, by the built tool.
@Suite("A chatbot")
struct ChatbotCommandTests: ToolSuite {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func chat(_ model: String, _ input: String, _ options: String...) throws -> [String] {
    let result = try Tool.run(
      arguments: ["chatbot", "chat", "--model", model] + options, in: folder.path,
      environment: ["OMP_NUM_THREADS": "1"],
      input: input)
    #expect(result.status == 0, "\(result.errors)")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test("is trained, talks, becomes a page, and talks from the page's file as from the run")
  func circle() throws {
    let small = "--units 24 --embedding 16 --epochs 3 --eval-steps 20"
    try tool("train chatbot --run run --pairs 120 \(small)")
    try tool("chatbot pairs --count 120 --out pairs.jsonl")
    let lines = try String(contentsOfFile: folder.path("pairs.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 120 && lines.allSatisfy { $0.contains("\"prompt\"") && $0.contains("\"completion\"") })
    // The same pairs from a file make the same chatbot.
    try tool("train chatbot --run own --data pairs.jsonl \(small)")
    let questions = "hello\n\n  \nhow are you?\n🙂\n"
    let said = try chat("run", questions, "--temperature", "0")
    #expect(said.count == 3)
    #expect(try chat("own", questions, "--temperature", "0") == said)
    let page = try tool("chatbot export --model run --out site --json").json()
    let bytes = try #require(page["bytes"] as? Int)
    #expect(bytes < 2_000_000)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("site"))
    #expect(Set(files).isSuperset(of: ["index.html", "chat.js", "models.wasm", "model.bin", "service-worker.js"]))
    let sizes = try files.map { try Data(contentsOf: folder.file("site/\($0)")).count }
    #expect(sizes.reduce(0, +) == bytes)
    #expect(try chat("site/model.bin", questions, "--temperature", "0") == said)
    let drawn = try (0..<2).map { _ in
      try chat("run", "hello\nhello\nhello\nhello\n", "--temperature", "1.5", "--seed", "3")
    }
    #expect(Set(drawn[0]).count > 1 && drawn[0] == drawn[1])
    #expect(try chat("run", "hello\nhello\n", "--released-temperature", "--temperature", "1").count == 2)
    // Another length goes on, other pairs don't.
    try tool("train chatbot --run run --pairs 120 \(small) --max-steps 4")
    try tool("train chatbot --run run --pairs 121 \(small)", expecting: 64)
  }

  @Test("what can't be is refused by name")
  func refusals() throws {
    try folder.write("bad.jsonl", "{\"prompt\": \"a\"}\n")
    #expect(try tool("train chatbot --run r --data bad.jsonl", expecting: 65).errors.contains("completion"))
    try tool("train chatbot --run r --data nowhere.jsonl", expecting: 66)
    try tool("train chatbot --run r --data bad.jsonl --personality parts.yaml", expecting: 64)
    try tool("train chatbot --run r --personality nowhere.yaml", expecting: 66)
    try tool("train chatbot --run r --units 0", expecting: 64)
    try tool("train chatbot --run r --pairs 1000000", expecting: 65)
    try folder.write("vectors.txt", "a 1 2\nb 1\n")
    let vectors = try tool("train chatbot --run r --pairs 60 --vectors vectors.txt", expecting: 65)
    #expect(vectors.errors.contains("vectors.txt:2"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("r")))
    try tool("chatbot chat --model nowhere", expecting: 66)
    try tool("chatbot export --model bad.jsonl --out site", expecting: 65)
    try tool("chatbot pairs --count 0 --out x", expecting: 64)
    try folder.write("form.csv", "item,linguistic_quality,creativity,human_likeness\n1,9,1,1\n")
    try folder.write("key.json", #"[{"question": "q", "answer": "a", "system": "s"}]"#)
    #expect(try tool("chatbot ratings form.csv --key key.json", expecting: 65).errors.contains("form.csv:2"))
    try tool("chatbot ratings form.csv --key form.csv", expecting: 65)
  }
}
