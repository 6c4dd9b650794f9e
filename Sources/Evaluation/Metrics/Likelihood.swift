import Foundation

/// A language model's fit to text, from summed log-probabilities.
///
/// Perplexity is per token and only compares models with the same tokenizer; bits per byte compares
/// any two.
///
/// ```swift
/// var fit = Likelihood()
/// fit.add(logProbabilities: scores, bytes: text.utf8.count)
/// print(fit.perplexity, fit.bitsPerByte)
/// ```
public struct Likelihood: Sendable, Codable, Equatable {
  /// The summed natural log-probability.
  public var logProbability: Double
  /// The number of tokens that were predicted.
  public var tokens: Int
  /// The number of UTF-8 bytes that those tokens spell.
  public var bytes: Int

  /// Starts from totals, by default from nothing.
  public init(logProbability: Double = 0, tokens: Int = 0, bytes: Int = 0) {
    self.logProbability = logProbability
    self.tokens = tokens
    self.bytes = bytes
  }

  /// Adds a text's tokens.
  public mutating func add(logProbabilities: some Sequence<Double>, bytes: Int) {
    for logProbability in logProbabilities {
      self.logProbability += logProbability
      tokens += 1
    }
    self.bytes += bytes
  }

  /// The totals of two sets of texts together.
  public static func + (left: Likelihood, right: Likelihood) -> Likelihood {
    Likelihood(
      logProbability: left.logProbability + right.logProbability,
      tokens: left.tokens + right.tokens, bytes: left.bytes + right.bytes)
  }

  /// The mean negative log-likelihood of a token in nats.
  public var lossPerToken: Double { tokens > 0 ? -logProbability / Double(tokens) : .nan }

  /// exp(loss per token).
  public var perplexity: Double { exp(lossPerToken) }

  /// The mean code length of a byte in bits: −Σ log₂ p / bytes.
  public var bitsPerByte: Double { bytes > 0 ? -logProbability / log(2) / Double(bytes) : .nan }

  /// The perplexity per whitespace-separated word, as older papers report it.
  public func wordPerplexity(words: Int) -> Double {
    words > 0 ? exp(-logProbability / Double(words)) : .nan
  }
}
