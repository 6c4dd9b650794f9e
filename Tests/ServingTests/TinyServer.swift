import Alignment
import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Serving
import Testing
import Tokenization
import Torch

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A random model of a few thousand parameters behind the server, on a port of its own.
struct TinyServer {
  static let template =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}{% if add_generation_prompt %}<assistant>{% endif %}"

  var port: Int
  var headers: [String: String] = [:]

  struct Answer {
    var status: Int
    var headers: [String: String]
    var text: String
    func json() throws -> JSONValue { try JSONValue(parsing: text) }
    /// The documents of a stream of events.
    func events() throws -> [JSONValue] {
      var lines = text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
      #expect(lines.popLast() == "[DONE]")
      return try lines.map { try JSONValue(parsing: $0) }
    }
  }

  func get(_ path: String) async throws -> Answer { try await send(path, "GET", nil) }

  func post(_ path: String, _ body: JSONValue) async throws -> Answer {
    try await send(path, "POST", body.serialized())
  }

  func send(_ path: String, _ method: String, _ body: String?) async throws -> Answer {
    try await send(path, method, bytes: body.map { Array($0.utf8) })
  }

  func send(_ path: String, _ method: String, bytes: [UInt8]?) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    request.httpMethod = method
    request.httpBody = bytes.map { Data($0) }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    return Answer(
      status: http.statusCode,
      headers: Dictionary(http.allHeaderFields.map { ("\($0)".lowercased(), "\($1)") }) { a, _ in a },
      text: String(decoding: data, as: UTF8.self))
  }

  static func models(template: String = template, isBroken: Bool = false, fills: Bool = false) throws -> ServedModels {
    let special = ["<|endoftext|>"] + (fills ? FillInMiddle.usualSpelling : [])
    let trained = try BytePairTrainer(vocabularySize: 290, specialTokens: special).train(texts: [
      "the cat and the dog and the rain in the plain"
    ])
    let tokenizer = try Tokenizer(
      document: trained.document, configuration: ["chat_template": .string(template), "eos_token": "<|endoftext|>"])
    let model = try Decoder(
      .llama(
        vocabularySize: tokenizer.vocabularySize, width: 32, layers: 2, heads: 4, keyValueHeads: 2,
        feedForwardWidth: 64, contextLength: 1024, endOfText: tokenizer.eos), generator: Generator(seed: 5))
    if isBroken { withoutGradients { for parameter in model.parameters { parameter.tensor.fillInPlace(.nan) } } }
    var served = ServedModels("tiny", model, tokenizer: tokenizer)
    served.judge = ClosureJudge("length", each: { Double($0.tokens.count) })
    return served
  }

  /// The folder of a tiny encoder with sentence-transformers' files, 12 features, texts of up to 16 tokens.
  static let encoder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("LanguageModelsTests/Fixtures/encoders/bert")

  /// - Parameters:
  ///   - embedder: the name of an encoder that is served too.
  ///   - generates: whether the model that draws text is served.
  ///   - fills: whether it has the tokens to fill in the middle.
  static func with(
    template: String = template, isBroken: Bool = false, fills: Bool = false, embedder: String? = nil,
    generates: Bool = true,
    _ change: (inout ModelHost.Settings, inout ModelServer.Settings) -> Void = { _, _ in },
    _ body: @Sendable @escaping (TinyServer) async throws -> Void
  ) async throws {
    var limits = ModelHost.Settings()
    limits.cacheTokens = 4096
    var settings = ModelServer.Settings()
    settings.port = 0
    change(&limits, &settings)
    let host =
      generates
      ? try await ModelHost(settings: limits) {
        try models(template: template, isBroken: isBroken, fills: fills)
      } : nil
    var embedders: EmbeddingHost?
    if let embedder {
      embedders = try await EmbeddingHost { [(embedder, try TextEmbedder(contentsOf: encoder))] }
    }
    let server = try ModelServer(host: host, embedders: embedders, settings: settings)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await server.run(untilSignal: false) { listening.yield($0) }
      }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      try await body(TinyServer(port: port))
      group.cancelAll()
      // Cancelling is how the service ends here.
      while let result = await group.nextResult() { _ = result }
    }
  }
}
