import Documents
import Foundation
import TestSupport
import Testing

@Suite("apprentice evaluate tasks")
struct EvaluateTasksTests {
  /// The tiny Llama, tasks and documents of the room's tests.
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("EvaluationTests/Fixtures").path

  private func evaluate(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(arguments: ["evaluate", "tasks"] + arguments, in: Self.fixtures)
  }

  @Test("the tasks that come along are listed without loading a model")
  func list() throws {
    let result = try Tool.run(
      arguments: ["evaluate", "tasks", "--list", "--json"], environment: ["LD_DEBUG": "files"])
    #expect(result.status == 0)
    let names = try JSONValue(parsing: Array(result.output.utf8)).array?.compactMap { $0["name"]?.string } ?? []
    for name in ["hellaswag", "mmlu", "mmlu_anatomy", "gsm8k", "gpt3_arithmetic", "generated_scramble", "ai2_arc"] {
      #expect(names.contains(name), "\(name)")
    }
    #expect(!result.errors.contains("libctorch"))
  }

  @Test("one document on stdout, the harness's files in the model's folder, no journal left")
  func results() throws {
    let folder = try TemporaryFolder()
    let result = try evaluate(
      "colours,sums", "--model", "harness/model", "--include-path", "harness/tasks", "--data-dir", ".", "--shots", "1",
      "--limit", "4", "--output", folder.path, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let document = try JSONValue(parsing: Array(result.output.utf8))
    #expect(document["n-samples"]?["colours"]?["effective"] == 4)
    #expect(document["n-shot"]?["sums"] == 1)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("harness__model"))
    #expect(files.count == 4)
    for start in ["results_", "samples_colours_", "samples_sums_", "report_"] {
      #expect(files.contains { $0.hasPrefix(start) }, "\(start)")
    }
    #expect(result.errors.contains("ETA"))
    #expect(result.errors.contains("\"<s>\"=0"))
    let own = folder.path("harness__model")
    let compared = try Tool.run("evaluate", "compare", own, own, "--json").json()
    #expect((compared["comparisons"] as? [Any])?.isEmpty == false)
  }

  @Test("several numbers of examples in one run: the results of each, and the curves")
  func shots() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "colours,sums", "--model", "harness/model", "--include-path", "harness/tasks", "--data-dir", ".", "--limit", "4",
      "--output", folder.path,
    ]
    let result = try Tool.run(
      arguments: ["evaluate", "tasks"] + arguments + ["--shots", "0,2", "--json"], in: Self.fixtures)
    #expect(result.status == 0, "\(result.errors)")
    let document = try JSONValue(parsing: Array(result.output.utf8))
    #expect(document["runs"]?.array?.map { $0["n-shot"]?["sums"] } == [0, 2])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("harness__model"))
    #expect(
      files.count == 9 && files.count { $0.hasPrefix("shots_") } == 1 && files.count { $0.hasPrefix("results_") } == 2)
    let text = try Tool.run(arguments: ["evaluate", "tasks"] + arguments + ["--shots", "0,2"], in: Self.fixtures)
    #expect(text.output.contains("|0-shot|2-shot|"))
    for wrong in ["0,0", "1,", "-1", "x"] {
      #expect(
        try Tool.run(arguments: ["evaluate", "tasks"] + arguments + ["--shots=\(wrong)"], in: Self.fixtures).status
          == 64)
    }
  }

  @Test(
    "mistakes end with their code and say what to do",
    arguments: [
      (["colours"], 64, "give --list"),
      (["colurs", "--model", "harness/model", "--include-path", "harness/tasks"], 66, "the nearest one is 'colours'"),
      (["gsm8k", "--model", "harness/model"], 66, "--data-dir"),
      (["colours", "--model", "harness", "--include-path", "harness/tasks", "--data-dir", "."], 65, "config.json"),
      (["colours", "--model", "http://127.0.0.1:9", "--include-path", "harness/tasks"], 69, "can't be reached"),
      (["colours", "--model", "harness/model", "--limit", "0"], 64, "above 0"),
    ])
  func mistakes(_ arguments: [String], _ status: Int32, _ text: String) throws {
    let result = try Tool.run(arguments: ["evaluate", "tasks"] + arguments, in: Self.fixtures)
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(text), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test("items are lines of context and completion, and training text is held against a task")
  func items() throws {
    let made = try Tool.run("evaluate", "items", "two_digit_addition", "--count", "3", "--seed", "7")
    let lines = made.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(try JSONValue(parsing: Array(lines[0].utf8))["context"]?.string?.hasPrefix("\n\nQ: What is ") == true)
    #expect(try Tool.run("evaluate", "items", "two_digit_additon").status == 64)
    let folder = try TemporaryFolder()
    try folder.write("corpus.txt", "Once: Which bone is in the leg? And more than that was never asked of anyone.")
    let report = try Tool.run(
      "evaluate", "contamination", "mmlu_anatomy", "--corpus", folder.path("corpus.txt"), "--data-dir",
      Self.fixtures + "/published", "--method", "gpt4", "--json"
    ).json()
    let tasks = try #require(report["tasks"] as? [[String: Any]])
    #expect(tasks[0]["documents"] as? Int == 1)
  }
}
