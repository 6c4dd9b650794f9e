public import LanguageModels
public import Tokenization
import Torch
import Training

/// Completions drawn from a policy, with what was known about them at the time.
public struct Rollout: Sendable {
  /// One prompt with one completion.
  public struct Episode: Sendable {
    /// Prompt and completion, as the judge reads them.
    public let candidate: Candidate
    /// ln π of each completion token, at the temperature at which it was drawn.
    public var logProbabilities: [Float]
    /// The judge's score.
    public var score: Float = 0
    /// ln π_ref of each completion token.
    public var reference: [Float] = []

    init(_ candidate: Candidate) {
      self.candidate = candidate
      logProbabilities = candidate.logProbabilities
    }

    /// The prompt's tokens.
    public var prompt: [Int] { candidate.prompt }
    /// The completion's tokens, the ending one included.
    public var completion: [Int] { candidate.completion }
    /// Whether it ended by itself.
    public var isFinished: Bool { candidate.isFinished }
    /// Prompt and completion.
    public var tokens: [Int] { candidate.tokens }
    /// Σ ln π − ln π_ref over the completion: an estimate of the divergence from the reference, in nats.
    public var divergence: Float { zip(logProbabilities, reference).reduce(0) { $0 + $1.0 - $1.1 } }
  }

  /// The episodes, samples of one prompt side by side.
  public var episodes: [Episode]
  /// The number of samples of each prompt.
  public var samplesPerPrompt: Int

  /// The episodes, as the judge reads them.
  public var candidates: [Candidate] { episodes.map(\.candidate) }

  /// Draws completions; nothing is scored yet.
  ///
  /// - Parameters:
  ///   - tasks: the prompts' places in the learner's list; see ``Candidate/task``.
  ///   - tokenizer: gives the completions their texts, for judges that read them.
  public static func draw(
    _ prompts: [[Int]], tasks: [Int]? = nil, samples: Int, engine: GenerationEngine, parameters: SamplingParameters,
    tokenizer: Tokenizer? = nil
  ) throws -> Rollout {
    let drawn = try engine.candidates(of: prompts, tasks: tasks, samples: samples, parameters: parameters)
    let episodes = drawn.joined().map { candidate in
      var candidate = candidate
      if let tokenizer { candidate.text = tokenizer.decode(candidate.completion, skipSpecialTokens: true) }
      return Episode(candidate)
    }
    return Rollout(episodes: episodes, samplesPerPrompt: samples)
  }

  /// Fills in ln π_ref by passes of at most `microBatchTokens` tokens.
  public mutating func setReferenceLogProbabilities(by reference: Decoder, temperature: Double, microBatchTokens: Int) {
    let all = logProbabilities(by: reference, temperature: temperature, microBatchTokens: microBatchTokens)
    for (i, own) in all.enumerated() { episodes[i].reference = own }
  }

  /// Replaces ln π by the policy's at a temperature: the engine reports temperature 1, and the clipped ratio needs what the
  /// tokens were drawn from.
  mutating func setLogProbabilities(by policy: Decoder, temperature: Double, microBatchTokens: Int) {
    let all = logProbabilities(by: policy, temperature: temperature, microBatchTokens: microBatchTokens)
    for (i, own) in all.enumerated() { episodes[i].logProbabilities = own }
  }

  private func logProbabilities(by model: Decoder, temperature: Double, microBatchTokens: Int) -> [[Float]] {
    withoutGradients {
      perToken(microBatchTokens: microBatchTokens) { model.logProbabilities($0, temperature: temperature) }
    }.map { Array($0.dropFirst()) }
  }

  /// Runs `body` over packed passes and gives each episode the numbers of its prompt's last token and of its completion.
  func perToken(microBatchTokens: Int, _ body: (PackedTokens) -> Tensor) -> [[Float]] {
    microBatches(episodes, tokens: microBatchTokens) { $0.tokens.count }.flatMap { pass -> [[Float]] in
      let packed = PackedTokens(prompted: pass.map { ($0.prompt, $0.completion) })
      let values = body(packed).array()
      return zip(packed.ranges, pass).map { Array(values[$0.suffix($1.completion.count + 1)]) }
    }
  }
}
