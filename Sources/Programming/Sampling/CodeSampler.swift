import Documents
import Foundation
public import LanguageModels
import Statistics
public import Tokenization

/// Draws a model's solutions of tasks, piece by piece into a file, so that a run which was stopped goes on.
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
    /// Completions in one batch of the engine.
    public var batch = 32

    /// Greedy completions.
    public init() {}
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
  public func samples(of tasks: [CodeTask]) throws -> [CodeSample] {
    let requests = try tasks.map { task in
      var parameters = SamplingParameters(
        temperature: settings.temperature, topP: settings.temperature == 0 ? 1 : settings.topP,
        maxTokens: settings.maxTokens, stop: isAsked ? ["\n```"] : task.stops,
        seed: DerivedSeed(run: settings.seed, for: "code \(task.id)").value)
      parameters.stop = parameters.stop.filter { !$0.isEmpty }
      return GenerationRequest(prompt: try prompt(of: task), samples: settings.samples, parameters: parameters)
    }
    return zip(tasks, try engine.generate(requests)).flatMap { task, completions in
      completions.map { completion in
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
    }
  }

  /// Draws what a file lacks of some tasks' samples, a batch at a time, and returns all of them in the tasks' order.
  ///
  /// - Parameters:
  ///   - path: the samples so far, or no file yet. What belongs to other tasks is refused.
  ///   - isStopped: asked between batches; nil comes back once it says so, and the file holds what is done.
  ///   - progress: gets how many tasks are done and how many tokens were drawn since the last call.
  public func draw(
    _ tasks: [CodeTask], into path: String, isStopped: () -> Bool = { false },
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> [CodeSample]? {
    var drawn: [String: [CodeSample]] = [:]
    if FileManager.default.fileExists(atPath: path) {
      for sample in try CodeSample.read(contentsOf: path, of: tasks, ignoresIncomplete: true) {
        drawn[sample.taskID, default: []].append(sample)
      }
      if let (id, own) = drawn.first(where: { $0.value.count != settings.samples }) {
        throw DataError(
          .badData, path: path,
          problem: "there are \(own.count) samples of '\(id)' and \(settings.samples) are to be drawn",
          advice: "Give another file for other settings.")
      }
    }
    let missing = tasks.filter { drawn[$0.id] == nil }
    var done = tasks.count - missing.count
    progress(done, 0)
    let step = max(1, settings.batch / settings.samples)
    for start in stride(from: 0, to: missing.count, by: step) {
      if isStopped() { return nil }
      let some = Array(missing[start..<min(start + step, missing.count)])
      let new = try samples(of: some)
      for sample in new { drawn[sample.taskID, default: []].append(sample) }
      // Whole and at once: a file that is cut short would be resumed wrongly.
      try CodeSample.write(tasks.flatMap { drawn[$0.id] ?? [] }, to: path)
      done += some.count
      progress(done, new.reduce(0) { $0 + ($1.fields["tokens"]?.int ?? 0) })
    }
    return tasks.flatMap { drawn[$0.id] ?? [] }
  }
}
