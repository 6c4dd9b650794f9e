// Apprentice's half of the speed comparisons: run by Benchmarks/train and Benchmarks/sample in turns with its peer.
//
// FORMAT is float32, bfloat16, int8, int4 or auto, which keeps a GGUF file's own blocks.
//
// usage: SpeedBenchmark train STEPS float32|bfloat16     prints tokens per second of each step
//        SpeedBenchmark sample MODEL PROMPT_TOKENS NEW_TOKENS SAMPLES REPEATS
//        SpeedBenchmark grpo MODEL STEPS                one iteration: 16 prompts, 4 samples each, 48 new tokens
//        SpeedBenchmark ppo MODEL STEPS                 where the time of a PPO iteration of that size goes
//        SpeedBenchmark decode MODEL FORMAT STREAMS PROMPT_TOKENS NEW_TOKENS REPEATS
//        SpeedBenchmark prefill MODEL FORMAT TOKENS REPEATS
//        SpeedBenchmark logits MODEL TOKENS FILE        SpeedBenchmark machine
//        SpeedBenchmark perplexity MODEL FORMAT ROWS    ROWS: a JSON file of lists of token ids
//        SpeedBenchmark mask TOKENIZER TOKENS           what constraints cost
//        SpeedBenchmark band TOKENS WINDOW REPEATS      GPT-3's turns of dense and banded layers against dense ones
//        SpeedBenchmark row-limits TIMES                what the choice of kernels comes to, measured anew

import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Torch
import Training

/// The decoder of the comparison: GPT-2 shape, 6 layers, 6 heads, width 384, context 256, vocabulary 4,096, tied.
func shape() -> DecoderConfiguration {
  .gpt2(vocabularySize: 4096, width: 384, layers: 6, heads: 6, contextLength: 256, endOfText: 0)
}

func train(steps: Int, bf16: Bool) throws {
  let model = try Decoder(shape(), generator: Generator(seed: 1))
  // Documents as long as a row: attention over the whole context, as the peer has it.
  let tokens = Tensor.randint(1..<4096, [64, 257], generator: Generator(seed: 2)).array(of: Int.self)
  let rows = (0..<64).map { i in
    TargetedTokens(
      tokens: Array(tokens[i * 257..<i * 257 + 256]), targets: Array(tokens[i * 257 + 1..<i * 257 + 257]))
  }
  var settings = TrainingSettings()
  settings.maxSteps = steps
  settings.batchSize = 16
  settings.bf16 = bf16
  let learner = NextTokenLearner(
    model, tokenizer: nil, source: ExampleSource(rows, batchSize: 16, seed: 1), settings: settings)
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: folder) }
  let run = try RunFolder(
    folder.path, manifest: RunManifest(command: "benchmark", configuration: [:], seed: 1))
  try TrainingLoop(settings, folder: run, title: "benchmark").run(learner)
  for line in try String(contentsOf: folder.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
    .split(separator: "\n")
  {
    let values = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    print((values?["tokens_per_second"] as? NSNumber)?.doubleValue ?? 0)
  }
}

func sample(model folder: String, prompt: Int, new: Int, samples: Int, repeats: Int) throws {
  let model = try Checkpoint.loadModel(URL(fileURLWithPath: folder))
  let engine = GenerationEngine(model: model, limits: .init(batch: max(samples, 1)))
  var parameters = SamplingParameters(maxTokens: new)
  parameters.ignoresEndOfText = true
  for round in 0..<repeats {
    parameters.seed = UInt64(round)
    let began = ContinuousClock.now
    let made = try engine.generate([
      GenerationRequest(
        prompt: (0..<prompt).map { $0 * 31 % 4000 + 1 }, samples: samples, parameters: parameters)
    ])
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    print(Double(made[0].reduce(0) { $0 + $1.ids.count }) / seconds)
  }
}

/// Runs a learner and returns its lines of metrics.
func run(_ learner: any Learner, _ settings: TrainingSettings) throws -> [[String: Any]] {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: folder) }
  let run = try RunFolder(
    folder.path, manifest: RunManifest(command: "benchmark", configuration: [:], seed: 1))
  try TrainingLoop(settings, folder: run, title: "benchmark").run(learner)
  return try String(contentsOf: folder.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
    .split(separator: "\n")
    .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
}

/// The prompts of the reinforcement benchmarks, and a reward that needs no model: the share of even ids.
let prompts = (0..<64).map { p in (0..<64).map { ($0 * 31 + p * 7) % 4000 + 1 } }
func even() -> ClosureJudge {
  ClosureJudge(
    "share of even ids",
    each: { Double($0.completion.filter { $0 % 2 == 0 }.count) / Double(max(1, $0.completion.count)) })
}

func grpo(model folder: String, steps: Int) throws {
  var settings = TrainingSettings()
  settings.maxSteps = steps
  settings.batchSize = 16
  settings.learningRate = 1e-5
  var options = GroupSettings()
  options.samples = 4
  options.maxCompletionLength = 48
  let learner = GroupLearner(
    policy: try Checkpoint.loadModel(URL(fileURLWithPath: folder)), tokenizer: nil, prompts: prompts,
    judge: even(), settings: settings, options: options)
  for line in try run(learner, settings) {
    // tokens_per_second counts prompts too; the peer's figure counts what was drawn.
    let seconds = 64 * (64 + number(line, "completions/mean_length")) / number(line, "tokens_per_second")
    print(64 * 48 / seconds)
  }
}

func number(_ line: [String: Any], _ name: String) -> Double { (line[name] as? NSNumber)?.doubleValue ?? .nan }

func ppo(model folder: String, steps: Int) throws {
  var settings = TrainingSettings()
  settings.maxSteps = steps
  settings.batchSize = 64
  settings.learningRate = 1e-5
  var options = PPOSettings()
  options.responseLength = 48
  let policy = try Checkpoint.loadModel(URL(fileURLWithPath: folder))
  let learner = PPOLearner(
    policy: policy, reference: try policy.copy(),
    value: ScalarModel(try policy.copy(), generator: Generator(seed: 1)), tokenizer: nil, prompts: prompts,
    judge: even(), settings: settings, options: options)
  let lines = try run(learner, settings).dropFirst()
  for stage in ["rollout", "scoring", "update"] {
    let seconds = lines.map { number($0, "time/\(stage)") }.sorted()
    print(
      "  \(stage)\(String(repeating: " ", count: 10 - stage.count))",
      String(format: "%6.2f s", seconds[seconds.count / 2]))
  }
}

/// Measures the limits of the kernels anew, so many times, and prints each with the seconds that it took.
func rowLimits(times: Int) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: folder) }
  for index in 0..<times {
    let start = Date()
    let limits = try RowLimits.measured(cache: folder.appendingPathComponent("\(index).json"))
    print(limits, String(format: "%.2f s", -start.timeIntervalSinceNow))
  }
}

let arguments = CommandLine.arguments
switch arguments.count > 1 ? arguments[1] : "" {
case "train" where arguments.count == 4:
  try train(steps: Int(arguments[2]) ?? 8, bf16: arguments[3] == "bfloat16")
case "sample" where arguments.count == 7:
  try sample(
    model: arguments[2], prompt: Int(arguments[3]) ?? 128, new: Int(arguments[4]) ?? 128,
    samples: Int(arguments[5]) ?? 1, repeats: Int(arguments[6]) ?? 3)
case "grpo" where arguments.count == 4: try grpo(model: arguments[2], steps: Int(arguments[3]) ?? 3)
case "ppo" where arguments.count == 4: try ppo(model: arguments[2], steps: Int(arguments[3]) ?? 3)
case "decode" where arguments.count == 8:
  try decode(
    arguments[2], arguments[3], streams: Int(arguments[4]) ?? 1, prompt: Int(arguments[5]) ?? 16,
    new: Int(arguments[6]) ?? 64, repeats: Int(arguments[7]) ?? 3)
case "prefill" where arguments.count == 6:
  try prefill(arguments[2], arguments[3], tokens: Int(arguments[4]) ?? 2048, repeats: Int(arguments[5]) ?? 3)
case "logits" where arguments.count == 5:
  try logits(arguments[2], tokens: Int(arguments[3]) ?? 64, to: arguments[4])
case "perplexity" where arguments.count == 5:
  try perplexity(arguments[2], arguments[3], rows: arguments[4])
case "mask" where arguments.count == 4: try mask(arguments[2], tokens: Int(arguments[3]) ?? 64)
case "band" where arguments.count == 5:
  try band(tokens: Int(arguments[2]) ?? 4096, window: Int(arguments[3]) ?? 256, repeats: Int(arguments[4]) ?? 3)
case "machine" where arguments.count == 2: try machine()
case "row-limits" where arguments.count == 3: try rowLimits(times: Int(arguments[2]) ?? 10)
default:
  FileHandle.standardError.write(Data("usage: see the first lines of Benchmarks/speed/main.swift\n".utf8))
  exit(64)
}
