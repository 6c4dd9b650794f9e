import Documents
import Foundation
public import LanguageModels
import NeuralNetworks
import Torch
public import Training

/// One training of one model on a domain: what `apprentice scaling train` makes, and every run of a sweep over a domain.
///
/// ```swift
/// var run = DomainRun(domain: "image-8", layers: 4, width: 32)
/// run.steps = 200
/// try run.train(into: "runs/image-8")
/// ```
public struct DomainRun: Sendable, Codable, Equatable {
  /// The domain's name.
  public var domain: String
  /// Seeds what of the domain is generated.
  public var sourceSeed: UInt64 = 1
  /// Layers.
  public var layers: Int
  /// d_model.
  public var width: Int
  /// Steps.
  public var steps = 1000
  /// Sequences of a step.
  public var rows = 16
  /// The peak learning rate; of Muon's matrices about 0.02, of AdamW 0.003.
  public var learningRate = DomainRun.muonRate
  /// The optimizer.
  public var optimizer = TrainingSettings.OptimizerKind.muon
  /// Points on the learning curve.
  public var evaluations = 10
  /// Seeds weights and data.
  public var seed: UInt64 = 1
  /// How many different sequences there are to learn from, read over and over; nil where there are always more.
  public var uniqueSequences: Int?
  /// A run of the same shape whose weights this one begins with.
  public var start: String?
  /// What is learnt from: ``DomainPart/training``, or ``DomainPart/tuning``.
  public var part = DomainPart.training
  /// A registered prediction of this run's loss, whose digest goes into the run's manifest.
  public var prediction: String?

  /// The peak learning rate of Muon, the same for all widths.
  public static let muonRate = 0.02

  /// A run with the usual settings.
  public init(domain: String, layers: Int, width: Int) {
    (self.domain, self.layers, self.width) = (domain, layers, width)
  }

  private enum CodingKeys: String, CodingKey {
    case domain, layers, width, steps, rows, optimizer, evaluations, seed, start, part, prediction
    case sourceSeed = "source_seed"
    case learningRate = "learning_rate"
    case uniqueSequences = "unique_sequences"
  }

  /// The settings of the loop: a cosine to a tenth of the rate, no weight decay, a tenth of the steps to warm up in.
  public var settings: TrainingSettings {
    var settings = TrainingSettings(learningRate: learningRate)
    (settings.maxSteps, settings.batchSize, settings.seed) = (steps, rows, seed)
    (settings.optimizer, settings.weightDecay, settings.beta2) = (optimizer, 0, 0.98)
    settings.warmupSteps = min(steps / 10, 100)
    settings.evalSteps = max(1, (steps + evaluations - 1) / max(1, evaluations))
    settings.saveTotalLimit = 1
    return settings
  }

  /// The model before it is trained.
  ///
  /// - Throws: ``ScalingError`` for a shape that can't be.
  public func model(of domain: any ScalingDomain) throws -> LanguageModels.Decoder {
    let shape = ModelShape(layers: layers, width: width, proportions: domain.proportions)
    let configuration = try shape.decoder(vocabularySize: domain.vocabularySize, context: domain.context)
    return try LanguageModels.Decoder(configuration, generator: Generator(seed: seed))
  }

  /// Trains, or goes on where a run in the folder was stopped.
  @discardableResult
  public func train(into folder: String) throws -> TrainingLoop.Ending {
    let domain = try ScalingDomains.named(domain, seed: sourceSeed)
    let model = try model(of: domain)
    if let start { try Self.load(start, into: model) }
    var inputs: [String: String] = [:]
    if let start { inputs["start"] = Fingerprint.of(try Self.checkpoint(of: start) + "/model.safetensors") }
    if let prediction { inputs["prediction"] = try PredictionRecord(path: prediction).digest }
    let place = try RunFolder(
      folder,
      manifest: RunManifest(
        command: "scaling train", configuration: try JSONValue(encoding: self).decoded(as: [String: JSONValue].self),
        seed: seed, versions: try TorchLibrary.versions(), inputs: inputs))
    let source = DomainSource(
      domain, part: part, rows: rows, steps: steps, unique: uniqueSequences, seed: seed)
    let learner = DomainLearner(model, domain: domain, source: source, settings: settings)
    let title = "\(self.domain) l\(layers)-d\(width)"
    return try TrainingLoop(settings, folder: place, title: title).run(learner)
  }

  /// The folder of a run's last checkpoint.
  static func checkpoint(of run: String) throws -> String {
    guard let found = try CheckpointStore(run + "/checkpoints").latest() else {
      throw DataError(
        .noInput, path: run, problem: "the run has no checkpoint", advice: "Give the folder of a run that was trained.")
    }
    return found.path
  }

  /// Reads the weights of a run into a model of its shape.
  static func load(_ run: String, into model: LanguageModels.Decoder) throws {
    try Checkpoint.loadTrained(URL(fileURLWithPath: try checkpoint(of: run)), into: model)
  }

  /// The trained model of a run that was made by ``train(into:)``, and its domain.
  public static func trained(_ folder: String) throws -> (
    run: DomainRun, domain: any ScalingDomain, model: LanguageModels.Decoder
  ) {
    guard let run = try described(by: folder)?.run else {
      throw DataError(
        .noInput, path: folder, problem: "this is no run of 'apprentice scaling train'",
        advice: "Give the folder of one.")
    }
    let domain = try ScalingDomains.named(run.domain, seed: run.sourceSeed)
    let model = try run.model(of: domain)
    try load(folder, into: model)
    model.train(false)
    return (run, domain, model)
  }

  /// The run that a folder says it is, whether it is at its end, and the loss that it reached; nil for folders of other things.
  static func described(by folder: String) throws -> (run: DomainRun, isFinished: Bool, loss: Double?)? {
    guard let manifest = try RunFolder.manifest(of: folder), manifest.command == "scaling train" else { return nil }
    let members = manifest.configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    let run = try JSONValue.object(JSONObject(members)).decoded(as: DomainRun.self)
    let losses = MetricsFile(ofRun: folder).lines.compactMap { $0["eval_loss"] }
    return (run, manifest.finished != nil, losses.last)
  }

  /// The tokens that it reads.
  var tokens: Double {
    let context = (try? ScalingDomains.named(domain, seed: sourceSeed).context) ?? 0
    return Double(steps) * Double(rows) * Double(context)
  }

  /// The parameters without embeddings.
  var parameters: Double {
    let proportions = (try? ScalingDomains.named(domain, seed: sourceSeed).proportions) ?? .language
    return ModelShape(layers: layers, width: width, proportions: proportions).parameters
  }
}
