import Foundation
import TestSupport
import Testing

/// `--config`, tried on a command without tensors: every command goes through the same place.
@Suite("Configuration file")
struct ConfigurationFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("a.csv", "context,ref_text\np,c\nq,d\n")
  }

  private func inspect(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(arguments: ["data", "inspect", "a.csv", "--json"] + arguments, in: folder.path)
  }

  private func exampleCount(_ result: Tool.Result) throws -> Int? {
    (try result.json()["examples"] as? [Any])?.count
  }

  @Test(
    "settings come from YAML and from JSON, in either spelling",
    arguments: [
      ("c.yaml", "prompt_column: context\ncompletion-column: ref_text\nshow: 1\n"),
      (
        "c.json",
        "{\n\t\"prompt_column\": \"context\",\n\t\"completion_column\": \"ref_text\", \"show\": 1\n}"
      ),
    ])
  func formats(name: String, content: String) throws {
    try folder.write(name, content)
    let result = try inspect("--config", name)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.json()["shape"] as? String == "completion")
    #expect(try exampleCount(result) == 1)
  }

  @Test("flags win over the file, later files over earlier ones")
  func precedence() throws {
    try folder.write("one.yaml", "show: 1\n")
    try folder.write("zero.yaml", "show: 0\n")
    #expect(try exampleCount(inspect("--config", "one.yaml", "--show", "2")) == 2)
    #expect(try exampleCount(inspect("--show=2", "--config=one.yaml")) == 2)
    #expect(try exampleCount(inspect("--config", "one.yaml", "--config", "zero.yaml")) == 0)
    #expect(try exampleCount(inspect("--config", "zero.yaml", "--config", "one.yaml")) == 1)
  }

  @Test("underscores are fine in flags, too")
  func underscores() throws {
    let result = try inspect("--prompt_column", "context", "--completion_column=ref_text")
    #expect(try result.json()["shape"] as? String == "completion")
  }

  @Test("switches: true, false, and a flag that wins over the file")
  func switches() throws {
    try folder.write("bad.jsonl", "{\"text\": \"x\"}\noops\n")
    try folder.write("on.yaml", "skip_bad_lines: true\n")
    try folder.write("off.yaml", "skip_bad_lines: false\n")
    func status(_ arguments: String...) throws -> Int32 {
      try Tool.run(arguments: ["data", "inspect", "bad.jsonl"] + arguments, in: folder.path).status
    }
    #expect(try status("--config", "on.yaml") == 0)
    #expect(try status("--config", "off.yaml") == 65)
    #expect(try status("--config", "off.yaml", "--skip-bad-lines") == 0)
  }

  @Test("lists and required options; a list on the command line replaces the file's")
  func lists() throws {
    try folder.write("a.txt", "aa aa aa")
    try folder.write("b.txt", "bb bb bb bb")
    try folder.write(
      "t.yaml",
      """
      data: [a.txt, b.txt]
      out: t
      vocabulary: 300
      special_tokens:
        - <|endoftext|>
        - -dash
      """)
    let both = try Tool.run(
      "tokenizer", "train", "--json", "--config", "t.yaml", in: folder.path)
    #expect(both.status == 0, "\(both.errors)")
    #expect(try both.json()["records"] as? Int == 2)
    let tokenizer = try String(contentsOfFile: folder.path("t/tokenizer.json"), encoding: .utf8)
    #expect(tokenizer.contains("\"-dash\""))
    let one = try Tool.run(
      "tokenizer", "train", "--json", "--config", "t.yaml", "--data", "b.txt", in: folder.path)
    #expect(try one.json()["records"] as? Int == 1)
    #expect(try one.json()["bytes"] as? Int == 11)
  }

  @Test(
    "an unknown key names the file, the line, the key and the nearest one",
    arguments: [
      (
        "c.yaml", "show: 1\nprompt_colum: x\n", "c.yaml:2: unknown key 'prompt_colum'",
        "'prompt_column'"
      ),
      (
        "c.json", "{\"show\": 1,\n\"skip_bad_line\": true}",
        "c.json:2: unknown key 'skip_bad_line'", "'skip_bad_lines'"
      ),
      ("c.yaml", "data:\n  fromat: csv\n", "c.yaml:2: unknown key 'data.fromat'", "nearest"),
    ])
  func unknownKey(name: String, content: String, complaint: String, nearest: String) throws {
    try folder.write(name, content)
    let result = try inspect("--config", name)
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("apprentice: error: \(complaint)"), "\(result.errors)")
    #expect(result.errors.contains(nearest))
    #expect(result.output.isEmpty)
  }

  @Test("nested keys are joined as with dots")
  func nested() throws {
    try folder.write("c.yaml", "prompt:\n  column: context\ncompletion.column: ref_text\n")
    #expect(try inspect("--config", "c.yaml").json()["shape"] as? String == "completion")
  }

  @Test(
    "values of the wrong kind",
    arguments: [
      ("show: many\n", Int32(64)), ("show: [1, 2]\n", 64), ("skip_bad_lines: perhaps\n", 64),
      ("- show\n", 65), ("show: 1\n  x: [\n", 65), ("show: 1\nshow: 2\n", 65),
    ])
  func wrongKinds(content: String, status: Int32) throws {
    try folder.write("c.yaml", content)
    let result = try inspect("--config", "c.yaml")
    #expect(result.status == status, "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test("null leaves the default")
  func null() throws {
    try folder.write("c.yaml", "show: null\nprompt_column: ~\n")
    let result = try inspect("--config", "c.yaml")
    #expect(result.status == 0)
    #expect(try exampleCount(result) == 2)
  }

  @Test(
    "numbers keep every digit, and a file without settings changes nothing",
    arguments: [
      ("c.yaml", "seed: 18446744073709551615\n", true), ("c.json", "\u{FEFF}{\"seed\":\n 18446744073709551615}", true),
      ("c.yaml", "seed: 18446744073709551616\n", false), ("c.yaml", "", true), ("c.yaml", "# nothing\n", true),
    ])
  func digits(name: String, content: String, isFine: Bool) throws {
    try folder.write(name, content)
    try folder.write("good.txt", "ab\nabb\n")
    let result = try Tool.run(
      "teach", "regex", "--positive", "good.txt", "--json", "--evaluations", "50", "--config", name, in: folder.path)
    #expect(result.status == (isFine ? 0 : 64), "\(result.errors)")
  }

  @Test("a key that stands twice, also in JSON behind a byte-order mark, is told with its line")
  func twice() throws {
    try folder.write("c.json", "\u{FEFF}{\"show\": 1,\n\"show\": 2}")
    let result = try inspect("--config", "c.json")
    #expect(
      result.status == 65 && result.errors.contains("c.json") && result.errors.contains("twice"), "\(result.errors)")
    try folder.write("c.json", "\u{FEFF}{\"show\": 1,\n\"shoo\": 2}")
    #expect(try inspect("--config", "c.json").errors.contains("c.json:2: unknown key 'shoo'"))
  }

  @Test("~ is the home folder in a configuration file and behind an equals sign, where files are meant")
  func home() throws {
    try folder.write("home/set.yaml", "data: [~/a.txt]\nout: ~/words\nvocabulary: 280\n")
    try folder.write("home/a.txt", "aa aa aa")
    func run(_ arguments: String...) throws -> Tool.Result {
      try Tool.run(
        arguments: ["tokenizer", "train"] + arguments, in: folder.path, environment: ["HOME": folder.path("home")])
    }
    #expect(try run("--config", "~/set.yaml").status == 0)
    #expect(FileManager.default.fileExists(atPath: folder.path("home/words/tokenizer.json")))
    #expect(try run("--data=~/a.txt", "--out=~/more", "--vocabulary=280").status == 0)
    #expect(FileManager.default.fileExists(atPath: folder.path("home/more/tokenizer.json")))
    // A token is no path.
    #expect(try run("--data=~/a.txt", "--out=~/more", "--vocabulary=290", "--special-tokens=~/x").status == 0)
    #expect(try String(contentsOfFile: folder.path("home/more/tokenizer.json"), encoding: .utf8).contains("~/x"))
  }
}
