public import Documents
import Foundation
public import Tokenization

/// A model behind OpenAI's interface that answers a task's requests: this package's server, vLLM, and others.
///
/// Log-likelihoods need a server that gives back its prompt's log-probabilities (`echo` with `logprobs` on `/v1/completions`). With
/// a tokenizer of the model's, prompts are sent as tokens, cut where lm-evaluation-harness cuts them; without one, as text, and the
/// server says where its tokens begin. A server that is busy is asked again; what isn't understood is an error.
public final class CompletionsServer: EvaluatedModel {
  /// The name by which results are kept.
  public let name: String
  /// What decides about its answers.
  public var identity: String { "\(connection.base) \(name) \(tokens == nil ? "text" : "tokens") \(maxLength)" }
  private let connection: HTTPConnection
  private let maxLength: Int
  private let concurrency: Int
  private let seed: UInt64
  private var tokens: TextTokens?
  private var isChat = false

  /// A server's model.
  ///
  /// - Parameters:
  ///   - url: the server's address, with or without `/v1`.
  ///   - model: the model's name; nil takes the first that the server lists.
  ///   - tokenizer: the model's own, if it is at hand.
  ///   - maxLength: the model's context, where a tokenizer is given.
  ///   - concurrency: how many requests are under way at once.
  ///   - retries: how often a request is asked again that a busy server refused.
  /// - Throws: ``EvaluationError`` where no such server answers.
  public init(
    url: String, model: String? = nil, tokenizer: Tokenizer? = nil, maxLength: Int = 2048, addsBeginning: Bool? = nil,
    concurrency: Int = 4, retries: Int = 8, key: String? = nil, seed: UInt64 = 1
  ) throws {
    connection = try HTTPConnection(url, key: key, retries: retries)
    (self.maxLength, self.concurrency, self.seed) = (maxLength, max(1, concurrency), seed)
    tokens = try tokenizer.map { try TextTokens($0, addsBeginning: addsBeginning) }
    if let model {
      name = model
    } else {
      let listed = try connection.get("models")
      guard let first = listed["data"]?[0]?["id"]?.string else {
        throw EvaluationError("\(connection.base)/models lists no model: name one with --served-model")
      }
      name = first
    }
  }

  /// What results say of it.
  public var facts: JSONObject {
    [
      "base_url": .string(connection.base), "tokenized_requests": .bool(tokens != nil),
      "num_concurrent": .int(concurrency),
    ]
  }

  /// Sends conversations to the server's chat interface, whose template it is.
  public func chatPrompting(isMultiturn: Bool) throws -> ChatPrompting {
    isChat = true
    return ChatPrompting(isMultiturn: isMultiturn) { turns, _ in JSONValue.array(turns).serialized() }
  }

  /// How a request becomes tokens, in words.
  public func tokenization(of request: ModelRequest) -> String {
    guard tokens != nil, case .logLikelihood(let context, let continuation) = request,
      let pair = try? tokens?.pair(context, continuation)
    else { return "as the server does it, from text" }
    return "context of \(pair.context.count) tokens, continuation \(pair.continuation)"
  }

  /// Answers requests, some at once; see ``EvaluatedModel``.
  public func answer(
    _ requests: [ModelRequest], answered: (Int, ModelResponse, Int) throws -> Bool
  ) throws {
    for start in stride(from: 0, to: requests.count, by: concurrency) {
      let part = Array(requests[start..<min(start + concurrency, requests.count)])
      let jobs = try part.map(job)
      let results = ConcurrentResults<Result<(ModelResponse, Int), any Error>>(count: part.count)
      let connection = connection
      DispatchQueue.concurrentPerform(iterations: part.count) { place in
        results.set(Result { try jobs[place].run(connection) }, at: place)
      }
      for (place, result) in results.all.enumerated() {
        let (response, count) = try result.get()
        guard try answered(start + place, response, count) else { return }
      }
    }
  }

  /// One request's calls and what is made of their answers.
  private struct Job: Sendable {
    var bodies: [JSONObject]
    var path = "completions"
    var read: @Sendable (JSONValue, Int) throws -> (ModelResponse, Int)

    func run(_ connection: HTTPConnection) throws -> (ModelResponse, Int) {
      var total: (ModelResponse, Int)?
      for (number, body) in bodies.enumerated() {
        let answer = try connection.post(path, .object(body))
        let part: (ModelResponse, Int)
        do { part = try read(answer, number) } catch let error as TaskError {
          throw EvaluationError("\(connection.base)/\(path): \(error); it answered \(answer.serialized().prefix(200))")
        }
        if case (.score(let a, let first, let n), let before)? = total,
          case (.score(let b, let second, let m), let count) = part
        {
          total = (.score(a + b, isGreedy: first && second, tokens: n + m), before + count)
        } else {
          total = part
        }
      }
      return total ?? (.score(0, isGreedy: true, tokens: 0), 0)
    }
  }

  private func job(_ request: ModelRequest) throws -> Job {
    switch request {
    case .generation(let context, let settings, let sample): return try generation(context, settings, sample)
    case .logLikelihood where isChat, .rolling where isChat:
      throw EvaluationError(
        "a chat interface gives no log-likelihoods of given texts: leave --apply-chat-template out, or choose tasks that generate"
      )
    case .logLikelihood(let context, let continuation):
      if tokens != nil, let pair = try tokens?.pair(context, continuation) {
        return Self.scoring([Self.cut(pair, to: maxLength)], model: name)
      }
      let (body, _) = PythonText.trailingSpace(of: context)
      let whole = context + continuation
      guard !body.isEmpty else {
        throw EvaluationError("a text without a context can be scored by a server only as tokens: give --tokenizer DIR")
      }
      return Job(bodies: [Self.echoing(.string(whole), model: name)]) { answer, _ in
        try Self.score(answer, from: body.unicodeScalars.count, text: whole)
      }
    case .rolling(let text):
      // One place is left for the token that is drawn.
      guard let windows = tokens?.windows(text, length: max(1, maxLength - 2)) else {
        throw EvaluationError("a whole text's likelihood needs the model's tokens: give --tokenizer DIR")
      }
      return Self.scoring(windows, model: name)
    }
  }

  private static func cut(
    _ pair: (context: [Int], continuation: [Int]), to length: Int
  ) -> (context: [Int], continuation: [Int]) {
    (Array(pair.context.suffix(max(1, length - 1 - pair.continuation.count))), pair.continuation)
  }

  private static func echoing(_ prompt: JSONValue, model: String) -> JSONObject {
    // One token is drawn and thrown away: some servers refuse to draw none.
    ["model": .string(model), "prompt": prompt, "max_tokens": 1, "temperature": 0, "logprobs": 1, "echo": true]
  }

  private static func scoring(_ pairs: [(context: [Int], continuation: [Int])], model: String) -> Job {
    Job(bodies: pairs.map { echoing(.array(($0.context + $0.continuation).map { .int($0) }), model: model) }) {
      answer, number in
      let pair = pairs[number]
      let (values, best) = try logProbabilities(answer)
      let end = pair.context.count + pair.continuation.count
      guard values.count == end || values.count == end + 1 else {
        throw TaskError("\(end) tokens were sent and log-probabilities of \(values.count) came back")
      }
      return try sum(values, best, pair.context.count..<end)
    }
  }

  /// The score of the tokens of a text that lie behind its first code points.
  private static func score(_ answer: JSONValue, from start: Int, text: String) throws -> (ModelResponse, Int) {
    let (values, best) = try logProbabilities(answer)
    let logprobs = answer["choices"]?[0]?["logprobs"]
    guard var offsets = logprobs?["text_offset"]?.array?.compactMap(\.int), offsets.count == values.count else {
      throw TaskError("the log-probabilities come without text_offset")
    }
    guard zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw TaskError("text_offset isn't in order")
    }
    guard let echoed = answer["choices"]?[0]?["text"]?.string, echoed.utf8.starts(with: text.utf8) else {
      throw TaskError("the text doesn't begin with the prompt that 'echo' asks for")
    }
    // A token that begins a text counts in offsets, and the text doesn't show it.
    if offsets.count > 1, let first = logprobs?["tokens"]?[0]?.string, !text.utf8.starts(with: first.utf8) {
      let shift = offsets[1]
      offsets = offsets.map { max(0, $0 - shift) }
    }
    let length = text.unicodeScalars.count
    // The first token that reaches beyond the context, up to the token that was drawn.
    let first =
      offsets.indices.first { ($0 + 1 < offsets.count ? offsets[$0 + 1] : length + 1) > start } ?? offsets.count
    let end = offsets.indices.first { offsets[$0] >= length } ?? offsets.count
    guard first < end else { throw TaskError("no token lies behind the context") }
    return try sum(values, best, first..<end)
  }

  private static func sum(_ values: [Double?], _ best: [Double?], _ range: Range<Int>) throws -> (ModelResponse, Int) {
    var (total, isGreedy) = (0.0, true)
    for place in range {
      guard let value = values[place], value.isFinite, value <= 1e-6 else {
        throw TaskError("token \(place) has no log-probability, or one that can't be")
      }
      guard let likeliest = best[place] else { throw TaskError("token \(place) comes without top_logprobs") }
      total += value
      isGreedy = isGreedy && value >= likeliest - 1e-6
    }
    return (.score(total, isGreedy: isGreedy, tokens: range.count), range.count)
  }

  /// The log-probability of each token, and that of the likeliest one of its place.
  private static func logProbabilities(_ answer: JSONValue) throws -> (values: [Double?], best: [Double?]) {
    let logprobs = answer["choices"]?[0]?["logprobs"]
    guard let values = logprobs?["token_logprobs"]?.array else {
      throw TaskError("there are no log-probabilities of the prompt: the server lacks 'echo' with 'logprobs'")
    }
    let top = logprobs?["top_logprobs"]?.array ?? []
    guard top.isEmpty || top.count == values.count else {
      throw TaskError("top_logprobs and token_logprobs differ in length")
    }
    let best = values.indices.map { place -> Double? in
      guard place < top.count else { return nil }
      return top[place].object?.members.compactMap(\.value.double).max()
    }
    return (values.map(\.double), best)
  }

  private func generation(_ context: String, _ settings: GenerationSettings, _ sample: Int) throws -> Job {
    var body: JSONObject = [
      "model": .string(name), "max_tokens": .int(settings.maxTokens), "temperature": .double(settings.temperature),
      "seed": .int(Int(truncatingIfNeeded: (seed &+ UInt64(sample)) & 0x7FFF_FFFF)),
    ]
    // OpenAI's interface takes four stops; the others are looked for here.
    if !settings.stops.isEmpty { body["stop"] = .array(settings.stops.prefix(4).map { .string($0) }) }
    if let p = settings.topP { body["top_p"] = .double(p) }
    if isChat {
      body["messages"] = try JSONValue(parsing: Array(context.utf8))
      return Job(bodies: [body], path: "chat/completions") { answer, _ in
        guard let text = answer["choices"]?[0]?["message"]?["content"]?.string else {
          throw TaskError("there is no choices[0].message.content")
        }
        return (.text(settings.cut(text)), answer["usage"]?["completion_tokens"]?.int ?? 0)
      }
    }
    body["prompt"] = .string(context)
    return Job(bodies: [body]) { answer, _ in
      guard let text = answer["choices"]?[0]?["text"]?.string else { throw TaskError("there is no choices[0].text") }
      return (.text(settings.cut(text)), answer["usage"]?["completion_tokens"]?.int ?? 0)
    }
  }
}
