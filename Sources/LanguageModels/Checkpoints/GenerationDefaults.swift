import Documents
public import Foundation

/// The publisher's settings for drawing text: the folder's `generation_config.json`.
///
/// As in vLLM, its values stand in where a request or a flag gives none. `do_sample`, beams, and what this engine lacks are
/// left alone, for they change nothing that wasn't asked for.
public struct GenerationDefaults: Sendable, Equatable {
  /// Tokens that end a text, the model's own and others such as the end of a turn.
  public var ends: [Int] = []
  /// Divides the logits.
  public var temperature: Double?
  /// Keeps the k most probable tokens.
  public var topK: Int?
  /// Keeps the smallest set of tokens with this much probability.
  public var topP: Double?
  /// Keeps tokens at least this fraction as probable as the most probable.
  public var minP: Double?
  /// Keeps the tokens whose surprise lies nearest to the entropy.
  public var typicalP: Double?
  /// Divides the positive and multiplies the negative logits of tokens that were there before.
  public var repetitionPenalty: Double?

  /// No recommendation.
  public init() {}

  /// Reads a folder's file; no recommendation where there is none, such as beside a GGUF file.
  ///
  /// - Throws: ``CheckpointError`` that names the file and the value that can't be.
  public init(folder: URL) throws {
    let file = folder.appendingPathComponent("generation_config.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    do {
      guard let json = try JSONValue(parsing: Array(Data(contentsOf: file))).object else {
        throw ConfigurationError("it is not a JSON object")
      }
      let reader = ConfigurationReader(json, place: "generation_config.json")
      ends = try reader.optionalInts("eos_token_id") ?? []
      temperature = try reader.optionalDouble("temperature")
      topK = try reader.optionalInt("top_k")
      topP = try reader.optionalDouble("top_p")
      minP = try reader.optionalDouble("min_p")
      typicalP = try reader.optionalDouble("typical_p")
      repetitionPenalty = try reader.optionalDouble("repetition_penalty")
      try parameters().validate()
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(path: file.path, message: "\(error)")
    }
  }

  /// Sampling with these values, and a temperature of 1 where there is none.
  public func parameters() -> SamplingParameters {
    var made = SamplingParameters()
    made.temperature = temperature ?? made.temperature
    made.topK = topK ?? made.topK
    made.topP = topP ?? made.topP
    made.minP = minP ?? made.minP
    made.typicalP = typicalP ?? made.typicalP
    made.repetitionPenalty = repetitionPenalty ?? made.repetitionPenalty
    return made
  }
}
