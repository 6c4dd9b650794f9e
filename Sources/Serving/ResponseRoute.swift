import HTTPTypes
import Hummingbird
import LanguageModels
import Tokenization

/// `POST /v1/responses`: OpenAI's later form of chat, without what a server would have to remember.
struct ResponseRoute {
  let host: ModelHost
  let metrics: ServerMetrics
  let settings: ModelServer.Settings

  /// A request, read and checked.
  struct Job: Sendable {
    var request: GenerationRequest
    var modelName: String
    var tools: Tools
    var isStream: Bool
    /// What the answer repeats of the request.
    var echoed: JSONObject
  }

  func job(_ body: ByteBuffer) throws -> Job {
    var fields = try RequestFields(body)
    // Members of chat's that have another name or no place here.
    for name in ["n", "response_format", "stream_options", "messages"] where fields.object[name]?.isNull == false {
      throw APIError.invalid("'\(name)' is not supported", parameter: name, code: "unsupported_parameter")
    }
    var common = try GenerationFields(&fields, host: host, mostSamples: 1)
    let tools = try Tools(&fields, isFlat: true)
    if try fields.bool("parallel_tool_calls") == false, tools.choice == .auto {
      throw fields.wrong("parallel_tool_calls", "can't be false: what a model calls on its own is not limited")
    }
    let asked = try fields.int("max_output_tokens", 1...Int.max)
    let instructions = try fields.string("instructions")
    if try fields.bool("store") == true { throw fields.wrong("store", "can't be true: nothing is kept here") }
    if let way = try fields.string("truncation"), way != "disabled" { throw fields.wrong("truncation", "can only be disabled") }
    let metadata = try fields.fields("metadata")?.object ?? [:]
    let text = fields.value("text")
    if var options = try fields.fields("text") {
      if var format = try options.fields("format"), let constraint = try GenerationFields.formatted(&format, isFlat: true) {
        guard common.constraint == nil else { throw options.wrong("format", "can't be had beside another constraint") }
        common.constraint = constraint
      }
      try options.finish()
    }
    guard let input = fields.value("input") else { throw fields.wrong("input", "is missing") }
    var messages: [JSONValue] = instructions.map { [["role": "system", "content": .string($0)]] } ?? []
    messages += try Self.messages(input)
    try fields.finish()
    try common.demand(tools)
    let prompt = try host.prompt(messages: .array(messages), tools: tools.definitions.isNull ? nil : tools.definitions)
    try common.setMaxTokens(asked, name: "max_output_tokens", prompt: prompt.count, host: host)
    return Job(
      request: GenerationRequest(
        prompt: prompt, parameters: common.parameters, constraint: common.constraint, model: common.model),
      modelName: common.modelName, tools: tools, isStream: common.isStream,
      echoed: [
        "instructions": instructions.map { .string($0) } ?? .null, "max_output_tokens": asked.map { .int($0) } ?? .null,
        "metadata": .object(metadata), "model": .string(common.modelName), "parallel_tool_calls": true,
        "previous_response_id": nil, "store": false, "temperature": .double(common.parameters.temperature),
        "text": text ?? ["format": ["type": "text"]], "tool_choice": fields.object["tool_choice"] ?? "auto",
        "tools": fields.object["tools"] ?? [], "top_p": .double(common.parameters.topP), "truncation": "disabled",
        "user": common.user.map { .string($0) } ?? .null,
      ])
  }

  /// The items of an input as chat's messages.
  static func messages(_ input: JSONValue) throws -> [JSONValue] {
    if let text = input.string { return [["role": "user", "content": .string(text)]] }
    guard let items = input.array, !items.isEmpty else {
      throw APIError.invalid("'input' must be a text or a list of items", parameter: "input")
    }
    var messages: [JSONValue] = []
    for (i, item) in items.enumerated() {
      let place = "input[\(i)]"
      switch item["type"]?.string ?? "message" {
      case "message":
        guard let role = item["role"] else { throw APIError.invalid("'\(place)' must be an object with a role", parameter: place) }
        messages.append(
          try ChatRoute.message(["role": role, "content": try content(item["content"], at: "\(place).content")], at: place))
      case "function_call":
        guard let id = item["call_id"]?.string, let name = item["name"]?.string, let arguments = item["arguments"]?.string else {
          throw APIError.invalid("'\(place)' must have a call_id, a name and arguments", parameter: place)
        }
        let call: JSONValue = [
          "id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
        // Calls that stand together were made in one turn.
        var calls: [JSONValue] = []
        if let last = messages.last, let made = last["tool_calls"]?.array {
          calls = made
          messages.removeLast()
        }
        messages.append(try ChatRoute.message(["role": "assistant", "tool_calls": .array(calls + [call])], at: place))
      case "function_call_output":
        guard let id = item["call_id"]?.string, let output = item["output"] else {
          throw APIError.invalid("'\(place)' must have a call_id and an output", parameter: place)
        }
        messages.append(
          try ChatRoute.message(
            ["role": "tool", "tool_call_id": .string(id), "content": try content(output, at: "\(place).output")], at: place))
      case let other:
        throw APIError.invalid("'\(place)' is a '\(other)', which is not supported", parameter: "\(place).type", code: "unsupported_content")
      }
    }
    return messages
  }

  /// A text, or parts that are texts, in chat's terms.
  private static func content(_ value: JSONValue?, at place: String) throws -> JSONValue {
    guard let parts = value?.array else { return value ?? .null }
    return .array(
      try parts.map { part in
        guard let type = part["type"]?.string, ["input_text", "output_text", "text"].contains(type), let text = part["text"] else {
          throw APIError.invalid("'\(place)' has a part that is no text", parameter: place, code: "unsupported_content")
        }
        return ["type": "text", "text": text]
      })
  }

  func respond(_ job: Job) async throws -> Response {
    if job.isStream {
      let generation = try await host.submit(job.request)
      return EventStream.response(generation, ResponseEvents(job: job, meter: GenerationMeter(job.request, metrics)))
    }
    let document = ResponseDocument(job: job)
    let made = try await host.collect(job.request, metrics)
    let completion = made.choices[0].completion
    let (content, calls) = job.tools.calls(in: completion.text)
    let message = document.message(content, status: "completed")
    let output = calls.isEmpty ? [message] : (content.isEmpty ? [] : [message]) + calls.map { document.call($0) }
    return Response(json: document.finished(completion.finishReason, output: output, usage: made.usage))
  }
}

/// A response as a document, at each stage of its making.
struct ResponseDocument: Sendable {
  let job: ResponseRoute.Job
  private let id = JSONValue.identifier("resp_")
  private let created = JSONValue.now
  /// The message's identifier; there is one message at most.
  let messageID = JSONValue.identifier("msg_")

  init(job: ResponseRoute.Job) { self.job = job }

  func json(_ status: String, output: [JSONValue] = [], usage: JSONValue = nil, error: JSONValue = nil, incomplete: JSONValue = nil)
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

  func message(_ text: String?, status: String) -> JSONValue {
    [
      "id": messageID, "type": "message", "role": "assistant", "status": .string(status),
      "content": text.map { [part($0)] } ?? [],
    ]
  }

  func part(_ text: String) -> JSONValue {
    ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
  }

  func call(_ call: Tools.Call, id: JSONValue = .identifier("fc_")) -> JSONValue {
    [
      "id": id, "type": "function_call", "call_id": .identifier("call_"), "name": .string(call.name),
      "arguments": .string(call.arguments), "status": "completed",
    ]
  }
}

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
