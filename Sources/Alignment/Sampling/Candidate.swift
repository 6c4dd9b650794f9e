public import LanguageModels
import Statistics

/// A completion of a prompt, as judges read it.
public struct Candidate: Sendable, Equatable {
  /// The prompt's place in the caller's list of tasks: what answers, tests or facts are looked up by.
  ///
  /// Two tasks may have one and the same prompt and different answers.
  public var task: Int
  /// The prompt's tokens.
  public var prompt: [Int]
  /// The completion's tokens, the ending one included.
  public var completion: [Int]
  /// The completion's text; empty where it was drawn without a tokenizer.
  public var text: String
  /// Whether it ended by itself.
  public var isFinished: Bool
  /// ln p of each completion token when it was drawn; empty for a completion that wasn't drawn.
  public var logProbabilities: [Float]

  /// A completion from anywhere.
  public init(
    task: Int = 0, prompt: [Int] = [], completion: [Int] = [], text: String = "", isFinished: Bool = true,
    logProbabilities: [Float] = []
  ) {
    self.task = task
    self.prompt = prompt
    self.completion = completion
    self.text = text
    self.isFinished = isFinished
    self.logProbabilities = logProbabilities
  }

  /// A candidate that the engine drew for a task.
  public init(_ completion: Completion, task: Int, prompt: [Int]) {
    self.init(
      task: task, prompt: prompt, completion: completion.ids, text: completion.text,
      isFinished: completion.finishReason == .stop, logProbabilities: completion.logProbabilities)
  }

  /// Prompt and completion.
  public var tokens: [Int] { prompt + completion }
}

extension GenerationEngine {
  /// Draws completions of prompts, those of one prompt side by side.
  ///
  /// - Parameters:
  ///   - tasks: the prompts' places in the caller's list; their places in `prompts` unless given.
  ///   - parameters: its seed is the run's; each prompt's own follows from it and the prompt's place in `prompts`.
  ///   - constraint: what each completion must match.
  public func candidates(
    of prompts: [[Int]], tasks: [Int]? = nil, samples: Int, parameters: SamplingParameters,
    constraint: Constraint? = nil
  ) throws -> [[Candidate]] {
    precondition(tasks == nil || tasks?.count == prompts.count, "each prompt belongs to one task")
    let drawn = try generate(
      prompts.enumerated().map { place, prompt in
        var own = parameters
        own.seed = DerivedSeed(run: parameters.seed, for: "prompt", index: place).value
        return GenerationRequest(prompt: prompt, samples: samples, parameters: own, constraint: constraint)
      })
    return drawn.enumerated().map { place, completions in
      completions.map { Candidate($0, task: tasks?[place] ?? place, prompt: prompts[place]) }
    }
  }
}
