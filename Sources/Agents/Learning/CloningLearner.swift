public import Foundation
public import NeuralNetworks
public import Settings
import Torch
public import Training

/// The settings of cloning from recorded play.
public struct CloningSettings: LearnerSettings {
  /// The share of replays that is kept for evaluation.
  @Setting("eval_share", .from(0, below: 1), "share", "Replays kept for evaluation, as a share.")
  public var evaluationShare = 0.1
  /// Episodes that are played at each evaluation.
  @Setting(
    "eval_episodes", .count(from: 0), "count", "Episodes played at each evaluation, of all levels; 0 plays none.")
  public var episodes = 32

  /// The defaults.
  public init() {}

  /// Adam at a constant rate, in small batches.
  public static var training: TrainingSettings {
    var settings = AgentSettings.training
    (settings.batchSize, settings.maxSteps, settings.evalSteps) = (64, 2000, 200)
    return settings
  }
}

/// Behaviour cloning from recorded play (Pomerleau 1989): the network learns the action that a person took at each picture.
///
/// Replays are kept out as wholes, as neighbouring pictures resemble each other. The value's head learns nothing here.
public final class CloningLearner: Learner {
  /// The trained network.
  public let network: ActorCritic
  private let demonstrations: Demonstrations
  private let division: HeldOut<Int>
  private let settings: TrainingSettings
  private let options: CloningSettings
  private let environments: () throws -> any AgentEnvironments
  private var order: EpochOrder

  /// - Parameter environments: makes the environments that evaluations are played in, always from their beginning.
  public init(
    _ network: ActorCritic, _ demonstrations: Demonstrations, options: CloningSettings, settings: TrainingSettings,
    environments: @escaping () throws -> any AgentEnvironments
  ) {
    self.network = network
    self.demonstrations = demonstrations
    self.options = options
    self.settings = settings
    self.environments = environments
    division = HeldOut(
      Array(demonstrations.replays.indices), share: options.evaluationShare, seed: settings.seed
    ) { demonstrations.replays[$0] }
    order = EpochOrder(count: division.training.count, seed: settings.seed)
    network.requireGradients()
  }

  /// The network.
  public var modules: [(name: String, module: Module)] { [("agent", network)] }
  /// The steps that are learnt from.
  public var examplesPerEpoch: Int? { division.training.count }
  /// The loss and the share of actions that are the person's.
  public var shownMetrics: [(label: String, metric: String)] { [("loss", "loss"), ("accuracy", "accuracy")] }
  /// A batch of observations.
  public var memory: StepMemory { StepMemory(bytesPerExample: 5 * network.shape.reduce(1, *)) }

  private func batch(_ places: [Int]) -> (pixels: Tensor, actions: Tensor) {
    let index = Tensor(ids: places)
    let device = network.device
    return (
      demonstrations.observations.indexSelect(index).to(device: device),
      demonstrations.actions.indexSelect(index).to(device: device)
    )
  }

  /// One batch.
  public func step(_ step: Int, _ updater: Updater) throws -> StepReport {
    let places = order.indices(from: step * settings.batchSize, count: settings.batchSize).map { division.training[$0] }
    let (pixels, actions) = batch(places)
    let logits = network(pixels).logits
    let loss = logits.crossEntropy(actions)
    loss.backward()
    let norm = try updater.apply(step: step + 1, batch: "batch \(step + 1)")
    let right = withoutGradients { (logits.argmax(axis: -1) .== actions).to(.float32).mean().item() }
    return StepReport(
      loss: loss.detached().item(), tokens: 0, metrics: ["accuracy": right, "grad_norm": norm])
  }

  /// Loss and accuracy on the replays that were kept out, and the mean return of episodes that are played.
  public func evaluate(step: Int) throws -> Metrics? {
    var metrics = Metrics()
    if !division.evaluation.isEmpty {
      var (loss, right) = (0.0, 0.0)
      for start in stride(from: 0, to: division.evaluation.count, by: 256) {
        let places = Array(division.evaluation[start..<min(start + 256, division.evaluation.count)])
        let (pixels, actions) = batch(places)
        withoutGradients {
          let logits = network(pixels).logits
          loss += logits.crossEntropy(actions, reduction: .sum).item()
          right += (logits.argmax(axis: -1) .== actions).to(.float32).sum().item()
        }
      }
      metrics["eval_loss"] = loss / Double(division.evaluation.count)
      metrics["eval_accuracy"] = right / Double(division.evaluation.count)
    }
    if options.episodes > 0 {
      let played = try PolicyEvaluation.play(
        network, in: environments(), episodes: options.episodes, seed: settings.seed,
        isStopped: { InterruptSignals.stopRequested })
      metrics["eval_return"] = played?.mean
    }
    return metrics.names.isEmpty ? nil : metrics
  }

  /// Writes the weights.
  public func save(to folder: URL) throws {
    try Safetensors.write(network.state, to: folder.appendingPathComponent(Safetensors.fileName))
  }

  /// Reads them back.
  public func load(from folder: URL) throws { try network.load(Safetensors(folder).tensors()) }
}
