import ArgumentParser
import Documents
import Evaluation
import Foundation
import LanguageModels
import Settings
import Training

/// `apprentice evaluate tasks`.
struct EvaluateTasksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks",
    abstract: "Few-shot evaluation on tasks by file, with results equal to lm-evaluation-harness's.",
    discussion: """
      Tasks are named with commas between them: tasks, groups, tags, patterns with *, or YAML files in \
      lm-evaluation-harness's format that use no Python. Nothing is downloaded: --data-dir holds the data sets. \
      An evaluation that was stopped goes on with the same command. Results, samples and a page with every answer \
      are written below --output.

      EXAMPLE:
        apprentice evaluate tasks --list
        apprentice evaluate tasks gsm8k,arc_easy --model models/small --data-dir data --shots 0,1,5 --limit 200
        apprentice evaluate tasks my-task.yaml --model http://localhost:8080 --json
      """)

  @Argument(help: .init("Tasks, with commas between them.", valueName: "tasks"))
  var tasks: [String] = []

  @Option(
    help: .init(
      "A checkpoint, a run, a GGUF file, or the address of a server with OpenAI's interface.", valueName: "model"))
  var model: String?

  @Option(
    help: .init(
      "Examples before each question; several numbers with commas between them. Default: the task's.",
      valueName: "count,…"), transform: Self.counts)
  var shots: [Int]?

  @Option(
    in: .above(0),
    help: .init("The first so many documents of each task; below 1 a share of them.", valueName: "number"))
  var limit: Double?

  @Option(help: .init("The folder of data sets.", valueName: "folder"))
  var dataDir: String?

  @Option(parsing: .upToNextOption, help: .init("Folders of further task files.", valueName: "folder"))
  var includePath: [String] = []

  @Option(help: .init("The folder of results; each model has one of its own in it.", valueName: "folder"))
  var output = "runs/evaluation"

  @Flag(help: "List the tasks, groups and tags that there are.")
  var list = false

  @OptionGroup var prompting: PromptingOptions
  @OptionGroup var asking: EvaluatedModelOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    guard list || (!tasks.isEmpty && model != nil) else {
      throw ValidationError("name tasks and a --model, or give --list")
    }
  }

  func run() throws {
    var library = TaskLibrary(folders: includePath)
    if list {
      printing.show(
        .array(library.names.map { ["name": .string($0.name), "kind": .string($0.kind)] }),
        text: library.names.map { "\($0.kind)\t\($0.name)" }.joined(separator: "\n"))
      return
    }
    library.generation = try prompting.generation
    let names = tasks.flatMap { $0.split(separator: ",").map(String.init) }
    let nodes = try library.nodes(named: names)
    let asked = try asking.open(model ?? "")
    var options = try prompting.options(for: asked)
    options.limit = limit.map { EvaluationOptions.Limit($0) }
    // All are read before the first is asked, so that a mistake in one costs nothing.
    let evaluations = try (shots.map { $0.map { Optional($0) } } ?? [nil]).map { shots in
      options.shots = shots
      return try TaskEvaluation(nodes, options: options, dataFolder: dataDir)
    }
    for remark in evaluations[0].remarks { Log.warning(remark) }
    for (task, text) in evaluations[0].tokenization(by: asked) { Log.info("\(task): \(text)") }
    let journal = try EvaluationFolder(output, model: asked).journal()
    let results = try evaluations.map { try answer($0, asked, journal) }
    var files: [String] = []
    for result in results {
      let (folder, own) = try result.write(below: output)
      files.append("\(folder)/{\(own.joined(separator: ", "))}")
    }
    try journal.remove(evaluations.flatMap(\.requests))
    try show(results, files)
  }

  private func show(_ results: [EvaluationResults], _ files: [String]) throws {
    let tables = results.map { $0.table() + ($0.hasGroups ? "\n" + $0.table(groups: true) : "") }
    if results.count == 1 {
      printing.show(.object(results[0].document()), text: tables[0] + "\n" + files[0])
    } else {
      let curves = ShotCurves(results)
      let page = try curves.write(below: output)
      printing.show(
        .object(curves.document()), text: (tables + [curves.table()] + files + [page]).joined(separator: "\n"))
    }
  }

  /// Reads numbers with commas between them.
  private static func counts(_ text: String) throws -> [Int] {
    let counts = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard counts.count == text.split(separator: ",", omittingEmptySubsequences: false).count,
      counts.allSatisfy({ (0...1 << 20).contains($0) }), Set(counts).count == counts.count
    else { throw ValidationError("'\(text)' is no list of different numbers from 0 on, such as 0,1,4") }
    return counts
  }

  /// Runs an evaluation with a progress bar on stderr, until it is done or stopped.
  private func answer(
    _ evaluation: TaskEvaluation, _ model: any EvaluatedModel, _ journal: ResponseJournal
  ) throws -> EvaluationResults {
    InterruptSignals.install()
    let total = evaluation.requests.count
    if journal.count > 0 { Log.info("goes on: \(journal.count) answers are known") }
    let bar = ProgressBar(title: "evaluate", totalSteps: total, startingAt: min(journal.count, total))
    let ending = try evaluation.run(model, journal: journal) { done, _, tokens in
      bar.update(step: done, tokens: tokens)
      return !InterruptSignals.stopRequested
    }
    bar.finish()
    switch ending {
    case .finished(let results): return results
    case .stopped(let answered, let all):
      Log.raw("evaluate: stopped at \(answered) of \(all) requests; the same command goes on from there")
      throw ExitCode(130)
    }
  }
}
