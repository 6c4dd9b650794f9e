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
    var reader: ChatReader
    var isStream: Bool
    /// The part of the request that the answer repeats.
    var echoed: JSONObject
  }

  func job(_ body: ByteBuffer) throws -> Job {
    var fields = try RequestFields(body)
    // Members of chat's that have another name or no place here.
    for name in ["n", "response_format", "messages"] where fields.object[name]?.isNull == false {
      throw APIError.invalid("'\(name)' is not supported", parameter: name, code: "unsupported_parameter")
    }
    var common = try GenerationFields(&fields, host: host, mostSamples: 1)
    let tools = try Tools(&fields, isFlat: true)
    let asked = try fields.int("max_output_tokens", 1...Int.max)
    let instructions = try fields.string("instructions")
    try fields.takeNothings()
    if let wanted = try fields.list("include"), !wanted.isEmpty {
      throw fields.wrong("include", "asks for what isn't here; only an empty list is taken")
    }
    if try fields.bool("background") == true { throw fields.wrong("background", "can't be true: nothing is kept here") }
    _ = try fields.int("top_logprobs", 0...0)
    var variables = JSONObject()
    var reasoning = JSONValue.null
    if var options = try fields.fields("reasoning") {
      reasoning = .object(options.object)
      for name in ["summary", "generate_summary"] {
        if let way = try options.string(name), way != "auto" { throw options.wrong(name, "can only be auto") }
      }
      let effort = try options.string("effort")
      try ReasoningEffort.set(effort, in: &variables, host: host) { options.wrong("effort", $0) }
      try options.finish()
    }
    if let way = try fields.string("truncation"), way != "disabled" {
      throw fields.wrong("truncation", "can only be disabled")
    }
    let text = fields.value("text")
    if var options = try fields.fields("text") {
      if var format = try options.fields("format"),
        let constraint = try GenerationFields.formatted(&format, isFlat: true)
      {
        guard common.constraint == nil else { throw options.wrong("format", "can't be had beside another constraint") }
        common.constraint = constraint
      }
      if let wordy = try options.string("verbosity"), wordy != "medium" {
        throw options.wrong("verbosity", "can only be medium: no model here takes another")
      }
      try options.finish()
    }
    guard let input = fields.value("input") else { throw fields.wrong("input", "is missing") }
    var messages: [JSONValue] = instructions.map { [["role": "system", "content": .string($0)]] } ?? []
    let said = try Self.messages(input)
    guard !said.isEmpty else { throw fields.wrong("input", "has no message") }
    messages += said
    try fields.finish()
    try common.demand(tools)
    let prompt = try ChatPrompt(
      host, messages: messages, from: "input", tools: tools.definitions, variables: variables)
    try common.setMaxTokens(asked, prompt: prompt.tokens.count, from: "input", host: host)
    var request = common.request(prompt.tokens)
    prompt.prepare(&request, vocabulary: host.configuration.vocabularySize)
    let given = fields.object
    return Job(
      request: request, modelName: common.modelName,
      reader: prompt.reader(tools, isConstrained: request.constraint != nil), isStream: common.isStream,
      echoed: [
        "background": false, "instructions": instructions.map { .string($0) } ?? .null,
        "max_output_tokens": asked.map { .int($0) } ?? .null, "metadata": given["metadata"]?.orNil ?? [:],
        "model": .string(common.modelName), "parallel_tool_calls": .bool(tools.mostCalls > 1),
        "previous_response_id": nil, "prompt_cache_key": given["prompt_cache_key"] ?? .null, "reasoning": reasoning,
        "safety_identifier": given["safety_identifier"] ?? .null, "service_tier": "default", "store": false,
        "temperature": .double(common.parameters.temperature), "text": text ?? ["format": ["type": "text"]],
        "tool_choice": given["tool_choice"]?.orNil ?? "auto", "tools": given["tools"]?.orNil ?? [],
        "top_p": .double(common.parameters.topP), "truncation": "disabled",
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
    // What the assistant thought before what it says or calls next.
    var thought: String?
    func begun(_ message: JSONObject) -> JSONValue {
      defer { if message["role"] == "assistant" { thought = nil } }
      guard message["role"] == "assistant", let thought else { return .object(message) }
      return .object(JSONObject(message.members + [(key: "reasoning_content", value: .string(thought))]))
    }
    for (i, item) in items.enumerated() {
      let place = "input[\(i)]"
      switch item["type"]?.string ?? "message" {
      case "message":
        guard let role = item["role"] else {
          throw APIError.invalid("'\(place)' must be an object with a role", parameter: place)
        }
        messages.append(
          try ChatRoute.message(
            begun(["role": role, "content": try content(item["content"], at: "\(place).content")]), at: place))
      case "function_call":
        guard let id = item["call_id"]?.string, let name = item["name"]?.string,
          let arguments = item["arguments"]?.string
        else {
          throw APIError.invalid("'\(place)' must have a call_id, a name and arguments", parameter: place)
        }
        let call: JSONValue = [
          "id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
        // What an assistant says and the calls that follow were one turn.
        if let last = messages.last?.object, last["role"] == "assistant" {
          var turn = last
          turn["tool_calls"] = .array((last["tool_calls"]?.array ?? []) + [call])
          messages[messages.count - 1] = .object(turn)
        } else {
          messages.append(try ChatRoute.message(begun(["role": "assistant", "tool_calls": [call]]), at: place))
        }
      case "reasoning":
        if item["encrypted_content"]?.isNull == false {
          throw APIError.invalid(
            "'\(place).encrypted_content' can't be read here", parameter: "\(place).encrypted_content",
            code: "unsupported_content")
        }
        let texts = (item["content"]?.array ?? []).compactMap { $0["text"]?.string }
        if !texts.isEmpty { thought = (thought.map { $0 + "\n" } ?? "") + texts.joined(separator: "\n") }
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
    let made = try await host.collect(job.request, metrics)
    let completion = made.choices[0].completion
    var answer = ResponseAnswer(job: job)
    _ = answer.read(completion.text, isLast: true)
    return Response(json: answer.document.finished(completion.finishReason, output: answer.output, usage: made.usage))
  }
}

extension JSONValue {
  /// The value, unless it is null.
  fileprivate var orNil: JSONValue? { isNull ? nil : self }
}
