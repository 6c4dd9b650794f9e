import Documents
import Foundation
import Hummingbird
import HTTPTypes
import LanguageModels

/// `POST /v1/embeddings`: an embedder's vectors, or the mean hidden vectors of a model that draws text.
struct EmbeddingRoute: Sendable {
  let host: ModelHost?
  let embedders: EmbeddingHost?
  let settings: ModelServer.Settings

  private enum Model {
    case embedder(Int)
    case decoder(Int)
  }

  @Sendable func respond(_ body: ByteBuffer) async throws -> Response {
    var fields = try RequestFields(body)
    let (model, name) = try model(&fields)
    guard let value = fields.value("input") else { throw fields.wrong("input", "is missing") }
    let format = try fields.string("encoding_format") ?? "float"
    guard ["float", "base64"].contains(format) else { throw fields.wrong("encoding_format", "must be float or base64") }
    let (width, longest) = size(of: model)
    let dimensions = try fields.int("dimensions", 1...Int.max)
    guard dimensions ?? 1 <= width else {
      throw fields.wrong("dimensions", "is \(dimensions ?? 0); the model has \(width)")
    }
    // vLLM's: −1 cuts to what the model takes.
    let cut = try fields.int("truncate_prompt_tokens", -1...Int.max)
    guard cut != 0 else { throw fields.wrong("truncate_prompt_tokens", "must be −1 or above 0") }
    let truncating = cut.map { $0 < 0 ? longest : min($0, longest) }
    _ = try fields.string("user")
    try fields.finish()
    let vectors: [[Float]], count: Int
    do {
      (vectors, count) = try await embeddings(value, model, dimensions, truncating)
    } catch let error as GenerationError where error.cause == .request {
      throw APIError.invalid(error.description, parameter: "input", code: "context_length_exceeded")
    }
    let data = vectors.enumerated().map { i, vector -> JSONValue in
      ["object": "embedding", "index": .int(i), "embedding": Self.written(vector, format)]
    }
    return Response(json: [
      "object": "list", "data": .array(data), "model": .string(name),
      "usage": ["prompt_tokens": .int(count), "total_tokens": .int(count)],
    ])
  }

  private func embeddings(
    _ value: JSONValue, _ model: Model, _ dimensions: Int?, _ truncating: Int?
  ) async throws -> ([[Float]], Int) {
    switch model {
    case .embedder(let index):
      guard let embedders else { return ([], 0) }
      let vocabulary = embedders.models[index].vocabularySize
      let input = try PromptInput(value, name: "input", most: settings.mostPrompts, vocabulary: vocabulary)
      return try await embedders.embeddings(input, model: index, dimensions: dimensions, truncating: truncating)
    case .decoder(let index):
      guard let host else { return ([], 0) }
      var prompts = try host.prompts(value, name: "input", most: settings.mostPrompts)
      if let truncating { prompts = prompts.map { Array($0.prefix(truncating)) } }
      let made = try await host.embeddings(prompts, model: index, dimensions: dimensions)
      return (made, prompts.reduce(0) { $0 + $1.count })
    }
  }

  private static func written(_ vector: [Float], _ format: String) -> JSONValue {
    guard format == "base64" else { return .array(vector.map { .double(Double($0)) }) }
    let bytes = vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
    return .string(Data(bytes).base64EncodedString())
  }

  private func size(of model: Model) -> (width: Int, longest: Int) {
    switch model {
    case .embedder(let index): embedders.map { ($0.models[index].width, $0.models[index].maximumTokens) } ?? (0, 0)
    case .decoder: host.map { ($0.configuration.width, $0.configuration.contextLength) } ?? (0, 0)
    }
  }

  private func model(_ fields: inout RequestFields) throws -> (Model, String) {
    guard let name = try fields.string("model") else { throw fields.wrong("model", "is missing") }
    if let index = embedders?.models.firstIndex(where: { $0.name == name }) { return (.embedder(index), name) }
    if let index = host?.names.firstIndex(of: name) { return (.decoder(index), name) }
    let known = (embedders?.models.map(\.name) ?? []) + (host?.names ?? [])
    throw APIError(
      status: .notFound, message: "the model '\(name)' is not served here; there is \(known.joined(separator: ", "))",
      type: "invalid_request_error", parameter: "model", code: "model_not_found")
  }
}

/// What OpenAI's interface takes where it wants texts: a text, texts, tokens, or lists of tokens.
enum PromptInput: Sendable {
  case texts([String])
  case tokens([[Int]])

  /// - Throws: ``APIError`` that names the member.
  init(_ value: JSONValue, name: String, most: Int, vocabulary: Int) throws {
    func wrong(_ problem: String) -> APIError { .invalid("'\(name)' \(problem)", parameter: name) }
    func tokens(_ list: [JSONValue]) throws -> [Int] {
      let ids = list.compactMap(\.int)
      guard ids.count == list.count, ids.allSatisfy({ $0 >= 0 && $0 < vocabulary }) else {
        throw wrong("has something that is no token of the vocabulary")
      }
      guard !ids.isEmpty else { throw wrong("is empty") }
      return ids
    }
    guard let list = value.array else {
      guard let text = value.string else { throw wrong("must be a text, texts, tokens or lists of tokens") }
      self = .texts([text])
      return
    }
    guard !list.isEmpty else { throw wrong("is empty") }
    if list[0].int != nil {
      self = .tokens([try tokens(list)])
      return
    }
    guard list.count <= most else { throw wrong("has \(list.count) entries; at most \(most) are taken at once") }
    let texts = list.compactMap(\.string)
    if texts.count == list.count {
      self = .texts(texts)
      return
    }
    let lists = list.compactMap(\.array)
    guard lists.count == list.count else { throw wrong("must be a text, texts, tokens or lists of tokens") }
    self = .tokens(try lists.map(tokens))
  }
}
