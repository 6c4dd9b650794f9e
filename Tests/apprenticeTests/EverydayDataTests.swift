import Foundation
import TestSupport
import Testing

/// Data as people store it, through the built tool: what is recognised, what is learnt from it, and what is said.
extension LearningCommandTests {
  private func base(_ more: String = "--max-steps 2") throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(pretrain("base", more))
  }

  private func lines(_ count: Int, _ line: (Int) -> String) -> String {
    (0..<count).map(line).joined(separator: "\n")
  }

  private func dialogue(_ i: Int, _ answer: String) -> String { #"\n\nHuman: cat \#(i)\n\nAssistant: \#(answer)"# }

  @Test("conversations train: what 'inspect' says of them is so")
  func conversations() throws {
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 280 --out words")
    try tool(
      "train pretrain --tokenizer words --data text.txt --text-division lines --layers 1 --hidden-size 32 --heads 2"
        + " --context 160 --batch-size 8 --optim muon --run base --max-steps 60")
    try folder.write(
      "chats.jsonl",
      lines(24) { _ in
        let turns = [("user", "cat"), ("assistant", "dog"), ("user", "eel"), ("assistant", "fox")]
        let messages = turns.map { #"{"role": "\#($0)", "content": "\#($1)"}"# }
        return #"{"messages": [\#(messages.joined(separator: ", "))]}"#
      })
    let shape = try tool("data inspect chats.jsonl").output
    #expect(shape.contains("messages") && shape.contains("supervised fine-tuning"))
    // All conversations are one, so that a held-out share would be the second turn's of every one of them.
    try tool(
      "train sft --model base --data chats.jsonl --run chat --max-steps 80 --batch-size 8 --learning-rate 0.01"
        + " --eval-share 0")
    #expect((try metrics("chat").last?["loss"] as? Double ?? 9) < 0.3)
    let said = try Tool.run(
      arguments: ["chat", "--model", "chat", "--temperature", "0"], in: folder.path, input: "cat\neel\n")
    #expect(said.output.contains("dog") && said.output.contains("fox"), "\(said)")

    try folder.write("silent.jsonl", lines(4) { _ in #"{"messages": [{"role": "user", "content": "cat"}]}"# })
    let refused = try tool("train sft --model base --data silent.jsonl --run silent", expecting: 65)
    #expect(refused.errors.contains("silent.jsonl:1") && refused.errors.contains("assistant"))
  }

  @Test("raw dialogues of helpful and harmless, plain or gzipped, need no flag anywhere")
  func dialogues() throws {
    try base()
    let text = lines(16) { #"{"chosen": "\#(dialogue($0, "dog"))", "rejected": "\#(dialogue($0, "fox"))"}"# }
    try folder.write("hh.jsonl", text)
    let zipped = try Tool.run(program: "/bin/gzip", arguments: ["-k", "hh.jsonl"], in: folder.path)
    #expect(zipped.status == 0)
    for name in ["hh.jsonl", "hh.jsonl.gz"] {
      #expect(try tool("data inspect \(name) --json").json()["shape"] as? String == "hh-rlhf")
      #expect(try tool("data import \(name) --store \(name).sqlite --json").json()["added"] as? Int == 16)
      try tool("train reward --model base --data \(name) --run reward-\(name) --max-steps 1 --batch-size 4")
      try tool("train dpo --model base --data \(name) --run dpo-\(name) --max-steps 1 --batch-size 4")
    }
    #expect(
      try metrics("dpo-hh.jsonl").last?["loss"] as? Double == metrics("dpo-hh.jsonl.gz").last?["loss"] as? Double)
  }

  @Test("labels mean one thing: 0 turns a pair round for training as for a store, and ties teach no margin")
  func labels() throws {
    try base("--max-steps 60")
    func pairs(_ label: String) -> String {
      lines(24) { _ in #"{"prompt": "cat", "chosen": " dog", "rejected": " fox", "label": \#(label)}"# }
    }
    try folder.write("turned.jsonl", pairs("0"))
    try folder.write("ties.jsonl", pairs("0.5"))
    try folder.write("plain.jsonl", pairs("1"))
    let flags = "--max-steps 30 --batch-size 8 --learning-rate 0.003 --eval-share 0"
    try tool("train reward --model base --data turned.jsonl --run turned \(flags)")
    func accuracy(_ data: String) throws -> Double? {
      let judged = try tool("evaluate reward --model turned --data \(data) --json").json()
      return (judged["accuracy"] as? [String: Any])?["value"] as? Double
    }
    #expect(try accuracy("turned.jsonl") == 1 && accuracy("plain.jsonl") == 0)
    try tool("data import turned.jsonl --store f.sqlite")
    try tool("data export --store f.sqlite --out again.jsonl")
    #expect(try accuracy("again.jsonl") == 1)

    #expect(
      try tool("train dpo --model base --data ties.jsonl --run none", expecting: 65).errors.contains("--ties half"))
    // Plain steps along the gradient: AdamW would make steps of any size out of rounding.
    let steps = "--max-steps 20 --batch-size 8 --optim sgd --learning-rate 1 --weight-decay 0"
    func margins(_ run: String) throws -> [Double] { try metrics(run).compactMap { $0["rewards/margins"] as? Double } }
    try tool("train dpo --model base --data ties.jsonl --run half --ties half \(steps)")
    try tool("train dpo --model base --data plain.jsonl --run whole \(steps)")
    let (half, whole) = (try margins("half"), try margins("whole"))
    #expect(half.count == 20 && half.allSatisfy { abs($0) < 0.05 }, "\(half)")
    #expect(whole.last ?? 0 > 1)
  }

  @Test("completions that a label doesn't want aren't learnt, in JSON and in a table")
  func unwanted() throws {
    try base("--max-steps 60")
    let good = lines(12) { _ in #"{"prompt": "cat", "completion": " dog", "label": true}"# }
    try folder.write(
      "kto.jsonl", good + "\n" + lines(12) { _ in #"{"prompt": "cat", "completion": " fox", "label": false}"# })
    try folder.write(
      "kto.csv",
      "prompt,completion,label\n" + lines(12) { _ in "cat, dog,True" } + "\n" + lines(12) { _ in "cat, fox,0" })
    for name in ["kto.jsonl", "kto.csv"] {
      let said = try tool(
        "train sft --model base --data \(name) --run sft-\(name) --max-steps 30 --batch-size 8"
          + " --learning-rate 0.01 --eval-share 0"
      )
      #expect(said.errors.contains("left out 12 completions"))
      let sampled = try tool("sample --model sft-\(name) --prompt cat --max-tokens 4 --temperature 0 --json").json()
      #expect((sampled["completions"] as? [[String: Any]])?.first?["text"] as? String == " dog", "\(name)")
    }
  }

  @Test("adapters over a model with adapters stand over both, and are a model like any other")
  func adaptersOnAdapters() throws {
    try base("--max-steps 60")
    let flags = "--lora-r 4 --batch-size 8 --learning-rate 0.01"
    try tool("train sft --model base --data demonstrations.jsonl --run first --max-steps 60 \(flags)")
    try tool(
      "train dpo --model first --data comparisons.jsonl --run second --max-steps 1 --lora-r 4 --batch-size 8"
        + " --learning-rate 1e-5")
    func score(_ model: String) throws -> [Double] {
      let scored = try Tool.run("score", "--model", model, "--text", "cat dog eel fox", "--json", in: folder.path)
      return (try scored.json()["logprobs"] as? [Any] ?? []).compactMap { $0 as? Double }
    }
    let (plain, first, second) = (try score("base"), try score("first"), try score("second"))
    #expect(second.count == first.count && second != first && first != plain)
    // A little beyond the first, not back at the base that the first stands over.
    let moved = zip(second, first).map { abs($0 - $1) }.max() ?? 9
    let learnt = zip(plain, first).map { abs($0 - $1) }.max() ?? 0
    #expect(moved < 0.1 * learnt)
    try tool("train sft --model second --data demonstrations.jsonl --run third --max-steps 1 \(flags)")
    #expect(try score("third").count == first.count)
  }

  @Test("a length in epochs; with steps too, the shorter")
  func epochs() throws {
    try base()
    let sft = "train sft --model base --data demonstrations.jsonl --batch-size 8 --eval-share 0 --run"
    let said = try tool("\(sft) three --epochs 1.5").errors
    #expect(try metrics("three").count == 9, "48 examples, 8 a step")
    #expect(said.contains("step 9/9"))
    try tool("\(sft) short --num-train-epochs 3 --max-steps 4")
    #expect(try metrics("short").count == 4)
    try tool("train sft --config three/run.json --run again")
    #expect(
      try metrics("again").compactMap { $0["loss"] as? Double } == metrics("three").compactMap { $0["loss"] as? Double }
    )
  }

  @Test("progress shows what matters to each learner")
  func progress() throws {
    try base()
    let reward = try tool(
      "train reward --model base --data comparisons.jsonl --run reward --max-steps 1 --batch-size 4")
    #expect(reward.errors.contains("accuracy "))
    let dpo = try tool("train dpo --model base --data comparisons.jsonl --run dpo --max-steps 1 --batch-size 4")
    #expect(dpo.errors.contains("accuracy ") && dpo.errors.contains("margin "))
    let ppo = try tool(
      "train ppo --model base --reward reward --data answers.jsonl --run ppo --max-steps 1"
        + " --batch-size 4 --response-length 2"
    )
    #expect(ppo.errors.contains("reward ") && ppo.errors.contains("KL "))
    let grpo = try tool(
      "train grpo --model base --answer-column answer --data answers.jsonl --run grpo --max-steps 4"
        + " --batch-size 4 --response-length 2"
    )
    #expect(grpo.errors.contains("varied groups ") && !grpo.errors.contains("loss "))
  }

  @Test(
    "a run that diverged before its first save frees its folder; one made longer says what its learning rate does"
  )
  func folders() throws {
    try base()
    let sft = "train sft --model base --data demonstrations.jsonl --batch-size 8 --run"
    let lost = try tool(
      "\(sft) lost --max-steps 50 --optim sgd --learning-rate 9.9 --max-grad-norm 0", expecting: 65)
    #expect(
      lost.errors.contains("diverged")
        && !FileManager.default.fileExists(atPath: folder.path("lost/checkpoints/step-000001")))
    try tool("\(sft) lost --max-steps 3 --learning-rate 0.00001")
    #expect(try metrics("lost").count == 3)

    try tool("\(sft) long --max-steps 4")
    let said = try tool("\(sft) long --max-steps 8").errors
    #expect(said.contains("learning rate") && said.contains("over 8 steps"), "\(said)")
    #expect(try !tool("\(sft) long --max-steps 8").errors.contains("over 8 steps"))
  }

  @Test("data through a pipe is read from its first line to its last, in every format")
  func pipes() throws {
    try folder.write("list.json", #"[{"text": "a"}, {"text": "b"}, {"text": "c"}]"#)
    try folder.write("three.jsonl", #"{"text": "a"}\#n{"text": "b"}\#n{"text": "c"}\#n"#)
    try folder.write("three.csv", "text\na\nb\nc\n")
    for (name, format) in [
      ("list.json", "json"), ("three.jsonl", "json"), ("three.jsonl", "jsonl"), ("three.csv", "csv"),
    ] {
      let result = try Tool.run(
        program: "/bin/sh",
        arguments: ["-c", "cat \(name) | \(try Tool.path) data inspect --json --format \(format) /dev/stdin"],
        in: folder.path)
      #expect(try result.json()["records"] as? Int == 3, "\(name) as \(format): \(result)")
    }
  }

  @Test("what a file is in is said rightly, and a mark before a configuration is no part of it")
  func encodings() throws {
    let text = "{\"text\": \"a\"}\n"
    // With its mark there is no doubt.
    for (name, mark, encoding) in [
      ("little", [0xFF, 0xFE] as [UInt8], String.Encoding.utf16LittleEndian), ("large", [0xFE, 0xFF], .utf16BigEndian),
    ] {
      // Longer than what is read at once, with characters of two halves at every place.
      let rows = "prompt;completion\r\n" + String(repeating: "wie?;\"äö 🍎\"\r\n", count: 30_000)
      try (Data(mark) + (rows.data(using: encoding) ?? Data()))
        .write(to: folder.url.appendingPathComponent("\(name).csv"))
      let survey = try tool("data inspect \(name).csv --json").json()
      #expect(survey["records"] as? Int == 30_000 && survey["shape"] as? String == "completion", "\(survey)")
      try (Data(mark) + Data([0x41, 0, 0xD8, 0x3C, 0x41])).write(to: folder.url.appendingPathComponent("cut.csv"))
      #expect(try tool("data inspect cut.csv", expecting: 65).errors.contains("UTF-16 text"))
    }
    for (name, data) in [
      ("bare", text.data(using: .utf16LittleEndian) ?? Data()), ("big", text.data(using: .utf16BigEndian) ?? Data()),
    ] {
      try data.write(to: folder.url.appendingPathComponent("\(name).jsonl"))
      let said = try tool("data inspect \(name).jsonl", expecting: 65).errors
      #expect(
        said.contains("UTF-16") && said.contains("iconv -f utf-16") && !said.contains("latin1"), "\(name): \(said)")
    }
    try Data([0xEF, 0xBB, 0xBF] + Array("show: 1\n".utf8)).write(to: folder.url.appendingPathComponent("c.yaml"))
    try Data([0xEF, 0xBB, 0xBF] + Array(#"{"show": 1}"#.utf8)).write(to: folder.url.appendingPathComponent("c.json"))
    for name in ["c.yaml", "c.json"] { try tool("data inspect text.txt --config \(name)") }
    try Data([0xFF, 0xFE] + (text.data(using: .utf16LittleEndian) ?? Data()))
      .write(to: folder.url.appendingPathComponent("wide.yaml"))
    #expect(try tool("data inspect text.txt --config wide.yaml", expecting: 64).errors.contains("'text'"))
  }

  @Test("a folder's README and licence are not its data, unless they are named")
  func readme() throws {
    try FileManager.default.createDirectory(atPath: folder.path("set"), withIntermediateDirectories: true)
    for name in ["README.md", "LICENSE.txt", "one.txt"] { try folder.write("set/\(name)", "words of \(name)\n") }
    #expect(try tool("data inspect set --json").json()["records"] as? Int == 1)
    #expect(try tool("data inspect set/README.md --json").json()["records"] as? Int == 1)
  }

  @Test("ROUGE says where its words are not a text's, and offers others")
  func rouge() throws {
    try folder.write(
      "hindi.jsonl", #"{"completion": "बिल्ली चटाई पर बैठी है", "reference": "बिल्ली चटाई पर सोती है"}"#)
    let blind = try tool("evaluate rouge --data hindi.jsonl")
    #expect(blind.errors.contains("1 of 1 records") && blind.errors.contains("--tokenizer unicode"))
    let seen = try tool("evaluate rouge --data hindi.jsonl --tokenizer unicode --json")
    #expect(!seen.errors.contains("warning"))
    let rouge1 = (try seen.json()["rouge1"] as? [String: Any])?["value"] as? Double
    #expect(rouge1.map { abs($0 - 0.8) < 1e-9 } ?? false, "four of five words: \(seen.output)")
  }

  @Test("columns of 'run compare' stay narrow, and what Foundation says never reaches people as it stands")
  func narrow() throws {
    try base()
    let many = (0..<12).map { "part-number-\($0).jsonl" }
    for name in many { try folder.write(name, #"{"prompt": "cat", "completion": " dog"}"# + "\n") }
    let sft = "train sft --model base --max-steps 1 --batch-size 2"
    try tool("\(sft) --data \(many.joined(separator: " ")) --run one")
    try tool("\(sft) --data demonstrations.jsonl --run two")
    let table = try tool("run compare one two --runs .").output
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 110 }, "\(table)")

    try folder.write("file", "")
    for line in [
      "tokenizer train --data text.txt --out file/words", "train sft --model file/base --data text.txt --run r",
    ] {
      let result = try Tool.run(arguments: line.split(separator: " ").map(String.init), in: folder.path)
      #expect(
        result.status != 0 && !result.errors.contains("NSCocoa") && !result.errors.contains("Error Domain"), "\(result)"
      )
    }
  }
}
