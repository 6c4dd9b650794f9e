import Documents
import Foundation
import Programming
import Sandbox
import TestSupport
import Testing

/// The published sets in their own formats, read, written and cut as their evaluators do it.
@Suite("Code tasks")
struct CodeTaskTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ lines: String...) throws -> [CodeTask] {
    try CodeTask.read(contentsOf: folder.write("tasks.jsonl", lines.joined(separator: "\n") + "\n"))
  }

  @Test("HumanEval in and out")
  func humanEval() throws {
    let line =
      #"{"task_id": "T/0", "prompt": "def f(x):\n", "entry_point": "f", "canonical_solution": "    return x\n", "test": "def check(candidate):\n    assert candidate(1) == 1\n"}"#
    let task = try read(line, "")[0]
    #expect(task.id == "T/0" && task.entryPoint == "f" && task.shape == .humanEval)
    let program = task.program(completing: "    return 2\n")
    #expect(program.source == "def f(x):\n    return 2\n")
    #expect(program.tests == "def check(candidate):\n    assert candidate(1) == 1\n\ncheck(f)")
    #expect(JSONValue.object(task.humanEvalRecord) == (try JSONValue(parsing: Array(line.utf8))))
    let again = try CodeTask.read(
      contentsOf: folder.write("again.jsonl", JSONValue.object(task.humanEvalRecord).serialized() + "\n"))
    #expect(again == [task])
  }

  @Test("MBPP: the completion is the program, its assertions the tests, its line ends plain")
  func mbpp() throws {
    let task = try read(
      #"{"text": "Add.", "code": "def sum(a, b):\r\n  return a + b", "task_id": 7, "test_setup_code": "x = 5", "test_list": ["assert sum(2, 3) == x"], "challenge_test_list": []}"#
    )[0]
    #expect(task.id == "MBPP/7" && task.prompt == "\"\"\"\nAdd.\nassert sum(2, 3) == x\n\"\"\"\n")
    #expect(task.canonicalSolution == "def sum(a, b):\n  return a + b")
    let program = try #require(task.canonicalProgram)
    #expect(program.tests == "x = 5\nassert sum(2, 3) == x" && program.entryPoints == ["sum"])
  }

  @Test("MultiPL-E: one program of its language, cut at its own stops")
  func multiPLE() throws {
    let task = try read(
      #"{"name": "HumanEval_53_add", "language": "js", "prompt": "function add(x, y) {\n", "tests": "assert(add(1, 2) === 3)", "stop_tokens": ["\nfunction "]}"#
    )[0]
    #expect(task.id == "HumanEval_53_add" && task.language == "javascript" && task.stops == ["\nfunction "])
    #expect(task.program(completing: "  return x + y }\n").source == "function add(x, y) {\n  return x + y }\n")
    #expect(throws: DataError.self) {
      try read(#"{"name": "a", "language": "brainfuck", "prompt": "", "tests": ""}"#)
    }
  }

  @Test(
    "HumanEval+: what the authors' solution gives for the inputs decides, within the tolerance", .needsPythonSandbox)
  func plus() throws {
    let task = try read(
      #"{"task_id": "HumanEval/0", "prompt": "def half(x):\n    \"\"\" it's \\ half \"\"\"\n", "entry_point": "half", "canonical_solution": "    return x / 2\n", "base_input": [[4]], "plus_input": [[-3], [0.1]], "atol": 0.001, "contract": ""}"#
    )[0]
    #expect(task.shape == .humanEvalPlus)
    let sandbox = try Sandbox(.python)
    #expect(try sandbox.run(try #require(task.canonicalProgram)).isPassed)
    #expect(try sandbox.run(task.program(completing: "    return x / 2 + 0.0001\n")).isPassed)
    let wrong = try sandbox.run(task.program(completing: "    return x // 2\n"))
    #expect(wrong.verdict == .failed && wrong.detail.contains("[-3]"), "\(wrong)")
  }

  @Test("what is wrong with a file of tasks is said with its line")
  func badTasks() throws {
    let good = #"{"task_id": "T/0", "prompt": "def f(x):\n", "entry_point": "f", "test": ""}"#
    for (line, words) in [
      (good, "line 1 already"), (#"{"task_id": "T/1", "prompt": "", "entry_point": "f"}"#, "'test'"),
      (#"{"task_id": "T/1", "prompt": "", "entry_point": "f(); import os", "test": ""}"#, "no name of a function"),
      (#"{"task_id": 5, "test_list": []}"#, "no test"),
      (#"{"task_id": 5, "test_list": [5], "text": ""}"#, "not only strings"),
      (
        #"{"task_id": "T/1", "base_input": [], "prompt": "", "entry_point": "f", "canonical_solution": ""}"#, "no input"
      ),
      ("[1", "line"),
    ] {
      let error = #expect(throws: DataError.self) { try read(good, line) }
      #expect(error?.line == 2, "\(line): \(String(describing: error))")
      if line != "[1" { #expect(error?.description.contains(words) == true, "\(String(describing: error))") }
    }
    #expect(throws: DataError.self) { try CodeTask.read(contentsOf: folder.write("empty.jsonl", "\n")) }
  }

  @Test("completions are cut at the first stop, and not at all where there is none")
  func cuts() {
    let stops = CodeTask.Shape.humanEval.stops
    #expect(CompletionText.cut("    return 1\n\ndef g():\n    pass\nprint(2)", at: stops) == "    return 1\n")
    // A harness that took everything behind the last stop away left nothing of a completion without one.
    #expect(CompletionText.cut("    return 1", at: stops) == "    return 1")
    #expect(CompletionText.cut("    return 1<|endoftext|>junk", at: stops) == "    return 1")
    #expect(
      CompletionText.cut("    # note\n    if x:\n        return 1\n", at: stops)
        == "    # note\n    if x:\n        return 1\n")
    #expect(CompletionText.cut("    return 1\n```\nDone.", at: stops) == "    return 1")
    #expect(CompletionText.cut("", at: stops).isEmpty && CompletionText.cut("a", at: [""]) == "a")
  }

  @Test("blocks of code in answers: other languages' marks, no mark, nested lists, no end")
  func blocks() {
    #expect(
      CompletionText.codeBlocks(in: "Sure:\n```python\nx = 1\n```\nand\n~~~\ny = 2\n~~~") == ["x = 1\n", "y = 2\n"])
    #expect(
      CompletionText.codeBlocks(in: "1. so\n   ```py\n   def f():\n       pass\n   ```") == ["def f():\n    pass\n"])
    #expect(CompletionText.codeBlocks(in: "```\nx = '''\n``` in text\n'''\n```") == ["x = '''\n``` in text\n'''\n"])
    #expect(CompletionText.codeBlocks(in: "````md\n```\nx\n```\n````") == ["```\nx\n```\n"])
    #expect(
      CompletionText.codeBlocks(in: "```python\nx = 1") == ["x = 1"]
        && CompletionText.codeBlocks(in: "no code, `x` only").isEmpty)
  }

  @Test(
    "a chat answer becomes a completion of the prompt", .needsPythonSandbox,
    arguments: [
      "```python\ndef is_staircase(heights):\n    return all(b == a + 1 for a, b in zip(heights, heights[1:]))\n```",
      "First a helper:\n```python\ndef one(a, b):\n    return b == a + 1\n```\nThen:\n```python\nfrom itertools import pairwise\n\ndef one(a, b):\n    return b == a + 1\n\ndef is_staircase(heights: list) -> bool:\n    return all(one(a, b) for a, b in pairwise(heights))\n\nprint(is_staircase([1, 2]))\n```\nIt prints True.",
      "```\n    return all(b == a + 1 for a, b in zip(heights, heights[1:]))\n```",
      "```\nreturn all(b == a + 1 for a, b in zip(heights, heights[1:]))\n```",
      "def is_staircase(heights):\n    return all(b == a + 1 for a, b in zip(heights, heights[1:]))",
      "    return all(b == a + 1 for a, b in zip(heights, heights[1:]))\n\n# Test\nassert False",
    ])
  func answers(_ answer: String) throws {
    let task = CodeTask.small[3]
    let completion = CompletionText.completion(of: task, answer: answer)
    let result = try Sandbox(.python).run(task.program(completing: completion))
    #expect(result.isPassed, "\(completion): \(result)")
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test with a reason where Python can't be run in a sandbox.
  static var needsPythonSandbox: Self {
    let problem: String
    do {
      _ = try Sandbox(.python)
      problem = ""
    } catch { problem = error.description }
    return .enabled(if: problem.isEmpty, "\(problem)")
  }
}
