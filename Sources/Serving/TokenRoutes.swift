import Documents
import Foundation
import Hummingbird
import HTTPTypes
import Alignment
import LanguageModels
import Tokenization

/// Routes that take tokens apart or look at them without drawing any: tokenization, rewards.
struct TokenRoutes: Sendable {
  let host: ModelHost
  let settings: ModelServer.Settings

  var routes: [(String, @Sendable (ByteBuffer) async throws -> Response)] {
    [("v1/score", score), ("tokenize", tokenize), ("detokenize", detokenize)]
  }

  @Sendable private func score(_ body: ByteBuffer) async throws -> Response {
    guard host.hasJudge else {
      throw APIError(
        status: .notFound, message: "no reward model is served: start with --reward DIR", type: "invalid_request_error",
        code: "model_not_found")
    }
    var fields = try RequestFields(body)
    guard let prompt = try fields.string("prompt") else { throw fields.wrong("prompt", "is missing") }
    guard let completions = try fields.strings("completion"), !completions.isEmpty else {
      throw fields.wrong("completion", "is missing")
    }
    guard completions.count <= settings.mostPrompts else {
      throw fields.wrong("completion", "has more than \(settings.mostPrompts) texts")
    }
    try fields.finish()
    let tokens = host.tokenizer.encode(prompt)
    let candidates = completions.map {
      Candidate(prompt: tokens, completion: host.tokenizer.encode($0, addSpecialTokens: false), text: $0)
    }
    let lengths = candidates.map(\.tokens.count)
    guard lengths.allSatisfy({ $0 > 0 && $0 < host.configuration.contextLength }) else {
      throw APIError.invalid(
        "prompt and completion must have from 1 to \(host.configuration.contextLength - 1) tokens together",
        parameter: "completion", code: "context_length_exceeded")
    }
    let scores = try await host.scores(of: candidates)
    return Response(json: [
      "object": "list",
      "data": .array(
        scores.enumerated().map { ["object": "score", "index": .int($0), "score": .double($1)] }),
      "usage": ["prompt_tokens": .int(lengths.reduce(0, +))],
    ])
  }

  /// All models have one tokenizer; a model that is named must be served all the same.
  private func checkModel(_ fields: inout RequestFields) throws {
    if fields.value("model") != nil { _ = try GenerationFields.model(&fields, host: host) }
  }

  @Sendable private func tokenize(_ body: ByteBuffer) async throws -> Response {
    var fields = try RequestFields(body)
    try checkModel(&fields)
    let withStrings = try fields.bool("return_token_strs") ?? false
    let adds = try fields.bool("add_special_tokens")
    let opens = try fields.bool("add_generation_prompt")
    let prompt = try fields.string("prompt")
    let ids: [Int]
    if let list = try fields.list("messages") {
      guard prompt == nil, adds == nil else {
        throw fields.wrong(prompt == nil ? "add_special_tokens" : "prompt", "can't be had beside 'messages'")
      }
      let messages = try list.enumerated().map { try ChatRoute.message($1, at: "messages[\($0)]") }
      ids = try ChatPrompt(host, messages: messages, opensTurn: opens ?? true).tokens
    } else {
      guard let prompt else { throw fields.wrong("prompt", "is missing") }
      guard opens == nil else { throw fields.wrong("add_generation_prompt", "is only for 'messages'") }
      ids = host.tokenizer.encode(prompt, addSpecialTokens: adds ?? true)
    }
    try fields.finish()
    return Response(json: [
      "count": .int(ids.count), "max_model_len": .int(host.longest), "tokens": .array(ids.map { .int($0) }),
      "token_strs": withStrings ? .array(ids.map { .string(host.tokenizer.idToToken($0) ?? "") }) : .null,
    ])
  }

  @Sendable private func detokenize(_ body: ByteBuffer) async throws -> Response {
    var fields = try RequestFields(body)
    try checkModel(&fields)
    guard let ids = try fields.ints("tokens") else { throw fields.wrong("tokens", "is missing") }
    try fields.finish()
    guard ids.allSatisfy({ $0 >= 0 && $0 < host.configuration.vocabularySize }) else {
      throw fields.wrong("tokens", "names a token outside the vocabulary")
    }
    return Response(json: ["prompt": .string(host.tokenizer.decode(ids, skipSpecialTokens: false))])
  }

  /// `tokenizer_config.json` as evaluation harnesses ask for it, the control tokens always by name.
  var information: Response {
    var object = host.tokenizer.configuration.object ?? JSONObject()
    for (name, value) in host.tokenizer.templateVariables.members { object[name] = value }
    if object["tokenizer_class"] == nil { object["tokenizer_class"] = "PreTrainedTokenizerFast" }
    object["model_max_length"] = .int(host.longest)
    return Response(json: .object(object))
  }
}
