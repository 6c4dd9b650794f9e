import Documents
import Foundation
import LanguageModels
import Serving
import Testing
import Tokenization

/// `/v1/embeddings` over an encoder: its vectors are the library's, in OpenAI's shape.
@Suite struct EmbeddingTests {
  private static func vectors(_ answer: JSONValue) -> [[Double]] {
    (answer["data"]?.array ?? []).map { ($0["embedding"]?.array ?? []).compactMap(\.double) }
  }

  private static func agree(_ a: [[Double]], _ b: [[Float]]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { $0.count == $1.count && zip($0, $1).allSatisfy { abs($0 - Double($1)) < 1e-6 } }
  }

  @Test("texts, tokens, base64, dimensions, usage")
  func shapes() async throws {
    let texts = ["The cats eat fish.", "rain", "a dog"]
    let embedder = try TextEmbedder(contentsOf: TinyServer.encoder)
    let wanted = try embedder.embeddings(of: texts)
    let short = try embedder.embeddings(of: texts, dimensions: 4)
    let tokens = try embedder.tokens(of: texts).tokens
    try await TinyServer.with(embedder: "bert") { server in
      func post(_ members: JSONObject) async throws -> JSONValue {
        var body = members
        body["model"] = "bert"
        return try await server.post("/v1/embeddings", .object(body)).json()
      }
      let many = try await post(["input": .array(texts.map { .string($0) })])
      #expect(Self.agree(Self.vectors(many), wanted))
      #expect(many["object"] == "list" && many["model"] == "bert" && many["data"]?[2]?["index"] == 2)
      #expect(many["usage"]?["prompt_tokens"]?.int == tokens.reduce(0) { $0 + $1.count })
      #expect(many["usage"]?["total_tokens"] == many["usage"]?["prompt_tokens"])
      let one = try await post(["input": .string(texts[1])])
      #expect(Self.agree(Self.vectors(one), [wanted[1]]))
      let lists = try await post(["input": .array(tokens.map { .array($0.map { .int($0) }) })])
      #expect(Self.agree(Self.vectors(lists), wanted))
      let list = try await post(["input": .array(tokens[0].map { .int($0) })])
      #expect(Self.agree(Self.vectors(list), [wanted[0]]))
      let fewer = try await post(["input": .array(texts.map { .string($0) }), "dimensions": 4, "user": "somebody"])
      #expect(Self.agree(Self.vectors(fewer), short))
      let packed = try await post(["input": .string(texts[0]), "encoding_format": "base64"])
      let bytes = try #require(Data(base64Encoded: packed["data"]?[0]?["embedding"]?.string ?? ""))
      let floats = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      #expect(zip(floats, wanted[0]).allSatisfy { abs($0 - $1) < 1e-6 } && floats.count == 12)
      // The model that draws text keeps its own vectors.
      let own = try await server.post("/v1/embeddings", ["model": "tiny", "input": "the cat", "dimensions": 8]).json()
      let vector = try #require(Self.vectors(own).first)
      #expect(vector.count == 8 && abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      let names = try await server.get("/v1/models").json()["data"]?.array?.compactMap { $0["id"]?.string }
      #expect(names == ["tiny", "bert"])
      let model = try await server.get("/v1/models/bert").json()
      #expect(model["max_model_len"] == 16)
    }
  }

  @Test("what can't be is refused by name, and texts that are too long unless they may be cut")
  func refusals() async throws {
    let long = String(repeating: "cat ", count: 40)
    let cut = try TextEmbedder(contentsOf: TinyServer.encoder).embeddings(of: [long])
    try await TinyServer.with(embedder: "bert") { server in
      func refused(_ members: JSONObject, _ status: Int = 400) async throws -> JSONValue {
        var body = members
        if body["model"] == nil { body["model"] = "bert" }
        let answer = try await server.post("/v1/embeddings", .object(body))
        #expect(answer.status == status, "\(answer.text)")
        return try answer.json()["error"] ?? nil
      }
      let error = try await refused(["input": .string(long)])
      #expect(error["code"] == "context_length_exceeded" && error["param"] == "input")
      #expect(error["message"]?.string?.contains("at most 16") == true)
      for most in [-1, 400, 16] {
        let answer = try await server.post(
          "/v1/embeddings", ["model": "bert", "input": .string(long), "truncate_prompt_tokens": .int(most)])
        #expect(Self.agree(Self.vectors(try answer.json()), cut))
      }
      #expect(try await refused(["input": "a", "dimensions": 13])["param"] == "dimensions")
      #expect(try await refused(["input": "a", "dimensions": 0])["param"] == "dimensions")
      #expect(try await refused(["input": "a", "encoding_format": "int8"])["param"] == "encoding_format")
      #expect(try await refused(["input": "a", "truncate_prompt_tokens": 0])["param"] == "truncate_prompt_tokens")
      #expect(try await refused(["input": "a", "truncate_prompt_tokens": 1])["param"] == "input")
      #expect(try await refused(["input": []])["param"] == "input")
      #expect(try await refused(["input": [["a"]]])["param"] == "input")
      #expect(try await refused(["input": [[80]]])["param"] == "input")
      #expect(try await refused(["input": ["a", 3]])["param"] == "input")
      #expect(try await refused([:])["param"] == "input")
      #expect(try await refused(["input": "a", "task": "query"])["param"] == "task")
      #expect(try await refused(["input": "a", "model": "gpt"], 404)["code"] == "model_not_found")
    }
    await #expect(throws: (any Error).self) { try await TinyServer.with(embedder: "tiny") { _ in } }
  }

  @Test("an encoder alone: vectors, and for everything else a word on what is served")
  func alone() async throws {
    try await TinyServer.with(embedder: "bert", generates: false) { server in
      let made = try await server.post("/v1/embeddings", ["model": "bert", "input": "rain"])
      #expect(made.status == 200)
      let answer = try await server.post(
        "/v1/chat/completions", ["model": "bert", "messages": [["role": "user", "content": "hi"]]])
      #expect(answer.status == 400 && answer.text.contains("/v1/embeddings"))
      #expect(try await server.get("/health").status == 200)
      #expect(try await server.get("/metrics").status == 200)
      #expect(try await server.get("/slots").json() == [])
      let paths = try await server.get("/openapi.json").json()["paths"]?.object?.keys ?? []
      #expect(paths.contains("/v1/embeddings") && !paths.contains("/v1/chat/completions"))
    }
  }
}
