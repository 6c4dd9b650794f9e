import LanguageModels
import Tokenization

/// What the chunks of every streamed answer have in common: who made them, when, and what they cost.
struct ChunkEnvelope: Sendable {
  private let id: JSONValue
  private let created = JSONValue.now
  private let object: String
  private let modelName: String
  private let includesUsage: Bool
  private var timing: ServerMetrics.Timing
  private var usage: Usage

  init(
    _ object: String, prefix: String, modelName: String, includesUsage: Bool, promptTokens: Int,
    timing: ServerMetrics.Timing
  ) {
    id = .identifier(prefix)
    usage = Usage(promptTokens: promptTokens)
    (self.object, self.modelName, self.includesUsage, self.timing) = (object, modelName, includesUsage, timing)
  }

  /// Counts what an event cost.
  mutating func count(_ event: GenerationEvent) {
    switch event.kind {
    case .promptRead(let cached, _): usage.cachedTokens = max(usage.cachedTokens, cached)
    case .token:
      timing.token()
      usage.completionTokens += 1
    case .finished(let completion, _): timing.finish(completion.finishReason.rawValue)
    case .failed: timing.finish("error")
    }
  }

  /// One choice by itself.
  func chunk(_ sample: Int, _ key: String, _ value: JSONValue, logprobs: JSONValue, finish: String?) -> JSONValue {
    chunk([
      [
        "index": .int(sample), key: value, "logprobs": logprobs,
        "finish_reason": finish.map { .string($0) } ?? .null,
      ]
    ])
  }

  private func chunk(_ choices: [JSONValue], usage: JSONValue = .null) -> JSONValue {
    var members: JSONObject = [
      "id": id, "object": .string(object), "created": created, "model": .string(modelName),
      "choices": .array(choices),
    ]
    if includesUsage { members["usage"] = usage }
    return .object(members)
  }

  /// What comes after the last choice.
  var closing: [JSONValue] { includesUsage ? [chunk([], usage: usage.json)] : [] }
}
