import Documents
import Foundation
import TestSupport
import Testing
import Tokenization
import Training

@Suite("Commands without tensors")
struct CommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("tokenizer: train, encode, decode give the text back")
  func tokenizerRoundTrip() throws {
    let lines = [
      "the cat sat on the mat", "  naïve café — 12,345 😀\t!", "", "<|endoftext|> is text",
    ]
    try folder.write("x.txt", lines.joined(separator: "\n") + "\n")
    let trained = try Tool.run(
      "tokenizer", "train", "--data", "x.txt", "--vocabulary", "300", "--out", "t", in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")

    let encoded = try Tool.run(
      "tokenizer", "encode", "--tokenizer", "t", "--file", "x.txt", "--json", in: folder.path)
    let arrays = try encoded.output.split(separator: "\n").map {
      try JSONDecoder().decode([Int].self, from: Data($0.utf8))
    }
    let tokenizer = try Tokenizer(contentsOf: URL(fileURLWithPath: folder.path("t")))
    #expect(arrays == lines.map { tokenizer.encode($0) })
    #expect(!arrays.joined().contains(0))

    try folder.write("ids.txt", encoded.output)
    let decoded = try Tool.run(
      "tokenizer", "decode", "--tokenizer", "t/tokenizer.json", "--file", "ids.txt", "--json",
      in: folder.path)
    let texts = try decoded.output.split(separator: "\n").map {
      try JSONDecoder().decode(String.self, from: Data($0.utf8))
    }
    #expect(texts == lines)

    let special = try Tool.run(
      "tokenizer", "encode", "--tokenizer", "t", "--text", "<|endoftext|>", "--allow-special",
      in: folder.path)
    #expect(special.output == "0\n")
    let outside = try Tool.run(
      "tokenizer", "decode", "--tokenizer", "t", "--ids", "1 99999", in: folder.path)
    #expect(outside.status == 64)
  }

  @Test("data inspect counts records, fields, lengths and bad lines")
  func inspect() throws {
    try folder.write(
      "d/a.jsonl",
      """
      {"prompt": "ab", "chosen": "x", "rejected": "y"}
      {"prompt": "abcd", "chosen": "x", "rejected": 3}
      oops
      """)
    let result = try Tool.run("data", "inspect", "d", "--json", in: folder.path)
    #expect(result.status == 65)
    let json = try result.json()
    #expect(json["records"] as? Int == 2)
    #expect(json["bad_lines"] as? Int == 1)
    #expect(json["shape"] as? String == "preference")
    let columns = try #require(json["columns"] as? [String: [String: Any]])
    let lengths = try #require(columns["prompt"]?["characters"] as? [String: Any])
    #expect(lengths["min"] as? Int == 2 && lengths["max"] as? Int == 4)
    #expect(lengths["mean"] as? Double == 3)
    #expect(columns["rejected"]?["kinds"] as? [String] == ["a number", "a string"])

    let text = try Tool.run("data", "inspect", "d", "--skip-bad-lines", in: folder.path)
    #expect(text.status == 0)
    #expect(text.output.contains("records  2"))
    #expect(text.output.contains("d/a.jsonl:3: "))
  }

  @Test("data inspect counts a conversation's messages and measures them by who says them")
  func inspectedConversations() throws {
    _ = try folder.write(
      "talk.jsonl",
      """
      {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
      {"messages": [{"role": "user", "content": "Höhö"}, {"role": "assistant", "content": null}, {"role": "user", "content": "?"}]}

      """)
    let json = try Tool.run("data", "inspect", "talk.jsonl", "--json", in: folder.path).json()
    let column = try #require((json["columns"] as? [String: [String: Any]])?["messages"])
    #expect((column["turns"] as? [String: Double])?["max"] == 3)
    let said = try #require(column["characters_by_role"] as? [String: [String: Double]])
    #expect(said["user"]?["median"] == 2 && said["user"]?["max"] == 4 && said["assistant"]?["min"] == 0)
    let rows = try Tool.run("data", "inspect", "talk.jsonl", in: folder.path).output.split(separator: "\n")
    #expect(rows.contains { $0.hasPrefix("  user ") && $0.contains(" 3  a message") })
  }

  @Test("run list, show and compare")
  func runs() throws {
    for (name, rate, loss) in [("one", 1e-3, 2.0), ("two", 3e-4, 1.5)] {
      let run = try RunFolder(
        folder.path("runs/\(name)"),
        manifest: RunManifest(
          command: "train sft", configuration: ["learning_rate": .double(rate), "max_steps": 7],
          seed: 1))
      let metrics = try MetricsWriter(folder: run, resumingAfter: nil)
      try metrics.write(step: 1, ["loss": 9])
      try metrics.write(step: 7, ["loss": loss])
      if name == "two" { try run.finish() }
    }
    let list = try Tool.run("run", "list", "--json", in: folder.path).json()
    let runs = try #require(list["runs"] as? [[String: Any]])
    #expect(Set(runs.compactMap { $0["name"] as? String }) == ["one", "two"])
    #expect(runs.allSatisfy { $0["step"] as? Int == 7 })
    #expect(try Tool.run("run", "list", in: folder.path).output.contains("unfinished"))
    let same = try Tool.run("run", "list", folder.path("runs"), in: "/")
    #expect(same.status == 0 && same.output.contains("unfinished"))
    #expect(try Tool.run("run", "list", "runs", "--runs", "runs", in: folder.path).status == 64)

    for name in ["one", "runs/one", folder.path("runs/one")] {
      let shown = try Tool.run("run", "show", name, "--json", in: folder.path).json()
      let course = try #require((shown["metrics"] as? [String: [String: Any]])?["loss"])
      #expect(course["first"] as? Double == 9 && course["last"] as? Double == 2)
    }
    let compared = try Tool.run("run", "compare", "one", "two", in: folder.path).output
    #expect(compared.contains("learning_rate"))
    #expect(!compared.contains("max_steps"))
    let last = compared.split(separator: "\n").first { $0.hasPrefix("loss") }
    #expect(last?.hasSuffix("1.5") == true)
    let json = try Tool.run("run", "compare", "one", "two", "--json", in: folder.path).json()
    #expect((json["settings"] as? [String: [Double]])?["learning_rate"] == [1e-3, 3e-4])

    let unknown = try Tool.run("run", "show", "on", in: folder.path)
    #expect(unknown.status == 66)
    #expect(unknown.errors.contains("the nearest one is 'one'"))
  }

  @Test("doctor names the system and every tool it looked for")
  func doctor() throws {
    let result = try Tool.run("doctor", "--json")
    #expect(result.status == 0)
    let findings = try #require(try result.json()["findings"] as? [[String: Any]])
    let names = findings.compactMap { $0["name"] as? String }
    #expect(Set(["system", "processor", "memory", "swift", "torchrun"]).isSubset(of: names))
    let bare = try Tool.run(arguments: ["doctor", "--json"], environment: ["PATH": "/nowhere"])
    let missing = try #require(try bare.json()["findings"] as? [[String: Any]])
    #expect(missing.contains { $0["name"] as? String == "git" && $0["found"] as? Bool == false })
  }

  @Test("a reader that goes away is no error worth a message")
  func brokenPipe() throws {
    try folder.write("x.txt", String(repeating: "word ", count: 10))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "'\(try Tool.path)' data inspect x.txt --json | true"]
    process.currentDirectoryURL = folder.url
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text.isEmpty)
  }
}
