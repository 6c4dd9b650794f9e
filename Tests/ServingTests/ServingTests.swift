import Documents
import Foundation
import LanguageModels
import Serving
import Testing
import Tokenization
import Torch

@Suite struct ServingTests {
  private static let chat: JSONObject = [
    "model": "tiny", "messages": [["role": "user", "content": "the cat"]], "seed": 7, "max_tokens": 12,
    "ignore_eos": true,
  ]
  private static func chat(_ more: JSONObject) -> JSONValue { .object(JSONObject(chat.members + more.members)) }

  @Test("chat: seeds, several samples, usage, log-probabilities, and the second time from the cache")
  func chatting() async throws {
    try await TinyServer.with { server in
      let first = try await server.post(
        "/v1/chat/completions", Self.chat(["n": 2, "logprobs": true, "top_logprobs": 2]))
      #expect(first.status == 200, "\(first.text)")
      let made = try first.json()
      let choices = try #require(made["choices"]?.array)
      #expect(choices.count == 2)
      #expect(choices[0]["message"]?["content"]?.string != choices[1]["message"]?["content"]?.string)
      for choice in choices {
        let scores = try #require(choice["logprobs"]?["content"]?.array)
        #expect(scores.count == 12)
        for score in scores {
          let top = try #require(score["top_logprobs"]?.array)
          #expect(top.count == 2 && (top[0]["logprob"]?.double ?? 0) >= (top[1]["logprob"]?.double ?? 0))
          #expect((score["logprob"]?.double ?? 1) <= (top[0]["logprob"]?.double ?? 0) + 1e-6)
        }
        #expect(choice["finish_reason"] == "length" && choice["message"]?["role"] == "assistant")
      }
      let usage = try #require(made["usage"])
      #expect(usage["completion_tokens"] == 24)
      let again = try await server.post("/v1/chat/completions", Self.chat(["n": 2])).json()
      #expect(again["choices"]?[0]?["message"]?["content"] == choices[0]["message"]?["content"])
      let prompt = usage["prompt_tokens"]?.int ?? 0
      #expect(again["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.int == (prompt - 1) / 16 * 16)
    }
  }

  @Test("a stream says in pieces what the whole answer says, and its usage if asked")
  func streaming() async throws {
    try await TinyServer.with { server in
      for more in [["n": 2], ["logprobs": true], ["stop": ["e", "zq"]]] as [JSONObject] {
        let whole = try await server.post("/v1/chat/completions", Self.chat(more)).json()
        let stream = try await server.post(
          "/v1/chat/completions",
          Self.chat(
            JSONObject(
              more.members
                + ([("stream", true), ("stream_options", ["include_usage": true])] as [(String, JSONValue)]).map {
                  (key: $0.0, value: $0.1)
                })))
        #expect(stream.headers["content-type"]?.hasPrefix("text/event-stream") == true)
        let events = try stream.events()
        #expect(events.last?["usage"]?["completion_tokens"] == whole["usage"]?["completion_tokens"])
        #expect(events.last?["choices"] == [])
        for (i, choice) in (whole["choices"]?.array ?? []).enumerated() {
          let parts = events.flatMap { $0["choices"]?.array ?? [] }.filter { $0["index"]?.int == i }
          #expect(parts.first?["delta"]?["role"] == "assistant")
          #expect(
            parts.compactMap { $0["delta"]?["content"]?.string }.joined() == choice["message"]?["content"]?.string)
          #expect(parts.last?["finish_reason"] == choice["finish_reason"])
          if more["logprobs"] != nil {
            #expect(parts.flatMap { $0["logprobs"]?["content"]?.array ?? [] } == choice["logprobs"]?["content"]?.array)
          }
        }
      }
      let text: JSONObject = [
        "model": "tiny", "prompt": [5, 6, 7], "seed": 3, "max_tokens": 9, "echo": true, "logprobs": 0,
      ]
      let whole = try await server.post("/v1/completions", .object(text)).json()
      let events = try await server.post(
        "/v1/completions", .object(JSONObject(text.members + [(key: "stream", value: true)]))
      ).events()
      #expect(
        events.compactMap { $0["choices"]?[0]?["text"]?.string }.joined() == whole["choices"]?[0]?["text"]?.string)
      #expect(
        events.flatMap { $0["choices"]?[0]?["logprobs"]?["text_offset"]?.array ?? [] }
          == whole["choices"]?[0]?["logprobs"]?["text_offset"]?.array)
    }
  }

  @Test("text_offset counts in the text that is beside it, which leaves control tokens out")
  func offsets() async throws {
    let tokenizer = try TinyServer.models().tokenizer
    let end = try #require(tokenizer.eos)
    try await TinyServer.with { server in
      let body: JSONObject = [
        "model": "tiny", "prompt": [.int(end), 40, 7, .int(end), 99], "max_tokens": 0, "echo": true, "logprobs": 0,
      ]
      let choice = try #require(try await server.post("/v1/completions", .object(body)).json()["choices"]?[0])
      let offsets = (choice["logprobs"]?["text_offset"]?.array ?? []).compactMap(\.int)
      let shown = [40, 7].map { tokenizer.decode([$0]).unicodeScalars.count }
      #expect(offsets == [0, 0, shown[0], shown[0] + shown[1], shown[0] + shown[1]])
      #expect(choice["text"]?.string == tokenizer.decode([40, 7, 99]))
    }
  }

  @Test("echo with logprobs gives every prompt position what the model gives it")
  func echo() async throws {
    let served = try TinyServer.models()
    let prompt = [40, 7, 99, 7, 12, 250, 3]
    let expected = withoutGradients { served.models[0].logProbabilities(PackedTokens([prompt])).array() }
    try await TinyServer.with { server in
      for maxTokens in [0, 1] {
        let body: JSONObject = [
          "model": "tiny", "prompt": .array(prompt.map { .int($0) }), "max_tokens": .int(maxTokens), "echo": true,
          "logprobs": 1, "temperature": 0,
        ]
        let choice = try #require(try await server.post("/v1/completions", .object(body)).json()["choices"]?[0])
        let scores = try #require(choice["logprobs"]?["token_logprobs"]?.array)
        #expect(scores.count == prompt.count + maxTokens && scores[0].isNull)
        for i in 1..<prompt.count { #expect(abs((scores[i].double ?? 0) - Double(expected[i])) < 1e-4) }
        #expect(choice["logprobs"]?["top_logprobs"]?.array?.count == prompt.count + maxTokens)
      }
    }
  }

  @Test("a suffix goes into the prompt by the model's own tokens, and is refused where it has none")
  func suffix() async throws {
    let body: JSONObject = [
      "model": "tiny", "prompt": "the cat", "suffix": " in the rain", "max_tokens": 6, "temperature": 0,
    ]
    let tokenizer = try TinyServer.models(fills: true).tokenizer
    let fill = try #require(FillInMiddle(tokenizer))
    try await TinyServer.with(fills: true) { server in
      let made = try await server.post("/v1/completions", .object(body)).json()
      var spelled = body
      spelled["suffix"] = nil
      spelled["prompt"] = .array(
        fill.prompt(before: "the cat", after: " in the rain", tokenizer).map { .int($0) })
      let expected = try await server.post("/v1/completions", .object(spelled)).json()
      let text = try #require(made["choices"]?[0]?["text"]?.string)
      #expect(text == expected["choices"]?[0]?["text"]?.string)
      #expect(made["usage"]?["prompt_tokens"] == expected["usage"]?["prompt_tokens"])
      spelled["prompt"] = "the cat"
      #expect(try await server.post("/v1/completions", .object(spelled)).json()["choices"]?[0]?["text"]?.string != text)
      // No suffix at all, as editors send it at the end of a file.
      spelled["suffix"] = ""
      #expect(try await server.post("/v1/completions", .object(spelled)).status == 200)
      for (key, value) in [("echo", JSONValue.bool(true)), ("prompt", [5, 6])] {
        var wrong = body
        wrong[key] = value
        #expect(try await server.post("/v1/completions", .object(wrong)).status == 400, "\(key)")
      }
    }
    try await TinyServer.with { server in
      let answer = try await server.post("/v1/completions", .object(body))
      #expect(answer.status == 400 && answer.text.contains("fill in the middle"), "\(answer.text)")
    }
  }

  @Test(
    "what isn't supported or can't be is refused by name",
    arguments: [
      (#"{"suffix": "x"}"#, 400, "suffix", "unsupported_parameter"),
      (#"{"temperature": "hot"}"#, 400, "temperature", ""),
      (#"{"top_p": -0.1}"#, 400, "top_p", ""), (#"{"model": "gpt-4"}"#, 404, "model", "model_not_found"),
      (#"{"n": 0}"#, 400, "n", ""),
      (#"{"stream_options": {}}"#, 400, "stream_options", ""),
      (#"{"messages": [{"role": "wizard", "content": ""}]}"#, 400, "messages[0].role", ""),
      (#"{"messages": []}"#, 400, "messages", ""),
      (
        #"{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"#, 400, "messages[0].content",
        "unsupported_content"
      ),
      (#"{"logit_bias": {"9999": 1}}"#, 400, "logit_bias.9999", ""), (#"{"top_logprobs": 3}"#, 400, "top_logprobs", ""),
      (
        #"{"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "array", "uniqueItems": true}}}}"#,
        400, "response_format.json_schema.schema", "invalid_constraint"
      ),
      (#"{"guided_regex": "(?=a)"}"#, 400, "guided_regex", "invalid_constraint"),
      (#"{"tool_choice": "auto"}"#, 400, "tool_choice", ""),
      (#"{"stream": true, "stream_options": {"chunk": 1}}"#, 400, "stream_options.chunk", "unsupported_parameter"),
    ])
  func refused(_ more: String, _ status: Int, _ parameter: String, _ code: String) async throws {
    let extra = try #require(try JSONValue(parsing: more).object)
    try await TinyServer.with { server in
      let answer = try await server.post("/v1/chat/completions", Self.chat(extra))
      #expect(answer.status == status, "\(answer.text)")
      let error = try #require(try answer.json()["error"])
      #expect(error["param"]?.string == parameter && error["type"] == "invalid_request_error")
      #expect(code.isEmpty || error["code"]?.string == code)
      #expect(error["message"]?.string?.isEmpty == false)
    }
  }

  @Test("broken bodies, wrong paths and methods, and bodies that are too large get the same shape of error")
  func broken() async throws {
    try await TinyServer.with { limits, settings in
      settings.largestBody = 4096
    } _: { server in
      for (path, method, body, status) in [
        ("/v1/chat/completions", "POST", "{", 400), ("/v1/chat/completions", "POST", "[]", 400),
        ("/v1/completions", "POST", "", 400),
        ("/v1/nothing", "GET", nil, 404), ("/v1/chat/completions", "GET", nil, 405), ("/health", "TRACE", nil, 405),
        ("/v1/models/tiny", "DELETE", nil, 405), ("/tokenize", "POST", String(repeating: " ", count: 9000), 413),
        ("/v1/completions", "POST", String(repeating: "[", count: 3000), 400),
      ] as [(String, String, String?, Int)] {
        let answer = try await server.send(path, method, body)
        #expect(answer.status == status, "\(path): \(answer.text)")
        #expect(try answer.json()["error"]?["message"]?.string?.isEmpty == false)
        let allowed = path.hasSuffix("completions") ? "POST" : "GET, HEAD"
        #expect(answer.headers["allow"] == (status == 405 ? allowed : nil))
      }
    }
  }

  @Test("a compressed body is refused for what it is, and a number with no upper bound is told its lower one")
  func refusedPlainly() async throws {
    try await TinyServer.with { server in
      var coded = server
      coded.headers = ["Content-Encoding": "gzip", "Content-Type": "application/json"]
      let answer = try await coded.send("/v1/completions", "POST", bytes: [0x1f, 0x8b, 8, 0])
      #expect(answer.status == 415)
      #expect(answer.text.contains("gzip"))
      let none = try await server.post(
        "/v1/chat/completions", ["model": "tiny", "messages": [["role": "user", "content": "a"]], "max_tokens": 0])
      #expect(try none.json()["error"]?["message"] == "'max_tokens' is 0; it must be at least 1")
    }
  }

  @Test("schemas, expressions and demanded tools shape the answer")
  func constrained() async throws {
    try await TinyServer.with { server in
      let schema: JSONValue = [
        "type": "object", "required": ["kind", "counts"], "additionalProperties": false,
        "properties": [
          "kind": ["enum": ["a", "b"]], "counts": ["type": "array", "items": ["enum": [1, 22]], "maxItems": 3],
        ],
      ]
      let format: JSONValue = ["type": "json_schema", "json_schema": ["name": "x", "strict": true, "schema": schema]]
      for seed in 0..<5 {
        let answer = try await server.post(
          "/v1/chat/completions", Self.chat(["response_format": format, "seed": .int(seed), "max_tokens": 150])
        ).json()
        let text = try #require(answer["choices"]?[0]?["message"]?["content"]?.string)
        if answer["choices"]?[0]?["finish_reason"] == "length" { continue }
        let value = try JSONValue(parsing: text)
        #expect(
          ["a", "b"].contains(value["kind"]?.string)
            && value["counts"]?.array?.allSatisfy { [1, 22].contains($0.int) } == true)
      }
      let date = try await server.post(
        "/v1/completions", ["model": "tiny", "prompt": "the", "guided_regex": "[0-9]{4}-[0-9]{2}", "max_tokens": 30]
      ).json()
      #expect(date["choices"]?[0]?["text"]?.string?.wholeMatch(of: /[0-9]{4}-[0-9]{2}/) != nil)
      let tools: JSONValue = [
        [
          "type": "function",
          "function": [
            "name": "look",
            "parameters": [
              "type": "object", "properties": ["at": ["enum": ["sky", "sea"]]], "required": ["at"],
              "additionalProperties": false,
            ],
          ],
        ]
      ]
      let named: JSONValue = ["type": "function", "function": ["name": "look"]]
      for choice in [named, "required"] {
        let body = Self.chat(["tools": tools, "tool_choice": choice, "max_tokens": 120])
        let answer = try await server.post("/v1/chat/completions", body).json()
        #expect(answer["choices"]?[0]?["finish_reason"] == "tool_calls", "\(answer.serialized())")
        let call = try #require(answer["choices"]?[0]?["message"]?["tool_calls"]?[0])
        #expect(call["function"]?["name"] == "look")
        let arguments = try JSONValue(parsing: call["function"]?["arguments"]?.string ?? "")
        #expect(["sky", "sea"].contains(arguments["at"]?.string))
        let stream = try await server.post(
          "/v1/chat/completions", .object(JSONObject((body.object?.members ?? []) + [(key: "stream", value: true)]))
        ).events()
        let parts = stream.flatMap { $0["choices"]?.array ?? [] }
        #expect(parts.compactMap { $0["delta"]?["tool_calls"]?[0]?["function"]?["name"]?.string } == ["look"])
        #expect(parts.compactMap { $0["delta"]?["content"]?.string }.joined() == "")
      }
    }
  }

  @Test("embeddings, tokens, rewards")
  func tokens() async throws {
    try await TinyServer.with { server in
      let answer = try await server.post("/v1/embeddings", ["model": "tiny", "input": ["the cat", "the dog"]]).json()
      let vectors = (answer["data"]?.array ?? []).map { ($0["embedding"]?.array ?? []).compactMap(\.double) }
      #expect(vectors.count == 2 && vectors.allSatisfy { $0.count == 32 })
      for vector in vectors { #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5) }
      let packed = try await server.post(
        "/v1/embeddings", ["model": "tiny", "input": "the cat", "encoding_format": "base64"]
      ).json()
      let bytes = try #require(Data(base64Encoded: packed["data"]?[0]?["embedding"]?.string ?? ""))
      let floats = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      #expect(zip(floats, vectors[0]).allSatisfy { abs(Double($0) - $1) < 1e-6 } && floats.count == 32)

      let tokens = try await server.post("/tokenize", ["prompt": "the cat 漢"]).json()
      let text = try await server.post("/detokenize", ["tokens": tokens["tokens"] ?? []]).json()
      #expect(try await server.post("/tokenize", ["prompt": "a", "model": "other"]).status == 404)
      #expect(text["prompt"] == "the cat 漢" && tokens["count"]?.int == tokens["tokens"]?.array?.count)
      let chat = try await server.post("/tokenize", ["messages": [["role": "user", "content": "hi"]]]).json()
      let shown = try await server.post("/detokenize", ["tokens": chat["tokens"] ?? []]).json()
      #expect(shown["prompt"] == "<user>hi<assistant>")
      #expect(try await server.get("/tokenizer_info").json()["eos_token"] == "<|endoftext|>")

      let scores = try await server.post("/v1/score", ["prompt": "the", "completion": [" cat", " cat and dog"]]).json()
      let values = (scores["data"]?.array ?? []).compactMap { $0["score"]?.double }
      #expect(values.count == 2 && values[0] < values[1])
    }
  }

  @Test("keys open, limits close again, and the queue has an end")
  func limits() async throws {
    try await TinyServer.with { _, settings in
      settings.keys = [APIKey(key: "open"), APIKey(name: "slow", key: "sesame", requestsPerMinute: 1)]
    } _: { server in
      var server = server
      #expect(try await server.get("/health").status == 200)
      #expect(try await server.get("/v1/models").status == 401)
      server.headers = ["Authorization": "Bearer wrong"]
      #expect(try await server.get("/v1/models").json()["error"]?["code"] == "invalid_api_key")
      server.headers = ["Authorization": "Bearer sesame"]
      #expect(try await server.get("/v1/models").status == 200)
      let second = try await server.get("/v1/models")
      #expect(second.status == 429 && (Int(second.headers["retry-after"] ?? "") ?? 0) > 0)
      server.headers = ["Authorization": "Bearer open"]
      for _ in 0..<3 { #expect(try await server.get("/v1/models").status == 200) }
    }
    try await TinyServer.with { limits, _ in
      limits.mostWaiting = 4
      limits.limits.batch = 1
    } _: { server in
      let answer = try await server.post("/v1/chat/completions", Self.chat(["n": 5]))
      #expect(answer.status == 429 && answer.headers["retry-after"] != nil)
      #expect(try answer.json()["error"]?["code"] == "rate_limit_exceeded")
      #expect(try await server.post("/v1/chat/completions", Self.chat(["n": 4])).status == 200)
    }
    var settings = ModelServer.Settings()
    settings.address = "0.0.0.0"
    let host = try await ModelHost { try TinyServer.models() }
    #expect(throws: ConfigurationError.self) { try ModelServer(host: host, settings: settings) }
    settings.keys = [APIKey(key: "x")]
    _ = try ModelServer(host: host, settings: settings)
  }

  @Test("the cache says what memory it may take, and one that doesn't fit is refused at the start")
  func cacheRoom() async throws {
    var settings = ModelHost.Settings()
    let usual = try await ModelHost(settings: settings) { try TinyServer.models() }
    // Two layers of two heads of eight numbers, keys and values, four bytes each: a few MB fit any machine.
    #expect(usual.cacheTokens == 65_536 && usual.cacheBytes == 65_536 * 2 * 2 * 2 * 8 * 4)
    #expect(usual.cacheSummary.contains("65536 tokens") && usual.cacheSummary.contains("16 MB"))
    settings.cacheTokens = 1 << 50
    #if os(Linux)
      let error = await #expect(throws: ConfigurationError.self) {
        _ = try await ModelHost(settings: settings) { try TinyServer.models() }
      }
      #expect(error.map { "\($0)".contains("are free: at most") } == true)
    #endif
  }

  @Test("the description names every path, and monitoring counts what happened")
  func monitoring() async throws {
    try await TinyServer.with { server in
      _ = try await server.post("/v1/chat/completions", Self.chat([:]))
      let metrics = try await server.get("/metrics").text
      #expect(
        metrics.contains("vllm:generation_tokens_total 12\n")
          && metrics.contains("llamacpp:tokens_predicted_total 12\n"))
      #expect(metrics.contains("vllm:request_success_total{finished_reason=\"length\"} 1\n"))
      #expect(metrics.contains("vllm:time_to_first_token_seconds_count 1\n"))
      #expect(metrics.contains("vllm:num_requests_running 0\n"))
      #expect(try await server.get("/slots").json().array?.count == 64)
      let paths = try #require(try await server.get("/openapi.json").json()["paths"]?.object)
      for (path, item) in paths.members {
        let at = path.replacingOccurrences(of: "{name}", with: "tiny")
        if item["get"] != nil { #expect(try await server.get(at).status == 200, "\(path)") }
        if let post = item["post"] {
          let known = try #require(
            post["requestBody"]?["content"]?["application/json"]?["schema"]?["properties"]?.object)
          // Every member that is described is known to the route; no other is.
          let answer = try await server.post(at, ["surprise": 1])
          #expect(answer.status == 400, "\(path)")
          for name in known.keys where !["model", "prompt", "messages", "input", "tokens", "completion"].contains(name)
          {
            var body: JSONObject = [
              "model": "tiny", "prompt": "a", "messages": [["role": "user", "content": "a"]], "input": "a",
              "tokens": [1],
              "completion": "b",
            ]
            for extra in body.keys where known[extra] == nil { body[extra] = nil }
            if known["prompt"] != nil { body["messages"] = nil }
            body[name] = ["no": "such"]
            if known["max_output_tokens"] != nil { body["max_output_tokens"] = body["max_output_tokens"] ?? 1 }
            if path.hasSuffix("completions") { body["max_tokens"] = body["max_tokens"] ?? 1 }
            let message = try await server.post(at, .object(body)).text
            #expect(
              !message.contains("unsupported_parameter")
                || ["stream_options", "response_format", "text", "reasoning"].contains(name),
              "\(path) \(name): \(message)")
          }
        }
      }
    }
  }
}
