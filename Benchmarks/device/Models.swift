import Alignment
import Foundation
import LanguageModels
import NeuralNetworks
import Torch
import Training

// A small decoder of two families in both places: how it learns, writes, is rewarded and stored.

enum Family: String, CaseIterable {
  case gpt2, llama

  var configuration: DecoderConfiguration {
    switch self {
    case .gpt2: .gpt2(vocabularySize: 500, width: 64, layers: 2, heads: 4, contextLength: 128, endOfText: 0)
    case .llama:
      .llama(
        vocabularySize: 500, width: 64, layers: 2, heads: 4, keyValueHeads: 2, feedForwardWidth: 96, contextLength: 128,
        endOfText: 0)
    }
  }

  /// The same weights wherever it is.
  func model(on device: Device) throws -> Decoder {
    let model = try Decoder(configuration, generator: Generator(seed: 1))
    // Larger weights than a new model's, so that tokens differ clearly.
    withoutGradients { for (_, tensor) in model.parameters where tensor.rank == 2 { tensor.multiplyInPlace(4) } }
    model.to(device: device)
    return model
  }
}

/// Texts that can be learnt: each token follows from the one before it.
func texts(_ count: Int, length: Int) -> [TargetedTokens] {
  (0..<count).map { i in
    let all = (0...length).map { ($0 * 7 + i * 13) % 499 + 1 }
    return TargetedTokens(tokens: Array(all.dropLast()), targets: Array(all.dropFirst()))
  }
}

func checkTraining(_ check: Check) {
  for family in Family.allCases {
    for low in [false, true] {
      let name = "\(family.rawValue), \(low ? "bfloat16" : "float32")"
      // Documents of several lengths, one of them long.
      let pass = texts(3, length: 20) + texts(1, length: 100) + texts(2, length: 33)
      func loss(_ model: Decoder, _ at: Check.Place) -> Tensor {
        withAutocast(low ? .bfloat16 : nil, device: at.device) { nextTokenLoss(model, pass, normaliser: 226) }
      }
      check.compare("loss of a decoder, \(name)", low ? 5e-3 : 1e-5) { at in
        let model = try family.model(on: at.device)
        model.requireTraining()
        return [loss(model, at)]
      }
      check.compare("gradients of a decoder, \(name)", low ? 8e-2 : 1e-4) { at in
        let model = try family.model(on: at.device)
        model.requireTraining()
        loss(model, at).backward()
        return model.parameters.map { $0.tensor.grad }
      }
      check.compare("losses of ten steps, \(name)", low ? 2e-2 : 2e-3) { at in
        let model = try family.model(on: at.device)
        model.requireTraining()
        let optimizer = AdamW(ParameterGroup.standard(for: model, weightDecay: 0.1))
        return [
          Tensor(
            (0..<10).map { _ in
              let value = loss(model, at)
              value.backward()
              clipGradients(of: model.parameters.map(\.tensor), toNorm: 1)
              optimizer.step(learningRate: 1e-3)
              model.zeroGradients()
              return value.detached().item()
            })
        ]
      }
    }
  }
}

func checkDecoding(_ check: Check) {
  for family in Family.allCases {
    let device = check.device
    let requests = (0..<6).map { i -> GenerationRequest in
      var parameters = SamplingParameters(maxTokens: 30, seed: UInt64(i))
      (parameters.temperature, parameters.topP) = (i < 3 ? 0 : 1, i == 4 ? 0.9 : 1)
      parameters.ignoresEndOfText = true
      let prompt = (0..<(5 + 13 * i)).map { ($0 * 31 + i) % 499 + 1 }
      return GenerationRequest(prompt: prompt, samples: i == 0 ? 3 : 1, parameters: parameters)
    }
    func written(on device: Device, _ change: (Decoder) throws -> Void = { _ in }) throws -> [Completion] {
      let model = try family.model(on: device)
      try change(model)
      return try GenerationEngine(model: model, limits: .init(batch: 4, prefillTokens: 40)).generate(requests).flatMap {
        $0
      }
    }
    check.report("completions of \(family.rawValue): share of others") {
      let plain = try withTensorErrors { try written(on: .cpu) }
      let there = try check.there { try withTensorErrors { try written(on: device) } }
      let same = zip(plain, there).filter { $0.ids == $1.ids }
      let worst = same.map { pair in
        zip(pair.0.logProbabilities, pair.1.logProbabilities).map { abs($0 - $1) }.max() ?? 0
      }.max()
      guard let worst, worst < 1e-3 else { throw Problem("log-probabilities differ by \(worst ?? .nan)") }
      return (1 - Double(same.count) / Double(plain.count), 0.13)
    }
    for (name, change) in [
      ("packed into bfloat16", { try $0.pack(.bfloat16) }), ("converted to bfloat16", { $0.to(.bfloat16) }),
    ] as [(String, (Decoder) throws -> Void)] {
      // What was reported token by token against one pass over the whole text.
      check.report("log-probabilities while decoding, \(family.rawValue) \(name)") {
        try check.there {
          try withTensorErrors {
            let made = try written(on: device, change)
            let model = try family.model(on: device)
            try change(model)
            return try withoutGradients {
              var worst = 0.0
              let prompts = requests.flatMap { [[Int]](repeating: $0.prompt, count: $0.samples) }
              for (prompt, completion) in zip(prompts, made) {
                guard completion.ids.count == 30 else { throw Problem("\(completion.ids.count) tokens and not 30") }
                let all = model.logProbabilities(PackedTokens([prompt + completion.ids])).array().suffix(30)
                worst = max(worst, zip(all, completion.logProbabilities).map { Double(abs($0 - $1)) }.max() ?? 0)
              }
              return (worst, 0.2)
            }
          }
        }
      }
    }
  }
}

/// Ends a run after some steps, before it would be saved.
struct Enough: Error {}

/// Passes a learner's steps on, as many as are wanted, and keeps what they report.
final class CountedLearner: Learner {
  let inner: any Learner
  let steps: Int
  var reports: [(report: StepReport, seconds: Double)] = []
  let device: Device

  init(_ inner: any Learner, steps: Int, device: Device) {
    (self.inner, self.steps, self.device) = (inner, steps, device)
  }

  var modules: [(name: String, module: Module)] { inner.modules }
  var state: [String: Double] {
    get { inner.state }
    set { inner.state = newValue }
  }
  func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    guard step < steps else { throw Enough() }
    let began = ContinuousClock.now
    let report = try inner.step(step, updater)
    device.synchronize()
    reports.append((report, (ContinuousClock.now - began) / .seconds(1)))
    return report
  }
  func save(to folder: URL) throws { try inner.save(to: folder) }
  func load(from folder: URL) throws { try inner.load(from: folder) }

  /// Makes the steps, in a folder that is thrown away.
  func run(_ settings: TrainingSettings) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try RunFolder(folder.path, manifest: RunManifest(command: "benchmark", configuration: [:], seed: 1))
    do { try TrainingLoop(settings, folder: run, title: "benchmark").run(self) } catch is Enough {}
  }
}

/// A reward that needs no model: the share of even ids.
func even() -> ClosureJudge {
  ClosureJudge(
    "share of even ids",
    each: { Double($0.completion.filter { $0 % 2 == 0 }.count) / Double(max(1, $0.completion.count)) })
}

func proximal(
  _ policy: Decoder, _ settings: TrainingSettings, prompts: [[Int]], response: Int
) throws -> PPOLearner {
  var options = PPOSettings()
  options.responseLength = response
  let scored = ScalarModel(try policy.copy(), generator: Generator(seed: 1))
  return PPOLearner(
    policy: policy, reference: try policy.copy(), value: scored, tokenizer: nil, prompts: prompts, judge: even(),
    settings: settings, options: options)
}

func checkReinforcement(_ check: Check) {
  for low in [false, true] {
    let watched = [
      "objective/scores", "objective/entropy", "objective/kl", "loss/value_avg", "val/ratio", "grad_norm",
      "policy/approxkl_avg",
    ]
    var settings = TrainingSettings()
    settings.maxSteps = 100
    settings.batchSize = 16
    settings.learningRate = 1e-3
    settings.bf16 = low
    let prompts = (0..<32).map { p in (0..<10).map { ($0 * 31 + p * 7) % 499 + 1 } }
    check.compare("PPO's first iteration, \(low ? "bfloat16" : "float32")", low ? 0.2 : 2e-3) { at in
      let learner = try proximal(Family.llama.model(on: at.device), settings, prompts: prompts, response: 12)
      let counted = CountedLearner(learner, steps: 1, device: at.device)
      try counted.run(settings)
      guard let metrics = counted.reports.first?.report.metrics else { throw Problem("no step was made") }
      return [Tensor(watched.map { metrics[$0] ?? .nan })]
    }
    check.report("PPO learns what is rewarded, \(low ? "bfloat16" : "float32"): missing") {
      let device = check.device
      return try check.there {
        try withTensorErrors {
          var settings = settings
          (settings.learningRate, settings.batchSize) = (4e-3, 32)
          let learner = try proximal(Family.llama.model(on: device), settings, prompts: prompts, response: 12)
          let counted = CountedLearner(learner, steps: 40, device: device)
          try counted.run(settings)
          let scores = counted.reports.map { $0.report.metrics["objective/scores"] ?? .nan }
          let (first, last) = (scores.prefix(5).reduce(0, +) / 5, scores.suffix(5).reduce(0, +) / 5)
          return (max(0, 0.1 - (last - first)), 0)
        }
      }
    }
  }
}

func checkStorage(_ check: Check) {
  let device = check.device
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: folder) }
  check.report("a checkpoint's weights come back to the bit") {
    let model = try Family.llama.model(on: device)
    try Checkpoint.save(model, tokenizer: nil, to: folder)
    var worst = 0.0
    for place in [device, .cpu] {
      let read = try Checkpoint.loadModel(folder, device: place)
      guard read.device == place else { throw Problem("read on \(read.device) and not \(place)") }
      for ((name, a), (_, b)) in zip(model.parameters, read.parameters) {
        let difference = (a.to(device: .cpu) - b.to(device: .cpu)).abs().max().item()
        if difference != 0 { throw Problem("\(name) differs by \(difference)") }
        worst = max(worst, difference)
      }
    }
    let low = try Checkpoint.loadModel(folder, dtype: .bfloat16, device: device)
    guard low.dtype == .bfloat16 else { throw Problem("read as \(low.dtype)") }
    return (worst, 0)
  }
  check.report("a run that is taken up goes on as if it had not stopped") {
    func losses(_ name: String, stops: [Int]) throws -> [Double] {
      let path = folder.appendingPathComponent(name).path
      for stop in stops {
        var settings = TrainingSettings()
        (settings.maxSteps, settings.batchSize, settings.saveSteps) = (8, 4, stop)
        let learner = NextTokenLearner(
          try Family.gpt2.model(on: device), tokenizer: nil,
          source: ExampleSource(texts(16, length: 20), batchSize: 4, seed: 1), settings: settings)
        let run = try RunFolder(path, manifest: RunManifest(command: "check", configuration: [:], seed: 1))
        let counted = CountedLearner(learner, steps: stop, device: device)
        do { try TrainingLoop(settings, folder: run, title: "check").run(counted) } catch is Enough {}
      }
      return try String(contentsOfFile: path + "/metrics.jsonl", encoding: .utf8).split(separator: "\n").compactMap {
        ((try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["loss"] as? NSNumber)?.doubleValue
      }
    }
    return try check.there {
      let whole = try losses("whole", stops: [8]), parts = try losses("parts", stops: [4, 8])
      guard whole.count == 8, parts.count == 8 else {
        throw Problem("\(whole.count) and \(parts.count) losses and not 8")
      }
      // Sums that a device makes in no fixed order differ in the last bits.
      return (zip(whole, parts).map { abs($0 - $1) / $0 }.max() ?? .infinity, device == .cpu ? 0 : 1e-4)
    }
  }
}
