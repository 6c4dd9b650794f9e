import Documents
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite("Task files")
struct TaskFileTests {
  private static let plain = """
    task: plain
    dataset_path: json
    dataset_kwargs: {data_files: {test: data.jsonl}}
    output_type: multiple_choice
    test_split: test
    doc_to_text: "{{question}}"
    doc_to_choice: choices
    doc_to_target: label

    """
  private static let record = #"{"id": 1, "question": "Which?", "choices": ["this", "that"], "label": 0}"# + "\n"

  /// The error that a task file, or its data, ends in.
  private func error(_ yaml: String, data: String = record) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write("task.yaml", yaml)
    try folder.write("data.jsonl", data)
    let error = #expect(throws: DataError.self) {
      _ = try TaskEvaluation(
        TaskLibrary().nodes(named: [folder.path("task.yaml")]), options: EvaluationOptions(), dataFolder: folder.path)
    }
    return (error?.description ?? "").replacingOccurrences(of: folder.path + "/", with: "")
  }

  @Test(
    "a mistake is named with its file and line, and what would be right",
    arguments: [
      (
        plain + "doc_to_txt: x\n", "task.yaml:9: doc_to_txt: unknown key 'doc_to_txt'; the nearest one is 'doc_to_text'"
      ),
      (
        plain + "process_docs: !function utils.process\n",
        "task.yaml:9: process_docs: this is the Python code utils.process"
      ),
      (
        plain.replacingOccurrences(of: "doc_to_target: label", with: "doc_to_target: !function u.f"),
        "Python function u.f"
      ),
      (plain + "metric_list: [{metric: blue}]\n", "there is no metric 'blue' for multiple_choice"),
      (plain + "filter_list: [{name: a, filter: [{function: custom}]}]\n", "there is no filter 'custom' here"),
      (plain + "include: task.yaml\n", "the file includes itself"),
      (plain + "num_fewshot: -1\n", "num_fewshot: must be a whole number from 0"),
      (
        plain.replacingOccurrences(of: "multiple_choice", with: "multiple_choise"),
        "there is no output type 'multiple_choise'"
      ),
      (plain.replacingOccurrences(of: "\"{{question}}\"", with: "\"{{question\""), "doc_to_text"),
      (plain.replacingOccurrences(of: "{{question}}", with: "{{qestion}}"), "task 'plain', document 0"),
      (
        plain.replacingOccurrences(of: "dataset_path: json", with: "dataset_path: parquet"), "Parquet files aren't read"
      ),
      (plain.replacingOccurrences(of: "data.jsonl", with: "other.jsonl"), "needs this file, and it isn't there"),
      (
        plain.replacingOccurrences(of: "test: data", with: "train: data"),
        "data_files has no split 'test'; it has train"
      ),
    ])
  func mistakes(_ yaml: String, _ problem: String) throws {
    let text = try error(yaml)
    #expect(text.contains(problem), "\(text)")
  }

  @Test("documents that a task doesn't fit are named")
  func documents() throws {
    let second = Self.record + Self.record.replacingOccurrences(of: #""that""#, with: #""""#)
    #expect(try error(Self.plain, data: second).contains("document 1: a choice is empty"))
    let text = Self.record + Self.record.replacingOccurrences(of: #"["this", "that"]"#, with: #""this""#)
    #expect(try error(Self.plain, data: text).contains("document 1: doc_to_choice gives no list"))
    #expect(try error(Self.plain, data: "").contains("holds no document"))
    #expect(try error(Self.plain + "num_fewshot: 2\nfewshot_split: test\n").contains("1 can be drawn from"))
  }

  @Test("documents with the same id are counted and told of")
  func duplicates() throws {
    let folder = try TemporaryFolder()
    try folder.write("task.yaml", Self.plain)
    try folder.write("data.jsonl", Self.record + Self.record)
    let evaluation = try TaskEvaluation(
      TaskLibrary().nodes(named: [folder.path("task.yaml")]), options: EvaluationOptions(), dataFolder: folder.path)
    #expect(evaluation.remarks.first?.contains("1 of 2 documents have a 'id' that another has too") == true)
  }

  @Test("what is included is overridden, a list of tasks shares what stands around it")
  func includes() throws {
    let folder = try TemporaryFolder()
    try folder.write("base_yaml", Self.plain + "process_docs: !function utils.process\n")
    try folder.write("own.yaml", "include: base_yaml\ntask: own\ntag: mine\nprocess_docs: null\n")
    try folder.write(
      "list.yaml",
      Self.plain.replacingOccurrences(of: "task: plain\n", with: "")
        + "task_list:\n  - {task: first, tag: mine}\n  - {task: second, num_fewshot: 3}\n")
    let library = TaskLibrary(folders: [folder.path])
    #expect(try library.nodes(named: ["mine"]).map(\.name) == ["first", "own"])
    #expect(try library.nodes(named: ["sec*"]).flatMap(\.tasks).first?.shots == 3)
    let unknown = #expect(throws: DataError.self) { try library.nodes(named: ["secnd"]) }
    #expect(unknown?.description.contains("the nearest one is 'second'") == true)
    let twice = #expect(throws: DataError.self) { try library.nodes(named: ["mine", "own"]) }
    #expect(twice?.description.contains("asked for twice") == true)
  }
}
