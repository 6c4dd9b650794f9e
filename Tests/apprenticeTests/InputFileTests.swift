import Foundation
import TestSupport
import Testing

/// Every file that a command reads may be `-`, `/dev/stdin` or a pipe.
@Suite("Input files")
struct InputFileTests {
  /// One option with what comes through it, and the arguments around it.
  struct Case: CustomStringConvertible {
    var command: String
    var option: String
    var input: String
    var others: [String] = []
    /// What the result must say; the exit code is 0.
    var words: String
    var description: String { "\(command) --\(option)" }
  }

  static let specification = """
    {"experiments": ["a"], "responses": {"kind": "binomial", "trials": 3},
     "models": [{"name": "m", "predictions": {"a": 0.5}}, {"name": "n", "predictions": {"a": 0.9}}]}
    """

  /// Losses of fifteen runs on a surface that a law describes.
  static let points =
    "parameters,tokens,loss\n"
    + [1e6, 3e6, 1e7, 3e7, 1e8].flatMap { n in
      [1e8, 1e9, 1e10].map { d in "\(n),\(d),\(1.8 + 480 * pow(n, -0.35) + 2000 * pow(d, -0.37))\n" }
    }.joined()

  static let cases: [Case] = [
    Case(command: "scaling fit", option: "points", input: points, words: "parametric"),
    Case(command: "experiment design", option: "spec", input: specification, words: "left to learn"),
    Case(
      command: "experiment adaptive", option: "spec", input: specification, others: ["--simulate", "n"], words: "round"),
    Case(
      command: "experiment choose", option: "data", input: "{\"probabilities\": [0.1, 0.9]}\n",
      others: ["--format", "jsonl"], words: "gain"),
    Case(
      command: "evaluate rouge", option: "data", input: "{\"completion\": \"a b\", \"reference\": \"a b\"}\n",
      others: ["--format", "jsonl"], words: "1.000"),
    Case(
      command: "evaluate format", option: "data", input: "{\"text\": \"12\"}\n",
      others: ["--format", "jsonl", "--regex", "[0-9]+"], words: "100.0%"),
    Case(command: "teach regex", option: "positive", input: "90210\n10001\n33109\n", words: "[0-9]{5}"),
    Case(
      command: "teach regex", option: "negative", input: "9021\n", others: ["--positive", "yes.txt"], words: "[0-9]{5}"),
    Case(command: "teach regex", option: "test", input: "60614\n", others: ["--positive", "yes.txt"], words: "60614"),
    Case(
      command: "data import", option: "data", input: "{\"prompt\": \"p\", \"completion\": \"c\"}\n",
      others: ["--format", "jsonl", "--store", "s.sqlite"], words: "1"),
    Case(
      command: "tokenizer train", option: "data", input: "the cat sat on the mat",
      others: ["--format", "txt", "--out", "made", "--vocabulary", "260"], words: "made"),
    Case(command: "tokenizer encode", option: "file", input: "the\n", others: ["--tokenizer", "t"], words: "84 72 69"),
    Case(command: "tokenizer decode", option: "file", input: "84 72 69\n", others: ["--tokenizer", "t"], words: "the"),
    Case(
      command: "tokenizer encode", option: "tokenizer", input: "TOKENIZER", others: ["--text", "the"], words: "84 72 69"
    ),
    Case(
      command: "tokenizer decode", option: "tokenizer", input: "TOKENIZER", others: ["--ids", "84 72 69"], words: "the"),
    Case(
      command: "tokenizer train", option: "config", input: "vocabulary: 260\n",
      others: ["--data", "yes.txt", "--out", "made"], words: "made"),
  ]

  /// Files that are read in the same way by commands that need a model or minutes, which the cases above don't run, each with
  /// the reader that it shares with one of them.
  static let sharing = [
    // Records, as `experiment choose --data`.
    "evaluate likelihood --data", "evaluate reward --data", "evaluate win-rate --data", "experiment savings --data",
    "train dpo --data", "train grpo --data", "train grpo --problems", "recipe --problems", "train ppo --data",
    "train ppo --ptx-data", "train pretrain --data",
    "train reward --data", "train sft --data", "sample --data",
    // One value.
    "quickstart --settings", "sample --json-schema", "tokenizer render --messages", "tokenizer render --tools",
    // Text.
    "chat --chat-template", "serve --api-keys", "serve --chat-template", "tokenizer render --chat-template",
    "model convert --chat-template",
    // Tables.
    "teach regex-study --data", "teach regex-study --generalization", "teach regex-study --curricula",
    "teach teaching-study --data", "evaluate contamination --corpus", "evaluate items --words", "embed --",
    // Text.
    "train sft --chat-template", "train dpo --chat-template", "train reward --chat-template",
    "train ppo --chat-template", "train grpo --chat-template", "evaluate tasks --chat-template", "train clone --data",
    // Tables, as `scaling fit --points`.
    "scaling predict --points", "scaling predict --pass-rates", "scaling plan --points", "scaling score --points",
    "scaling score --pass-rates",
    // One value.
    "scaling sweep --spec", "scaling score --prediction",
    // Text.
    "studio --chat-template",
    // Programs and their tasks.
    "run-code --", "run-code --tests", "run-code --language-file", "evaluate code --tasks", "evaluate code --samples",
  ]

  /// What is looked into at any place, changed, or written: no stream can stand for it.
  static let noStreams = [
    "score --model", "evaluate likelihood --model", "model info --", "model convert --model", "model convert --out",
    "model merge --model",
    "sample --out", "chat --model", "sample --model", "serve --model", "data export --out", "data export --store",
    "data import --store",
    "experiment adaptive --record", "chat --conversation", "embed --model", "embed --out", "evaluate code --model",
    "evaluate code --cache", "recipe --model", "scaling sweep --slurm",
    "scaling fit --report", "scaling fit --svg", "scaling predict --register", "scaling source --out", "studio --model",
    "studio --store", "games play --record", "games record --out",
    "browse ask --index", "browse ask --model", "browse ask --record", "browse index --out",
    "browse measure --episodes",
    "browse measure --index", "browse measure --model", "chatbot chat --model", "chatbot export --model",
    "chatbot pairs --out", "critique --source", "experiment queue --model", "experiment queue --store",
    "games emulate --core", "games emulate --cores", "games emulate --movie", "games emulate --out", "games import --",
    "scaling pass-rates --out", "scaling train --prediction", "strokes sheet --out", "train dpo --model",
    "train grpo --model", "train ppo --model", "train reward --model", "train sft --model", "transcribe --",
  ]
  /// Files that a stream may stand for, which nobody has tried yet.
  private static let untried = [
    "browse measure --questions", "chatbot pairs --personality", "chatbot ratings --", "chatbot ratings --key",
    "competition init --from", "critique --", "critique --chat-template", "summarize --", "summarize --chat-template",
    "summarize --edits", "summarize --instructions", "train chatbot --data", "train chatbot --personality",
    "train chatbot --vectors",
  ]

  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("yes.txt", "90210\n10001\n33109\n")
    let trained = try Tool.run(
      "tokenizer", "train", "--data", "yes.txt", "--vocabulary", "260", "--out", "t", in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")
  }

  @Test("each comes by -, by /dev/stdin and by process substitution", arguments: cases)
  func streams(_ item: Case) throws {
    var input = item.input
    if input == "TOKENIZER" { input = try String(contentsOfFile: folder.path("t/tokenizer.json"), encoding: .utf8) }
    try folder.write("input", input)
    let start = item.command.split(separator: " ").map(String.init)
    func run(_ name: String, by shell: String) throws -> Tool.Result {
      for made in ["s.sqlite", "made"] { try? FileManager.default.removeItem(atPath: folder.path(made)) }
      let words = [try Tool.path] + start + ["--\(item.option)"]
      let line = (words + [name] + item.others).map { $0.hasPrefix("<(") ? $0 : "'\($0)'" }.joined(separator: " ")
      return try Tool.run(program: "/bin/bash", arguments: ["-c", line + shell], in: folder.path)
    }
    for (name, shell) in [
      ("-", " < input"), ("/dev/stdin", " < input"), ("-", " < <(cat input)"), ("<(cat input)", ""),
    ] {
      let result = try run(name, by: shell)
      #expect(result.status == 0, "\(item) \(name)\(shell): \(result.errors)")
      #expect(result.output.contains(item.words), "\(item) \(name)\(shell): \(result.output)")
    }
  }

  @Test("no option that names a file is left out here")
  func completeness() throws {
    let root = try Tool.run("--experimental-dump-help").json()
    func walk(_ node: [String: Any], _ words: [String]) -> [String] {
      let own = (node["arguments"] as? [[String: Any]] ?? []).compactMap { argument -> String? in
        guard ["file", "path"].contains(argument["valueName"] as? String ?? "") else { return nil }
        let names = argument["names"] as? [[String: Any]] ?? []
        let name = names.first { $0["kind"] as? String == "long" }?["name"] as? String ?? ""
        return name == "config" ? nil : (words + ["--\(name)"]).joined(separator: " ")
      }
      return own
        + (node["subcommands"] as? [[String: Any]] ?? []).flatMap { child -> [String] in
          walk(child, words + [child["commandName"] as? String ?? ""])
        }
    }
    let all = walk(try #require(root["command"] as? [String: Any]), [])
    let known = Set(Self.cases.map(\.description) + Self.sharing + Self.noStreams + Self.untried)
    #expect(Set(all).subtracting(known).isEmpty)
    #expect(all.count > 30)
  }

  @Test("a folder in a file's place is a sentence and exit code 66")
  func folders() throws {
    for arguments in [
      ["teach", "regex", "--positive", "t"], ["experiment", "design", "--spec", "t"],
      ["tokenizer", "encode", "--tokenizer", "t", "--file", "t"], ["run", "list", "--config", "t"],
    ] {
      let result = try Tool.run(arguments: arguments, in: folder.path)
      #expect(result.status == 66, "\(arguments)")
      #expect(result.errors.hasSuffix("t: can't read the file: is a directory\n"), "\(result.errors)")
    }
  }
}
