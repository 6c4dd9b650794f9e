import Foundation
import Programming
import Sandbox
import TestSupport
import Testing

/// `run-code` and `evaluate code`, by the built tool.
@Suite(
  "Programs by command", .enabled(if: (try? Isolation.available()) != nil, "programs can't be isolated on this machine")
)
struct CodeCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func tool(_ arguments: String..., expecting status: Int32 = 0, input: String? = nil) throws -> Tool.Result {
    let result = try Tool.run(arguments: arguments, in: folder.path, input: input)
    #expect(result.status == status, "\(arguments): \(result.output) \(result.errors)")
    return result
  }

  @Test("a program's result is one object of five members, and only a pass exits with 0")
  func runCode() throws {
    try folder.write("right.py", "def add(a, b):\n  print('adding')\n  return a + b\n")
    try folder.write("wrong.py", "def add(a, b): return a\n")
    try folder.write("loop.py", "while True: pass\n")
    try folder.write("hog.py", "x = bytearray(1 << 30)\n")
    try folder.write("tests.py", "from right import add\nassert add(2, 3) == 5\n")
    let good = try tool("run-code", "right.py", "--tests", "tests.py", "--json").json()
    #expect(Set(good.keys) == ["result", "detail", "stdout", "stderr", "seconds"])
    #expect(
      good["result"] as? String == "passed" && good["detail"] as? String == ""
        && good["stdout"] as? String == "adding\n")
    #expect(good["seconds"] is Double)
    try folder.write("tests2.py", "assert add(2, 3) == 5\n")
    let bad = try tool("run-code", "wrong.py", "--tests", "tests2.py", "--json", expecting: 1).json()
    #expect(
      bad["result"] as? String == "failed" && (bad["detail"] as? String)?.contains("assert add(2, 3) == 5") == true)
    #expect(
      try tool("run-code", "loop.py", "--timeout", "0.5", "--json", expecting: 1).json()["result"] as? String
        == "timed out")
    #expect(
      try tool("run-code", "hog.py", "--memory", "128", "--json", expecting: 1).json()["result"] as? String
        == "out of memory")
    // People get the output, and then the result.
    #expect(try tool("run-code", "right.py").output.hasPrefix("passed in "))
    #expect(
      try tool("run-code", "-", "--language", "bash", input: "echo $((6 * 7))\n").output.hasPrefix("42\npassed in "))
    #expect(try tool("run-code", "right.py", "--language", "pyhton", expecting: 64).errors.contains("'python'"))
    #expect(try tool("run-code", "missing.py", expecting: 66).errors.contains("missing.py"))
    _ = try tool("run-code", "right.py", "--timeout", "0", expecting: 64)
    let loose = try tool("run-code", "right.py", "--isolation", "none", "--json")
    #expect(loose.errors.contains("all that you can"))
    #expect(try loose.json()["result"] as? String == "passed")
  }

  @Test("samples are graded as the reference evaluator does, and the results lie beside them")
  func evaluate() throws {
    let tasks = CodeTask.small.prefix(2)
    try folder.write(
      "tasks.jsonl",
      tasks.map { json(["task_id": $0.id, "prompt": $0.prompt, "entry_point": $0.entryPoint, "test": $0.tests]) }
        .joined())
    let samples = [
      ["task_id": tasks[0].id, "completion": tasks[0].canonicalSolution ?? "", "mine": "1"],
      ["task_id": tasks[0].id, "completion": "    return 99\n", "mine": "2"],
      ["task_id": tasks[1].id, "completion": "    while True: pass\n", "mine": "3"],
      ["task_id": tasks[1].id, "completion": tasks[1].canonicalSolution ?? "", "mine": "4"],
    ]
    try folder.write("samples.jsonl", samples.map(json).joined(separator: "\n"))
    let result = try tool(
      "evaluate", "code", "--tasks", "tasks.jsonl", "--samples", "samples.jsonl", "--json", "--k", "1", "2", "10",
      "--timeout", "1",
      "--cache", "cache.jsonl"
    ).json()
    #expect(result["pass@1"] as? Double == 0.5 && result["pass@2"] as? Double == 1 && result["pass@10"] == nil)
    let interval = try #require((result["intervals"] as? [String: Any])?["pass@1"] as? [String: Any])
    #expect(interval["value"] as? Double == 0.5 && interval["n"] as? Int == 2)
    let verdicts = try #require(result["verdicts"] as? [String: Int])
    #expect(verdicts == ["passed": 2, "failed": 1, "error": 0, "timed out": 1, "out of memory": 0, "killed": 0])
    let lines = try String(contentsOfFile: folder.path("samples.jsonl_results.jsonl"), encoding: .utf8).split(
      separator: "\n"
    )
    .map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    #expect(lines.map { $0["mine"] as? String } == ["1", "2", "3", "4"])
    #expect(lines.map { $0["passed"] as? Bool } == [true, false, false, true])
    #expect(lines.map { $0["result"] as? String } == ["passed", "failed: ", "timed out", "passed"])
    // What is refused as a whole leaves no results.
    try folder.write("some.jsonl", json(samples[0]))
    let refused = try tool("evaluate", "code", "--tasks", "tasks.jsonl", "--samples", "some.jsonl", expecting: 65)
    #expect(refused.errors.contains("not attempted") && !folder.contents.contains("some.jsonl_results.jsonl"))
    _ = try tool("evaluate", "code", "--tasks", "tasks.jsonl", "--samples", "some.jsonl", "--ignore-incomplete")
  }

  private func json(_ object: [String: String]) -> String {
    let data = (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
