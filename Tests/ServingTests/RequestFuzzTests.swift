import Documents
import Foundation
import LanguageModels
import Serving
import TestSupport
import Testing

/// Good requests with seeded changes: whatever comes is answered, never with a failure of the server's own.
@Suite struct RequestFuzzTests {
  private static let tool: JSONValue = ToolTests.look
  private static let seeds: [(path: String, body: JSONValue)] = [
    (
      "/v1/chat/completions",
      [
        "model": "tiny",
        "messages": [
          ["role": "system", "content": "be"], ["role": "user", "content": [["type": "text", "text": "the cat"]]],
        ],
        "max_tokens": 4, "n": 2, "seed": 1, "temperature": 0.7, "top_p": 0.9, "top_k": 5, "min_p": 0.1,
        "typical_p": 0.9, "stop": ["x"],
        "logprobs": true, "top_logprobs": 2, "logit_bias": ["5": 1], "presence_penalty": 0.1, "frequency_penalty": 0.1,
      ]
    ),
    (
      "/v1/chat/completions",
      [
        "model": "tiny", "max_completion_tokens": 6, "stream": true, "stream_options": ["include_usage": true],
        "tools": [tool],
        "tool_choice": "required", "parallel_tool_calls": true, "add_generation_prompt": true,
        "chat_template_kwargs": ["a": 1],
        "messages": [
          ["role": "user", "content": "hi"],
          [
            "role": "assistant", "content": nil,
            "tool_calls": [["id": "c", "type": "function", "function": ["name": "look", "arguments": "{}"]]],
          ],
          ["role": "tool", "tool_call_id": "c", "content": "sky"],
        ],
      ]
    ),
    (
      "/v1/chat/completions",
      [
        "model": "tiny", "max_tokens": 5, "messages": [["role": "user", "content": "hi"]],
        "response_format": [
          "type": "json_schema",
          "json_schema": [
            "name": "x", "strict": true,
            "schema": [
              "type": "object", "required": ["a", "b"], "additionalProperties": false,
              "properties": [
                "a": ["type": "integer", "minimum": 3, "maximum": 40, "multipleOf": 2],
                "b": ["type": "string", "pattern": "^a+$", "maxLength": 4],
                "c": ["type": "array", "items": ["$ref": "#/$defs/d"], "minItems": 1, "maxItems": 3],
              ],
              "$defs": ["d": ["oneOf": [["const": 1], ["type": "string", "format": "date"]]]],
            ],
          ],
        ],
      ]
    ),
    (
      "/v1/completions",
      [
        "model": "tiny", "prompt": [[5, 6, 7], [8, 9]], "max_tokens": 3, "echo": true, "logprobs": 1, "n": 2,
        "best_of": 2, "stop_token_ids": [3], "ignore_eos": true,
      ]
    ),
    (
      "/v1/completions",
      [
        "model": "tiny", "prompt": "the", "max_tokens": 5, "guided_regex": "[a-c]{2,4}|(x|y)*z",
        "repetition_penalty": 1.1, "user": "me",
      ]
    ),
    (
      "/v1/completions",
      [
        "model": "tiny", "prompt": "the", "max_tokens": 5,
        "guided_grammar": "root ::= \"a\" [b-d]+ | root2\nroot2 ::= \"z\"{2,3}", "stream": true,
      ]
    ),
    (
      "/v1/responses",
      [
        "model": "tiny", "instructions": "be", "max_output_tokens": 5, "metadata": ["a": "b"], "store": false,
        "truncation": "disabled",
        "text": ["format": ["type": "json_object"]],
        "input": [
          ["role": "user", "content": [["type": "input_text", "text": "hi"]]],
          ["type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"],
          ["type": "function_call_output", "call_id": "c", "output": "x"],
        ],
      ]
    ),
    (
      "/v1/responses",
      [
        "model": "tiny", "input": "hi", "max_output_tokens": 5, "stream": true,
        "tools": [["type": "function", "name": "look", "parameters": ["type": "object"]]],
        "tool_choice": ["type": "function", "name": "look"],
      ]
    ),
    ("/v1/embeddings", ["model": "tiny", "input": ["the cat", "dog"], "encoding_format": "base64", "dimensions": 32]),
    ("/v1/score", ["prompt": "the", "completion": [" cat", " dog"]]),
    ("/tokenize", ["prompt": "the cat", "add_special_tokens": true, "return_token_strs": true]),
    ("/tokenize", ["messages": [["role": "user", "content": "hi"]], "add_generation_prompt": true]),
    ("/detokenize", ["tokens": [1, 2, 3]]),
  ]

  @Test("mutated bodies get an answer or a 4xx in OpenAI's shape, and leave nothing running", arguments: [1, 2, 3])
  func bodies(_ seed: UInt64) async throws {
    try await TinyServer.with { limits, settings in
      // Little room, so that no request is long.
      limits.cacheTokens = 192
      settings.mostSamples = 2
      settings.mostPrompts = 4
    } _: { server in
      var mutator = Mutator(
        seed: seed,
        words: [
          "null", "true", "-1", "1e999", "\"\"", "[]", "{}", "\\u0000", "\\ud800", "9223372036854775807", "\u{FF}",
        ])
      var statuses: [Int: Int] = [:]
      for i in 0..<400 {
        let (path, body) = Self.seeds[i % Self.seeds.count]
        let bytes =
          i % 5 == 0
          ? mutator.mutated(Array(body.serialized().utf8)) : Array(mutator.mutated(document: body).serialized().utf8)
        let answer = try await server.send(path, "POST", bytes: bytes)
        statuses[answer.status, default: 0] += 1
        let sent = "\(path) \(String(decoding: bytes, as: UTF8.self)): \(answer.status) \(answer.text.prefix(500))"
        guard !(200..<300).contains(answer.status) else { continue }
        try #require((400..<500).contains(answer.status), "\(sent)")
        let error = try #require(try? answer.json()["error"]?.object, "\(sent)")
        #expect(error["message"]?.string?.isEmpty == false && error["type"]?.string?.isEmpty == false, "\(sent)")
        #expect(error["param"] != nil && error["code"] != nil, "\(sent)")
      }
      #expect((statuses[200] ?? 0) > 10 && (statuses[400] ?? 0) > 100, "\(statuses)")
      let metrics = try await server.get("/metrics").text
      #expect(metrics.contains("vllm:num_requests_running 0\n") && metrics.contains("vllm:num_requests_waiting 0\n"))
    }
  }
}
