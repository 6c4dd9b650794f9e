import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Torch
import Training

// How fast a decoder of GPT-2's shape learns, writes and is rewarded; peer.py does the same in plain PyTorch and prints the same
// lines: a name, then numbers in a fixed order, for Scripts/device-check to put side by side.

/// What is measured: sizes in the environment make a rehearsal short.
struct Size {
  static func number(_ name: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
  }
  let layers = number("LAYERS", 24), width = number("WIDTH", 1024), heads = number("HEADS", 16)
  let vocabulary = number("VOCABULARY", 50304), context = number("CONTEXT", 1024)
  let rows = number("ROWS", 32), steps = number("STEPS", 12)
  let prompt = number("PROMPT", 128), new = number("NEW", 256), streams = number("STREAMS", 64)

  var configuration: DecoderConfiguration {
    .gpt2(vocabularySize: vocabulary, width: width, layers: layers, heads: heads, contextLength: context, endOfText: 0)
  }
  func model(on device: Device) throws -> Decoder {
    let model = try Decoder(configuration, generator: Generator(seed: 1))
    model.to(device: device)
    return model
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

func line(_ name: String, _ values: Double...) {
  say("speed \(name) " + values.map { String(format: "%.4g", $0) }.joined(separator: " "))
}

/// Prints what a device can do: products in bfloat16 and memory, per second.
func speedOfMachine(_ device: Device) throws {
  let cache = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: cache) }
  let speed = try MachineSpeed.measured(on: device, again: true, cache: cache)
  line("machine", speed.bfloat16, speed.memory)
}

/// Prints tokens per second of training steps, everything included, and the operations of a token.
func speedOfTraining(_ device: Device) throws {
  let size = Size()
  let tokens = Tensor.randint(1..<size.vocabulary, [64, size.context + 1], generator: Generator(seed: 2)).array(
    of: Int.self)
  let rows = (0..<64).map { i in
    let start = i * (size.context + 1)
    return TargetedTokens(
      tokens: Array(tokens[start..<start + size.context]), targets: Array(tokens[start + 1...start + size.context]))
  }
  var settings = TrainingSettings()
  (settings.maxSteps, settings.batchSize, settings.bf16) = (1_000_000, size.rows, true)
  settings.microBatchTokens = size.rows * size.context
  let learner = NextTokenLearner(
    try size.model(on: device), tokenizer: nil, source: ExampleSource(rows, batchSize: size.rows, seed: 1),
    settings: settings)
  let counted = CountedLearner(learner, steps: size.steps, device: device)
  try counted.run(settings)
  let seconds = counted.reports.dropFirst(2).map(\.seconds)
  line(
    "training", Double(size.rows * size.context) / median(seconds),
    size.configuration.trainingFLOPs(perTokenAt: size.context),
    counted.reports.first?.report.loss ?? .nan, counted.reports.last?.report.loss ?? .nan)
}

/// Prints tokens per second of decoding alone, and the bytes that a step must read.
func speedOfDecoding(_ device: Device) throws {
  let size = Size()
  for (name, change) in [
    ("packed", { try $0.pack(.bfloat16) }), ("bfloat16", { $0.to(.bfloat16) }),
  ] as [(String, (Decoder) throws -> Void)] {
    let model = try size.model(on: device)
    try change(model)
    let configuration = size.configuration
    for streams in [1, size.streams] {
      let engine = GenerationEngine(model: model, limits: .init(batch: streams))
      var parameters = SamplingParameters(temperature: 0, maxTokens: size.new)
      parameters.ignoresEndOfText = true
      let requests = (0..<streams).map { stream in
        GenerationRequest(
          prompt: (0..<size.prompt).map { ($0 * 31 + stream * 7) % (size.vocabulary - 3) + 3 }, parameters: parameters)
      }
      var rates: [Double] = []
      for _ in 0..<3 {
        var firsts = 0
        var began = ContinuousClock.now
        _ = try engine.generate(requests) { _, _, _ in
          firsts += 1
          if firsts == streams { began = .now }
          return true
        }
        rates.append(Double(streams * (size.new - 1)) / ((ContinuousClock.now - began) / .seconds(1)))
      }
      let held = Double(size.prompt) + Double(size.new) / 2
      let weights = Double(configuration.parameterCount - configuration.contextLength * configuration.width) * 2
      let bytes = weights + held * Double(streams * PagedCache.bytesPerToken(configuration, dtype: .bfloat16))
      line("decoding-\(name)-\(streams)", median(rates), bytes, Double(streams))
    }
  }
}

/// Prints the seconds of a PPO iteration: all, drawing, scoring, updates.
func speedOfReinforcement(_ device: Device) throws {
  let size = Size()
  var settings = TrainingSettings()
  (settings.maxSteps, settings.batchSize, settings.bf16) = (1_000_000, size.streams, true)
  settings.learningRate = 1e-6
  let prompts = (0..<size.streams).map { p in (0..<64).map { ($0 * 31 + p * 7) % (size.vocabulary - 3) + 3 } }
  let learner = try proximal(size.model(on: device), settings, prompts: prompts, response: 48)
  let counted = CountedLearner(learner, steps: 5, device: device)
  try counted.run(settings)
  let reports = counted.reports.dropFirst(2)
  func stage(_ name: String) -> Double { median(reports.map { $0.report.metrics["time/\(name)"] ?? .nan }) }
  line("ppo", median(reports.map(\.seconds)), stage("rollout"), stage("scoring"), stage("update"))
}
