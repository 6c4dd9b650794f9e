/// Settings of how completions are drawn and when they end.
public struct SamplingParameters: Sendable, Equatable, Codable {
  /// Divides the logits; 0 always takes the most probable token.
  public var temperature: Double = 1
  /// Keeps the k most probable tokens; 0 keeps all.
  public var topK: Int = 0
  /// Keeps the smallest set of tokens with this much probability (Holtzman 2020); 1 keeps all.
  public var topP: Double = 1
  /// Keeps tokens at least this fraction as probable as the most probable; 0 keeps all.
  public var minP: Double = 0
  /// Keeps the smallest set with this much probability of the tokens whose surprise lies nearest to the entropy (Meister
  /// 2023), before the other filters; 1 keeps all.
  public var typicalP: Double = 1
  /// Divides the positive and multiplies the negative logits of tokens in the prompt or the completion (Keskar 2019).
  public var repetitionPenalty: Double = 1
  /// Taken from the logits of tokens that are in the completion.
  public var presencePenalty: Double = 0
  /// Taken from a token's logit for each time that it is in the completion.
  public var frequencyPenalty: Double = 0
  /// Added to the logits of these tokens; −∞ bans one.
  public var logitBias: [Int: Double] = [:]
  /// The number of most probable tokens that are reported with each token of the completion.
  public var alternatives: Int = 0
  /// Asks for the log-probability of every token of the prompt, with so many alternatives; nil doesn't.
  public var promptAlternatives: Int?
  /// Drafts so many tokens at a time from earlier text that continued the same way (Saxena 2023) and keeps those that
  /// sampling would have given anyway: faster where text repeats, and the same text.
  public var lookupTokens: Int = 0
  /// The most tokens in a completion, the ending one included; 0 only where prompt scores are asked for.
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

  /// The most alternatives that are reported for one token.
  public static let mostAlternatives = 20

  /// Whether a token's logits depend on more than the model.
  var editsLogits: Bool {
    typicalP < 1 || repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0
      || !logitBias.isEmpty
  }

  /// Refuses values outside their ranges.
  ///
  /// - Throws: ``GenerationError`` that names the setting.
  public func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw GenerationError("temperature is \(temperature); it must be 0 or more")
    }
    guard topK >= 0 else { throw GenerationError("top_k is \(topK); it must be 0 or more") }
    guard topP > 0, topP <= 1 else {
      throw GenerationError("top_p is \(topP); it must be above 0 and at most 1")
    }
    guard minP >= 0, minP <= 1 else {
      throw GenerationError("min_p is \(minP); it must lie in 0 to 1")
    }
    guard typicalP > 0, typicalP <= 1 else {
      throw GenerationError("typical_p is \(typicalP); it must be above 0 and at most 1")
    }
    guard repetitionPenalty > 0, repetitionPenalty.isFinite else {
      throw GenerationError("repetition_penalty is \(repetitionPenalty); it must be above 0")
    }
    for (name, value) in [
      ("presence_penalty", presencePenalty), ("frequency_penalty", frequencyPenalty),
    ] where !value.isFinite {
      throw GenerationError("\(name) is \(value); it must be a number")
    }
    if let bad = logitBias.first(where: { $0.value.isNaN || $0.value == .infinity }) {
      throw GenerationError("logit_bias of token \(bad.key) is \(bad.value)")
    }
    for (name, value) in [
      ("top_logprobs", alternatives), ("prompt_logprobs", promptAlternatives ?? 0),
    ] where value < 0 || value > Self.mostAlternatives {
      throw GenerationError("\(name) is \(value); it must lie in 0 to \(Self.mostAlternatives)")
    }
    guard lookupTokens >= 0, lookupTokens <= 16 else {
      throw GenerationError("lookup_tokens is \(lookupTokens); it must lie in 0 to 16")
    }
    guard maxTokens > 0 || (maxTokens == 0 && promptAlternatives != nil) else {
      throw GenerationError("max_tokens is \(maxTokens); it must be positive")
    }
    guard !stop.contains("") else { throw GenerationError("an empty stop text would end at once") }
  }
}
