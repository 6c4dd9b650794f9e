import Documents
import Foundation
import LanguageModels
import Serving
import Testing

/// Tools: what is read as a call, and what a demanded call may look like.
@Suite struct ToolTests {
  static let look: JSONValue = [
    "type": "function",
    "function": [
      "name": "look",
      "parameters": ["type": "object", "properties": ["at": ["enum": ["sky", "sea"]]], "required": ["at"]],
    ],
  ]

  static func body(_ more: JSONObject) -> JSONObject {
    let own: JSONObject = [
      "model": "tiny", "messages": [["role": "user", "content": "the cat"]], "seed": 7, "max_tokens": 300,
      "tools": .array([look]),
    ]
    return JSONObject(own.members + more.members)
  }

  @Test(
    "calls are read in the forms of the families, whole and streamed alike",
    arguments: [
      ("<tool_call>\n{\"name\": \"look\", \"arguments\": {\"at\": \"sky\"}}\n</tool_call>", "", [#"{"at": "sky"}"#]),
      (
        #"I look. <tool_call>{"name":"look","arguments":{"at":"sky"}}</tool_call><tool_call>{"name":"look","arguments":"{}"}</tool_call>"#,
        "I look.", [#"{"at": "sky"}"#, "{}"]
      ),
      (#"<|tool_call|>[{"name":"look","arguments":{"at":"sea"}}]<|/tool_call|>"#, "", [#"{"at": "sea"}"#]),
      (
        #"[TOOL_CALLS][{"name":"look","arguments":{"at":"sea"}},{"name":"look","arguments":{}}]"#, "",
        [#"{"at": "sea"}"#, "{}"]
      ),
      (#"[TOOL_CALLS]look[ARGS]{"at":"sea"}[TOOL_CALLS]look[ARGS]{}"#, "", [#"{"at": "sea"}"#, "{}"]),
      (#"[{"name":"look","arguments":{"at":"sea"}}]"#, "", [#"{"at": "sea"}"#]),
      (#"look{"at":"sea"}"#, nil, [#"{"at": "sea"}"#]),
      (#"<|python_tag|>{"name":"look","parameters":{"at":"sky"}}"#, "", [#"{"at": "sky"}"#]),
      (#" {"name":"look","parameters":{}}; {"name":"look","parameters":{"at":"sea"}}"#, "", ["{}", #"{"at": "sea"}"#]),
      (#"{"name":"jump","arguments":{}}"#, #"{"name":"jump","arguments":{}}"#, []), (#"{"at": 1}"#, #"{"at": 1}"#, []),
      ("a < b [c] <tool_ca", "a < b [c] <tool_ca", []),
      ("<tool_call>oops</tool_call> dear", "<tool_call>oops</tool_call> dear", []),
      ("plain é漢 text", "plain é漢 text", []),
    ] as [(String, String?, [String])])
  func forms(_ text: String, _ content: String?, _ arguments: [String]) async throws {
    try await TinyServer.with { server in
      let body = Self.body(["guided_choice": [.string(text)]])
      let whole = try #require(try await server.post("/v1/chat/completions", .object(body)).json()["choices"]?[0])
      let message = whole["message"]
      let calls = message?["tool_calls"]?.array ?? []
      #expect(calls.map { $0["function"]?["arguments"]?.string } == arguments)
      #expect(calls.allSatisfy { $0["function"]?["name"] == "look" && $0["id"]?.string?.hasPrefix("call_") == true })
      #expect(Set(calls.map { $0["id"]?.string }).count == calls.count)
      #expect(whole["finish_reason"]?.string == (arguments.isEmpty ? "stop" : "tool_calls"))
      if let content { #expect((message?["content"]?.string ?? "") == content) }

      let events = try await server.post(
        "/v1/chat/completions", .object(JSONObject(body.members + [(key: "stream", value: true)]))
      ).events()
      let parts = events.flatMap { $0["choices"]?.array ?? [] }
      let streamed = parts.flatMap { $0["delta"]?["tool_calls"]?.array ?? [] }
      #expect(streamed.map { $0["function"]?["arguments"]?.string } == arguments)
      #expect(streamed.compactMap { $0["index"]?.int } == Array(arguments.indices))
      #expect(parts.last?["finish_reason"] == whole["finish_reason"])
      let shown = parts.compactMap { $0["delta"]?["content"]?.string }.joined()
      if let content { #expect(shown.trimmingCharacters(in: .whitespaces) == content) }
    }
  }

  @Test("with tool_choice none the same text is text, and the template sees no tools")
  func none() async throws {
    try await TinyServer.with { server in
      let text = #"<tool_call>{"name":"look","arguments":{}}</tool_call>"#
      let body = Self.body(["guided_choice": [.string(text)], "tool_choice": "none"])
      let made = try await server.post("/v1/chat/completions", .object(body)).json()
      #expect(
        made["choices"]?[0]?["message"]?["content"]?.string == text
          && made["choices"]?[0]?["message"]?["tool_calls"] == nil)
      let offered = try await server.post("/v1/chat/completions", .object(Self.body(["guided_choice": ["x"]]))).json()
      let promptTokens = { (answer: JSONValue) in answer["usage"]?["prompt_tokens"]?.int ?? 0 }
      #expect(promptTokens(made) < promptTokens(offered))
    }
  }

  @Test("references inside a tool's parameters mean that tool's own definitions")
  func references() async throws {
    func tool(_ name: String, _ values: JSONValue) -> JSONValue {
      [
        "type": "function",
        "function": [
          "name": .string(name),
          "parameters": [
            "type": "object", "properties": ["place": ["$ref": "#/$defs/place"]], "required": ["place"],
            "$defs": ["place": ["enum": values]],
          ],
        ],
      ]
    }
    let tools: JSONValue = [tool("look", ["sky", "sea"]), tool("go", ["home", "away"])]
    let allowed = ["look": ["sky", "sea"], "go": ["home", "away"]]
    try await TinyServer.with { server in
      var seen: Set<String> = []
      let named: JSONValue = ["type": "function", "function": ["name": "go"]]
      for (seed, choice) in [JSONValue("required"), "required", "required", "required", named].enumerated() {
        let body = Self.body(["tools": tools, "tool_choice": choice, "seed": .int(seed)])
        let answer = try await server.post("/v1/chat/completions", .object(body))
        let call = try #require(
          try answer.json()["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"], "\(answer.text)")
        let name = try #require(call["name"]?.string)
        if choice == named { #expect(name == "go") }
        let place = try JSONValue(parsing: call["arguments"]?.string ?? "")["place"]?.string
        #expect(allowed[name]?.contains(place ?? "") == true, "\(call.serialized())")
        seen.insert(name)
      }
      #expect(seen == ["look", "go"])
      let broken: JSONValue = [
        ["type": "function", "function": ["name": "x", "parameters": ["$ref": "#/$defs/none"]]]
      ]
      let refused = try await server.post(
        "/v1/chat/completions", .object(Self.body(["tools": broken, "tool_choice": "required"])))
      #expect(refused.status == 400 && refused.text.contains("#/$defs/none"))
      #expect(try refused.json()["error"]?["param"] == "tools")
    }
  }
}
