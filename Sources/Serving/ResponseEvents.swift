import Documents
import HTTPTypes
import LanguageModels

/// The events of a streamed response.
struct ResponseEvents: ChunkMaker, Sendable {
  private var answer: ResponseAnswer
  private var meter: GenerationMeter
  private var number = 0

  init(job: ResponseRoute.Job, meter: GenerationMeter) {
    answer = ResponseAnswer(job: job)
    self.meter = meter
  }

  var namesChunks: Bool { true }

  private mutating func event(_ type: String, _ members: JSONObject) -> JSONValue {
    defer { number += 1 }
    let head: JSONObject = ["type": .string("response." + type), "sequence_number": .int(number)]
    return .object(JSONObject(head.members + members.members))
  }

  mutating func opening() -> [JSONValue] {
    let response = answer.document.json("in_progress")
    return [event("created", ["response": response]), event("in_progress", ["response": response])]
  }

  mutating func chunks(for event: GenerationEvent) -> [JSONValue] {
    meter.count(event)
    switch event.kind {
    case .promptRead: return []
    case .token(_, let text): return said(answer.read(text))
    case .finished(let completion, let text):
      let events = said(answer.read(text, isLast: true))
      let reason = completion.finishReason
      let response = answer.document.finished(reason, output: answer.output, usage: meter.usage)
      return events + [self.event(reason == .length ? "incomplete" : "completed", ["response": response])]
    case .failed(let failure):
      let told = APIError(failure)
      // OpenAI's words for whose doing it was.
      let code = told.status == .internalServerError ? "server_error" : "invalid_prompt"
      let error: JSONValue = ["code": .string(code), "message": .string(told.message)]
      return [self.event("failed", ["response": answer.document.json("failed", error: error)])]
    }
  }

  private mutating func said(_ changes: [ResponseAnswer.Change]) -> [JSONValue] {
    changes.flatMap { change -> [JSONValue] in
      switch change {
      case .began(let index): begin(index)
      case .added(let index, let text): [delta(index, text)]
      case .ended(let index): end(index)
      }
    }
  }

  /// The place of a change: the item, and for texts which of its parts.
  private func place(_ index: Int, _ own: JSONObject) -> JSONObject {
    var members: JSONObject = ["item_id": answer.id(of: index), "output_index": .int(index)]
    if answer.type(of: index) != "function_call" { members["content_index"] = 0 }
    return JSONObject(members.members + own.members)
  }

  private mutating func begin(_ index: Int) -> [JSONValue] {
    let added = event(
      "output_item.added", ["output_index": .int(index), "item": answer.item(index, isBegun: true)])
    guard answer.type(of: index) == "message" else { return [added] }
    return [added, event("content_part.added", place(index, ["part": answer.document.part("")]))]
  }

  private mutating func delta(_ index: Int, _ text: String) -> JSONValue {
    switch answer.type(of: index) {
    case "message": event("output_text.delta", place(index, ["delta": .string(text), "logprobs": []]))
    case "reasoning": event("reasoning_text.delta", place(index, ["delta": .string(text)]))
    default: event("function_call_arguments.delta", place(index, ["delta": .string(text)]))
    }
  }

  private mutating func end(_ index: Int) -> [JSONValue] {
    let text = JSONValue.string(answer.text(of: index))
    var events: [JSONValue]
    switch answer.type(of: index) {
    case "message":
      events = [
        event("output_text.done", place(index, ["text": text, "logprobs": []])),
        event("content_part.done", place(index, ["part": answer.document.part(answer.text(of: index))])),
      ]
    case "reasoning": events = [event("reasoning_text.done", place(index, ["text": text]))]
    default: events = [event("function_call_arguments.done", place(index, ["arguments": text]))]
    }
    events.append(
      event("output_item.done", ["output_index": .int(index), "item": answer.item(index, isBegun: false)]))
    return events
  }

  mutating func closing() -> [JSONValue] { [] }
}
