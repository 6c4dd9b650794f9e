import Foundation
import TestSupport
import Testing

/// `recipe gsm8k` and `train grpo --problems`, by the built tool.
@Suite("Word problems by command")
struct GradeSchoolCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func tool(_ arguments: String, expecting status: Int32 = 0) throws -> Tool.Result {
    let result = try Tool.run(
      arguments: arguments.split(separator: " ").map(String.init), in: folder.path,
      environment: ["OMP_NUM_THREADS": "1"])
    #expect(result.status == status, "\(arguments): \(result.errors)")
    return result
  }

  private func report(_ run: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.url.appendingPathComponent("\(run)/report.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// A model of a moment's training that knows the digits and little else, and problems of the published shape.
  private func prepare() throws {
    let problems = (1...12).map { i in
      json([
        "question": "Tom has \(i) apples and gets \(i) more. How many?",
        "answer": "\(i)+\(i) = <<\(i)+\(i)=\(2 * i)>>\(2 * i)\n#### \(2 * i)",
      ])
    }
    for name in ["problems.jsonl", "again.jsonl"] { try folder.write(name, problems.joined()) }
    try folder.write("text.txt", String(repeating: "Tom has 4 apples and gets 4 more. How many?\n#### 8\n", count: 40))
    try tool("tokenizer train --data text.txt --vocabulary 300 --out tokenizer")
    try tool(
      "train pretrain --data text.txt --tokenizer tokenizer --layers 1 --hidden-size 16 --heads 2 --context 256 --run base --max-steps 2 --batch-size 2"
    )
  }

  private func json(_ object: [String: String]) -> String {
    let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  @Test("a model and problems that are brought: all verifiers, resumed, with a budget")
  func brought() throws {
    try prepare()
    let command =
      "recipe gsm8k --quick --model base --problems problems.jsonl --run run --set shots=1 verifiers=head,adapters,full"
    try tool(command)
    let first = try report("run")
    let effects = try #require(first["effects"] as? [[String: Any]])
    #expect(effects.count == 9 && first["recipe"] as? String == "gsm8k")
    let names = effects.compactMap { $0["name"] as? String }
    for kind in ["head", "adapters", "full"] { #expect(names.filter { $0.contains("(\(kind))") }.count == 3) }
    let cost = try #require(first["cost"] as? [String: Any])
    #expect(cost["train_problems"] as? Int == 2 && cost["samples"] as? Int == 2 && (cost["tokens"] as? Int ?? 0) > 0)
    for name in ["greedy", "test", "train"] {
      let lines = try String(contentsOfFile: folder.path("run/\(name).jsonl"), encoding: .utf8).split(separator: "\n")
      #expect(lines.count == (name == "greedy" ? 2 : 4))
    }
    // Held-out problems are not those that are learnt from.
    func drawn(_ name: String) throws -> Set<String> {
      Set(
        try String(contentsOfFile: folder.path("run/\(name).jsonl"), encoding: .utf8).matches(
          of: /"problem":\s?"([^"]*)"/
        )
        .map { String($0.1) })
    }
    #expect(try drawn("train").count == 2 && drawn("train").isDisjoint(with: drawn("test")))
    try FileManager.default.removeItem(atPath: folder.path("run/report.json"))
    let again = try tool(command)
    #expect(try report("run")["effects"] as? NSArray == first["effects"] as? NSArray)
    #expect(!again.errors.contains("reading"))
  }

  @Test("without a model one is trained from scratch on generated problems")
  func scratch() throws {
    try tool("recipe gsm8k --quick --run run")
    let made = try report("run")
    let effects = try #require(made["effects"] as? [[String: Any]])
    #expect(effects.count == 6 && (made["sizes"] as? [Any])?.count == 2)
    let page = try String(contentsOfFile: folder.path("run/report.html"), encoding: .utf8)
    #expect(page.contains("Training problems") && page.contains("Kinds of verifier") && page.contains("liked best"))
  }

  @Test("what can't be is refused with the way out")
  func refused() throws {
    try folder.write("problems.jsonl", json(["question": "1+1?", "answer": "#### 2"]))
    try folder.write("twice.jsonl", json(["question": "1+1?", "answer": "#### 2\n#### 3"]))
    #expect(try tool("recipe gsm8k --model m --run r", expecting: 64).errors.contains("--problems"))
    #expect(try tool("recipe gsm8k --problems problems.jsonl --run r", expecting: 64).errors.contains("--model"))
    #expect(
      try tool("recipe gsm8k --model m --problems problems.jsonl --run r", expecting: 65).errors.contains("1 problems"))
    #expect(
      try tool("recipe gsm8k --model m --problems twice.jsonl --run r", expecting: 65).errors.contains("twice.jsonl:1"))
    #expect(try tool("recipe gsm8k --set sample=3 --run r", expecting: 64).errors.contains("samples"))
    #expect(try tool("recipe gsm8k --set samples=1 --run r", expecting: 64).errors.contains("samples"))
    #expect(try tool("recipe oed --minutes 3 --run r", expecting: 64).errors.contains("--minutes"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("r")))
  }

  @Test("GRPO on word problems from one command")
  func rewards() throws {
    try prepare()
    try tool(
      "train grpo --model base --problems problems.jsonl --run grpo --max-steps 2 --batch-size 2 --num-generations 4 --max-completion-length 8 --answer-format number"
    )
    let text = try String(contentsOfFile: folder.path("grpo/metrics.jsonl"), encoding: .utf8)
    #expect(text.split(separator: "\n").count == 2 && text.contains("\"reward\""))
    #expect(try tool("train grpo --model base --run x", expecting: 64).errors.contains("--problems"))
    try tool("train grpo --model base --problems problems.jsonl --answer-column answer --run x", expecting: 64)
    // Other problems don't go on with the same run.
    try folder.write("problems.jsonl", json(["question": "1+1?", "answer": "#### 2"]))
    try tool(
      "train grpo --model base --problems problems.jsonl --run grpo --max-steps 4 --batch-size 2 --num-generations 4 --max-completion-length 8 --answer-format number",
      expecting: 64)
    // A checkpoint without a tokenizer can't read problems.
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path("base"))
    where name.hasSuffix("tokenizer.json") { try FileManager.default.removeItem(atPath: folder.path("base/\(name)")) }
    let blind = try tool(
      "recipe gsm8k --quick --model base --problems again.jsonl --run y --set shots=1", expecting: 65)
    #expect(blind.errors.contains("tokenizer"))
  }
}
