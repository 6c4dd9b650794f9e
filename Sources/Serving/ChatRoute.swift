import Documents
import Hummingbird
import HTTPTypes
import LanguageModels
import Tokenization

/// `POST /v1/chat/completions`.
struct ChatRoute {
  let host: ModelHost
  let metrics: ServerMetrics
  let settings: ModelServer.Settings

  /// A request, read and checked.
  struct Job: Sendable {
    var request: GenerationRequest
    var modelName: String
    var tools: Tools
    var isStream: Bool
    var includesUsage: Bool
    var showsLogProbabilities: Bool
  }

  func job(_ body: ByteBuffer) throws -> Job {
    var fields = try RequestFields(body)
    var common = try GenerationFields(&fields, host: host, mostSamples: settings.mostSamples)
    let logprobs = try fields.bool("logprobs") ?? false
    let most = try fields.int("top_logprobs", 0...SamplingParameters.mostAlternatives) ?? 0
    guard logprobs || most == 0 else { throw fields.wrong("top_logprobs", "is only for requests with 'logprobs'") }
    common.parameters.alternatives = most
    let tools = try Tools(&fields)
    let newer = try fields.int("max_completion_tokens", 1...Int.max)
    let asked = try fields.int("max_tokens", 1...Int.max)
    let opensTurn = try fields.bool("add_generation_prompt") ?? true
    let variables = try fields.fields("chat_template_kwargs")?.object ?? JSONObject()
    guard let list = try fields.list("messages"), !list.isEmpty else {
      throw fields.wrong("messages", "is missing or empty")
    }
    let messages = try list.enumerated().map { try Self.message($1, at: "messages[\($0)]") }
    try fields.finish()
    try common.demand(tools)
    let prompt = try host.prompt(
      messages: .array(messages), tools: tools.definitions.isNull ? nil : tools.definitions,
      opensTurn: opensTurn, variables: variables)
    try common.setMaxTokens(
      newer ?? asked, name: newer == nil ? "max_tokens" : "max_completion_tokens", prompt: prompt.count, host: host)
    return Job(
      request: common.request(prompt), modelName: common.modelName, tools: tools, isStream: common.isStream,
      includesUsage: common.includesUsage, showsLogProbabilities: logprobs)
  }

  /// A message as templates take it: texts joined, arguments of calls as objects.
  static func message(_ value: JSONValue, at place: String) throws -> JSONValue {
    guard var object = value.object, let role = object["role"]?.string else {
      throw APIError.invalid("'\(place)' must be an object with a role", parameter: place)
    }
    guard ["system", "developer", "user", "assistant", "tool"].contains(role) else {
      throw APIError.invalid("'\(place).role' is '\(role)'", parameter: "\(place).role")
    }
    if role == "developer" { object["role"] = "system" }
    switch object["content"] {
    case .string?: break
    case nil, .null?:
      guard role == "assistant" else {
        throw APIError.invalid("'\(place).content' is missing", parameter: "\(place).content")
      }
      object["content"] = ""
    case .array(let parts)?:
      object["content"] = .string(
        try parts.map { part in
          guard part["type"]?.string == "text", let text = part["text"]?.string else {
            throw APIError.invalid(
              "'\(place).content' has a part that is no text", parameter: "\(place).content",
              code: "unsupported_content")
          }
          return text
        }.joined())
    default: throw APIError.invalid("'\(place).content' must be a text", parameter: "\(place).content")
    }
    if let calls = object["tool_calls"]?.array {
      object["tool_calls"] = .array(
        calls.map { call in
          guard var outer = call.object, var function = outer["function"]?.object,
            let text = function["arguments"]?.string, let arguments = try? JSONValue(parsing: text)
          else { return call }
          function["arguments"] = arguments
          outer["function"] = .object(function)
          return .object(outer)
        })
    }
    return .object(object)
  }

  func respond(_ job: Job) async throws -> Response {
    if job.isStream {
      let generation = try await host.submit(job.request)
      return EventStream.response(
        generation, ChatChunks(job: job, tokenizer: host.tokenizer, meter: GenerationMeter(job.request, metrics)))
    }
    let made = try await host.collect(job.request, metrics)
    let choices = made.choices.enumerated().map { i, choice -> JSONValue in
      let (content, calls) = job.tools.calls(in: choice.completion.text)
      var message: JSONObject = [
        "role": "assistant", "content": calls.isEmpty || !content.isEmpty ? .string(content) : .null, "refusal": .null,
      ]
      if !calls.isEmpty { message["tool_calls"] = .array(calls.map { $0.json(index: nil) }) }
      return [
        "index": .int(i), "message": .object(message),
        "logprobs": job.showsLogProbabilities
          ? ["content": .array(choice.tokens.map(host.tokenizer.chatLogProbability)), "refusal": .null] : .null,
        "finish_reason": .string(calls.isEmpty ? choice.completion.finishReason.rawValue : "tool_calls"),
      ]
    }
    return Response(json: [
      "id": .identifier("chatcmpl-"), "object": "chat.completion", "created": .now, "model": .string(job.modelName),
      "choices": .array(choices), "usage": made.usage.json,
    ])
  }
}

/// The chunks of a streamed chat completion.
struct ChatChunks: ChunkMaker, Sendable {
  let job: ChatRoute.Job
  let tokenizer: Tokenizer
  private var envelope: ChunkEnvelope
  private var texts: [ShownText]
  private var scores: [[JSONValue]]

  init(job: ChatRoute.Job, tokenizer: Tokenizer, meter: GenerationMeter) {
    self.job = job
    self.tokenizer = tokenizer
    envelope = ChunkEnvelope(
      "chat.completion.chunk", prefix: "chatcmpl-", modelName: job.modelName, includesUsage: job.includesUsage,
      meter: meter)
    texts = [ShownText](repeating: ShownText(), count: job.request.samples)
    scores = [[JSONValue]](repeating: [], count: job.request.samples)
  }

  private mutating func choice(_ sample: Int, _ delta: JSONObject, finish: String? = nil) -> JSONValue {
    var logprobs = JSONValue.null
    if job.showsLogProbabilities, !scores[sample].isEmpty {
      logprobs = ["content": .array(scores[sample]), "refusal": .null]
      scores[sample] = []
    }
    return envelope.chunk(sample, "delta", .object(delta), logprobs: logprobs, finish: finish)
  }

  mutating func opening() -> [JSONValue] {
    (0..<job.request.samples).map { choice($0, ["role": "assistant", "content": ""]) }
  }

  mutating func chunks(for event: GenerationEvent) -> [JSONValue] {
    envelope.meter.count(event)
    let sample = event.sample
    switch event.kind {
    case .promptRead: return []
    case .token(let token, let text):
      texts[sample].text += text
      if job.showsLogProbabilities { scores[sample].append(tokenizer.chatLogProbability(token)) }
      let end = job.tools.shownLength(of: texts[sample].text, after: texts[sample].shown)
      let shown = texts[sample].news(upTo: end)
      return shown.isEmpty ? [] : [choice(sample, ["content": .string(shown)])]
    case .finished(let completion, _):
      texts[sample].text = completion.text
      let (_, calls) = job.tools.calls(in: completion.text)
      if calls.isEmpty {
        let rest = texts[sample].rest()
        let last = rest.isEmpty ? [] : [choice(sample, ["content": .string(rest)])]
        return last + [choice(sample, [:], finish: completion.finishReason.rawValue)]
      }
      let list = calls.enumerated().map { $1.json(index: $0) }
      return [choice(sample, ["tool_calls": .array(list)]), choice(sample, [:], finish: "tool_calls")]
    case .failed(let problem): return [APIError.failed(problem).body]
    }
  }

  mutating func closing() -> [JSONValue] { envelope.closing }
}

extension ModelHost {
  /// A conversation as tokens.
  func prompt(
    messages: JSONValue, tools: JSONValue? = nil, opensTurn: Bool = true, variables: JSONObject = JSONObject()
  ) throws -> [Int] {
    do {
      let text = try tokenizer.applyChatTemplate(
        messages: messages, tools: tools, addGenerationPrompt: opensTurn, variables: variables)
      return tokenizer.encode(text, addSpecialTokens: false, allowSpecial: true)
    } catch {
      throw APIError.invalid("the chat template: \(error)", parameter: "messages", code: "chat_template")
    }
  }
}
