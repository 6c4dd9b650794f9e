import Documents
import LanguageModels
import Tokenization

/// The description of the interface in OpenAPI 3.1, made from the same bounds that the routes check.
struct OpenAPIDocument {
  let host: ModelHost?
  let embedders: EmbeddingHost?
  let settings: ModelServer.Settings

  var json: JSONValue {
    [
      "openapi": "3.1.0",
      "info": ["title": "apprentice serve", "version": .string(ModelServer.version)],
      "security": [["key": []], [:]],
      "paths": .object(host == nil ? everybodys : everybodys.merging(generations)),
      "components": [
        "securitySchemes": ["key": ["type": "http", "scheme": "bearer"]],
        "schemas": [
          "Error": object([
            "error": object([
              "message": string, "type": string, "param": ["type": ["string", "null"]],
              "code": ["type": ["string", "null"]],
            ])
          ])
        ],
      ],
    ]
  }

  /// The paths that there are whatever is served.
  private var everybodys: JSONObject {
    [
      "/health": get("Whether the server is up.", object(["status": string])),
      "/version": get("The program's version.", object(["version": string])),
      "/metrics": [
        "get": [
          "summary": "Counts and times for Prometheus.",
          "responses": [
            "200": ["description": "Text.", "content": ["text/plain": ["schema": string]]], "401": error,
          ],
        ]
      ],
      "/slots": get(
        "What is being drawn.",
        ["type": "array", "items": object(["id": integer, "n_ctx": integer, "is_processing": boolean])]),
      "/openapi.json": get("This document.", ["type": "object"]),
      "/v1/models": get("The models.", object(["object": string, "data": list(["type": "object"])])),
      "/v1/models/{name}": [
        "parameters": [["name": "name", "in": "path", "required": true, "schema": string]],
        "get": [
          "summary": "One model.", "responses": ["200": answer(["type": "object"]), "401": error, "404": error],
        ],
      ],
      "/v1/embeddings": post(
        "Vectors of texts.", required: ["model", "input"],
        [
          "model": anyModel, "input": prompt, "encoding_format": ["enum": ["float", "base64"]],
          "dimensions": number("integer", 1), "user": string, "truncate_prompt_tokens": number("integer", -1),
        ]),
    ]
  }

  /// The paths of models that draw text.
  private var generations: JSONObject {
    [
      "/v1/chat/completions": post(
        "The next turn of a conversation.", required: ["model", "messages"],
        generation.merging([
          "messages": [
            "type": "array", "minItems": 1,
            "items": [
              "type": "object", "required": ["role"],
              "properties": [
                "role": ["enum": ["system", "developer", "user", "assistant", "tool"]],
                "content": ["anyOf": [string, list(["type": "object"]), ["type": "null"]]],
              ],
            ],
          ],
          "max_tokens": number("integer", 1), "max_completion_tokens": number("integer", 1), "logprobs": boolean,
          "top_logprobs": number("integer", 0, Double(SamplingParameters.mostAlternatives)),
          "tools": list(["type": "object"]),
          "tool_choice": ["anyOf": [["enum": ["none", "auto", "required"]], ["type": "object"]]],
          "parallel_tool_calls": boolean, "add_generation_prompt": boolean,
          "chat_template_kwargs": ["type": "object"],
          "modalities": ["type": "array", "items": ["const": "text"], "minItems": 1, "maxItems": 1],
          "reasoning_effort": effort, "verbosity": ["const": "medium"],
        ]).merging(nothings)),
      "/v1/responses": post(
        "A response to a text or to items, in OpenAI's later form.", required: ["model", "input"],
        shared.merging([
          "input": ["anyOf": [string, ["type": "array", "minItems": 1, "items": ["type": "object"]]]],
          "instructions": string, "max_output_tokens": number("integer", 1), "text": ["type": "object"],
          "tools": list(["type": "object"]),
          "tool_choice": ["anyOf": [["enum": ["none", "auto", "required"]], ["type": "object"]]],
          "parallel_tool_calls": boolean, "truncation": ["const": "disabled"], "background": ["const": false],
          "include": ["type": "array", "maxItems": 0], "top_logprobs": ["const": 0], "stream_options": streamOptions,
          "reasoning": object(
            ["effort": effort, "summary": ["const": "auto"], "generate_summary": ["const": "auto"]], required: []),
        ]).merging(nothings)),
      "/v1/completions": post(
        "Text that goes on from a prompt.", required: ["model", "prompt"],
        generation.merging([
          "prompt": prompt, "suffix": string, "max_tokens": number("integer", 0), "echo": boolean,
          "best_of": number("integer", 1),
          "logprobs": number("integer", 0, Double(SamplingParameters.mostAlternatives)),
        ])),
      "/v1/score": post(
        "The reward model's scores.", required: ["prompt", "completion"],
        [
          "prompt": string, "completion": strings,
        ]),
      "/tokenize": post(
        "Tokens of a text or a conversation.", required: [],
        [
          "model": model, "prompt": string, "add_special_tokens": boolean, "return_token_strs": boolean,
          "messages": list(["type": "object"]), "add_generation_prompt": boolean,
        ]),
      "/detokenize": post(
        "The text of tokens.", required: ["tokens"], ["model": model, "tokens": list(token)]),
      "/tokenizer_info": get("The tokenizer's configuration.", ["type": "object"]),
    ]
  }

  private var string: JSONValue { ["type": "string"] }
  /// One or several.
  private var strings: JSONValue { ["anyOf": [string, list(string)]] }
  private var integer: JSONValue { ["type": "integer"] }
  private var boolean: JSONValue { ["type": "boolean"] }
  private var model: JSONValue { ["enum": .array((host?.names ?? []).map { .string($0) })] }
  private var anyModel: JSONValue {
    ["enum": .array(((host?.names ?? []) + (embedders?.models.map(\.name) ?? [])).map { .string($0) })]
  }
  private var token: JSONValue {
    let sizes = (host.map { [$0.configuration.vocabularySize] } ?? []) + (embedders?.models.map(\.vocabularySize) ?? [])
    return number("integer", 0, Double((sizes.min() ?? 1) - 1))
  }
  /// A text, texts, tokens or lists of tokens.
  private var prompt: JSONValue {
    let text: JSONValue = ["type": "string", "minLength": 1]
    func several(_ items: JSONValue, most: Int? = nil) -> JSONValue {
      var object: JSONObject = ["type": "array", "items": items, "minItems": 1]
      if let most { object["maxItems"] = .int(most) }
      return .object(object)
    }
    return [
      "anyOf": [
        text, several(text, most: settings.mostPrompts), several(token),
        several(several(token), most: settings.mostPrompts),
      ]
    ]
  }
  private var error: JSONValue {
    [
      "description": "What is wrong.",
      "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
    ]
  }

  /// The properties that chat and text completions share.
  private var generation: JSONObject {
    shared.merging([
      "n": number("integer", 1, Double(settings.mostSamples)),
      "stream_options": streamOptions,
      "response_format": ["type": "object", "required": ["type"]],
    ])
  }

  /// The properties of every route that draws tokens.
  private var shared: JSONObject {
    [
      "model": model, "temperature": number("number", 0, 100), "top_p": number("number", 0, 1),
      "top_k": number("integer", -1, 1_000_000), "min_p": number("number", 0, 1),
      "typical_p": number("number", 1e-9, 1),
      "seed": integer, "stop": strings,
      "stop_token_ids": list(token), "presence_penalty": number("number", -2, 2),
      "frequency_penalty": number("number", -2, 2), "repetition_penalty": number("number", 1e-3, 1e3),
      "logit_bias": ["type": "object", "additionalProperties": number("number", -100, 100)], "ignore_eos": boolean,
      "stream": boolean, "user": string, "guided_regex": string, "guided_grammar": string,
      "guided_json": ["type": ["object", "boolean"]], "guided_choice": strings,
    ]
  }

  private var streamOptions: JSONValue {
    object(["include_usage": boolean, "include_obfuscation": ["const": false]], required: [])
  }

  private var effort: JSONValue {
    ["enum": .array((host.map(ReasoningEffort.accepted(by:)) ?? []).map { .string($0) })]
  }

  /// The properties that change no answer of a chat.
  private var nothings: JSONObject {
    [
      "store": ["const": false], "metadata": ["type": "object"], "service_tier": ["enum": ["auto", "default"]],
      "prompt_cache_key": string, "safety_identifier": string,
    ]
  }

  private func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

  private func number(_ type: String, _ least: Double, _ most: Double? = nil) -> JSONValue {
    var object: JSONObject = ["type": .string(type), "minimum": .double(least)]
    if let most { object["maximum"] = .double(most) }
    return .object(object)
  }

  private func object(_ members: JSONObject, required: [String]? = nil) -> JSONValue {
    [
      "type": "object", "properties": .object(members),
      "required": .array((required ?? members.keys).map { .string($0) }),
    ]
  }

  private func answer(_ schema: JSONValue) -> JSONValue {
    ["description": "The answer.", "content": ["application/json": ["schema": schema]]]
  }

  private func get(_ summary: String, _ schema: JSONValue) -> JSONValue {
    ["get": ["summary": .string(summary), "responses": ["200": answer(schema), "401": error]]]
  }

  private func post(_ summary: String, required: [String], _ members: JSONObject) -> JSONValue {
    // null stands for a member that isn't given.
    let properties = JSONObject(
      members.members.map { key, schema in
        (key: key, value: required.contains(key) ? schema : ["anyOf": [schema, ["type": "null"]]])
      })
    return [
      "post": [
        "summary": .string(summary),
        "requestBody": [
          "required": true,
          "content": [
            "application/json": [
              "schema": [
                "type": "object", "additionalProperties": ["type": "null"], "properties": .object(properties),
                "required": .array(required.map { .string($0) }),
              ]
            ]
          ],
        ],
        "responses": [
          "200": [
            "description": "The answer, or a stream of events.",
            "content": [
              "application/json": ["schema": ["type": "object"]], "text/event-stream": [:],
            ],
          ], "400": error, "401": error, "404": error, "413": error, "429": error, "500": error, "503": error,
        ],
      ]
    ]
  }
}

extension JSONObject {
  /// These members and the others.
  fileprivate func merging(_ others: JSONObject) -> JSONObject { JSONObject(members + others.members) }
}
