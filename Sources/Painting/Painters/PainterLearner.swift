public import Foundation
import Media
public import NeuralNetworks
import Statistics
import Torch
public import Training

/// Teaches a painter to paint as a brush does.
///
/// ```
/// let painter = NeuralPainter.make(.curve, generator: Generator(seed: 1))
/// let learner = PainterLearner(painter, strokes: set, options: PainterSettings(), settings: PainterSettings.training)
/// try TrainingLoop(settings, folder: run, title: "painter").run(learner)
/// ```
///
/// What a step does depends on its number only, so that a run goes on to the bit. ``CurvePainter`` minimises the squared
/// error; the published painters have the losses of section "Neural painters" of their paper, with the sign of the
/// Wasserstein losses as the theory has it: the critic minimises D(fake) − D(real), the painter −D(fake).
public final class PainterLearner: Learner {
  /// The painter.
  public let painter: NeuralPainter
  private let critic: StrokeCritic?
  private let strokes: StrokeTensors
  private let kept: StrokeSet
  private let trained: Int
  private let brush: String
  private let options: PainterSettings
  private let settings: TrainingSettings
  private var order: EpochOrder
  private let random: RandomSource
  private let device: Device

  /// - Parameter set: the last `options.evaluationStrokes` of the strokes are kept for evaluation.
  public init(_ painter: NeuralPainter, strokes set: StrokeSet, options: PainterSettings, settings: TrainingSettings) {
    precondition(
      set.count > options.evaluationStrokes, "\(set.count) strokes, \(options.evaluationStrokes) of them kept")
    self.painter = painter
    self.options = options
    self.settings = settings
    brush = set.brush
    trained = set.count - options.evaluationStrokes
    strokes = StrokeTensors(set)
    kept = set[trained..<set.count]
    critic = painter.kind == .gan ? StrokeCritic(generator: Generator(seed: settings.seed &+ 1)) : nil
    order = EpochOrder(count: trained, seed: settings.seed)
    random = RandomSource(seed: settings.seed)
    device = painter.parameters.first?.tensor.device ?? .cpu
    critic?.to(device: device)
    painter.requireGradients()
    critic?.requireGradients()
    painter.train()
    critic?.train()
  }

  /// The painter, and the critic of a gan.
  public var modules: [(name: String, module: Module)] {
    [("painter", painter)] + (critic.map { [("critic", $0)] } ?? [])
  }
  /// The strokes that are learnt from.
  public var examplesPerEpoch: Int? { trained }
  /// The loss.
  public var shownMetrics: [(label: String, metric: String)] { [("loss", "loss")] }
  /// A stroke's pixels in the layers of a pass.
  public var memory: StepMemory { StepMemory(bytesPerExample: StrokeSet.pixels * 4 * 64) }

  /// The multiple of the learning rate at which ``CurvePainter`` learns: it is a few small layers.
  static let curveRate = 30.0

  private func batch(_ step: Int) -> (shapes: Tensor, coverage: Tensor) {
    strokes.batch(order.indices(from: step * settings.batchSize, count: settings.batchSize), on: device)
  }

  /// One step of the painter, and of a gan the critic's steps before it.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    random.restart(seed: DerivedSeed(run: settings.seed, for: "painter", step: step).value)
    switch painter {
    case let painter as VariationalPainter:
      let first = Int(Double(settings.maxSteps) * (1 - options.predictorShare))
      return try step < first ? code(painter, step, updater) : predict(painter, step, from: first, updater)
    case let painter as AdversarialPainter: return try compete(painter, step, updater)
    default:
      let (shapes, truth) = batch(step)
      let loss = (painter(shapes) - truth).square().sum() * (1 / Double(settings.batchSize))
      loss.backward()
      let norm = try updater.apply("painter", step: step + 1, rate: Self.curveRate, batch: "batch \(step + 1)")
      return StepReport(loss: loss.detached().item(), tokens: 0, metrics: ["grad_norm": norm])
    }
  }

  // MARK: The variational painter

  /// Stage 1: Σ(x − y)² and max(KL, 64/2), where covered pixels weigh more at first.
  private func code(_ painter: VariationalPainter, _ step: Int, _ updater: Updater) throws -> StepReport {
    let (_, truth) = batch(step)
    let (mean, logVariance) = painter.encoder(truth.unsqueezed(1))
    let noise = Tensor.randn(mean.shape, generator: random.generator(on: mean.device))
    let made = painter.decoder(mean + (logVariance * 0.5).exp() * noise)
    let weight = step < settings.maxSteps / 30 ? options.inkWeight : 1
    let mask = ((truth .> 0).to(.float32) * (weight - 1)) + 1
    let count = Double(settings.batchSize)
    let error = ((truth - made).square() * mask).sum() * (1 / count)
    let divergence = (1 + logVariance - mean.square() - logVariance.exp()).sum(axis: 1) * -0.5
    let tolerated = divergence.clamped(0.5 * Double(VariationalPainter.latent)).mean()
    let loss = error + tolerated
    loss.backward()
    let norm = try updater.apply("painter", step: step + 1, batch: "batch \(step + 1)")
    return StepReport(
      loss: loss.detached().item(), tokens: 0,
      metrics: [
        "reconstruction": error.detached().item(), "kl": divergence.detached().mean().item(), "grad_norm": norm,
      ])
  }

  /// Stage 2: the encoder's μ and ln σ² from the numbers, at the published rates in a sixth, a half and a third of the steps.
  private func predict(
    _ painter: VariationalPainter, _ step: Int, from first: Int, _ updater: Updater
  ) throws -> StepReport {
    let (shapes, truth) = batch(step)
    let goal = withoutGradients { painter.encoder(truth.unsqueezed(1)) }
    let made = painter.predictor(shapes)
    let loss = made.mean.meanSquaredError(goal.mean) + made.logVariance.meanSquaredError(goal.logVariance)
    loss.backward()
    let share = Double(step - first) / Double(max(1, settings.maxSteps - first))
    let rate = share < 1.0 / 6 ? 100.0 : share < 2.0 / 3 ? 10 : 1
    let norm = try updater.apply("painter", step: step + 1, rate: rate, batch: "batch \(step + 1)")
    return StepReport(
      loss: loss.detached().item(), tokens: 0, metrics: ["latent_error": loss.detached().item(), "grad_norm": norm])
  }

  // MARK: The adversarial painter

  private func compete(_ painter: AdversarialPainter, _ step: Int, _ updater: Updater) throws -> StepReport {
    guard let critic else { preconditionFailure("a gan has a critic") }
    var metrics = Metrics()
    let count = settings.batchSize
    let noise = random.generator(on: device)
    func drawn() -> Tensor { Tensor.randn([count, AdversarialPainter.noise], generator: noise) }
    for turn in 0..<options.criticSteps {
      let (shapes, truth) = batch(step * (options.criticSteps + 1) + turn)
      let made = withoutGradients { painter(shapes, noise: drawn()) }
      let share = Tensor.rand([count, 1, 1], generator: noise)
      let between = (truth * share + made * (1 - share)).detached().requiringGrad()
      let slopes = Tensor.gradients(
        of: [critic(between, shapes).sum()], for: [between], retainGraph: true, createGraph: true)
      guard let slope = slopes[0] else { preconditionFailure("a critic's judgement depends on the picture") }
      let penalty = ((slope.square().sum(axis: 1, 2) + 1e-12).sqrt() - 1).square().mean()
      let distance = critic(truth, shapes).mean() - critic(made, shapes).mean()
      (penalty * options.gradientPenalty - distance).backward()
      try updater.apply("critic", step: step + 1, batch: "batch \(step + 1)")
      (metrics["wasserstein"], metrics["penalty"]) = (distance.detached().item(), penalty.detached().item())
    }
    let (shapes, truth) = batch(step * (options.criticSteps + 1) + options.criticSteps)
    critic.requireGradients(false)
    defer { critic.requireGradients() }
    let made = painter(shapes, noise: drawn())
    let error = (made - truth).square().sum() * (1 / Double(count))
    // A stroke's squared error in units of a hundred wrong pixels, so that both parts are of about one size.
    let loss = error * (options.reconstruction / 100) - critic(made, shapes).mean()
    loss.backward()
    metrics["grad_norm"] = try updater.apply("painter", step: step + 1, batch: "batch \(step + 1)")
    metrics["reconstruction"] = error.detached().item()
    return StepReport(loss: loss.detached().item(), tokens: 0, metrics: metrics)
  }

  // MARK: Evaluation and files

  /// The error on the strokes that were kept, as a share of a blank canvas's, and on all pixels.
  public func evaluate(step: Int) throws -> Metrics? {
    let error = PainterError.measure(painter, on: kept)
    return ["eval_ink_share": error.share, "eval_error": error.all]
  }

  /// Writes the painter, the critic, and a sheet of kept strokes over the painter's.
  public func save(to folder: URL) throws {
    try PainterFolder.save(painter, brush: brush, to: folder)
    if let critic { try Safetensors.write(critic.state, to: folder.appendingPathComponent("critic.safetensors")) }
    let sheet = StrokeSheet.picture(of: kept[0..<min(24, kept.count)], painter)
    try PNGFile.write(sheet, to: folder.appendingPathComponent("sheet.png").path)
  }

  /// Reads both networks back.
  public func load(from folder: URL) throws {
    // A folder's own name for weights; the critic's lie in a file of another name.
    try painter.load(Safetensors(folder.appendingPathComponent(Safetensors.fileName)).tensors())
    try critic?.load(Safetensors(folder.appendingPathComponent("critic.safetensors")).tensors())
  }
}
