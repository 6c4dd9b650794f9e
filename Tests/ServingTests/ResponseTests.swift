import Documents
import Foundation
import LanguageModels
import Serving
import Testing

/// `/v1/responses`.
@Suite struct ResponseTests {
  private static func body(_ more: JSONObject) -> JSONValue {
    let own: JSONObject = ["model": "tiny", "input": "the cat", "seed": 7, "max_output_tokens": 300]
    return .object(JSONObject(own.members + more.members))
  }
  private static let look: JSONValue = [
    "type": "function", "name": "look", "parameters": ToolTests.look["function"]?["parameters"] ?? nil,
  ]

  /// The documents of a stream of named events, whose names agree.
  private static func events(_ answer: TinyServer.Answer) throws -> [JSONValue] {
    var made: [JSONValue] = []
    for block in answer.text.components(separatedBy: "\n\n") where !block.isEmpty && !block.hasPrefix(":") {
      let lines = block.components(separatedBy: "\n")
      try #require(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "), "\(block)")
      let event = try JSONValue(parsing: String(lines[1].dropFirst(6)))
      #expect(event["type"]?.string == String(lines[0].dropFirst(7)))
      made.append(event)
    }
    #expect(made.map { $0["sequence_number"]?.int } == Array(made.indices))
    return made
  }

  @Test("a response says what chat says, and a stream of it ends in the same document")
  func texts() async throws {
    try await TinyServer.with { server in
      for (more, status) in [
        (["max_output_tokens": 9, "ignore_eos": true], "incomplete"),
        (["guided_choice": ["a cat", "the dog"]], "completed"),
      ]
        as [(JSONObject, String)]
      {
        let whole = try await server.post("/v1/responses", Self.body(more)).json()
        #expect(whole["status"]?.string == status && whole["object"] == "response", "\(whole.serialized())")
        let text = try #require(whole["output"]?[0]?["content"]?[0]?["text"]?.string)
        var chat: JSONObject = [
          "model": "tiny", "messages": [["role": "user", "content": "the cat"]], "seed": 7, "max_tokens": 300,
        ]
        for (key, value) in more.members { chat[key == "max_output_tokens" ? "max_tokens" : key] = value }
        let said = try await server.post("/v1/chat/completions", .object(chat)).json()
        #expect(said["choices"]?[0]?["message"]?["content"]?.string == text)
        #expect(whole["usage"]?["output_tokens"] == said["usage"]?["completion_tokens"])
        #expect((whole["incomplete_details"]?["reason"] == "max_output_tokens") == (status == "incomplete"))

        let streamed = Self.body(JSONObject(more.members + [(key: "stream", value: true)]))
        let events = try Self.events(try await server.post("/v1/responses", streamed))
        let names = events.compactMap { $0["type"]?.string?.dropFirst("response.".count) }.filter {
          $0 != "output_text.delta"
        }
        #expect(
          names.map(String.init) == [
            "created", "in_progress", "output_item.added", "content_part.added", "output_text.done",
            "content_part.done",
            "output_item.done", status,
          ])
        #expect(
          events.filter { $0["type"] == "response.output_text.delta" }.compactMap { $0["delta"]?.string }.joined()
            == text)
        let last = try #require(events.last?["response"])
        #expect(last["output"]?[0]?["content"] == whole["output"]?[0]?["content"])
        #expect(last["usage"]?["total_tokens"] == whole["usage"]?["total_tokens"])
      }
    }
  }

  @Test("calls are items of their own, and come back with their outputs")
  func calls() async throws {
    try await TinyServer.with { server in
      let choice: JSONValue = ["type": "function", "name": "look"]
      let more: JSONObject = ["tools": [Self.look], "tool_choice": choice]
      let whole = try await server.post("/v1/responses", Self.body(more)).json()
      let call = try #require(whole["output"]?[0], "\(whole.serialized())")
      #expect(call["type"] == "function_call" && call["name"] == "look" && whole["output"]?.array?.count == 1)
      let place = try JSONValue(parsing: call["arguments"]?.string ?? "")["at"]?.string
      #expect(["sky", "sea"].contains(place))
      let events = try Self.events(
        try await server.post("/v1/responses", Self.body(JSONObject(more.members + [(key: "stream", value: true)]))))
      #expect(events.first { $0["type"] == "response.function_call_arguments.done" }?["arguments"] == call["arguments"])
      #expect(!events.contains { $0["type"] == "response.output_text.delta" })
      #expect(events.last?["response"]?["output"]?[0]?["name"] == "look")

      let output: JSONValue = ["type": "function_call_output", "call_id": call["call_id"] ?? nil, "output": "blue"]
      let input: JSONValue = [["role": "user", "content": [["type": "input_text", "text": "the cat"]]], call, output]
      let after = try await server.post(
        "/v1/responses", Self.body(["input": input, "instructions": "Be brief.", "guided_choice": ["ok"]]))
      #expect(after.status == 200, "\(after.text)")
      #expect(try after.json()["output"]?[0]?["content"]?[0]?["text"] == "ok")
    }
  }

  @Test("formats shape the text")
  func formats() async throws {
    try await TinyServer.with { server in
      let schema: JSONValue = [
        "type": "object", "properties": ["n": ["type": "integer", "minimum": 1, "maximum": 3]], "required": ["n"],
      ]
      let made = try await server.post(
        "/v1/responses",
        Self.body(["text": ["format": ["type": "json_schema", "name": "x", "strict": true, "schema": schema]]])
      ).json()
      let text = try #require(made["output"]?[0]?["content"]?[0]?["text"]?.string)
      if made["status"] == "completed" {
        #expect((1...3).contains(try JSONValue(parsing: text)["n"]?.int ?? 0), "\(text)")
      }
      #expect(made["text"]?["format"]?["type"] == "json_schema")
    }
  }

  @Test(
    "what would have to be remembered or isn't supported is refused by name",
    arguments: [
      (#"{"previous_response_id": "resp_1"}"#, "previous_response_id"), (#"{"store": true}"#, "store"),
      (#"{"n": 2}"#, "n"),
      (#"{"include": ["reasoning.encrypted_content"]}"#, "include"),
      (#"{"response_format": {"type": "text"}}"#, "response_format"),
      (#"{"truncation": "auto"}"#, "truncation"), (#"{"input": []}"#, "input"),
      (#"{"input": [{"type": "item_reference"}]}"#, "input[0].type"),
      (#"{"input": [{"type": "reasoning", "encrypted_content": "x"}]}"#, "input[0].encrypted_content"),
      (#"{"input": [{"type": "reasoning", "summary": []}]}"#, "input"),
      (#"{"background": true}"#, "background"), (#"{"reasoning": {"summary": "detailed"}}"#, "reasoning.summary"),
      (#"{"tools": [{"type": "web_search"}]}"#, "tools[0]"), (#"{"text": {"verbosity": "low"}}"#, "text.verbosity"),
      (#"{"text": {"format": {"type": "json_schema", "schema": {"not": {}}}}}"#, "text.format.schema"),
      (#"{"input": [{"role": "user", "content": [{"type": "input_image"}]}]}"#, "input[0].content"),
      (#"{"reasoning": {"effort": "low"}}"#, "reasoning.effort"),
    ])
  func refused(_ more: String, _ parameter: String) async throws {
    let extra = try #require(try JSONValue(parsing: more).object)
    try await TinyServer.with { server in
      let answer = try await server.post("/v1/responses", Self.body(extra))
      #expect(answer.status == 400, "\(answer.text)")
      #expect(try answer.json()["error"]?["param"]?.string == parameter, "\(answer.text)")
    }
  }
}
