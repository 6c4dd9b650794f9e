import Documents
import Foundation
public import LanguageModels
import Statistics
public import Tokenization
public import Torch

/// Draws a model's solutions of tasks into a file, task by task, so that a run which was stopped goes on.
///
/// A model with a chat template is asked, and its answer begins with an open block of code; another one goes on from the prompt
/// and is cut at the task's stops. Tasks' samples depend on the seed, the task and the settings, not on what is drawn beside them.
public struct CodeSampler {
  /// Settings of the draw.
  public struct Settings: Sendable, Codable, Equatable {
    /// Samples of each task.
    public var samples = 1
    /// Divides the logits; 0 takes the most probable token.
    public var temperature = 0.0
    /// The probability of the tokens that are kept (Holtzman 2020); the paper's 0.95.
    public var topP = 0.95
    /// The most tokens of a sample.
    public var maxTokens = 512
    /// Seeds the draw.
    public var seed: UInt64 = 1
    /// Completions that are under way at once.
    public var batch = 32

    /// Greedy completions.
    ///
    /// - Parameter device: where the model is; a GPU has many more under way at once.
    public init(device: Device = .cpu) { if device.kind != .cpu { batch = 192 } }
  }

  /// A solution that failed, and what was wrong with it.
  public struct FailedSolution: Sendable, Equatable {
    /// The completion of the task's prompt.
    public var completion: String
    /// What running it said.
    public var problem: String

    /// A solution that failed.
    public init(completion: String, problem: String) { (self.completion, self.problem) = (completion, problem) }
  }

  private let engine: GenerationEngine
  private let tokenizer: Tokenizer
  private let isAsked: Bool
  /// The settings.
  public let settings: Settings

  /// A sampler of a model.
  ///
  /// - Parameter asks: whether the model is asked in its chat template; whether it has one unless given.
  public init(model: LanguageModels.Decoder, tokenizer: Tokenizer, settings: Settings, asks: Bool? = nil) throws {
    isAsked = try asks ?? (tokenizer.chatFormat != nil)
    engine = GenerationEngine(model: model, tokenizer: tokenizer, limits: .init(batch: settings.batch))
    self.tokenizer = tokenizer
    self.settings = settings
  }

  /// The words in front of a chat model's answer: it goes on inside the block.
  private static let opening = "```python\n"

  /// What a decoder without a chat template goes on from to mend a solution, and is to learn as such: the solution, what is wrong with
  /// it, and the prompt once more.
  public static func mendingPrompt(of task: CodeTask, _ failed: FailedSolution) -> String {
    let problem = failed.problem.split(separator: "\n", omittingEmptySubsequences: true).last ?? ""
    return task.definition(completing: failed.completion).trimmingCharacters(in: .newlines)
      + "\n\n# It fails: \(problem)\n" + task.prompt
  }

  /// The tokens that a task is put as.
  private func prompt(of task: CodeTask, mending failed: FailedSolution?) throws -> [Int] {
    guard isAsked else {
      return tokenizer.encode(failed.map { Self.mendingPrompt(of: task, $0) } ?? task.prompt)
    }
    let request = """
      Write the Python function below so that it does what its docstring says. Answer with one block of code that holds \
      the whole function and all that it imports.

      \(Self.opening)\(task.prompt.trimmingCharacters(in: .newlines))
      ```
      """
    var messages: [JSONValue] = [["role": "user", "content": .string(request)]]
    if let failed {
      let code = task.definition(completing: failed.completion).trimmingCharacters(in: .newlines)
      messages += [
        ["role": "assistant", "content": .string("\(Self.opening)\(code)\n```")],
        [
          "role": "user",
          "content": .string(
            """
            Run with its tests it fails:

            \(failed.problem.suffix(Self.longestProblem))

            Find the mistake and write the whole function again, mended. Answer with one block of code.
            """),
        ],
      ]
    }
    let turn = try tokenizer.chatPrompt(messages: messages)
    return turn + tokenizer.encode(Self.opening, addSpecialTokens: false)
  }

  /// The most characters of what is wrong that a model is shown; what matters of a traceback stands at its end.
  private static let longestProblem = 600

  /// Draws the samples of some tasks.
  ///
  /// - Parameters:
  ///   - isStopped: asked at every token; true ends the draw, and tasks that are not whole by then are left out.
  ///   - drawn: gets each task's samples once they are whole, and the number of their tokens.
  private func samples(
    of tasks: [CodeTask], mending: [String: FailedSolution], isStopped: () -> Bool,
    drawn: (CodeTask, [CodeSample], Int) throws -> Void
  ) throws {
    let requests = try tasks.map { task in
      var parameters = SamplingParameters(
        temperature: settings.temperature, topP: settings.temperature == 0 ? 1 : settings.topP,
        maxTokens: settings.maxTokens, stop: isAsked ? ["\n```"] : task.stops,
        seed: DerivedSeed(run: settings.seed, for: "code \(task.id)").value)
      parameters.stop = parameters.stop.filter { !$0.isEmpty }
      return GenerationRequest(
        prompt: try prompt(of: task, mending: mending[task.id]), samples: settings.samples, parameters: parameters)
    }
    // All at once: a task whose samples are long keeps no place empty.
    var waiting = requests.map { [CodeSample?](repeating: nil, count: $0.samples) }
    var tokens = [Int](repeating: 0, count: tasks.count)
    try withoutActuallyEscaping(isStopped) { isStopped in
      try withoutActuallyEscaping(drawn) { drawn in
        _ = try engine.generate(
          requests, onToken: { _, _, _ in !isStopped() },
          onCompletion: { place, number, completion in
            waiting[place][number] = sample(of: tasks[place], completion)
            tokens[place] += completion.ids.count
            let whole = waiting[place].compactMap { $0 }
            if whole.count == settings.samples { try drawn(tasks[place], whole, tokens[place]) }
          })
      }
    }
  }

  private func sample(of task: CodeTask, _ completion: Completion) -> CodeSample {
    let text =
      isAsked
      ? CompletionText.completion(of: task, answer: Self.opening + completion.text)
      : CompletionText.cut(completion.text, at: task.stops)
    let scores = completion.logProbabilities
    let mean = scores.isEmpty ? 0 : scores.reduce(0) { $0 + Double($1) } / Double(scores.count)
    return CodeSample(
      taskID: task.id, completion: text,
      fields: [
        "mean_logprob": .double(mean), "tokens": .int(scores.count),
        "finish_reason": .string(completion.finishReason.rawValue),
      ])
  }

  private static func file(_ path: String, _ tasks: [CodeTask], samples: Int) throws -> GroupedLines<CodeSample> {
    try GroupedLines(
      path, names: tasks.map(\.id), size: samples, words: .init(line: "sample", group: "task"),
      read: { value in
        guard let fields = value.object, let id = fields["task_id"]?.string,
          let completion = fields["completion"]?.string
        else { throw CocoaError(.coderReadCorrupt) }
        return (id, CodeSample(taskID: id, completion: completion, fields: fields))
      }, write: { .object($0.fields) })
  }

  /// The samples that a file has of some tasks, by task.
  ///
  /// - Throws: `DataError` for a file of other tasks, or with another number of samples of one.
  public static func drawn(_ tasks: [CodeTask], samples: Int, at path: String) throws -> [String: [CodeSample]] {
    try file(path, tasks, samples: samples).groups
  }

  /// Seconds between two writes of a file of samples.
  private static let secondsBetweenWrites = 2.0

  /// Draws what a file lacks of some tasks' samples and returns all of them in the tasks' order.
  ///
  /// - Parameters:
  ///   - mending: solutions by task that failed and are shown to the model, which is asked to mend them (self-repair, Olausson 2023).
  ///   - path: the samples so far, or no file yet. What belongs to other tasks is refused.
  ///   - isStopped: asked at every token; nil comes back once it says so, and the file holds the tasks that are whole.
  ///   - progress: gets how many tasks are done and how many tokens were drawn since the last call.
  public func draw(
    _ tasks: [CodeTask], mending: [String: FailedSolution] = [:], into path: String,
    isStopped: () -> Bool = { false }, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> [CodeSample]? {
    let file = try Self.file(path, tasks, samples: settings.samples)
    let missing = tasks.filter { file.groups[$0.id] == nil }
    var done = tasks.count - missing.count
    progress(done, 0)
    var waiting: [(name: String, lines: [CodeSample])] = []
    var written = ContinuousClock.now
    try samples(of: missing, mending: mending, isStopped: isStopped) { task, own, tokens in
      waiting.append((task.id, own))
      if (ContinuousClock.now - written) / .seconds(1) > Self.secondsBetweenWrites {
        try file.append(waiting)
        (waiting, written) = ([], .now)
      }
      done += 1
      progress(done, tokens)
    }
    if !waiting.isEmpty { try file.append(waiting) }
    guard done == tasks.count else { return nil }
    if !missing.isEmpty { try file.writeInOrder() }
    return tasks.flatMap { file.groups[$0.id] ?? [] }
  }
}
