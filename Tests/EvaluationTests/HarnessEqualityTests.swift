import Alignment
import Documents
import Evaluation
import Foundation
import LanguageModels
import TestSupport
import Testing
import Tokenization
import Torch

/// The tiny Llama and the task files that lm-evaluation-harness was run on too; see `make_harness_goldens.py`.
enum HarnessFixture {
  static func model(limits: DecoderEvaluation.Limits = .init()) throws -> DecoderEvaluation {
    let folder = try Bundle.module.fixtures.appendingPathComponent("harness/model").path
    let (model, tokenizer) = try ModelFolder.load(folder, device: .cpu)
    return try DecoderEvaluation(
      model, tokenizer: tokenizer, name: "harness/model", identity: folder,
      defaults: try ModelFolder.generationDefaults(folder).parameters(), limits: limits)
  }

  static func library() throws -> TaskLibrary {
    TaskLibrary(folders: [try Bundle.module.fixtures.appendingPathComponent("harness/tasks").path])
  }

  static func evaluation(_ tasks: [String], _ options: EvaluationOptions) throws -> TaskEvaluation {
    try TaskEvaluation(
      library().nodes(named: tasks), options: options, dataFolder: try Bundle.module.fixtures.path)
  }

  static func finished(_ ending: TaskEvaluation.Ending) throws -> EvaluationResults {
    guard case .finished(let results) = ending else { throw EvaluationError("it was stopped") }
    return results
  }
}

@Suite("Equality with lm-evaluation-harness")
struct HarnessEqualityTests {
  /// A golden run: what it was asked, what came.
  private static func golden(_ name: String) throws -> JSONValue {
    try JSONValue(contentsOf: Bundle.module.fixtures.appendingPathComponent("harness/golden/\(name).json").path)
  }

  private static func run(_ golden: JSONValue, _ model: DecoderEvaluation) throws -> EvaluationResults {
    let asked = golden["arguments"]
    var options = EvaluationOptions(
      shots: asked?["num_fewshot"]?.int, limit: asked?["limit"]?.double.map { EvaluationOptions.Limit($0) },
      systemInstruction: asked?["system_instruction"]?.string)
    options.bootstrapResamples = 2000
    if asked?["apply_chat_template"]?.bool == true {
      options.chat = try model.chatPrompting(isMultiturn: asked?["fewshot_as_multiturn"]?.bool ?? true)
    }
    let tasks = asked?["tasks"]?.array?.compactMap(\.string) ?? []
    return try HarnessFixture.finished(HarnessFixture.evaluation(tasks, options).run(model))
  }

  @Test(
    "results, tables, prompts and marks are the harness's",
    arguments: ["zero", "three", "own", "chat", "single", "translation"])
  func equality(_ name: String) throws {
    let golden = try Self.golden(name)
    let results = try Self.run(golden, try HarnessFixture.model())
    #expect(results.table() == golden["table"]?.string)
    if let groups = golden["groups_table"]?.string { #expect(results.table(groups: true) == groups) }
    let document = JSONValue.object(results.document())
    for key in ["group_subtasks", "n-shot", "versions", "higher_is_better", "n-samples", "task_hashes"] {
      #expect(document[key] == golden[key], "\(key)")
    }
    for (task, expected) in golden["results"]?.object?.members ?? [] {
      let found = document["results"]?[task]
      #expect(found?.object?.keys.sorted() == expected.object?.keys.sorted(), "\(task)")
      for (metric, value) in expected.object?.members ?? [] {
        if let number = value.double {
          let own = found?[metric]?.double ?? .nan
          #expect(abs(own - number) <= 2e-6 * max(1, abs(number)), "\(task) \(metric): \(own) is not \(number)")
        } else {
          #expect(found?[metric] == value, "\(task) \(metric)")
        }
      }
    }
    let folder = try TemporaryFolder()
    let written = try results.write(below: folder.path)
    #expect(written.folder.hasSuffix("harness__model"))
    for (task, expected) in golden["samples"]?.object?.members ?? [] {
      let file = try #require(written.files.first { $0.hasPrefix("samples_\(task)_") })
      let lines = try RecordReader(paths: ["\(written.folder)/\(file)"]).readAll()
      #expect(lines.count == expected.array?.count, "\(task)")
      for (line, expected) in zip(lines, expected.array ?? []) { Self.compare(line, expected, task) }
    }
  }

  private static func compare(_ line: Record, _ expected: JSONValue, _ task: String) {
    let place = "\(task) \(expected["doc_id"]?.int ?? -1)"
    for key in ["doc_id", "target", "filter", "doc_hash", "prompt_hash", "target_hash"] {
      #expect(line[key] == expected[key], "\(place) \(key)")
    }
    let arguments = line["arguments"]?.object?.members.map {
      JSONValue.array($0.value.object?.members.map(\.value) ?? [])
    }
    #expect(arguments == expected["arguments"]?.array, "\(place) arguments")
    for (own, theirs) in zip(line["filtered_resps"]?.array ?? [], expected["filtered_resps"]?.array ?? []) {
      if own.string.flatMap(Double.init) == nil, own.string != nil { #expect(own == theirs, "\(place) filtered") }
    }
    #expect(line["metrics"]?.array?.compactMap(\.string) == expected["metrics"]?.object?.keys, "\(place) metrics")
    for (metric, value) in expected["metrics"]?.object?.members ?? [] {
      if let number = value.double {
        #expect(abs((line[metric]?.double ?? .nan) - number) < 2e-6 * max(1, abs(number)), "\(place) \(metric)")
      }
    }
    for (own, theirs) in zip(line["resps"]?.array ?? [], expected["resps"]?.array ?? []) {
      guard let pair = theirs[0]?.array else {
        // Text, or the likelihood of a whole document, which the harness notes without more.
        if let number = theirs[0]?.double {
          #expect(abs((own[0]?.string.flatMap(Double.init) ?? .nan) - number) < 1e-4 * abs(number), "\(place) resps")
        } else {
          #expect(own[0] == theirs[0], "\(place) resps")
        }
        continue
      }
      let value = own[0]?[0]?.string.flatMap(Double.init) ?? .nan
      #expect(abs(value - (pair[0].double ?? 0)) < 1e-4 * max(1, abs(pair[0].double ?? 0)), "\(place) resps")
      #expect(own[0]?[1]?.string == (pair[1].bool == true ? "True" : "False"), "\(place) greedy")
    }
  }

  @Test("how requests are packed changes no mark and hardly a likelihood")
  func packing() throws {
    let golden = try Self.golden("three")
    let wide = try Self.run(golden, try HarnessFixture.model(limits: .init(passTokens: 8192, batch: 64)))
    let narrow = try Self.run(golden, try HarnessFixture.model(limits: .init(passTokens: 1, batch: 1)))
    #expect(wide.table() == narrow.table())
  }
}
