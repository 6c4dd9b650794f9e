import HTTPTypes
import LanguageModels
import Tokenization

/// The fields that chat and text completions share.
struct GenerationFields {
  var model: Int
  var modelName: String
  var samples: Int
  var parameters: SamplingParameters
  var constraint: Constraint?
  var isStream: Bool
  var includesUsage: Bool
  /// Whose request it is, for the log.
  var user: String?

  /// Takes the common members out of a request.
  init(_ fields: inout RequestFields, host: ModelHost, mostSamples: Int) throws {
    (model, modelName) = try Self.model(&fields, host: host)
    samples = try fields.int("n", 1...mostSamples) ?? 1
    isStream = try fields.bool("stream") ?? false
    includesUsage = false
    if var options = try fields.fields("stream_options") {
      guard isStream else { throw fields.wrong("stream_options", "is only for requests with 'stream'") }
      includesUsage = try options.bool("include_usage") ?? false
      if try options.bool("include_obfuscation") == true {
        throw options.wrong("include_obfuscation", "can't be true: nothing is added to a stream")
      }
      try options.finish()
    }
    user = try fields.string("user")
    var p = host.settings.defaults
    p.temperature = try fields.double("temperature", 0...100) ?? p.temperature
    // Of no probability at all the most probable token is left.
    p.topP = max(1e-9, try fields.double("top_p", 0...1) ?? p.topP)
    p.topK = max(0, try fields.int("top_k", -1...1_000_000) ?? p.topK)
    p.minP = try fields.double("min_p", 0...1) ?? p.minP
    p.typicalP = try fields.double("typical_p", 1e-9...1) ?? p.typicalP
    p.presencePenalty = try fields.double("presence_penalty", -2...2) ?? 0
    p.frequencyPenalty = try fields.double("frequency_penalty", -2...2) ?? 0
    p.repetitionPenalty = try fields.double("repetition_penalty", 1e-3...1e3) ?? p.repetitionPenalty
    p.ignoresEndOfText = try fields.bool("ignore_eos") ?? false
    p.seed =
      try fields.int("seed", .min ... .max).map { UInt64(bitPattern: Int64($0)) } ?? .random(in: 0 ... .max)
    p.lookupTokens = host.settings.lookupTokens
    // An empty text is how some clients say that there is none.
    if let stop = try fields.strings("stop")?.filter({ !$0.isEmpty }) {
      guard stop.count <= 16 else { throw fields.wrong("stop", "has more than 16 texts") }
      guard stop.allSatisfy({ $0.utf8.count <= 4096 }) else {
        throw fields.wrong("stop", "has a text of more than 4,096 bytes")
      }
      p.stop = stop
    }
    let vocabulary = 0..<host.configuration.vocabularySize
    p.stopTokens = try fields.ints("stop_token_ids") ?? []
    guard p.stopTokens.allSatisfy(vocabulary.contains) else {
      throw fields.wrong("stop_token_ids", "names a token outside the vocabulary")
    }
    if !p.ignoresEndOfText { p.stopTokens += host.tokenizer.specialTokens.stops.filter(vocabulary.contains) }
    if let bias = try fields.fields("logit_bias") { p.logitBias = try Self.bias(bias, vocabulary) }
    parameters = p
    constraint = try Self.constraint(&fields)
  }

  /// The model that a request names.
  static func model(_ fields: inout RequestFields, host: ModelHost) throws -> (Int, String) {
    guard let name = try fields.string("model") else { throw fields.wrong("model", "is missing") }
    guard let index = host.names.firstIndex(of: name) else {
      throw APIError(
        status: .notFound,
        message: "the model '\(name)' is not served here; there is \(host.names.joined(separator: ", "))",
        type: "invalid_request_error", parameter: "model", code: "model_not_found")
    }
    return (index, name)
  }

  private static func bias(_ fields: RequestFields, _ vocabulary: Range<Int>) throws -> [Int: Double] {
    var result: [Int: Double] = [:]
    var fields = fields
    for name in fields.names {
      guard let id = Int(name), vocabulary.contains(id) else {
        throw fields.wrong(name, "is no token of the vocabulary")
      }
      result[id] = try fields.double(name, -100...100)
    }
    return result
  }

  /// A constraint given outright (vLLM's names) or by `response_format`.
  private static func constraint(_ fields: inout RequestFields) throws -> Constraint? {
    var found: [(name: String, constraint: Constraint)] = []
    func compile(_ name: String, _ make: () throws -> Constraint) throws {
      found.append((name, try compiled(name, make)))
    }
    if let source = try fields.string("guided_regex") { try compile("guided_regex") { try .regularExpression(source) } }
    if let source = try fields.string("guided_grammar") { try compile("guided_grammar") { try .grammar(source) } }
    if let texts = try fields.strings("guided_choice") { try compile("guided_choice") { try .choice(texts) } }
    if let schema = fields.value("guided_json") { try compile("guided_json") { try .jsonSchema(schema) } }
    if var format = try fields.fields("response_format"), let constraint = try formatted(&format, isFlat: false) {
      found.append(("response_format", constraint))
    }
    if found.count > 1 {
      throw APIError.invalid("'\(found[1].name)' can't be had beside '\(found[0].name)'", parameter: found[1].name)
    }
    return found.first?.constraint
  }

  private static func compiled(_ name: String, _ make: () throws -> Constraint) throws -> Constraint {
    do { return try make() } catch let error as ConstraintError {
      throw APIError.invalid("'\(name)': \(error.description)", parameter: name, code: "invalid_constraint")
    }
  }

  /// The constraint that an answer's format asks for; nil for any text.
  ///
  /// - Parameter isFlat: whether a schema stands beside the format's type, as in responses, and not in a `json_schema`.
  static func formatted(_ format: inout RequestFields, isFlat: Bool) throws -> Constraint? {
    let type = try format.string("type")
    var constraint: Constraint?
    func schema(_ fields: inout RequestFields) throws -> Constraint {
      _ = try fields.string("name")
      _ = try fields.string("description")
      _ = try fields.bool("strict")
      guard let schema = fields.value("schema") else { throw fields.wrong("schema", "is missing") }
      try fields.finish()
      return try compiled(fields.name("schema")) { try .jsonSchema(schema) }
    }
    switch type {
    case "text": break
    case "json_object": constraint = try compiled(format.name("type")) { try .jsonObject() }
    case "json_schema" where isFlat: return try schema(&format)
    case "json_schema":
      guard var inner = try format.fields("json_schema") else { throw format.wrong("json_schema", "is missing") }
      constraint = try schema(&inner)
    default: throw format.wrong("type", "must be text, json_object or json_schema")
    }
    try format.finish()
    return constraint
  }

  /// Constrains the answer to a call where one is demanded.
  mutating func demand(_ tools: Tools) throws {
    let demanded: Constraint?
    do { demanded = try tools.constraint() } catch let error as ConstraintError {
      throw APIError.invalid("'tools': \(error.description)", parameter: "tools", code: "invalid_constraint")
    }
    guard let demanded else { return }
    guard constraint == nil else {
      throw APIError.invalid("'tool_choice' can't demand a call beside a response format", parameter: "tool_choice")
    }
    constraint = demanded
  }

  /// The engine's request for a prompt.
  func request(_ prompt: [Int]) -> GenerationRequest {
    GenerationRequest(
      prompt: prompt, samples: samples, parameters: parameters, constraint: constraint, model: model)
  }

  /// Sets the tokens that were asked for, or the room that a prompt leaves where that is less.
  ///
  /// - Parameter source: The member that the prompt came from, to blame where it leaves none.
  mutating func setMaxTokens(_ asked: Int?, prompt: Int, from source: String, host: ModelHost) throws {
    let room = host.longest - prompt
    guard room > 0 || (asked == 0 && room == 0) else {
      throw APIError.invalid(
        "the prompt has \(prompt) tokens and the context is \(host.longest)", parameter: source,
        code: "context_length_exceeded")
    }
    parameters.maxTokens = min(asked ?? room, room)
  }
}
