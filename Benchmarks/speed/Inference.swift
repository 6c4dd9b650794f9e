import Documents
import Foundation
import LanguageModels
import Tokenization
import Torch

// Decoding and reading of prompts by one model, for Benchmarks/inference.

/// How a model's weights are kept: `float32`, `bfloat16`, `int8` or `int4`.
func packed(_ path: String, _ format: String) throws -> Decoder {
  guard let format = WeightFormat(rawValue: format) else {
    throw ConfigurationError("there is no format \(format)")
  }
  let model = try Checkpoint.load(URL(fileURLWithPath: path), keepingBlocks: format.keepsBlocks).model
  if let packing = format.packing { try model.pack(packing) }
  return model
}

/// Prints tokens per second of decoding alone: from everybody's first token to the last.
func decode(_ folder: String, _ format: String, streams: Int, prompt: Int, new: Int, repeats: Int) throws {
  let model = try packed(folder, format)
  let engine = GenerationEngine(model: model, limits: .init(batch: streams))
  var parameters = SamplingParameters(temperature: 0, maxTokens: new)
  parameters.ignoresEndOfText = true
  let requests = (0..<streams).map { stream in
    GenerationRequest(
      prompt: (0..<prompt).map { ($0 * 31 + stream * 7) % 30_000 + 3 }, parameters: parameters)
  }
  for _ in 0..<repeats {
    var firsts = 0
    var began = ContinuousClock.now
    _ = try engine.generate(requests) { _, _, _ in
      firsts += 1
      if firsts == streams { began = .now }
      return true
    }
    print(Double(streams * (new - 1)) / ((ContinuousClock.now - began) / .seconds(1)))
  }
}

/// Prints prompt tokens per second up to the first token of the answer.
func prefill(_ folder: String, _ format: String, tokens: Int, repeats: Int) throws {
  let model = try packed(folder, format)
  let engine = GenerationEngine(model: model)
  let request = GenerationRequest(
    prompt: (0..<tokens).map { $0 * 31 % 30_000 + 3 }, parameters: .init(temperature: 0, maxTokens: 1))
  for _ in 0..<repeats {
    let began = ContinuousClock.now
    _ = try engine.generate([request])
    print(Double(tokens) / ((ContinuousClock.now - began) / .seconds(1)))
  }
}

/// Writes the logits of a prompt, `[tokens, vocabulary]` as raw float32.
func logits(_ model: String, tokens: Int, to file: String) throws {
  let model = try Checkpoint.loadModel(URL(fileURLWithPath: model))
  let ids = (0..<tokens).map { $0 * 31 % 30_000 + 3 }
  let rows = withoutGradients { model.logits(model(PackedTokens([ids]))).array() }
  try rows.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
}

/// Prints exp of the mean of −ln p of all tokens but the first of each row of a JSON file, and how many they are.
func perplexity(_ path: String, _ format: String, rows file: String) throws {
  let model = try packed(path, format)
  let rows = try JSONDecoder().decode([[Int]].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
  var (sum, count) = (0.0, 0)
  withoutGradients {
    for row in rows {
      let values = model.logProbabilities(PackedTokens([row])).array().dropFirst()
      sum -= values.reduce(0) { $0 + Double($1) }
      count += values.count
    }
  }
  print(exp(sum / Double(count)), count)
}

/// Prints what a constraint adds to each token, in milliseconds: a model of one narrow layer over a vocabulary, with
/// and without it.
///
/// The first completion makes the masks of the states that it passes, later ones find them made.
func mask(_ folder: String, tokens: Int) throws {
  let tokenizer = try Tokenizer(contentsOf: URL(fileURLWithPath: folder))
  let model = try Decoder(
    .llama(
      vocabularySize: tokenizer.vocabularySize, width: 16, layers: 1, heads: 1, keyValueHeads: 1, feedForwardWidth: 16,
      contextLength: 2048, endOfText: 0), generator: Generator(seed: 1))
  let scheduler = GenerationScheduler(models: [model], tokenizer: tokenizer, cacheTokens: 8192)
  func perToken(_ constraint: Constraint?, seed: UInt64) throws -> (mean: Double, worst: Double) {
    var parameters = SamplingParameters(maxTokens: tokens, seed: seed)
    parameters.ignoresEndOfText = constraint == nil
    try scheduler.submit(.init(prompt: [1, 2, 3], parameters: parameters, constraint: constraint))
    var times: [Double] = []
    while !scheduler.isIdle {
      let began = ContinuousClock.now
      _ = try scheduler.step()
      times.append((ContinuousClock.now - began) / .milliseconds(1))
    }
    return (times.reduce(0, +) / Double(times.count), times.max() ?? 0)
  }
  for seed in 0..<3 as Range<UInt64> { _ = try perToken(nil, seed: seed) }
  let plain = try perToken(nil, seed: 9)
  print("vocabulary \(tokenizer.vocabularySize): \(plain.mean) ms a token without a constraint")
  let schema = """
    {"type": "object", "properties": {"name": {"type": "string"}, "year": {"type": "integer"},
    "tags": {"type": "array", "items": {"type": "string"}}}, "required": ["name", "year", "tags"]}
    """
  for (name, constraint) in [
    ("a date, [0-9]{4}-[0-9]{2}-[0-9]{2}", try Constraint.regularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("words, ([a-z]+ ){5,50}", try .regularExpression("([a-z]+ ){5,50}")),
    ("a JSON schema", try .jsonSchema(JSONValue(parsing: Array(schema.utf8)))),
  ] {
    let first = try perToken(constraint, seed: 1)
    let later = try (2..<6 as Range<UInt64>).map { try perToken(constraint, seed: $0) }
    let mean = later.reduce(0) { $0 + $1.mean } / Double(later.count)
    print(
      "\(name): first completion \(first.mean - plain.mean) ms more a token (worst step \(first.worst)), "
        + "later ones \(mean - plain.mean) (worst \(later.map(\.worst).max() ?? 0))")
  }
}

/// Prints GFLOP/s of float32 products and GB/s of memory.
func machine() throws {
  let speed = try MachineSpeed.measured(again: true)
  print(speed.float32 / 1e9, speed.memory / 1e9)
}
