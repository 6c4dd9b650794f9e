import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Tokenization
import Torch
import Training
import Settings

/// `apprentice sample`.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw completions of a prompt.",
    discussion: """
      Where a flag is not given, the model's generation_config.json says how to draw.

      EXAMPLE:
        apprentice sample --model runs/sft --prompt "Once upon a time" --n 4 --max-tokens 64 \\
          --temperature 0.7 --seed 1

      With files of prompts, texts or conversations, every model answers all of them; the records, {"prompt", \
      "responses": [{"text", "model"}]}, are what the studio's comparisons and rankings are made of.

      EXAMPLE:
        apprentice sample --model runs/sft --model runs/dpo --data prompts.jsonl --out pairs.jsonl
      """)

  @Option(
    help: .init("A checkpoint, a run or a GGUF file; with --data it may be given several times.", valueName: "path"))
  var model: [String]

  @Option(help: .init("The text to go on from.", valueName: "text"))
  var prompt: String?

  @Option(parsing: .upToNextOption, help: .init("Files of prompts.", valueName: "path"))
  var data: [String] = []

  @Option(help: .init("Where the records of --data go.", valueName: "file"))
  var out: String?

  @Option(in: .count(), help: .init("How many completions.", valueName: "count"))
  var n = 1

  @Option(in: .count(), help: .init("The most tokens in each.", valueName: "count"))
  var maxTokens = 64

  @Option(
    in: .atLeast(0),
    help: .init("Divides the logits; 0 takes the most probable token. Default: the model's, or 1.", valueName: "value"))
  var temperature: Double?

  @Option(
    in: .count(from: 0),
    help: .init("Keep the k most probable tokens; 0 keeps all. Default: the model's, or 0.", valueName: "k"))
  var topK: Int?

  @Option(
    in: .above(0, to: 1),
    help: .init(
      "Keep the most probable tokens that hold this much probability. Default: the model's, or 1.", valueName: "p"))
  var topP: Double?

  @Option(
    in: .from(0, to: 1),
    help: .init(
      "Keep tokens at least this fraction as probable as the best. Default: the model's, or 0.", valueName: "p"))
  var minP: Double?

  @Option(parsing: .upToNextOption, help: .init("Texts that end a completion.", valueName: "text"))
  var stop: [String] = []

  @Option(help: .init("What each completion must match, as a whole.", valueName: "expression"))
  var regex: String?

  @Option(help: .init("A JSON schema that each completion must be a document of.", valueName: "file"))
  var jsonSchema: String?

  @Option(help: .init("Same seed, same completions.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var inference: InferenceOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard regex == nil || jsonSchema == nil else {
      throw ValidationError("--regex and --json-schema can't be had together")
    }
    guard (prompt == nil) != data.isEmpty else {
      throw ValidationError("Give either --prompt, a text, or --data, files of prompts.")
    }
    guard (out == nil) == data.isEmpty else {
      throw ValidationError("--data and --out go together: a file of prompts makes a file of records.")
    }
    guard model.count == 1 || prompt == nil else {
      throw ValidationError("--prompt is answered by one model; several answer --data.")
    }
    guard model.count == 1 || inference.draftModel == nil else {
      throw ValidationError("--draft-model belongs to one model, and there are \(model.count).")
    }
  }

  func run() throws {
    if let prompt { try complete(prompt, by: model[0]) } else { try answerFiles() }
  }

  private func complete(_ prompt: String, by model: String) throws {
    let (engine, _, tokenizer, parameters) = try engine(of: model)
    let completions = try engine.generate([
      GenerationRequest(
        prompt: tokenizer.encode(prompt), samples: n, parameters: parameters,
        constraint: try constraint())
    ])[0]
    output.show(
      ["completions": try JSONValue(encoding: completions)],
      text: completions.map { prompt + $0.text }.joined(separator: "\n---\n"))
  }

  private func answerFiles() throws {
    let constraint = try constraint()
    var samples: SampledPrompts?
    for (place, model) in model.enumerated() {
      let (engine, shape, tokenizer, parameters) = try engine(of: model)
      var drawn =
        try samples
        ?? SampledPrompts(
          TokenizedData(tokenizer, shape, options: dataOptions)
            .prompts(data, response: maxTokens).map(\.prompt))
      try drawn.draw(
        from: engine, tokenizer, of: model, samples: n, parameters: parameters, constraint: constraint)
      Log.info("\(model): \(drawn.prompts.count) prompts answered, model \(place + 1) of \(self.model.count)")
      samples = drawn
    }
    guard let samples, let out else { return }
    try samples.write(to: out)
    output.show(
      ["path": .string(out), "records": .int(samples.prompts.count)], text: "\(out): \(samples.prompts.count) records")
  }

  private func constraint() throws -> Constraint? {
    try regex.map { try Constraint.regularExpression($0) }
      ?? jsonSchema.map { try Constraint.jsonSchema(JSONValue(contentsOf: $0)) }
  }

  /// What draws from a model, as its folder and the flags say.
  private func engine(
    of model: String
  ) throws -> (GenerationEngine, DecoderConfiguration, Tokenizer, SamplingParameters) {
    let (decoder, tokenizer) = try inference.memory.model(model, device: try Device(parsing: inference.device))
    let draft = try inference.loadDraft(for: decoder, tokenizer)
    var parameters = try ModelFolder.generationDefaults(model).parameters()
    parameters.temperature = temperature ?? parameters.temperature
    parameters.topK = topK ?? parameters.topK
    parameters.topP = topP ?? parameters.topP
    parameters.minP = minP ?? parameters.minP
    (parameters.maxTokens, parameters.stop, parameters.seed) = (maxTokens, stop, seed)
    return (
      GenerationEngine(
        model: decoder, tokenizer: tokenizer, limits: .init(draftTokens: inference.draftTokens), draft: draft),
      decoder.configuration, tokenizer, parameters
    )
  }
}
