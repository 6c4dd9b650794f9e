import Documents
import Foundation
import Serving
import Testing
import Tokenization

/// Requests as clients really send them: members that ask for nothing, histories with tools, functions without parameters.
@Suite struct ClientTests {
  /// A template that joins a call's arguments with text, and writes calls only where there is no content.
  static let joining =
    "{% for m in messages %}{% if m.role == 'assistant' and m.content is none %}{% for c in m.tool_calls %}<call>{{ c.function.name + '|' + c.function.arguments }}</call>{% endfor %}{% else %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}{% if add_generation_prompt %}<assistant>{% endif %}"
  /// One that marks reasoning and opens it.
  static let thinking =
    "{% for m in messages %}<{{ m.role }}>{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% if enable_thinking is not defined or enable_thinking %}<think>\n{% endif %}{% endif %}"
  /// One that refuses identifiers that aren't nine letters or digits.
  static let nine =
    "{% for m in messages %}{% if m.tool_calls %}{% for c in m.tool_calls %}{% if c.id | length != 9 %}{{ raise_exception('nine') }}{% endif %}[TOOL_CALLS] [{{ c.function | tojson }}]{% endfor %}{% elif m.role == 'tool' %}{% if m.tool_call_id | length != 9 %}{{ raise_exception('nine') }}{% endif %}[R]{{ m.content }}{% else %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}"

  /// What a conversation becomes, as the model reads it.
  private func prompt(_ server: TinyServer, _ messages: JSONValue) async throws -> String {
    let tokens = try await server.post("/tokenize", ["messages": messages]).json()
    return try await server.post("/detokenize", ["tokens": tokens["tokens"] ?? []]).json()["prompt"]?.string ?? ""
  }

  static let history: JSONValue = [
    ["role": "user", "content": "the cat", "name": nil],
    [
      "role": "assistant", "content": nil, "refusal": nil, "function_call": nil, "audio": nil,
      "tool_calls": [
        [
          "id": "call_8f0c1bd27e9a4c4a9a6f", "type": "function",
          "function": ["name": "look", "arguments": "{\"at\":\"sky\"}"],
        ]
      ],
    ],
    ["role": "tool", "tool_call_id": "call_8f0c1bd27e9a4c4a9a6f", "content": "blue"],
  ]

  @Test("a history of tools reaches each kind of template: text or object, null or not, identifiers of any form")
  func histories() async throws {
    try await TinyServer.with(template: Self.joining) { server in
      let text = try await prompt(server, Self.history)
      #expect(text == "<user>the cat<call>look|{\"at\":\"sky\"}</call><tool>blue<assistant>")
    }
    try await TinyServer.with(template: Self.nine) { server in
      let text = try await prompt(server, Self.history)
      #expect(
        text == "<user>the cat[TOOL_CALLS] [{\"name\": \"look\", \"arguments\": {\"at\": \"sky\"}}][R]blue", "\(text)")
      let answer = try await server.post(
        "/v1/chat/completions",
        .object(ToolTests.body(["guided_choice": [#"[TOOL_CALLS] [{"name": "look", "arguments": {}}]"#]])))
      let id = try #require(try answer.json()["choices"]?[0]?["message"]?["tool_calls"]?[0]?["id"]?.string)
      #expect(id.wholeMatch(of: /[A-Za-z0-9]{9}/) != nil, "\(id)")
    }
    // What knows no tools shows an empty text for no content.
    try await TinyServer.with { server in
      let text = try await prompt(server, Self.history)
      #expect(text == "<user>the cat<assistant><tool>blue<assistant>")
    }
  }

  @Test("reasoning goes to reasoning_content, whole and streamed, and to an item of its own in responses")
  func reasoning() async throws {
    try await TinyServer.with(template: Self.thinking) { server in
      // Without a constraint the model goes on with the reasoning that the prompt opened, and never closes it.
      let body: JSONObject = [
        "model": "tiny", "messages": [["role": "user", "content": "the cat"]], "seed": 7, "max_tokens": 6,
        "ignore_eos": true,
      ]
      let whole = try await server.post("/v1/chat/completions", .object(body)).json()["choices"]?[0]?["message"]
      #expect(whole?["content"] == "" && whole?["reasoning_content"]?.string?.isEmpty == false)
      let events = try await server.post(
        "/v1/chat/completions", .object(JSONObject(body.members + [(key: "stream", value: true)]))
      ).events()
      let thought = events.compactMap { $0["choices"]?[0]?["delta"]?["reasoning_content"]?.string }.joined()
      #expect(thought == whole?["reasoning_content"]?.string)
      // An answer that is told how to look has no room to think.
      var told = body
      (told["guided_choice"], told["max_tokens"]) = (["<think>a</think> b"], 40)
      let said = try await server.post("/v1/chat/completions", .object(told)).json()["choices"]?[0]?["message"]
      #expect(said?["content"] == "b" && said?["reasoning_content"] == "a")

      let response = try await server.post(
        "/v1/responses",
        ["model": "tiny", "input": "the cat", "guided_choice": ["<think>a</think> b"], "max_output_tokens": 40]
      ).json()
      let output = try #require(response["output"]?.array)
      #expect(output.map { $0["type"]?.string } == ["reasoning", "message"])
      #expect(output[0]["content"]?[0]?["text"] == "a" && output[1]["content"]?[0]?["text"] == "b")
      // And comes back.
      let again = try await server.post(
        "/v1/responses",
        [
          "model": "tiny", "max_output_tokens": 4,
          "input": .array([["role": "user", "content": "x"]] + output + [["role": "user", "content": "y"]]),
        ])
      #expect(again.status == 200, "\(again.text)")
    }
  }

  @Test("a function without parameters takes an object, whatever stands for none", arguments: ["null", "{}", "absent"])
  func noParameters(_ given: String) async throws {
    var function: JSONObject = ["name": "now", "description": nil]
    if given != "absent" { function["parameters"] = given == "null" ? .null : [:] }
    let tool: JSONValue = ["type": "function", "function": .object(function)]
    try await TinyServer.with { server in
      for seed in 0..<3 {
        let body = ToolTests.body(["tools": [tool], "tool_choice": "required", "seed": .int(seed)])
        let answer = try await server.post("/v1/chat/completions", .object(body)).json()
        let call = try #require(answer["choices"]?[0]?["message"]?["tool_calls"]?[0], "\(answer.serialized())")
        #expect(try JSONValue(parsing: call["function"]?["arguments"]?.string ?? "") == [:])
      }
      let prompt = try await server.post(
        "/v1/chat/completions", .object(ToolTests.body(["tools": [tool], "guided_choice": ["x"]]))
      ).json()
      #expect(prompt["choices"]?[0]?["message"]?["content"] == "x")
    }
  }

  /// The members of OpenAI's Agents SDK and of other clients that ask for nothing, or for what is done.
  @Test(
    "members that ask for nothing are taken, in chat",
    arguments: [
      #"{"store": false}"#, #"{"metadata": {"run": "1"}}"#, #"{"service_tier": "auto"}"#,
      #"{"prompt_cache_key": "k", "safety_identifier": "s", "user": "u"}"#, #"{"modalities": ["text"]}"#,
      #"{"parallel_tool_calls": false}"#, #"{"stop": ""}"#, #"{"stop": []}"#, #"{"stop": null}"#, #"{"top_p": 0}"#,
      #"{"reasoning_effort": "medium"}"#, #"{"reasoning_effort": "none"}"#, #"{"verbosity": "medium"}"#,
      #"{"max_tokens": 999999}"#,
      #"{"tools": [], "logit_bias": {}, "response_format": {"type": "text"}}"#,
    ])
  func nothings(_ more: String) async throws {
    let extra = try #require(try JSONValue(parsing: more).object)
    try await TinyServer.with { server in
      var body: JSONObject = [
        "model": "tiny", "messages": [["role": "user", "content": "the cat"]], "seed": 7, "max_tokens": 4,
      ]
      for (key, value) in extra.members { body[key] = value }
      let answer = try await server.post("/v1/chat/completions", .object(body))
      #expect(answer.status == 200, "\(answer.text)")
    }
  }

  @Test(
    "what asks for something that isn't done is refused by name",
    arguments: [
      (#"{"store": true}"#, "store"), (#"{"service_tier": "flex"}"#, "service_tier"),
      (#"{"modalities": ["text", "audio"]}"#, "modalities"), (#"{"reasoning_effort": "high"}"#, "reasoning_effort"),
      (#"{"reasoning_effort": "frantic"}"#, "reasoning_effort"), (#"{"metadata": 1}"#, "metadata"),
      (#"{"prompt_cache_key": 5}"#, "prompt_cache_key"), (#"{"verbosity": "low"}"#, "verbosity"),
    ])
  func refusals(_ more: String, _ parameter: String) async throws {
    let extra = try #require(try JSONValue(parsing: more).object)
    try await TinyServer.with { server in
      let answer = try await server.post(
        "/v1/chat/completions",
        .object(
          JSONObject(
            [(key: "model", value: "tiny"), (key: "messages", value: [["role": "user", "content": "a"]])]
              + extra.members)))
      #expect(answer.status == 400, "\(answer.text)")
      #expect(try answer.json()["error"]?["param"]?.string == parameter, "\(answer.text)")
    }
  }

  @Test("the Agents SDK's two turns: a call by the model, its result, and the answer")
  func agents() async throws {
    try await TinyServer.with { server in
      let tool: JSONValue = [
        "type": "function", "name": "look", "description": "", "strict": true,
        "parameters": [
          "type": "object", "properties": ["at": ["enum": ["sky", "sea"], "title": "At", "type": "string"]],
          "required": ["at"], "additionalProperties": false, "title": "look_args",
        ],
      ]
      let first: JSONObject = [
        "include": [], "input": [["content": "the cat", "role": "user"]], "instructions": "Be brief.", "model": "tiny",
        "tools": [tool], "tool_choice": "required", "store": false, "metadata": nil, "max_output_tokens": 300,
        "reasoning": ["effort": nil, "summary": nil], "service_tier": "auto", "parallel_tool_calls": false,
        "prompt_cache_key": "agent", "text": ["verbosity": nil], "truncation": nil, "top_logprobs": 0,
        "background": false, "stream_options": nil,
      ]
      let called = try await server.post("/v1/responses", .object(first))
      #expect(called.status == 200, "\(called.text)")
      let call = try #require(try called.json()["output"]?[0])
      #expect(call["type"] == "function_call")
      #expect(try called.json()["parallel_tool_calls"] == false)
      var second = first
      second["tool_choice"] = nil
      second["guided_choice"] = ["It is blue."]
      second["input"] = [
        ["content": "the cat", "role": "user"], call,
        ["call_id": call["call_id"] ?? nil, "output": "blue", "type": "function_call_output"],
      ]
      let said = try await server.post("/v1/responses", .object(second))
      #expect(try said.json()["output"]?[0]?["content"]?[0]?["text"] == "It is blue.", "\(said.text)")
    }
  }

  @Test("where one call was asked for, the first is all, whole and streamed")
  func oneCall() async throws {
    try await TinyServer.with { server in
      let text =
        #"<tool_call>{"name":"look","arguments":{"at":"sky"}}</tool_call><tool_call>{"name":"look","arguments":{"at":"sea"}}</tool_call>"#
      let body = ToolTests.body(["guided_choice": [.string(text)], "parallel_tool_calls": false])
      let whole = try await server.post("/v1/chat/completions", .object(body)).json()
      #expect(whole["choices"]?[0]?["message"]?["tool_calls"]?.array?.count == 1)
      let events = try await server.post(
        "/v1/chat/completions", .object(JSONObject(body.members + [(key: "stream", value: true)]))
      ).events()
      #expect(events.flatMap { $0["choices"]?[0]?["delta"]?["tool_calls"]?.array ?? [] }.count == 1)
    }
  }

  @Test("whose doing an error is decides its status: the model's 500, the request's 400")
  func blame() async throws {
    try await TinyServer.with(isBroken: true) { server in
      let body: JSONValue = ["model": "tiny", "messages": [["role": "user", "content": "a"]], "max_tokens": 3]
      let failed = try await server.post("/v1/chat/completions", body)
      #expect(failed.status == 500, "\(failed.text)")
      #expect(try failed.json()["error"]?["type"] == "server_error")
    }
    try await TinyServer.with { server in
      let long = JSONValue.array([JSONValue](repeating: 5, count: 5000))
      let answer = try await server.post("/v1/completions", ["model": "tiny", "prompt": long])
      #expect(answer.status == 400)
      #expect(try answer.json()["error"]?["param"] == "prompt", "\(answer.text)")
      #expect(try answer.json()["error"]?["code"] == "context_length_exceeded")
      let words = String(repeating: "the cat ", count: 2000)
      let response = try await server.post("/v1/responses", ["model": "tiny", "input": .string(words)])
      #expect(try response.json()["error"]?["param"] == "input", "\(response.text)")
      // What goes beyond the context is cut to it.
      let cut = try await server.post(
        "/v1/completions", ["model": "tiny", "prompt": [5, 6], "max_tokens": 99_999, "ignore_eos": true])
      #expect(cut.status == 200)
      #expect(try cut.json()["usage"]?["total_tokens"] == 1024, "\(cut.text.suffix(200))")
      #expect(try cut.json()["choices"]?[0]?["finish_reason"] == "length")
    }
  }
}
