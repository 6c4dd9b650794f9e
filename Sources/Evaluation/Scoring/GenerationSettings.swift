public import Documents

/// How a task's answers are generated: `generation_kwargs` of its file.
public struct GenerationSettings: Sendable, Hashable {
  /// The texts that end an answer.
  public var stops: [String]
  /// The most tokens of an answer.
  public var maxTokens = 256
  /// Divides the logits; 0 takes the most probable token.
  public var temperature = 0.0
  /// Keeps the smallest set of tokens with this much probability.
  public var topP: Double?
  /// Keeps the k most probable tokens.
  public var topK: Int?
  /// Keeps tokens at least this fraction as probable as the best.
  public var minP: Double?
  /// Divides the positive and multiplies the negative logits of tokens that were there before.
  public var repetitionPenalty: Double?
  /// The settings as the file has them, for records of requests.
  public let source: JSONValue

  private static let lengths = ["max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens"]
  private static let known =
    lengths + ["until", "do_sample", "temperature", "top_p", "top_k", "min_p", "repetition_penalty"]

  /// Settings without a file.
  public init(stops: [String], maxTokens: Int = 256, temperature: Double = 0) {
    (self.stops, self.maxTokens, self.temperature) = (stops, maxTokens, temperature)
    source = [
      "until": .array(stops.map { .string($0) }), "max_gen_toks": .int(maxTokens), "do_sample": .bool(temperature > 0),
      "temperature": .double(temperature),
    ]
  }

  init(_ file: TaskFile, _ type: TaskConfiguration.OutputType, delimiter: String) throws(DataError) {
    let key = "generation_kwargs"
    guard type == .generation else {
      (stops, source) = ([], [:])
      return
    }
    guard let value = file.settings[key], !value.isNull else {
      stops = [delimiter]
      source = [
        "temperature": 0.0, "do_sample": false, "max_gen_toks": 256, "until": [.string(delimiter)],
      ]
      return
    }
    guard var settings = value.object else { throw file.error(at: key, "must be a mapping") }
    for name in settings.keys where !Self.known.contains(name) {
      throw file.error(at: key, Self.known.problem(ofUnknownKey: name, called: "\(key).\(name)"))
    }
    func number(_ name: String) throws(DataError) -> Double? {
      guard let value = settings[name], !value.isNull else { return nil }
      guard let number = value.double, number.isFinite else { throw file.error(at: key, "\(name) must be a number") }
      return number
    }
    if settings["until"] == nil { settings["until"] = [.string(delimiter)] }
    let until = settings["until"].map { $0.array ?? [$0] } ?? []
    stops = []
    for stop in until {
      guard let text = stop.string else { throw file.error(at: key, "until must be text or a list of texts") }
      if !text.isEmpty { stops.append(text) }
    }
    if let name = Self.lengths.first(where: { settings[$0].map { !$0.isNull } ?? false }) {
      guard let count = settings[name]?.int, count > 0 else {
        throw file.error(at: key, "\(name) must be a whole number above 0")
      }
      maxTokens = count
    }
    if let temperature = try number("temperature") { settings["temperature"] = .double(temperature) }
    let asked = try number("temperature") ?? 0
    guard asked >= 0 else { throw file.error(at: key, "temperature must be 0 or more") }
    temperature = settings["do_sample"]?.bool == false ? 0 : asked
    topP = try number("top_p")
    topK = try number("top_k").map { Int($0) }
    minP = try number("min_p")
    repetitionPenalty = try number("repetition_penalty")
    source = .object(settings)
  }

  /// The text of an answer: what stands before the first stop.
  public func cut(_ text: String, ending: String? = nil) -> String {
    var bytes = Array(text.utf8)[...]
    for stop in stops + (ending.map { [$0] } ?? []) where !stop.isEmpty {
      let needle = Array(stop.utf8)
      var i = bytes.startIndex
      while i + needle.count <= bytes.endIndex {
        if bytes[i..<i + needle.count].elementsEqual(needle) {
          bytes = bytes[..<i]
          break
        }
        i += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether both ask for the same text, however they are written.
  public static func == (a: GenerationSettings, b: GenerationSettings) -> Bool { a.identity == b.identity }
  /// Hashes what asks for text.
  public func hash(into hasher: inout Hasher) { hasher.combine(identity) }

  /// What decides about the text, as a line.
  var identity: String {
    let numbers = [topP, topK.map(Double.init), minP, repetitionPenalty].map { $0.map { "\($0)" } ?? "-" }
    return "\(stops) \(maxTokens) \(temperature) \(numbers)"
  }
}
