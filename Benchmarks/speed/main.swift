// Apprentice's half of the speed comparisons: run by Benchmarks/train and Benchmarks/sample in turns with its peer.
//
// usage: SpeedBenchmark train STEPS float32|bfloat16     prints tokens per second of each step
//        SpeedBenchmark sample MODEL PROMPT_TOKENS NEW_TOKENS SAMPLES REPEATS

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

let arguments = CommandLine.arguments
switch arguments.count > 1 ? arguments[1] : "" {
case "train" where arguments.count == 4:
  try train(steps: Int(arguments[2]) ?? 8, bf16: arguments[3] == "bfloat16")
case "sample" where arguments.count == 7:
  try sample(
    model: arguments[2], prompt: Int(arguments[3]) ?? 128, new: Int(arguments[4]) ?? 128,
    samples: Int(arguments[5]) ?? 1, repeats: Int(arguments[6]) ?? 3)
default:
  FileHandle.standardError.write(Data("usage: see the first lines of Benchmarks/speed/main.swift\n".utf8))
  exit(64)
}
