public import LanguageModels
import Torch
import Training

/// Completions drawn from a policy, with what was known about them at the time.
public struct Rollout: Sendable {
  /// One prompt with one completion.
  public struct Episode: Sendable {
    /// The prompt's tokens.
    public var prompt: [Int]
    /// The completion's tokens, the ending one included.
    public var completion: [Int]
    /// ln π of each completion token when it was drawn.
    public var logProbabilities: [Float]
    /// Whether it ended by itself.
    public var isFinished: Bool
    /// The judge's score.
    public var score: Float = 0
    /// ln π_ref of each completion token.
    public var reference: [Float] = []

    /// Prompt and completion.
    public var tokens: [Int] { prompt + completion }
    /// Σ ln π − ln π_ref over the completion: an estimate of the divergence from the reference, in nats.
    public var divergence: Float { zip(logProbabilities, reference).reduce(0) { $0 + $1.0 - $1.1 } }
  }

  /// The episodes, samples of one prompt side by side.
  public var episodes: [Episode]
  /// How many samples each prompt has.
  public var samplesPerPrompt: Int

  /// Draws completions; nothing is scored yet.
  public static func draw(
    _ prompts: [[Int]], samples: Int, engine: GenerationEngine, parameters: SamplingParameters
  ) throws -> Rollout {
    let made = try engine.generate(
      prompts.enumerated().map { i, prompt in
        var own = parameters
        own.seed = parameters.seed &+ UInt64(i) &* 0xD134_2543_DE82_EF95
        return GenerationRequest(prompt: prompt, samples: samples, parameters: own)
      })
    var episodes: [Episode] = []
    for (prompt, completions) in zip(prompts, made) {
      for completion in completions {
        episodes.append(
          Episode(
            prompt: prompt, completion: completion.ids,
            logProbabilities: completion.logProbabilities,
            isFinished: completion.finishReason == .stop))
      }
    }
    return Rollout(episodes: episodes, samplesPerPrompt: samples)
  }

  /// Fills in ln π_ref by passes of at most `microBatchTokens` tokens.
  public mutating func score(with reference: Decoder, temperature: Double, microBatchTokens: Int) {
    let all = withoutGradients {
      perToken(microBatchTokens: microBatchTokens) {
        reference.logProbabilities($0, temperature: temperature)
      }
    }
    for i in episodes.indices {
      episodes[i].reference = Array(all[i].dropFirst())
    }
  }

  /// Replaces ln π by the policy's at a temperature: the engine reports temperature 1, and the clipped ratio needs what the
  /// tokens were drawn from.
  mutating func rescore(with policy: Decoder, temperature: Double, microBatchTokens: Int) {
    let all = withoutGradients {
      perToken(microBatchTokens: microBatchTokens) {
        policy.logProbabilities($0, temperature: temperature)
      }
    }
    for i in episodes.indices {
      episodes[i].logProbabilities = Array(all[i].dropFirst())
    }
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
