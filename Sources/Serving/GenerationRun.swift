import Documents
import Foundation
import HTTPTypes
import LanguageModels
import Tokenization

/// Everything that came of a request that isn't streamed.
struct GeneratedChoices {
  struct Choice {
    var completion: Completion
    var tokens: [ScoredToken] = []
  }
  var choices: [Choice]
  var promptScores: [ScoredToken]
  var usage: Usage
}

extension ModelHost {
  /// Runs a request to its end.
  func collect(_ request: GenerationRequest, _ metrics: ServerMetrics) async throws -> GeneratedChoices {
    let generation = try await submit(request)
    var meter = GenerationMeter(request, metrics)
    var promptScores: [ScoredToken] = []
    var tokens = [[ScoredToken]](repeating: [], count: request.samples)
    var made = [Completion?](repeating: nil, count: request.samples)
    for await event in generation.events {
      meter.count(event)
      switch event.kind {
      case .promptRead(_, let scores): promptScores = scores
      case .token(let token, _): tokens[event.sample].append(token)
      case .finished(let completion, _): made[event.sample] = completion
      case .failed(let error): throw APIError(error)
      }
    }
    try Task.checkCancellation()
    let choices = zip(made, tokens).compactMap { completion, tokens in
      completion.map { GeneratedChoices.Choice(completion: $0, tokens: tokens) }
    }
    guard choices.count == request.samples else {
      throw APIError(status: .serviceUnavailable, message: "the request was given up", type: "server_error")
    }
    return GeneratedChoices(choices: choices, promptScores: promptScores, usage: meter.usage)
  }
}

/// The tokens that a request took, as OpenAI counts them.
struct Usage: Sendable {
  var promptTokens = 0
  var completionTokens = 0
  var cachedTokens = 0

  mutating func add(_ other: Usage) {
    promptTokens += other.promptTokens
    completionTokens += other.completionTokens
    cachedTokens += other.cachedTokens
  }

  var json: JSONValue {
    [
      "prompt_tokens": .int(promptTokens), "completion_tokens": .int(completionTokens),
      "total_tokens": .int(promptTokens + completionTokens),
      "prompt_tokens_details": ["cached_tokens": .int(cachedTokens)],
    ]
  }
}

extension Tokenizer {
  /// A token as logprobs show it.
  func shown(_ id: Int) -> String { decode([id], skipSpecialTokens: false) }

  /// The code points that a token takes of the text beside the log-probabilities, which leaves control tokens out.
  func shownLength(_ id: Int) -> Int { isLeftOut(id) ? 0 : shown(id).unicodeScalars.count }

  /// Chat's form of a token's log-probability.
  func chatLogProbability(_ token: ScoredToken) -> JSONValue {
    func one(_ score: TokenScore) -> JSONObject {
      [
        "token": .string(shown(score.id)), "logprob": .number(score.logProbability),
        "bytes": .array(decodeBytes([score.id], skipSpecialTokens: false).map { .int(Int($0)) }),
      ]
    }
    var object = one(token.score)
    object["top_logprobs"] = .array(token.alternatives.map { .object(one($0)) })
    return .object(object)
  }

  /// Text completions' form of several; `offset` is where the first one's text begins.
  func completionLogProbabilities(_ tokens: [ScoredToken], offset: Int = 0, withAlternatives: Bool) -> JSONValue {
    var offset = offset
    var offsets: [JSONValue] = []
    for token in tokens {
      offsets.append(.int(offset))
      offset += shownLength(token.score.id)
    }
    return [
      "tokens": .array(tokens.map { .string(shown($0.score.id)) }),
      "token_logprobs": .array(tokens.map { .number($0.score.logProbability) }),
      "top_logprobs": withAlternatives
        ? .array(
          tokens.map { token in
            guard !token.score.logProbability.isNaN else { return .null }
            // Different tokens may look alike; the most probable one speaks for them.
            var object = JSONObject()
            for score in token.alternatives where object[shown(score.id)] == nil {
              object[shown(score.id)] = .number(score.logProbability)
            }
            return .object(object)
          }) : .null,
      "text_offset": .array(offsets),
    ]
  }
}

extension JSONValue {
  /// A number; null for what JSON has no number for.
  static func number(_ value: Float) -> JSONValue {
    value.isFinite ? .double(Double(value)) : value == -.infinity ? .double(-9999) : .null
  }

  /// A fresh identifier, and the time in seconds.
  static func identifier(_ prefix: String) -> JSONValue {
    .string(prefix + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased())
  }
  static var now: JSONValue { .int(Int(Date().timeIntervalSince1970)) }
}
