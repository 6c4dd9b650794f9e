import Documents
import Foundation
import LanguageModels
import NeuralNetworks
import Statistics
import Torch
import Training

/// A decoder with a linear head over the mean of its last hidden vectors.
final class TextureClassifier: Module {
  @Child("backbone") var backbone: LanguageModels.Decoder
  @Child("head") var head: Linear

  init(_ backbone: LanguageModels.Decoder, classes: Int, seed: UInt64) {
    super.init()
    self.backbone = backbone
    head = Linear(backbone.configuration.width, classes, generator: Generator(seed: seed))
  }

  /// Logits `[images, classes]` of images of one length.
  func callAsFunction(_ images: [[Int]]) -> Tensor {
    let hidden = backbone(PackedTokens(images))
    return head(hidden.reshaped(images.count, images[0].count, backbone.configuration.width).mean(axis: 1))
  }
}

/// One training of a classifier of textures, from a generative model of images or from nothing.
///
/// The output embedding is dropped; the mean of the last hidden vectors goes into a new linear head, and nothing is frozen (Henighan et
/// al., 2020, section 5.1). Which texture an image has can be told from its exact probabilities too, so that the least error that any
/// classifier can have is known.
///
/// ```swift
/// let study = TextureStudy(pretrained: "runs/image-8/runs/l4-d48-s900")
/// let result = try study.train(into: "runs/classifier")
/// ```
public struct TextureStudy: Sendable {
  /// A finished run on an image domain: its shape, its source, and unless ``fromScratch`` its weights.
  public var pretrained: String
  /// Whether only the shape is taken over.
  public var fromScratch = false
  /// How many labelled images there are.
  public var images = 512
  /// Steps.
  public var steps = 200
  /// Images of a step.
  public var batch = 32
  /// The peak learning rate of AdamW.
  public var learningRate = 1e-3
  /// Held-out images.
  public var testImages = 512
  /// Seeds the head, the order of images, and a model from nothing.
  public var seed: UInt64 = 1

  /// A study with the usual settings.
  public init(pretrained: String) { self.pretrained = pretrained }

  /// What was measured on held-out images.
  public struct Result: Sendable, Codable, Equatable {
    /// The share of images whose texture was told wrongly.
    public var error: Double
    /// The share that the source's exact probabilities tell wrongly.
    public var leastError: Double
    /// How many images it was measured on.
    public var count: Int
    /// The model's parameters without embeddings.
    public var parameters: Double

    /// The result in a line.
    public var text: String {
      let rate = Estimate.wilson(successes: error * Double(count), n: count)
      return
        "error \(rate.percentage) of \(count) images; the least that can be is \(short(100 * leastError, digits: 3))%"
    }
  }

  private static func drawn(_ source: ImageSource, count: Int, for purpose: String) -> [(texture: Int, bytes: [Int])] {
    (0..<count).map { index in
      var random = SeededGenerator(seed: DerivedSeed(run: 0, for: purpose, index: index).value)
      return source.image(&random)
    }
  }

  /// Trains in a run's folder and measures.
  ///
  /// - Throws: ``ScalingError`` where the run isn't one on images.
  public func train(into folder: String) throws -> Result {
    let (run, domain, model) = try DomainRun.trained(pretrained)
    guard let source = (domain as? ImageDomain)?.source else {
      throw ScalingError.unusable(
        "\(pretrained): the run learnt '\(run.domain)'; textures are told on image-8 and image-16")
    }
    var fresh = run
    fresh.seed = seed
    let classifier = TextureClassifier(
      fromScratch ? try fresh.model(of: domain) : model, classes: source.textures, seed: seed)
    let test = Self.drawn(source, count: testImages, for: "classified images")
    let learner = TextureLearner(
      classifier, images: Self.drawn(source, count: images, for: "labelled images"), test: test, batch: batch,
      seed: seed)
    var settings = TrainingSettings(learningRate: learningRate)
    (settings.maxSteps, settings.batchSize, settings.seed) = (steps, batch, seed)
    (settings.weightDecay, settings.warmupSteps, settings.saveTotalLimit) = (0, steps / 10, 1)
    let place = try RunFolder(
      folder,
      manifest: RunManifest(
        command: "scaling classify",
        configuration: [
          "pretrained": .string(pretrained), "from_scratch": .bool(fromScratch), "images": .int(images),
          "steps": .int(steps), "batch": .int(batch), "learning_rate": .double(learningRate),
          "test_images": .int(testImages),
        ], seed: seed, versions: try TorchLibrary.versions()))
    try TrainingLoop(settings, folder: place, title: "textures").run(learner)
    let least = test.count { image in
      let parts = source.textureLogProbabilities(of: image.bytes) ?? []
      return parts.indices.max { parts[$0] < parts[$1] } != image.texture
    }
    return Result(
      error: learner.error(), leastError: Double(least) / Double(test.count), count: test.count,
      parameters: run.parameters)
  }
}

/// Learns the textures of labelled images.
private final class TextureLearner: Learner {
  private let classifier: TextureClassifier
  private let images: [(texture: Int, tokens: [Int])]
  private let test: [(texture: Int, tokens: [Int])]
  private let batch: Int
  private var order: EpochOrder

  init(
    _ classifier: TextureClassifier, images: [(texture: Int, bytes: [Int])], test: [(texture: Int, bytes: [Int])],
    batch: Int, seed: UInt64
  ) {
    func encoded(_ images: [(texture: Int, bytes: [Int])]) -> [(texture: Int, tokens: [Int])] {
      // All bytes are there to be seen, and nothing comes after the last.
      images.map { ($0.texture, $0.bytes.map { $0 + 1 }) }
    }
    (self.classifier, self.images, self.test, self.batch) = (classifier, encoded(images), encoded(test), batch)
    order = EpochOrder(count: images.count, seed: seed)
    classifier.requireGradients()
    classifier.train()
  }

  var modules: [(name: String, module: Module)] { [("classifier", classifier)] }
  var examplesPerEpoch: Int? { images.count }

  func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let chosen = order.indices(from: step * batch, count: batch).map { images[$0] }
    let loss = classifier(chosen.map(\.tokens)).crossEntropy(Tensor(ids: chosen.map(\.texture)))
    loss.backward()
    let norm = try updater.apply(step: step + 1, batch: "the images of step \(step + 1)")
    return StepReport(
      loss: loss.detached().item(), tokens: chosen.reduce(0) { $0 + $1.tokens.count }, metrics: ["grad_norm": norm])
  }

  /// The share of the held-out images that are told wrongly.
  func error() -> Double {
    classifier.train(false)
    defer { classifier.train() }
    var wrong = 0
    for pass in microBatches(test, tokens: 8192, size: { $0.tokens.count }) {
      let told = withoutGradients { classifier(pass.map(\.tokens)).argmax(axis: 1).array(of: Int.self) }
      wrong += zip(told, pass).count { $0 != $1.texture }
    }
    return Double(wrong) / Double(test.count)
  }

  func evaluate(step: Int) throws -> Metrics? { ["eval_error": error()] }

  func save(to folder: URL) throws {
    try Safetensors.write(
      classifier.parameters.map { ($0.name, $0.tensor) }, to: folder.appendingPathComponent("classifier.safetensors"))
  }

  func load(from folder: URL) throws {
    let file = try Safetensors(folder.appendingPathComponent("classifier.safetensors"))
    for parameter in classifier.parameters {
      try withoutGradients { parameter.tensor.copyInPlace(try file.tensor(parameter.name)) }
    }
  }
}
