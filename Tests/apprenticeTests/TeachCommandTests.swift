import Foundation
import TestSupport
import Testing

@Suite("Teaching by examples")
struct TeachCommandTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("yes.txt", "90210\n10001\n33109\n")
    try folder.write("no.txt", "9021\n9021a\n")
    try folder.write("new.txt", "60614\n606\n")
  }

  private func teach(
    _ arguments: String..., input: String? = nil
  ) throws -> Tool.Result {
    try Tool.run(
      arguments: ["teach", "regex"] + arguments, in: folder.path,
      input: input)
  }

  @Test("the JSON document: the expression, its posterior, the tests' probabilities")
  func document() throws {
    let result = try teach(
      "--positive", "yes.txt", "--negative", "no.txt", "--test", "new.txt", "--json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let json = try result.json()
    #expect(json["regex"] as? String == "[0-9]{5}")
    #expect(json["anchored"] as? String == "^[0-9]{5}$")
    let posterior = try #require(json["posterior"] as? [[String: Any]])
    #expect(posterior.first?["regex"] as? String == "[0-9]{5}")
    #expect(posterior.allSatisfy { Set($0.keys) == ["regex", "probability"] })
    let probabilities = posterior.compactMap { $0["probability"] as? Double }
    #expect(probabilities.count == 10 && probabilities == probabilities.sorted(by: >))
    #expect(probabilities.reduce(0, +) <= 1 + 1e-9 && probabilities[0] > 0.3)
    let tests = try #require(json["test"] as? [[String: Any]])
    #expect(tests.compactMap { $0["string"] as? String } == ["60614", "606"])
    #expect(tests.allSatisfy { Set($0.keys) == ["string", "probability"] })
    #expect(tests[0]["probability"] as? Double ?? 0 > 0.9)
    #expect(tests[1]["probability"] as? Double ?? 1 < 0.1)
    let explanation = (json["explanation"] as? [String] ?? []).joined()
    #expect(explanation.contains("5 digits") && explanation.contains("3 of 3 positive"))
    #expect(json["caveats"] as? [String] == [])

    // Questions are new strings, the most telling first, none beyond one yes or no.
    let questions = try #require(json["questions"] as? [[String: Any]])
    let information = questions.compactMap { $0["information"] as? Double }
    #expect(information.count == 3 && information == information.sorted(by: >))
    #expect(information.allSatisfy { $0 >= 0 && $0 <= log(2) + 1e-12 })
    let asked = questions.compactMap { $0["string"] as? String }
    #expect(Set(asked).isDisjoint(with: ["90210", "10001", "33109", "9021", "9021a"]))
    #expect(
      try teach("--positive", "yes.txt", "--negative", "no.txt", "--test", "new.txt", "--json").output == result.output)
  }

  @Test("for people: the expression first, then why, the posterior and what to label next")
  func text() throws {
    let result = try teach("--positive", "yes.txt", "--negative", "no.txt", "--test", "new.txt")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "[0-9]{5}")
    #expect(result.output.contains("It reads: 5 digits."))
    #expect(result.output.contains("matches  string"))
    #expect(lines.contains { $0.hasSuffix("  60614") })
    // Not a terminal, so it asks nothing.
    #expect(!result.output.contains("[y/n/s/+/-/q]"))
  }

  @Test("the conversation: answers teach, nonsense is said to be nonsense, q ends with the report")
  func conversation() throws {
    try folder.write("one.txt", "cats\n")
    let before = try teach("--positive", "one.txt", "--test", "new.txt")
    #expect(!before.output.contains("positive examples and rejects"))
    let script = "what?\n+dogs\n-dog\n+pizzas\n-cat\n\ns\nq\n"
    let result = try teach("--positive", "one.txt", "--interactive", input: script)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("Answer y or n"))
    #expect(result.output.contains("That is none of y, n, s, +text, -text"))
    let questions = result.output.components(separatedBy: "Does \"").count - 1
    #expect(questions == 8)
    // The last report has learned from what was typed.
    let last = try #require(result.output.components(separatedBy: "[y/n/s/+/-/q]").last)
    #expect(last.contains("It matches 3 of 3 positive examples and rejects 2 of 2 negative ones."))
    let expression = try #require(last.split(separator: "\n").first.map(String.init))
    #expect(expression.trimmingCharacters(in: .whitespaces).hasSuffix("s"), "\(expression)")
  }

  @Test("yes and no answer the question that was asked; a skipped one is not asked again; the end of input ends it")
  func answers() throws {
    let result = try teach("--positive", "yes.txt", "--interactive", input: "s\nn\ny\n")
    #expect(result.status == 0)
    let asked = result.output.matches(of: /Does "(.*)" match\?/).map { String($0.output.1) }
    #expect(asked.count == 4 && Set(asked).count == 4, "\(asked)")
    #expect(result.output.contains("of 4 positive examples and rejects"))
    #expect(result.output.contains("of 1 negative ones"))
  }

  @Test("answers in any case, help, undo; a bare sign adds no empty string")
  func answersInOtherWords() throws {
    let result = try teach("--positive", "yes.txt", "--interactive", input: "?\nYes\n NO \nundo\nundo\nu\n+\n-\nq\n")
    #expect(result.status == 0)
    #expect(result.output.components(separatedBy: "Answer y or n").count == 3, "said at the start and when asked")
    #expect(!result.output.contains("That is none of"), "\(result.output)")
    #expect(result.output.components(separatedBy: "There is nothing to take back.").count == 2)
    #expect(result.output.components(separatedBy: "Type the example right after the sign").count == 3)
    let last = try #require(result.output.components(separatedBy: "[y/n/s/+/-/q]").last)
    #expect(last.contains("It matches 3 of 3 positive examples."), "\(last)")
  }

  @Test("an empty file of negatives, standard input, a byte-order mark, words, dialects, --explain")
  func forms() throws {
    try folder.write("none.txt", "")
    let empty = try teach("--positive", "yes.txt", "--negative", "none.txt", "--json")
    #expect(empty.status == 0, "\(empty.errors)")
    #expect(try empty.json()["regex"] as? String == "[0-9]{5}")
    let input = try teach("--positive", "-", "--json", input: "\u{FEFF}90210\n10001\n33109\n")
    #expect(input.status == 0, "\(input.errors)")
    #expect(try input.json()["regex"] as? String == "[0-9]{5}")
    let device = try teach("--positive", "/dev/stdin", "--json", input: "90210\n10001\n33109\n")
    #expect(device.status == 0, "\(device.errors)")
    #expect(try device.json()["regex"] as? String == "[0-9]{5}")
    try folder.write("orders.txt", "ORD-12/A\nORD-77/B\nORD-30/A\nORD-51/B\n")
    let text = try teach("--positive", "orders.txt", "--explain")
    #expect(text.output.contains("It reads: \u{201C}ORD-\u{201D}, then 2 digits"), "\(text.output)")
    #expect(text.output.contains("such as \u{201C}12\u{201D}, \u{201C}77\u{201D}"), "\(text.output)")
    let script = try teach("--positive", "orders.txt", "--dialect", "javascript", "--json").json()
    #expect((script["regex"] as? String)?.contains("\\/") == true, "\(script)")
    let lines = try teach("--positive", "orders.txt", "--dialect", "posix", "--json").json()
    #expect((lines["regex"] as? String)?.contains("(?:") == false && (lines["regex"] as? String)?.contains("/") == true)
    #expect(try teach("--positive", "orders.txt", "--dialect", "cobol").status == 64)
  }

  @Test("labels are kept unless noise is asked for")
  func noise() throws {
    try folder.write("odd.txt", (10...49).map { "id-\($0)\n" }.joined() + "n/a\n")
    let kept = try teach("--positive", "odd.txt", "--test", "odd.txt", "--json").json()
    #expect((kept["caveats"] as? [String])?.contains { $0.contains("misses") } == false)
    let loose = try teach("--positive", "odd.txt", "--noise", "0.05", "--json").json()
    #expect(loose["regex"] as? String == "id-[0-9]{2}")
    #expect((loose["caveats"] as? [String])?.contains { $0.contains("misses 1 of 41") } == true)
  }

  @Test("contradictory examples give a result with its caveat")
  func contradiction() throws {
    try folder.write("both.txt", "90210\n")
    let result = try teach("--positive", "yes.txt", "--negative", "both.txt", "--json")
    #expect(result.status == 0)
    let caveats = (try result.json()["caveats"] as? [String] ?? []).joined()
    #expect(caveats.contains("both as positive and as negative") && caveats.contains("90210"))
  }

  @Test("strings of 10,000 characters end with a caveat")
  func longStrings() throws {
    let long = String(repeating: "abc-19. ", count: 1_250)
    try folder.write("long.txt", long + "\n" + String(long.dropFirst(3)) + "xyz\n")
    let result = try teach("--positive", "long.txt", "--test", "long.txt", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let json = try result.json()
    let caveats = (json["caveats"] as? [String] ?? []).joined()
    #expect(caveats.contains("the examples are long and the search stopped"))
    let tests = try #require(json["test"] as? [[String: Any]])
    #expect(tests.allSatisfy { $0["probability"] as? Double ?? 0 > 0.9 })
    try folder.write("endless.txt", String(repeating: "a", count: 100_001))
    let refused = try teach("--positive", "endless.txt")
    #expect(refused.status == 65 && refused.errors.contains("100001 characters"))
  }

  @Test("empty files, bad bytes: exit code 65; missing files: 66; wrong settings: 64")
  func badInput() throws {
    try folder.write("empty.txt", "")
    try folder.write("blank.txt", "\n\n")
    try folder.write("latin.txt", [0x61, 0x0A, 0xE9, 0x0A] as [UInt8])
    for (file, words) in [
      ("empty.txt", "holds no string"), ("blank.txt", "holds no string"),
      ("latin.txt", "latin.txt:2: not UTF-8"),
    ] {
      // That nothing is known not to match is no mistake.
      let negative = file == "latin.txt" ? [["--positive", "yes.txt", "--negative", file]] : []
      for arguments in [["--positive", file], ["--positive", "yes.txt", "--test", file]] + negative {
        let result = try Tool.run(arguments: ["teach", "regex"] + arguments, in: folder.path)
        #expect(result.status == 65, "\(arguments)")
        // The file is named as it was given.
        #expect(result.errors.contains("apprentice: error: \(file)"), "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.output.isEmpty)
      }
    }
    for option in ["--positive", "--negative", "--test"] {
      let result = try teach("--positive", "yes.txt", option, "nowhere.txt")
      #expect(result.status == 66, "\(option)")
      #expect(result.errors.contains("apprentice: error: nowhere.txt: can't open the file: no such file"))
    }
    for arguments in [
      [], ["--positive", "yes.txt", "--noise", "0.7"], ["--positive", "yes.txt", "--noise", "nan"],
      ["--positive", "yes.txt", "--size-principle", "2"], ["--positive", "yes.txt", "--evaluations", "0"],
      ["--positive", "yes.txt", "--json", "--interactive"],
    ] {
      let result = try Tool.run(arguments: ["teach", "regex"] + arguments, in: folder.path)
      #expect(result.status == 64, "\(arguments)")
      #expect(result.output.isEmpty)
    }
    for study in ["regex-study", "teaching-study"] {
      let result = try Tool.run("teach", study, "--data", "nowhere.csv", in: folder.path)
      #expect(result.status == 66 && result.errors.contains("nowhere.csv"), "\(result.errors)")
      try folder.write("bad.csv", "worker.id,rule.id\n1,2\n")
      let bad = try Tool.run("teach", study, "--data", "bad.csv", in: folder.path)
      #expect(bad.status == 65 && bad.errors.contains("bad.csv"), "\(bad.errors)")
    }
  }

  @Test("blank lines are skipped and counted, or taken for the empty string")
  func blankLines() throws {
    try folder.write("some.txt", "\na\naa\n\naaaa\n")
    try folder.write("empty.txt", "\n")
    try folder.write("b.txt", "b\n")
    let skipped = try teach("--positive", "some.txt", "--negative", "b.txt", "--json")
    #expect(skipped.errors.contains("skipped 2 blank lines"))
    let kept = try teach(
      "--positive", "some.txt", "--negative", "b.txt", "--test", "empty.txt", "--keep-blank-lines", "--json")
    #expect(kept.errors.isEmpty)
    let tests = try #require(try kept.json()["test"] as? [[String: Any]])
    #expect(tests.first?["probability"] as? Double ?? 0 > 0.9)
  }

  @Test("what was learned is a format check for evaluation")
  func format() throws {
    let learned = try teach("--positive", "yes.txt", "--negative", "no.txt", "--json").json()
    let expression = try #require(learned["anchored"] as? String)
    try folder.write(
      "answers.jsonl",
      (0..<9).map { #"{"prompt": "?", "completion": "6061\#($0)"}"# }.joined(separator: "\n")
        + "\n{\"prompt\": \"?\", \"completion\": \" 60614\"}\n")
    func evaluate(_ arguments: String...) throws -> Tool.Result {
      try Tool.run(
        arguments: ["evaluate", "format", "--regex", expression] + arguments, in: folder.path)
    }
    let result = try evaluate("--data", "answers.jsonl", "--json").json()
    let share = try #require(result["matching"] as? [String: Any])
    #expect(share["value"] as? Double == 0.9 && share["n"] as? Int == 10)
    #expect(abs((share["low"] as? Double ?? 0) - 0.5958500279) < 1e-6)
    let others = try #require(result["others"] as? [[String: Any]])
    #expect(others.count == 1 && others[0]["text"] as? String == " 60614")
    #expect((others[0]["origin"] as? String)?.hasSuffix("answers.jsonl:10") == true)
    let trimmed = try evaluate("--data", "answers.jsonl", "--trim", "--json").json()
    #expect((trimmed["matching"] as? [String: Any])?["value"] as? Double == 1)
    let lines = try evaluate("--data", "new.txt", "--text-division", "lines")
    #expect(lines.output.contains("of 2 texts match") && lines.output.contains("\"606\" does not"))

    #expect(try evaluate("--data", "nowhere.jsonl").status == 66)
    try folder.write("bad.jsonl", "{\"prompt\": \"no text\"}\n")
    #expect(try evaluate("--data", "bad.jsonl").status == 65)
    let broken = try Tool.run("evaluate", "format", "--regex", "[0-9", "--data", "new.txt", in: folder.path)
    #expect(broken.status == 64 && broken.errors.contains("\"[\" without its \"]\""))
  }
}
