import Alignment
import Foundation
import LanguageModels
import Programming
import Statistics
import Tokenization
import Torch
import Training

extension ScratchStudy {
  // MARK: 7. Docstrings from code (Codex-D), and samples ranked by them

  /// What describing code came to.
  struct Described: Codable {
    /// By problem, whether each docstring says what the code does.
    var isRight: [[Bool]]
    /// By problem, ln p of its docstring given each of the samples at the middle temperature.
    var scores: [[Double]]
  }

  /// A decoder of its own learns docstrings from code, describes the problems' solutions, and ranks the samples.
  func described(
    _ base: Decoder, _ tokenizer: Tokenizer, _ tasks: [CodeTask], _ run: RecipeRun
  ) throws -> Described {
    let functions = FunctionProblem.drawn(
      options.isQuick ? 16 : 4000, sizes: 1...3, forTests: false, seed: seed(for: "functions to describe"))
    let examples = functions.compactMap { function in
      DocstringWriter.example(function.prompt, function: function.name, body: function.solution).map {
        TargetedTokens(
          prompt: tokenizer.encode($0.prompt), completion: tokenizer.encode($0.docstring), endOfText: tokenizer.eos)
      }
    }
    let model = try tuned(base, on: examples, tokenizer, "docstrings", steps: max(2, tuneSteps / 2), run)
    let writer = try DocstringWriter(model: model, tokenizer: tokenizer, asks: false)
    let written = try writer.docstrings(
      of: problems.map { PythonDocstring.removed(of: $0.name, from: $0.prompt) + $0.solution },
      samples: options.isQuick ? 2 : 10, temperature: 0.6, maxTokens: options.isQuick ? 8 : 128,
      seed: seed(for: "written docstrings"))
    let samples = try CodeSample.read(
      contentsOf: Self.samplesFile("samples", Self.temperatures[1], run), of: tasks)
    guard
      let scores = try writer.logProbabilities(
        ofDocstringsGiven: samples, of: tasks, isStopped: { InterruptSignals.stopRequested })
    else { throw RecipeRun.Interrupted() }
    var byTask: [String: [Double]] = [:]
    for (sample, score) in zip(samples, scores) { byTask[sample.taskID, default: []].append(score) }
    return Described(
      isRight: zip(problems, written).map { problem, own in own.map { problem.isDescribed(by: $0) } },
      scores: tasks.map { byTask[$0.id] ?? [] })
  }

  // MARK: 8. Mistakes that are shown and mended

  /// What mending came to, problem by problem: of those that have a failing sample.
  struct Mended: Codable {
    /// The share of mended solutions that pass.
    var mended: [Double]
    /// The share of fresh samples that pass.
    var fresh: [Double]
  }

  /// A copy of the tuned decoder learns to mend functions with a planted mistake, and is shown failing samples of the problems.
  func mended(
    _ tuned: Decoder, _ tokenizer: Tokenizer, _ tasks: [CodeTask], _ draw: Draw, _ run: RecipeRun
  ) throws -> Mended {
    let functions = FunctionProblem.drawn(
      options.isQuick ? 16 : 3000, sizes: 1...3, forTests: false, seed: seed(for: "functions to mend"))
    let examples = functions.enumerated().map { place, function in
      let task = function.task(id: "\(place)")
      return TargetedTokens(
        prompt: tokenizer.encode(
          CodeSampler.mendingPrompt(
            of: task, .init(completion: function.buggySolution, problem: Self.assertionFailed))),
        completion: tokenizer.encode(function.solution + "\n\n"), endOfText: tokenizer.eos)
    }
    let mender = try self.tuned(tuned, on: examples, tokenizer, "mend", steps: max(2, tuneSteps / 2), run)
    let samples = try CodeSample.read(
      contentsOf: Self.samplesFile("samples", draw.temperature, run), of: tasks)
    var byTask: [String: [CodeSample]] = [:]
    for sample in samples { byTask[sample.taskID, default: []].append(sample) }
    var failed: [String: CodeSampler.FailedSolution] = [:]
    for (task, passed) in zip(tasks, draw.passed) {
      guard let place = passed.firstIndex(of: false), let own = byTask[task.id], own.indices.contains(place) else {
        continue
      }
      failed[task.id] = .init(completion: own[place].completion, problem: Self.assertionFailed)
    }
    let places = tasks.indices.filter { failed[tasks[$0].id] != nil }
    guard !places.isEmpty else { return Mended(mended: [], fresh: []) }
    let again = try graded(
      mender, tokenizer, places.map { tasks[$0] }, draw.temperature, options.isQuick ? 2 : 10, "mended",
      mending: failed, run)
    func share(_ passed: [Bool]) -> Double { Double(passed.count { $0 }) / Double(max(1, passed.count)) }
    return Mended(mended: again.passed.map(share), fresh: places.map { share(draw.passed[$0]) })
  }

  /// All that a failing test of the generated functions says.
  private static let assertionFailed = "AssertionError"
}
