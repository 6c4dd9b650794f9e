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
    var reader: ChatReader
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
    var variables = try fields.fields("chat_template_kwargs")?.object ?? JSONObject()
    try fields.takeNothings()
    if let kinds = try fields.list("modalities"), kinds != ["text"] {
      throw fields.wrong("modalities", "can only be [\"text\"]")
    }
    if let verbosity = try fields.string("verbosity"), verbosity != "medium" {
      throw fields.wrong("verbosity", "can only be medium: a model is asked for less or more in words")
    }
    let effort = try fields.string("reasoning_effort")
    try ReasoningEffort.set(effort, in: &variables, host: host) { fields.wrong("reasoning_effort", $0) }
    guard let list = try fields.list("messages"), !list.isEmpty else {
      throw fields.wrong("messages", "is missing or empty")
    }
    let messages = try list.enumerated().map { try Self.message($1, at: "messages[\($0)]") }
    try fields.finish()
    try common.demand(tools)
    let prompt = try ChatPrompt(
      host, messages: messages, tools: tools.definitions, opensTurn: opensTurn, variables: variables)
    try common.setMaxTokens(newer ?? asked, prompt: prompt.tokens.count, from: "messages", host: host)
    var request = common.request(prompt.tokens)
    prompt.prepare(&request, vocabulary: host.configuration.vocabularySize)
    return Job(
      request: request, modelName: common.modelName,
      reader: prompt.reader(tools, isConstrained: request.constraint != nil), isStream: common.isStream,
      includesUsage: common.includesUsage, showsLogProbabilities: logprobs)
  }

  /// A message as a chat format takes it: its texts joined.
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
      object["content"] = .null
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
      var reader = job.reader
      var (content, reasoning) = ("", "")
      for part in reader.read(choice.completion.text, isLast: true) {
        switch part {
        case .content(let text): content += text
        case .reasoning(let text): reasoning += text
        case .call: break
        }
      }
      let calls = reader.calls
      var message: JSONObject = [
        "role": "assistant", "content": calls.isEmpty || !content.isEmpty ? .string(content) : .null, "refusal": .null,
      ]
      if !reasoning.isEmpty { message["reasoning_content"] = .string(reasoning) }
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
  private var readers: [ChatReader]
  private var scores: [[JSONValue]]

  init(job: ChatRoute.Job, tokenizer: Tokenizer, meter: GenerationMeter) {
    self.job = job
    self.tokenizer = tokenizer
    envelope = ChunkEnvelope(
      "chat.completion.chunk", prefix: "chatcmpl-", modelName: job.modelName, includesUsage: job.includesUsage,
      meter: meter)
    readers = [ChatReader](repeating: job.reader, count: job.request.samples)
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
      if job.showsLogProbabilities { scores[sample].append(tokenizer.chatLogProbability(token)) }
      return said(text, isLast: false, sample)
    case .finished(let completion, let text):
      let last = said(text, isLast: true, sample)
      let reason = readers[sample].calls.isEmpty ? completion.finishReason.rawValue : "tool_calls"
      return last + [choice(sample, [:], finish: reason)]
    case .failed(let error): return [APIError(error).body]
    }
  }

  private mutating func said(_ text: String, isLast: Bool, _ sample: Int) -> [JSONValue] {
    var index = readers[sample].calls.count
    return readers[sample].read(text, isLast: isLast).map { part in
      switch part {
      case .content(let text): return choice(sample, ["content": .string(text)])
      case .reasoning(let text): return choice(sample, ["reasoning_content": .string(text)])
      case .call(let call):
        defer { index += 1 }
        return choice(sample, ["tool_calls": [call.json(index: index)]])
      }
    }
  }

  mutating func closing() -> [JSONValue] { envelope.closing }
}
