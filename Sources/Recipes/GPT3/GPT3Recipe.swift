// Few-shot learning (GPT-3, Brown 2020): a decoder from scratch on a mixture of generated tasks learns in context, and the more so the
// larger it is, also on families of tasks that it was never trained on.
//
// Covered: three sizes on the same documents; zero-, one- and few-shot accuracy with intervals, on items that training never has and
// on three families of tasks of which it has none; each size tuned on each of those beside its few shots; calibration. Zero-shot
// prompts name the task as few-shot ones do. Besides: how well a classifier tells their passages from the generator's, and whether what
// they say of trades is what the passages said. Not covered: text of people. The small models have rotary positions, not GPT-3's.

import Alignment
public import Documents
import Evaluation
import Foundation
import LanguageModels
import NeuralNetworks
import Statistics
import Tokenization
import Torch
import Training

/// A decoder from scratch that learns in context.
public struct GPT3Recipe: Recipe {
  /// Its models compute where they are told to.
  public static let usesDevice = true
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "gpt3", title: "Learning in context",
    paper: "Brown et al. 2020, Language Models are Few-Shot Learners",
    summary:
      "Decoders of three sizes are trained on documents of examples of many generated tasks. Without any change of weights they then "
      + "do tasks by the examples in the prompt, also tasks of families that they never saw: accuracy by the number of examples and "
      + "by size, beside the same models tuned on each task.")

  /// A size of the study.
  struct Size: Sendable {
    var name: String
    var layers: Int
    var width: Int
    var heads: Int
    var seconds: Double
  }

  typealias Kind = InContextTasks.Kind
  private let options: RecipeOptions
  private let tasks: InContextTasks
  let sizes: [Size]
  private let steps: Int
  private let batch: Int
  private let items: Int
  private let tuningSteps: Int
  /// The examples of a document; the last one is asked about with one less before it.
  private static let shots = 13
  /// The numbers of examples that are shown; few-shot is the last.
  static let shown = [0, 1, 2, 4, 8, 12]
  static var few: Int { shown[shown.count - 1] }

  /// The sizes that belong to the scale.
  public init(_ options: RecipeOptions) {
    self.options = options
    tasks = InContextTasks(seed: options.seed)
    let all = [
      Size(name: "small", layers: 2, width: 48, heads: 2, seconds: 100),
      Size(name: "medium", layers: 3, width: 96, heads: 4, seconds: 300),
      Size(name: "large", layers: 4, width: 160, heads: 5, seconds: 960),
    ]
    sizes =
      options.isQuick ? all.map { Size(name: $0.name, layers: 1, width: $0.width / 4, heads: 1, seconds: 2) } : all
    steps = options.isQuick ? 4 : max(20, Int((3000 * options.scale).rounded()))
    batch = options.isQuick ? 8 : 32
    items = options.isQuick ? 8 : 200
    tuningSteps = options.isQuick ? 2 : 60
  }

  /// The sizes, the steps and the items.
  public var configuration: [String: JSONValue] {
    [
      "sizes": .array(
        sizes.map {
          ["name": .string($0.name), "layers": .int($0.layers), "width": .int($0.width), "heads": .int($0.heads)]
        }),
      "steps": .int(steps), "batch": .int(batch), "items": .int(items), "tuning_steps": .int(tuningSteps),
    ]
  }

  /// Seconds on two cores of an EPYC.
  public var plan: [PlannedStage] {
    [.init("tokenizer", seconds: 1)]
      + sizes.flatMap { size in
        [PlannedStage(size.name, seconds: size.seconds), .init("answers of \(size.name)", seconds: size.seconds / 10)]
          + Kind.heldOut.map { .init(Self.tuned(size, $0), seconds: size.seconds / 30) }
      }
  }

  private static func tuned(_ size: Size, _ kind: Kind) -> String {
    "\(size.name) tuned to \(kind.name.replacing(" ", with: "-"))"
  }

  /// What one size answered: by kind and document, whether it was right after 0, 1, 2 … examples; how sure it was; and after tuning.
  struct Outcome: Codable {
    struct Answer: Codable {
      var probability: Double
      var isRight: Bool
    }
    var parameters: Int
    var correct: [String: [[Bool]]]
    var confidence: [Answer]
    var tuned: [String: [Bool]]
    /// Whether a classifier told each passage of a test rightly: the generator's, then the model's.
    var detected: [Bool]
    /// By trade, the probability of "she" where it or "he" follows.
    var shares: [Double]
    /// Some of its passages.
    var passages: [String]
  }

  /// Trains, asks and tunes each size in turn.
  public func run(in run: RecipeRun) async throws -> RecipeFindings {
    let encoder = InContextEncoder(tokenizer: try run.stage("tokenizer") { try makeTokenizer(run) })
    var outcomes: [Outcome] = []
    for size in sizes { outcomes.append(try await outcome(of: size, encoder, run)) }
    return findings(outcomes, run)
  }

  // MARK: 1. Tokenizer

  /// Words of the tasks are tokens; digits and the letters of scrambled words stay single.
  private func makeTokenizer(_ run: RecipeRun) throws -> Tokenizer {
    let place = URL(fileURLWithPath: run.path(of: "tokenizer"))
    if FileManager.default.fileExists(atPath: place.appendingPathComponent("tokenizer.json").path) {
      return try Tokenizer(contentsOf: place)
    }
    var trainer = try BytePairTrainer(vocabularySize: 640, specialTokens: ["<|endoftext|>"])
    var random = SeededGenerator(seed: seed(for: "tokenizer"))
    for _ in 0..<2000 {
      let document = tasks.trainingDocument(shots: 2, &random)
      let text = document.header + document.shots.map { $0.question + $0.answer }.joined()
      // What is scrambled, and digits, must not become words.
      if document.header.hasPrefix("Please") {
        trainer.count(document.header)
      } else {
        trainer.count(String(text.filter { !$0.isNumber }))
      }
    }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: place)
    return tokenizer
  }

  private func seed(for purpose: String) -> UInt64 { DerivedSeed(run: options.seed, for: purpose).value }

  // MARK: 2. Training, on the same documents for every size

  private func settings(_ steps: Int, rate: Double, for purpose: String) -> TrainingSettings {
    .fromScratch(steps: steps, batchSize: batch, rate: rate, seed: seed(for: purpose))
  }

  private func model(_ size: Size, _ tokenizer: Tokenizer) throws -> Decoder {
    let shape = DecoderConfiguration.small(
      vocabularySize: tokenizer.vocabularySize, width: size.width, layers: size.layers, heads: size.heads,
      feedForwardWidth: size.width * 8 / 3 / 16 * 16, contextLength: 512,
      endOfText: tokenizer.eos ?? 0)
    let model = try Decoder(shape, generator: Generator(seed: seed(for: "weights of \(size.name)")))
    model.to(device: options.device)
    return model
  }

  private func outcome(of size: Size, _ encoder: InContextEncoder, _ run: RecipeRun) async throws -> Outcome {
    try await run.stored("answers of \(size.name)") {
      let model = try model(size, encoder.tokenizer)
      let training = settings(steps, rate: 0.02, for: "documents")
      let source = InContextSource(
        tasks: tasks, encoder: encoder, shots: Self.shots, batchSize: batch, seed: training.seed, count: steps * batch)
      try run.stage(size.name) {
        try run.train(
          size.name, NextTokenLearner(model, tokenizer: encoder.tokenizer, source: source, settings: training), training
        )
      }
      model.train(false)
      return try answers(of: model, size, encoder, run)
    }
  }

  // MARK: 3. Questions

  private func documents(_ kind: Kind, shots: Int, for purpose: String, count: Int) -> [InContextTasks.Document] {
    var random = SeededGenerator(seed: seed(for: "\(purpose) of \(kind.name)"))
    return (0..<count).map { _ in tasks.document(kind, shots: shots, isTest: purpose != "tuning", &random) }
  }

  private func answers(
    of model: Decoder, _ size: Size, _ encoder: InContextEncoder, _ run: RecipeRun
  ) throws -> Outcome {
    let accuracy = InContextAccuracy(encoder: encoder)
    let own = try passages(of: model, encoder)
    var made = Outcome(
      parameters: model.parameterCount, correct: [:], confidence: [], tuned: [:], detected: detected(own),
      shares: shares(of: model, encoder), passages: Array(own.prefix(5)))
    for kind in Kind.allCases {
      let tests = documents(kind, shots: Self.shots, for: "tests", count: items)
      made.correct[kind.name] = accuracy.correct(tests, by: model)
      let short = tests.prefix(items / 4).map { document in
        InContextTasks.Document(header: document.header, shots: Array(document.shots.prefix(5)))
      }
      made.confidence += try accuracy.confidence(short, by: model).map { Outcome.Answer(probability: $0, isRight: $1) }
    }
    for kind in Kind.heldOut {
      made.tuned[kind.name] = try tuned(model, size, kind, encoder, run)
    }
    return made
  }

  // MARK: 4. Tuning, the way that needs no examples in the prompt

  private func tuned(
    _ model: Decoder, _ size: Size, _ kind: Kind, _ encoder: InContextEncoder, _ run: RecipeRun
  ) throws -> [Bool] {
    let copy = try model.copy()
    let examples = documents(kind, shots: 1, for: "tuning", count: options.isQuick ? 16 : 500).map(encoder.example)
    let training = settings(tuningSteps, rate: 0.005, for: "tuning")
    let name = Self.tuned(size, kind)
    try run.stage(name) {
      try run.train(
        name.replacing(" ", with: "-"),
        NextTokenLearner(
          copy, tokenizer: encoder.tokenizer,
          source: ExampleSource(examples, batchSize: batch, seed: training.seed), settings: training), training)
    }
    copy.train(false)
    return InContextAccuracy(encoder: encoder)
      .correct(documents(kind, shots: Self.shots, for: "tests", count: items), by: copy).map { $0[0] }
  }

  // MARK: 5. Passages

  private func passages(of model: Decoder, _ encoder: InContextEncoder) throws -> [String] {
    let parameters = SamplingParameters(maxTokens: 96, stop: ["\n"], seed: seed(for: "passages"))
    let prompt = encoder.encoded(.init(header: GeneratedStory.header, shots: [])).tokens
    let request = GenerationRequest(prompt: prompt, samples: passageCount, parameters: parameters)
    return try GenerationEngine(model: model, tokenizer: encoder.tokenizer, limits: .init(batch: 256)).generate([
      request
    ])[
      0
    ].map(\.text)
  }

  private var passageCount: Int { options.isQuick ? 16 : 1000 }

  /// Trains a detector on half of the passages and as many of the generator's, and asks it about the others.
  private func detected(_ own: [String]) -> [Bool] {
    var random = SeededGenerator(seed: seed(for: "real passages"))
    let real = own.map { _ in GeneratedStory.drawn(&random) }
    let half = own.count / 2
    let detector = PassageDetector(
      first: Array(real.prefix(half)), second: Array(own.prefix(half)), seed: seed(for: "detector"))
    return detector.isRight(first: Array(real.dropFirst(half)), second: Array(own.dropFirst(half)))
  }

  private func shares(of model: Decoder, _ encoder: InContextEncoder) -> [Double] {
    func ids(_ text: String) -> [Int] { encoder.tokenizer.encode(text, addSpecialTokens: false) }
    let start = encoder.encoded(.init(header: GeneratedStory.header, shots: [])).tokens
    return GeneratedStory.trades.map { trade in
      let prompt = start + ids(GeneratedStory.opening(trade: trade.name, place: 0))
      let likelihoods = [" She", " He"].map { word -> Double in
        let ids = ids(word)
        let all = withoutGradients { model.logProbabilities(PackedTokens([prompt + ids])).array() }
        return exp(all.suffix(ids.count).reduce(0.0) { $0 + Double($1) })
      }
      return likelihoods[0] / (likelihoods[0] + likelihoods[1])
    }
  }
}
