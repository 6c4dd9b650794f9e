import Foundation
import TestSupport
import Testing

@Suite("Bad input")
struct BadInputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("what was typed wrongly: exit code 64, the mistake, the usage")
  func usage() throws {
    for arguments in [
      ["data", "inspekt"], ["data", "inspect"], ["run", "list", "--nonsense"],
      ["run", "compare", "one"], ["data", "inspect", "x", "--show", "many"],
      ["tokenizer", "train", "--data", "x", "--out", "y", "--vocabulary", "10"],
      ["tokenizer", "encode", "--tokenizer", "x"],
    ] {
      let result = try Tool.run(arguments: arguments)
      #expect(result.status == 64, "\(arguments)")
      #expect(result.errors.hasPrefix("apprentice: error: "), "\(result.errors)")
      #expect(result.errors.contains("Usage: apprentice"))
      #expect(result.output.isEmpty)
    }
  }

  @Test("a missing file: exit code 66 and its name")
  func missing() throws {
    for arguments in [
      ["data", "inspect", "nowhere.jsonl"],
      ["tokenizer", "train", "--data", "nowhere.jsonl", "--out", folder.path("t")],
      ["tokenizer", "encode", "--tokenizer", "nowhere.jsonl", "--text", "x"],
      ["run", "show", "nowhere.jsonl"],
      ["run", "list", "--config", "nowhere.jsonl"],
    ] {
      let result = try Tool.run(arguments: arguments, in: folder.path)
      #expect(result.status == 66, "\(arguments)")
      #expect(result.errors.hasPrefix("apprentice: error: nowhere.jsonl: "), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
  }

  @Test("a broken file: exit code 65, the file and the line, and nothing written")
  func broken() throws {
    try folder.write("x.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\n")
    let result = try Tool.run(
      "tokenizer", "train", "--data", "x.jsonl", "--out", "t", in: folder.path)
    #expect(result.status == 65)
    #expect(result.errors.hasPrefix("apprentice: error: x.jsonl:2: a string is not closed"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("t")))
  }

  @Test("--skip-bad-lines counts and reports instead")
  func skipping() throws {
    try folder.write("x.jsonl", "{\"text\": \"a b a b\"}\noops\n{\"txt\": 1}\n{\"text\": \"c\"}\n")
    let result = try Tool.run(
      "tokenizer", "train", "--data", "x.jsonl", "--out", "t", "--skip-bad-lines", "--json",
      in: folder.path)
    #expect(result.status == 0)
    #expect(result.errors.contains("skipped 2 bad lines"))
    #expect(result.errors.contains("x.jsonl:2: ") && result.errors.contains("x.jsonl:3: "))
    #expect(try result.json()["records"] as? Int == 2)
  }

  @Test("a broken tokenizer: exit code 65 and the file")
  func tokenizer() throws {
    try folder.write("tokenizer.json", "{\"model\": ")
    let result = try Tool.run(
      "tokenizer", "encode", "--tokenizer", "tokenizer.json", "--text", "x", in: folder.path)
    #expect(result.status == 65)
    #expect(result.errors.contains("tokenizer.json: "))
  }

  @Test("a folder that can't be written: exit code 74")
  func unwritable() throws {
    try folder.write("x.txt", "some text")
    let result = try Tool.run(
      "tokenizer", "train", "--data", "x.txt", "--out", "/dev/null/t", in: folder.path)
    #expect(result.status == 74)
  }
}
