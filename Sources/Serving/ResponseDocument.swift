import Documents
import LanguageModels

/// A response as a document, at each stage of its making.
struct ResponseDocument: Sendable {
  let job: ResponseRoute.Job
  private let id = JSONValue.identifier("resp_")
  private let created = JSONValue.now

  init(job: ResponseRoute.Job) { self.job = job }

  func json(
    _ status: String, output: [JSONValue] = [], usage: JSONValue = nil, error: JSONValue = nil,
    incomplete: JSONValue = nil
  )
    -> JSONValue
  {
    let own: JSONObject = [
      "id": id, "object": "response", "created_at": created, "status": .string(status), "error": error,
      "incomplete_details": incomplete, "output": .array(output), "usage": usage,
    ]
    return .object(JSONObject(own.members + job.echoed.members))
  }

  func finished(_ reason: Completion.FinishReason, output: [JSONValue], usage: Usage) -> JSONValue {
    let counts: JSONValue = [
      "input_tokens": .int(usage.promptTokens),
      "input_tokens_details": ["cached_tokens": .int(usage.cachedTokens), "cache_write_tokens": 0],
      "output_tokens": .int(usage.completionTokens), "output_tokens_details": ["reasoning_tokens": 0],
      "total_tokens": .int(usage.promptTokens + usage.completionTokens),
    ]
    return reason == .length
      ? json("incomplete", output: output, usage: counts, incomplete: ["reason": "max_output_tokens"])
      : json("completed", output: output, usage: counts)
  }

  func part(_ text: String) -> JSONValue {
    ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
  }
}
