import Documents
import LanguageModels

/// The events of a streamed response.
struct ResponseEvents: ChunkMaker, Sendable {
  private let document: ResponseDocument
  private var meter: GenerationMeter
  private var text = ShownText()
  private var hasMessage = false
  private var number = 0

  init(job: ResponseRoute.Job, meter: GenerationMeter) {
    document = ResponseDocument(job: job)
    self.meter = meter
  }

  var namesChunks: Bool { true }

  private mutating func event(_ type: String, _ members: JSONObject) -> JSONValue {
    defer { number += 1 }
    let head: JSONObject = ["type": .string("response." + type), "sequence_number": .int(number)]
    return .object(JSONObject(head.members + members.members))
  }

  private mutating func textEvent(_ type: String, _ members: JSONObject) -> JSONValue {
    let head: JSONObject = ["item_id": document.messageID, "output_index": 0, "content_index": 0]
    return event(type, JSONObject(head.members + members.members))
  }

  mutating func opening() -> [JSONValue] {
    let response = document.json("in_progress")
    return [event("created", ["response": response]), event("in_progress", ["response": response])]
  }

  private mutating func delta(_ news: String) -> [JSONValue] {
    var events: [JSONValue] = []
    if !hasMessage {
      hasMessage = true
      events.append(
        event("output_item.added", ["output_index": 0, "item": document.message(nil, status: "in_progress")]))
      events.append(textEvent("content_part.added", ["part": document.part("")]))
    }
    if !news.isEmpty { events.append(textEvent("output_text.delta", ["delta": .string(news), "logprobs": []])) }
    return events
  }

  mutating func chunks(for event: GenerationEvent) -> [JSONValue] {
    meter.count(event)
    let tools = document.job.tools
    switch event.kind {
    case .promptRead: return []
    case .token(_, let more):
      text.text += more
      let news = text.news(upTo: tools.shownLength(of: text.text, after: text.shown))
      return news.isEmpty ? [] : delta(news)
    case .finished(let completion, _): return ending(completion)
    case .failed(let problem):
      let error: JSONValue = ["code": "server_error", "message": .string(problem)]
      return [self.event("failed", ["response": document.json("failed", error: error)])]
    }
  }

  private mutating func ending(_ completion: Completion) -> [JSONValue] {
    text.text = completion.text
    let calls = document.job.tools.calls(in: completion.text).calls
    var events = calls.isEmpty ? delta(text.rest()) : []
    var output: [JSONValue] = []
    if hasMessage {
      let shown = String(decoding: completion.text.utf8.prefix(text.shown), as: UTF8.self)
      output.append(document.message(shown, status: "completed"))
      events.append(textEvent("output_text.done", ["text": .string(shown), "logprobs": []]))
      events.append(textEvent("content_part.done", ["part": document.part(shown)]))
      events.append(event("output_item.done", ["output_index": 0, "item": output[0]]))
    }
    for call in calls {
      let (index, id) = (JSONValue.int(output.count), JSONValue.identifier("fc_"))
      let item = document.call(call, id: id)
      var begun = item.object ?? [:]
      (begun["arguments"], begun["status"]) = ("", "in_progress")
      let place: JSONObject = ["item_id": id, "output_index": index]
      events.append(event("output_item.added", ["output_index": index, "item": .object(begun)]))
      for (type, key) in [("delta", "delta"), ("done", "arguments")] {
        let own: JSONObject = [key: .string(call.arguments)]
        events.append(event("function_call_arguments.\(type)", JSONObject(place.members + own.members)))
      }
      events.append(event("output_item.done", ["output_index": index, "item": item]))
      output.append(item)
    }
    let response = document.finished(completion.finishReason, output: output, usage: meter.usage)
    events.append(event(completion.finishReason == .length ? "incomplete" : "completed", ["response": response]))
    return events
  }

  mutating func closing() -> [JSONValue] { [] }
}
