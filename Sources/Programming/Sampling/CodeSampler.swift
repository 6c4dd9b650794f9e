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

  /// The tokens that a task is put as.
  private func prompt(of task: CodeTask) throws -> [Int] {
    guard isAsked else { return tokenizer.encode(task.prompt) }
    let request = """
      Write the Python function below so that it does what its docstring says. Answer with one block of code that holds \
      the whole function and all that it imports.

      \(Self.opening)\(task.prompt.trimmingCharacters(in: .newlines))
      ```
      """
    let turn = try tokenizer.chatPrompt(messages: [["role": "user", "content": .string(request)]])
    return turn + tokenizer.encode(Self.opening, addSpecialTokens: false)
  }

  /// Draws the samples of some tasks.
  ///
  /// - Parameters:
  ///   - isStopped: asked at every token; true ends the draw, and tasks that are not whole by then are left out.
  ///   - drawn: gets each task's samples once they are whole, and the number of their tokens.
  private func samples(
    of tasks: [CodeTask], isStopped: () -> Bool, drawn: (CodeTask, [CodeSample], Int) throws -> Void
  ) throws {
    let requests = try tasks.map { task in
      var parameters = SamplingParameters(
        temperature: settings.temperature, topP: settings.temperature == 0 ? 1 : settings.topP,
        maxTokens: settings.maxTokens, stop: isAsked ? ["\n```"] : task.stops,
        seed: DerivedSeed(run: settings.seed, for: "code \(task.id)").value)
      parameters.stop = parameters.stop.filter { !$0.isEmpty }
      return GenerationRequest(prompt: try prompt(of: task), samples: settings.samples, parameters: parameters)
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

  /// The samples that a file has of some tasks, by task.
  ///
  /// - Throws: `DataError` for a file of other tasks, or with another number of samples of one.
  public static func drawn(_ tasks: [CodeTask], samples: Int, at path: String) throws -> [String: [CodeSample]] {
    var drawn: [String: [CodeSample]] = [:]
    guard FileManager.default.fileExists(atPath: path) else { return drawn }
    for sample in try CodeSample.read(contentsOf: path, of: tasks, ignoresIncomplete: true) {
      drawn[sample.taskID, default: []].append(sample)
    }
    if let (id, own) = drawn.first(where: { $0.value.count != samples }) {
      throw DataError(
        .badData, path: path,
        problem: "there are \(own.count) samples of '\(id)' and \(samples) are to be drawn",
        advice: "Give another file for other settings.")
    }
    return drawn
  }

  /// Seconds between two writes of a file of samples.
  private static let secondsBetweenWrites = 2.0

  /// Draws what a file lacks of some tasks' samples and returns all of them in the tasks' order.
  ///
  /// - Parameters:
  ///   - path: the samples so far, or no file yet. What belongs to other tasks is refused.
  ///   - isStopped: asked at every token; nil comes back once it says so, and the file holds the tasks that are whole.
  ///   - progress: gets how many tasks are done and how many tokens were drawn since the last call.
  public func draw(
    _ tasks: [CodeTask], into path: String, isStopped: () -> Bool = { false },
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> [CodeSample]? {
    var drawn = try Self.drawn(tasks, samples: settings.samples, at: path)
    let missing = tasks.filter { drawn[$0.id] == nil }
    progress(drawn.count, 0)
    // Whole and at once: a file that is cut short would be resumed wrongly.
    func write() throws { try CodeSample.write(tasks.flatMap { drawn[$0.id] ?? [] }, to: path) }
    var written = ContinuousClock.now
    try samples(of: missing, isStopped: isStopped) { task, own, tokens in
      drawn[task.id] = own
      if (ContinuousClock.now - written) / .seconds(1) > Self.secondsBetweenWrites {
        try write()
        written = .now
      }
      progress(drawn.count, tokens)
    }
    if !drawn.isEmpty, !missing.isEmpty { try write() }
    return drawn.count == tasks.count ? tasks.flatMap { drawn[$0.id] ?? [] } : nil
  }
}
