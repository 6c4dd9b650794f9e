import Documents
import Foundation
import Programming
import Sandbox
import Statistics
import TestSupport
import Testing

/// Grades of samples, and what is refused as a whole.
@Suite("Grading")
struct GradingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let bug = """


    def planted(right):
        def wrong(*arguments):
            value = right(*arguments)
            if isinstance(value, (bool, int, float)):
                return not value if isinstance(value, bool) else value + 1
            return type(value)() if value else None
        return wrong
    ENTRY = planted(ENTRY)
    """

  /// A solution with a bug in it: off by one, the other truth, nothing where there was something.
  static func planted(_ task: CodeTask) -> String {
    (task.canonicalSolution ?? "") + bug.replacing("ENTRY", with: task.entryPoint)
  }

  @Test("the shipped problems: each solution passes, each with a planted bug fails", .needsPythonSandbox)
  func small() throws {
    let tasks = CodeTask.small
    let pool = SandboxPool(try Sandbox(.python))
    let right = tasks.map { CodeSample(taskID: $0.id, completion: $0.canonicalSolution ?? "") }
    let wrong = tasks.map { CodeSample(taskID: $0.id, completion: Self.planted($0)) }
    let grades = try #require(try CodeGrades(right + wrong, of: tasks, pool: pool))
    for (sample, result) in zip(right + wrong, grades.results).prefix(tasks.count) {
      #expect(result.isPassed, "\(sample.taskID): \(result)")
    }
    for (sample, result) in zip(right + wrong, grades.results).suffix(tasks.count) {
      #expect([.failed, .error].contains(result.verdict), "\(sample.taskID): \(result)")
    }
    let rate = try #require(grades.passRate(at: 1))
    #expect(rate.value == 0.5 && rate.n == tasks.count)
    #expect(grades.passRate(at: 2)?.value == 1 && grades.passRate(at: 3) == nil)
  }

  /// Grades with outcomes of their own.
  private func grades(_ outcomes: [[Bool]], scores: [[Double]] = []) throws -> CodeGrades {
    let tasks = outcomes.indices.map { CodeTask(id: "T/\($0)", prompt: "", entryPoint: "f", tests: "") }
    var samples: [CodeSample] = []
    for (i, own) in outcomes.enumerated() {
      for j in own.indices {
        samples.append(
          CodeSample(
            taskID: "T/\(i)", completion: "\(j)",
            fields: scores.isEmpty ? [:] : ["mean_logprob": .double(scores[i][j])]))
      }
    }
    return CodeGrades(
      samples, of: tasks, results: outcomes.flatMap { $0 }.map { RunResult($0 ? .passed : .failed, detail: "x") })
  }

  @Test("pass@k is the mean over problems of 1 − C(n−c, k)/C(n, k), not one number of all samples")
  func passRates() throws {
    let grades = try grades([
      [true, false, false, false], [true, true, true, true], [false, false, false, false], [true, true, false, false],
    ])
    // By hand: (1/4 + 1 + 0 + 1/2)/4, and for 2: (1 − 3/6, 1, 0, 1 − 1/6)/4.
    #expect(abs(try #require(grades.passRate(at: 1)).value - 0.4375) < 1e-12)
    #expect(abs(try #require(grades.passRate(at: 2)).value - (0.5 + 1 + 5.0 / 6) / 4) < 1e-12)
    #expect(grades.passRate(at: 5) == nil)
    let rate = try #require(grades.passRate(at: 1))
    #expect(rate.low < rate.value && rate.value < rate.high && rate.n == 4)
  }

  @Test("ranking by mean log-probability lies between chance and oracle as the scores deserve")
  func ranking() throws {
    let outcomes = [[true, false, false], [false, true, false]]
    let telling = try grades(outcomes, scores: [[-0.1, -0.5, -0.9], [-0.7, -0.2, -0.9]])
    #expect(telling.meanLogProbabilityRate(of: 3)?.value == 1 && telling.passRate(at: 3)?.value == 1)
    let misleading = try grades(outcomes, scores: [[-0.9, -0.5, -0.1], [-0.7, -0.8, -0.1]])
    #expect(misleading.meanLogProbabilityRate(of: 3)?.value == 0)
    let mute = try grades(outcomes, scores: [[-1, -1, -1], [-1, -1, -1]])
    let chance = try #require(mute.passRate(at: 1)).value
    #expect(abs(try #require(mute.meanLogProbabilityRate(of: 3)).value - chance) < 1e-12)
    #expect(try grades(outcomes).meanLogProbabilityRate(of: 3) == nil)
  }

  @Test("the results' file has each line's own fields, then result and passed, as the reference evaluator's")
  func lines() throws {
    let task = CodeTask(id: "T/0", prompt: "", entryPoint: "f", tests: "")
    let samples = ["a", "ü", "c", "d"].map {
      CodeSample(taskID: "T/0", completion: $0, fields: ["extra": 1.5, "passed": "old"])
    }
    let results = [
      RunResult(.passed), RunResult(.failed, detail: "AssertionError at line 3", exceptionText: ""),
      RunResult(.timedOut, detail: "it took"),
      RunResult(.outOfMemory, detail: "too much"),
    ]
    let path = folder.path("results.jsonl")
    try CodeGrades(samples, of: [task], results: results).write(to: path)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text == #"""
        {"task_id": "T/0", "completion": "a", "extra": 1.5, "passed": true, "result": "passed"}
        {"task_id": "T/0", "completion": "\u00fc", "extra": 1.5, "passed": false, "result": "failed: "}
        {"task_id": "T/0", "completion": "c", "extra": 1.5, "passed": false, "result": "timed out"}
        {"task_id": "T/0", "completion": "d", "extra": 1.5, "passed": false, "result": "failed: too much"}

        """#)
  }

  @Test("files of samples that make no score are refused with what is wrong")
  func badSamples() throws {
    let tasks = CodeTask.small
    func read(_ text: String, ignoring: Bool = false) throws -> [CodeSample] {
      try CodeSample.read(contentsOf: folder.write("samples.jsonl", text), of: tasks, ignoresIncomplete: ignoring)
    }
    let good = #"{"task_id": "Small/0", "completion": "    return 1"}"#
    for (text, words, line) in [
      (good, "not attempted: 7 of 8", nil), ("", "no sample", nil),
      (good + "\n" + #"{"task_id": "Small/O", "completion": ""}"#, "'Small/0'", 2),
      (#"{"task_id": "Small/0"}"#, "'completion'", 1), (#"{"completion": ""}"#, "'task_id'", 1),
      (#"{"task_id": "Small/0", "completion": null}"#, "null", 1), (good + "\n{", "JSON", 2),
    ] as [(String, String, Int?)] {
      let error = #expect(throws: DataError.self) { try read(text) }
      #expect(
        error?.description.contains(words) == true && error?.line == line, "\(text): \(String(describing: error))")
    }
    #expect(try read(good + "\n\n" + good, ignoring: true).count == 2)
  }
}

/// The published sets, where their files are.
@Suite("Published code tasks", .needsPythonSandbox, .needsPublishedTasks)
struct PublishedTaskTests {
  private func tasks(_ name: String) throws -> [CodeTask] { try CodeTask.read(contentsOf: PublishedTasks.path(name)) }

  @Test("all 164 canonical solutions of HumanEval pass, and the same with a planted bug fail")
  func humanEval() throws {
    let tasks = try tasks("humaneval/HumanEval.jsonl.gz")
    #expect(tasks.count == 164)
    let pool = SandboxPool(try Sandbox(.python))
    let right = tasks.map { CodeSample(taskID: $0.id, completion: $0.canonicalSolution ?? "") }
    let grades = try #require(try CodeGrades(right, of: tasks, pool: pool))
    for (sample, result) in zip(right, grades.results) where !result.isPassed {
      Issue.record("\(sample.taskID): \(result)")
    }
    #expect(grades.passRate(at: 1)?.value == 1)
    let wrong = tasks.map { CodeSample(taskID: $0.id, completion: GradingTests.planted($0)) }
    let failures = try #require(try CodeGrades(wrong, of: tasks, pool: pool))
    for (sample, result) in zip(wrong, failures.results) where result.isPassed {
      Issue.record("\(sample.taskID) passes with a bug")
    }
    #expect(failures.passRate(at: 1)?.value == 0)
  }

  @Test("MBPP's own solutions pass its tests, but for those whose tests or solutions are wrong as published")
  func mbpp() throws {
    let tasks = try tasks("mbpp/mbpp.jsonl").prefix(120)
    let samples = tasks.map { CodeSample(taskID: $0.id, completion: $0.canonicalSolution ?? "") }
    let grades = try #require(try CodeGrades(samples, of: Array(tasks), pool: SandboxPool(try Sandbox(.python))))
    for (sample, result) in zip(samples, grades.results) where !result.isPassed {
      Issue.record("\(sample.taskID): \(result)")
    }
  }
}

/// The folder of the published sets.
enum PublishedTasks {
  static let folder = ProcessInfo.processInfo.environment["APPRENTICE_DATA"]

  static func path(_ name: String) -> String { "\(folder ?? "")/\(name)" }
}

extension Trait where Self == ConditionTrait {
  /// Needs the published files: set APPRENTICE_DATA to the folder that holds `humaneval/` and `mbpp/`.
  static var needsPublishedTasks: Self {
    .enabled(
      if: FileManager.default.fileExists(atPath: PublishedTasks.path("humaneval/HumanEval.jsonl.gz")),
      "set APPRENTICE_DATA to the folder with humaneval/HumanEval.jsonl.gz and mbpp/mbpp.jsonl to run this")
  }
}
