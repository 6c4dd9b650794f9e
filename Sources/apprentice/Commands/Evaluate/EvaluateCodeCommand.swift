import ArgumentParser
import Documents
import Foundation
import Programming
import Sandbox
import Statistics
import Settings
import Training

/// `apprentice evaluate code`.
struct EvaluateCodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "code",
    abstract: "pass@k of programs that complete tasks, by running them.",
    discussion: """
      Tasks are HumanEval's file, HumanEval+'s, MBPP's or MultiPL-E's; samples are lines of task_id and \
      completion. What becomes of each is written beside the samples, as HumanEval's own evaluator does. \
      pass@k is given for each k that every problem has enough samples for, with a bootstrap interval over \
      problems. Interrupted, it goes on with the same command and --cache.

      With --model the samples are drawn first, into the file of --samples; what stands there already is kept. \
      With --draw-only nothing is graded: a machine with a GPU and no sandbox draws, another one grades.

      EXAMPLE:
        apprentice evaluate code --tasks HumanEval.jsonl.gz --samples samples.jsonl --json
        apprentice evaluate code --tasks HumanEval.jsonl.gz --samples greedy.jsonl --model model.gguf
      """)

  @Option(help: .init("The problems.", valueName: "file"))
  var tasks: String

  @Option(help: .init("The solutions.", valueName: "file"))
  var samples: String

  @Option(parsing: .upToNextOption, help: .init("The numbers of tries.", valueName: "count"))
  var k = [1, 10, 100]

  @Flag(help: "Score the problems that have samples, where others have none.")
  var ignoreIncomplete = false

  @Option(in: .count(), help: .init("Programs at a time; the machine's cores unless given.", valueName: "count"))
  var workers: Int?

  @Option(help: .init("Keeps results by content, so that nothing is run twice.", valueName: "file"))
  var cache: String?

  @Option(in: .count(), help: .init("Only the first problems.", valueName: "count"))
  var limit: Int?

  @Option(help: .init("Seeds the samples and the intervals' resampling.", valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup(title: "Drawing samples") var drawing: CodeDrawingOptions
  @OptionGroup var sandboxOptions: SandboxOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard k.allSatisfy({ $0 > 0 }), !k.isEmpty else { throw ValidationError("--k: each must be 1 or more.") }
    guard !drawing.drawOnly || drawing.model != nil else { throw ValidationError("--draw-only needs a --model.") }
  }

  func run() throws {
    var problems = try CodeTask.read(contentsOf: tasks)
    if let limit { problems = Array(problems.prefix(limit)) }
    InterruptSignals.install()
    try drawing.draw(problems, into: samples, seed: seed)
    if drawing.drawOnly {
      output.show(
        ["problems": .int(problems.count), "samples": .int(problems.count * drawing.n), "file": .string(samples)],
        text: "\(problems.count * drawing.n) samples of \(problems.count) problems in \(samples)")
      return
    }
    let solutions = try CodeSample.read(contentsOf: samples, of: problems, ignoresIncomplete: ignoreIncomplete)
    let languages = Set(problems.map(\.language))
    guard languages.count == 1, let language = languages.first.flatMap(ProgrammingLanguage.named) else {
      throw DataError(
        .badData, path: tasks,
        problem: "the problems are of several languages: \(languages.sorted().joined(separator: ", "))",
        advice: "Grade one language at a time.")
    }
    let pool = SandboxPool(
      try sandboxOptions.sandbox(language), workers: workers, cache: try ResultCache(path: cache))
    let progress = ProgressBar(title: "code", totalSteps: solutions.count)
    let grades = try CodeGrades(
      solutions, of: problems, pool: pool, isStopped: { InterruptSignals.stopRequested },
      progress: { progress.update(step: $0, tokens: 0) })
    progress.finish()
    guard let grades else {
      Log.raw("interrupted" + (cache == nil ? "" : "; the same command goes on from here"))
      throw ExitCode(130)
    }
    let file = "\(samples)_results.jsonl"
    try grades.write(to: file)
    try show(grades, problems: problems.count, file)
  }

  private func show(_ grades: CodeGrades, problems: Int, _ file: String) throws {
    let rates = k.compactMap { k in grades.passRate(at: k, seed: seed).map { (name: "pass@\(k)", rate: $0) } }
    var document: JSONObject = JSONObject(rates.map { (key: $0.name, value: .double($0.rate.value)) })
    document["intervals"] = .object(
      JSONObject(try rates.map { (key: $0.name, value: try JSONValue(encoding: $0.rate)) }))
    document["problems"] = .int(grades.places.count)
    document["samples"] = .int(grades.samples.count)
    let counts = RunResult.Verdict.allCases.map { (name: $0.rawValue, count: grades.counts[$0] ?? 0) }
    document["verdicts"] = .object(JSONObject(counts.map { (key: $0.name, value: .int($0.count)) }))
    document["results"] = .string(file)
    let ends = counts.filter { $0.count > 0 }.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    output.show(
      .object(document),
      text: (rates.map { "\($0.name)  \($0.rate.percentage)" } + [
        "\(grades.samples.count) samples of \(grades.places.count) of \(problems) problems: \(ends)", file,
      ]).joined(separator: "\n"))
  }
}
