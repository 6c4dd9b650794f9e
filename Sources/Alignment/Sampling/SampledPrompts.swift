public import Documents
public import Feedback
public import LanguageModels
public import Tokenization

/// Completions of the same prompts by several models, as records that people can be asked about.
///
/// ```swift
/// var samples = SampledPrompts(["Why is the sky blue?"])
/// try samples.draw(from: engine, tokenizer, of: "before")
/// try samples.draw(from: other, tokenizer, of: "after")
/// try samples.write(to: "pairs.jsonl")   // {"prompt", "responses": [{"text", "model"}, …]}
/// ```
public struct SampledPrompts {
  /// The prompts.
  public let prompts: [Prompt]
  /// For each prompt, the completions so far, in the order of the models.
  public private(set) var responses: [[Response]]

  /// Prompts without completions yet.
  public init(_ prompts: [Prompt]) {
    self.prompts = prompts
    responses = prompts.map { _ in [] }
  }

  /// Draws completions of every prompt.
  ///
  /// - Parameters:
  ///   - engine: what draws.
  ///   - tokenizer: the model's; a conversation goes through its chat template.
  ///   - name: the model's name in the records.
  ///   - samples: completions of each prompt.
  ///   - parameters: its seed is the run's; each prompt's own follows from it and the prompt's place.
  ///   - constraint: what each completion must match.
  /// - Throws: what the template says against a prompt.
  public mutating func draw(
    from engine: GenerationEngine, _ tokenizer: Tokenizer, of name: String, samples: Int = 1,
    parameters: SamplingParameters = SamplingParameters(), constraint: Constraint? = nil
  ) throws {
    let encoder = try DialogueEncoder(tokenizer, endOfText: tokenizer.eos)
    let drawn = try engine.candidates(
      of: try prompts.map { try encoder.prompt($0) }, samples: samples, parameters: parameters, constraint: constraint)
    for (place, candidates) in drawn.enumerated() {
      responses[place] += candidates.map { Response($0.text, policy: PolicyVersion(name)) }
    }
  }

  /// A record for each prompt: `{"prompt", "responses": [{"text", "model"}, …]}`.
  public var records: [JSONObject] {
    get throws {
      try zip(prompts, responses).map { prompt, responses in
        [
          "prompt": try JSONValue(encoding: prompt),
          "responses": .array(
            responses.map { ["text": .string($0.text), "model": .string($0.policy?.name ?? "")] }),
        ]
      }
    }
  }

  /// Writes the records as JSON Lines, whole or not at all.
  public func write(to path: String) throws {
    try DurableFile.write(try records.map { JSONValue.object($0).serialized() + "\n" }.joined(), to: path)
  }
}
