import Documents
import HTTPTypes
import Hummingbird
import LanguageModels

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
    let asked = try fields.int("max_output_tokens", 1...Int.max)
    let instructions = try fields.string("instructions")
    if try fields.bool("store") == true { throw fields.wrong("store", "can't be true: nothing is kept here") }
    if let way = try fields.string("truncation"), way != "disabled" {
      throw fields.wrong("truncation", "can only be disabled")
    }
    let metadata = try fields.fields("metadata")?.object ?? [:]
    let text = fields.value("text")
    if var options = try fields.fields("text") {
      if var format = try options.fields("format"),
        let constraint = try GenerationFields.formatted(&format, isFlat: true)
      {
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
      request: common.request(prompt), modelName: common.modelName, tools: tools, isStream: common.isStream,
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
        guard let role = item["role"] else {
          throw APIError.invalid("'\(place)' must be an object with a role", parameter: place)
        }
        messages.append(
          try ChatRoute.message(
            ["role": role, "content": try content(item["content"], at: "\(place).content")], at: place))
      case "function_call":
        guard let id = item["call_id"]?.string, let name = item["name"]?.string,
          let arguments = item["arguments"]?.string
        else {
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
            ["role": "tool", "tool_call_id": .string(id), "content": try content(output, at: "\(place).output")],
            at: place))
      case let other:
        throw APIError.invalid(
          "'\(place)' is a '\(other)', which is not supported", parameter: "\(place).type", code: "unsupported_content")
      }
    }
    return messages
  }

  /// A text, or parts that are texts, in chat's terms.
  private static func content(_ value: JSONValue?, at place: String) throws -> JSONValue {
    guard let parts = value?.array else { return value ?? .null }
    return .array(
      try parts.map { part in
        guard let type = part["type"]?.string, ["input_text", "output_text", "text"].contains(type),
          let text = part["text"]
        else {
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
