import Documents
import Hummingbird
import HTTPTypes
import LanguageModels
import Tokenization

/// `POST /v1/completions`.
struct CompletionRoute {
  let host: ModelHost
  let metrics: ServerMetrics
  let settings: ModelServer.Settings

  /// A request, read and checked: one prompt each.
  struct Job: Sendable {
    var requests: [GenerationRequest]
    var modelName: String
    var isStream: Bool
    var includesUsage: Bool
    var echoes: Bool
    /// The number of alternatives to each token; nil where log-probabilities aren't wanted.
    var alternatives: Int?
  }

  func job(_ body: ByteBuffer) throws -> Job {
    var fields = try RequestFields(body)
    var common = try GenerationFields(&fields, host: host, mostSamples: settings.mostSamples)
    let alternatives = try fields.int("logprobs", 0...SamplingParameters.mostAlternatives)
    let echoes = try fields.bool("echo") ?? false
    let asked = try fields.int("max_tokens", 0...Int.max) ?? 16
    guard asked > 0 || echoes else { throw fields.wrong("max_tokens", "may be 0 only with 'echo'") }
    if let best = try fields.int("best_of", 1...Int.max), best != common.samples {
      throw fields.wrong("best_of", "must equal 'n'")
    }
    common.parameters.alternatives = alternatives ?? 0
    // With no token to draw, the scores are what there is to wait for.
    if echoes, alternatives != nil || asked == 0 { common.parameters.promptAlternatives = alternatives ?? 0 }
    guard let value = fields.value("prompt") else { throw fields.wrong("prompt", "is missing") }
    let suffix = try fields.string("suffix").flatMap { $0.isEmpty ? nil : $0 }
    if suffix != nil, echoes { throw fields.wrong("echo", "can't be had with 'suffix'") }
    let prompts = try host.prompts(value, before: suffix, most: settings.mostPrompts)
    try fields.finish()
    let requests = try prompts.map { prompt in
      var own = common
      try own.setMaxTokens(asked, prompt: prompt.count, from: "prompt", host: host)
      return own.request(prompt)
    }
    return Job(
      requests: requests, modelName: common.modelName, isStream: common.isStream,
      includesUsage: common.includesUsage, echoes: echoes, alternatives: alternatives)
  }

  func respond(_ job: Job) async throws -> Response {
    if job.isStream {
      return EventStream.response(
        try await host.submit(job.requests),
        CompletionChunks(job: job, tokenizer: host.tokenizer, meter: GenerationMeter(job.requests, metrics)))
    }
    let (host, metrics) = (host, metrics)
    let made = try await withThrowingTaskGroup(of: (Int, GeneratedChoices).self) { group in
      for (i, request) in job.requests.enumerated() {
        group.addTask { (i, try await host.collect(request, metrics)) }
      }
      var made = [GeneratedChoices?](repeating: nil, count: job.requests.count)
      for try await (i, one) in group { made[i] = one }
      return made.compactMap { $0 }
    }
    var choices: [JSONValue] = []
    var usage = Usage()
    for (request, one) in zip(job.requests, made) {
      usage.add(one.usage)
      let echo = job.echoes ? host.tokenizer.decode(request.prompt) : ""
      for choice in one.choices {
        var tokens = choice.tokens
        if job.echoes { tokens = one.promptScores + tokens }
        choices.append([
          "index": .int(choices.count), "text": .string(echo + choice.completion.text),
          "logprobs": job.alternatives.map {
            host.tokenizer.completionLogProbabilities(tokens, withAlternatives: $0 > 0)
          } ?? .null,
          "finish_reason": .string(choice.completion.finishReason.rawValue),
        ])
      }
    }
    return Response(json: [
      "id": .identifier("cmpl-"), "object": "text_completion", "created": .now, "model": .string(job.modelName),
      "choices": .array(choices), "usage": usage.json,
    ])
  }
}

/// The chunks of a streamed text completion.
struct CompletionChunks: ChunkMaker, Sendable {
  let job: CompletionRoute.Job
  let tokenizer: Tokenizer
  private var envelope: ChunkEnvelope
  private var offsets: [Int]

  init(job: CompletionRoute.Job, tokenizer: Tokenizer, meter: GenerationMeter) {
    self.job = job
    self.tokenizer = tokenizer
    envelope = ChunkEnvelope(
      "text_completion", prefix: "cmpl-", modelName: job.modelName, includesUsage: job.includesUsage, meter: meter)
    offsets = [Int](repeating: 0, count: job.requests.reduce(0) { $0 + $1.samples })
  }

  private mutating func choice(
    _ sample: Int, _ text: String, _ tokens: [ScoredToken], finish: String? = nil
  ) -> JSONValue {
    var logprobs = JSONValue.null
    if let alternatives = job.alternatives, !tokens.isEmpty {
      logprobs = tokenizer.completionLogProbabilities(
        tokens, offset: offsets[sample], withAlternatives: alternatives > 0)
      offsets[sample] += tokens.reduce(0) { $0 + tokenizer.shownLength($1.score.id) }
    }
    return envelope.chunk(sample, "text", .string(text), logprobs: logprobs, finish: finish)
  }

  mutating func opening() -> [JSONValue] { [] }

  mutating func chunks(for event: GenerationEvent) -> [JSONValue] {
    envelope.meter.count(event)
    switch event.kind {
    case .promptRead(_, let scores):
      // Samples count on from prompt to prompt, as the choices of a whole answer do.
      let prompt = job.requests[event.sample / job.requests[0].samples].prompt
      return job.echoes ? [choice(event.sample, tokenizer.decode(prompt), scores)] : []
    case .token(let token, let text):
      return text.isEmpty && job.alternatives == nil ? [] : [choice(event.sample, text, [token])]
    case .finished(let completion, let text):
      return [choice(event.sample, text, [], finish: completion.finishReason.rawValue)]
    case .failed(let error): return [APIError(error).body]
    }
  }

  mutating func closing() -> [JSONValue] { envelope.closing }
}

extension ModelHost {
  /// Prompts as OpenAI takes them: a text, texts, tokens, or lists of tokens.
  ///
  /// - Parameter suffix: what stands behind the text that is asked for.
  func prompts(
    _ value: JSONValue, name: String = "prompt", before suffix: String? = nil, most: Int
  ) throws -> [[Int]] {
    let input = try PromptInput(value, name: name, most: most, vocabulary: configuration.vocabularySize)
    if let suffix {
      guard let fill = FillInMiddle(tokenizer) else {
        throw APIError.invalid(
          "'suffix' needs a model that learnt to fill in the middle, and this one has no tokens for it",
          parameter: "suffix")
      }
      guard case .texts(let texts) = input else {
        throw APIError.invalid("'suffix' goes with a '\(name)' of text, not of tokens", parameter: "suffix")
      }
      // A gap may be at the very beginning.
      return texts.map { fill.prompt(before: $0, after: suffix, tokenizer) }
    }
    let prompts: [[Int]]
    switch input {
    case .texts(let texts): prompts = texts.map { tokenizer.encode($0) }
    case .tokens(let lists): prompts = lists
    }
    guard prompts.allSatisfy({ !$0.isEmpty }) else { throw APIError.invalid("'\(name)' is empty", parameter: name) }
    return prompts
  }
}
