/// How completions are drawn and when they end.
public struct SamplingParameters: Sendable, Equatable, Codable {
  /// Divides the logits; 0 always takes the most probable token.
  public var temperature: Double = 1
  /// Keeps the k most probable tokens; 0 keeps all.
  public var topK: Int = 0
  /// Keeps the smallest set of tokens with this much probability (Holtzman 2020); 1 keeps all.
  public var topP: Double = 1
  /// Keeps tokens at least this fraction as probable as the most probable; 0 keeps all.
  public var minP: Double = 0
  /// The most tokens in a completion, the ending one included.
  public var maxTokens: Int = 64
  /// Texts that end a completion; they are not part of its text.
  public var stop: [String] = []
  /// Tokens that end a completion besides the model's end of text.
  public var stopTokens: [Int] = []
  /// Goes on through the model's end-of-text token.
  public var ignoresEndOfText = false
  /// Same seed, same prompt, same model: same completions, whatever else is in the batch.
  public var seed: UInt64 = 0

  /// Plain sampling at temperature 1.
  public init() {}

  /// The settings that are changed most.
  public init(
    temperature: Double = 1, topK: Int = 0, topP: Double = 1, minP: Double = 0, maxTokens: Int = 64,
    stop: [String] = [], seed: UInt64 = 0
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.maxTokens = maxTokens
    self.stop = stop
    self.seed = seed
  }

  /// Refuses values outside their ranges.
  ///
  /// - Throws: ``ConfigurationError`` that names the setting.
  public func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw ConfigurationError("temperature is \(temperature); it must be 0 or more")
    }
    guard topK >= 0 else { throw ConfigurationError("top_k is \(topK); it must be 0 or more") }
    guard topP > 0, topP <= 1 else {
      throw ConfigurationError("top_p is \(topP); it must be above 0 and at most 1")
    }
    guard minP >= 0, minP <= 1 else {
      throw ConfigurationError("min_p is \(minP); it must lie in 0 to 1")
    }
    guard maxTokens > 0 else {
      throw ConfigurationError("max_tokens is \(maxTokens); it must be positive")
    }
    guard !stop.contains("") else { throw ConfigurationError("an empty stop text would end at once") }
  }
}

/// A prompt and how many completions of it are wanted.
public struct GenerationRequest: Sendable, Equatable {
  /// The prompt's tokens; at least one.
  public var prompt: [Int]
  /// How many completions.
  public var samples: Int
  /// How they are drawn.
  public var parameters: SamplingParameters

  /// A request.
  public init(prompt: [Int], samples: Int = 1, parameters: SamplingParameters) {
    self.prompt = prompt
    self.samples = samples
    self.parameters = parameters
  }
}

/// What the engine made of one prompt.
public struct Completion: Sendable, Equatable, Codable {
  /// Why it ended, in OpenAI's words.
  public enum FinishReason: String, Sendable, Codable {
    /// The end-of-text token, a stop token or a stop text.
    case stop
    /// `maxTokens` or the model's context.
    case length
  }
  /// The text, without the token or text that ended it.
  public var text: String
  /// The tokens, the ending one included.
  public var ids: [Int]
  /// ln p of each token under the model at temperature 1.
  public var logProbabilities: [Float]
  /// Why it ended.
  public var finishReason: FinishReason

  enum CodingKeys: String, CodingKey {
    case text, ids
    case logProbabilities = "logprobs"
    case finishReason = "finish_reason"
  }
}
