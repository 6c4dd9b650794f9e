import Documents
import LanguageModels

/// The common part of a streamed completion's chunks: who made them, when, and what they cost.
struct ChunkEnvelope: Sendable {
  var meter: GenerationMeter
  private let id: JSONValue
  private let created = JSONValue.now
  private let object: String
  private let modelName: String
  private let includesUsage: Bool

  init(_ object: String, prefix: String, modelName: String, includesUsage: Bool, meter: GenerationMeter) {
    id = .identifier(prefix)
    (self.object, self.modelName, self.includesUsage, self.meter) = (object, modelName, includesUsage, meter)
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

  /// The chunks after the last choice.
  var closing: [JSONValue] { includesUsage ? [chunk([], usage: meter.usage.json)] : [] }
}
