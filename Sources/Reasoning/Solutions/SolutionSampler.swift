import Alignment
import Documents
import Foundation
public import LanguageModels
import Statistics
public import Tokenization

/// Draws a model's solutions of problems, batch by batch into a file, so that a run which was stopped goes on.
///
/// ```swift
/// let sampler = SolutionSampler(model: decoder, tokenizer: tokenizer, prompt: SolutionPrompt(.plain), settings: settings)
/// let solutions = try sampler.draw(problems, into: "samples.jsonl")
/// ```
/// A problem's samples depend on the seed, the problem and the settings, not on what is drawn beside them.
public struct SolutionSampler {
  /// The settings of a draw.
  public struct Settings: Sendable, Codable, Equatable {
    /// Samples of each problem.
    public var samples = 1
    /// Divides the logits; 0 takes the most probable token.
    public var temperature = 0.7
    /// The most tokens of a solution.
    public var maxTokens = 320
    /// Seeds the draw.
    public var seed: UInt64 = 1
    /// Completions that are drawn side by side.
    public var batch = 64
    /// Whether the calculator writes the results of annotations.
    public var hasCalculator = true
    /// The way in which answers are found in what is drawn; the problems' own unless given.
    public var format: AnswerFormat?

    /// The paper's temperature, and one sample.
    public init() {}
  }

  private let engine: GenerationEngine
  private let tokenizer: Tokenizer
  private let prompt: SolutionPrompt
  /// The settings.
  public let settings: Settings

  /// A sampler of a model.
  public init(
    model: LanguageModels.Decoder, tokenizer: Tokenizer, prompt: SolutionPrompt, settings: Settings
  ) {
    engine = GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: settings.batch))
    self.tokenizer = tokenizer
    self.prompt = prompt
    self.settings = settings
  }

  /// Draws the solutions of some problems: for each its samples.
  public func solutions(of problems: [WordProblem]) throws -> [[Solution]] {
    let requests = try problems.map { problem in
      let parameters = SamplingParameters(
        temperature: settings.temperature, maxTokens: settings.maxTokens, stop: prompt.stops,
        seed: DerivedSeed(run: settings.seed, for: "problem \(problem.id)").value)
      return GenerationRequest(
        prompt: try prompt.tokens(of: problem, tokenizer), samples: settings.samples, parameters: parameters,
        insertion: settings.hasCalculator ? Calculator.insertion : nil)
    }
    return zip(problems, try engine.generate(requests)).map { problem, completions in
      let format = settings.format ?? problem.format
      return completions.enumerated().map { sample, made in
        let scores = made.logProbabilities
        return Solution(
          problem: problem.id, sample: sample, completion: made.text, ids: made.ids,
          meanLogProbability: scores.isEmpty ? 0 : scores.reduce(0) { $0 + Double($1) } / Double(scores.count),
          isFinished: made.finishReason == .stop, answer: format.answer(in: made.text),
          isCorrect: problem.isSolved(by: made.text, format: format))
      }
    }
  }

  /// Draws what a file lacks of some problems' solutions, some problems at a time, and returns all in the problems' order; none of
  /// problems that it didn't come to.
  ///
  /// - Parameters:
  ///   - path: the solutions so far, or no file yet; what is cut off at its end is drawn again.
  ///   - isStopped: asked between batches; once it says so the file holds what is done.
  ///   - progress: gets how many problems are done and how many tokens were drawn since the last call.
  /// - Throws: `DataError` for a file of other problems or of another number of samples.
  public func draw(
    _ problems: [WordProblem], into path: String, isStopped: () -> Bool = { false },
    progress: (_ problems: Int, _ tokens: Int) -> Void = { _, _ in }
  ) throws -> [[Solution]] {
    let file = try GroupedLines(
      path, names: problems.map(\.id), size: settings.samples, words: .init(line: "solution", group: "problem"),
      read: { value in
        let solution = try value.decoded(as: Solution.self)
        return (solution.problem, solution)
      }, write: { try JSONValue(encoding: $0) })
    let missing = problems.filter { file.groups[$0.id] == nil }
    var done = problems.count - missing.count
    progress(done, 0)
    // Several batches at once, so that few completions wait for the longest.
    let step = max(1, 4 * settings.batch / settings.samples)
    for start in stride(from: 0, to: missing.count, by: step) where !isStopped() {
      let some = Array(missing[start..<min(start + step, missing.count)])
      let drawn = try solutions(of: some)
      try file.append(Array(zip(some.map(\.id), drawn)))
      done += some.count
      progress(done, drawn.reduce(0) { $0 + $1.reduce(0) { $0 + $1.ids.count } })
    }
    return problems.map { file.groups[$0.id] ?? [] }
  }
}
