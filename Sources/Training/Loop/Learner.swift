public import Documents
public import Foundation
public import NeuralNetworks

/// The report of one optimizer step.
public struct StepReport: Sendable {
  /// The mean loss.
  public var loss: Double
  /// Tokens processed, for the throughput.
  public var tokens: Int
  /// The learner's own numbers.
  public var metrics: Metrics
  /// Floating-point operations, for the share of the machine's peak; nil if unknown.
  public var operations: Double?

  /// A report.
  public init(loss: Double, tokens: Int, metrics: Metrics = Metrics(), operations: Double? = nil) {
    self.loss = loss
    self.tokens = tokens
    self.metrics = metrics
    self.operations = operations
  }
}

/// Something that learns step by step: what ``TrainingLoop`` drives.
///
/// A learner computes gradients and calls the updater, once a step or more often (PPO makes several updates of one
/// rollout). What step n does must depend on n, the weights and ``state`` only: that is what makes a run resumable to the
/// bit. Write one to train in a way of your own; the loop brings metrics, progress, checkpoints, resume, evaluation,
/// signals and several processes.
public protocol Learner: AnyObject {
  /// The trained modules by name; their optimizers' state is saved with each checkpoint.
  var modules: [(name: String, module: Module)] { get }
  /// One step.
  func step(_ step: Int, _ updater: Updater) throws -> StepReport
  /// Writes loadable model folders.
  func save(to folder: URL) throws
  /// Reads the weights back.
  func load(from folder: URL) throws
  /// Small numbers that change from step to step, such as an adaptive coefficient.
  var state: [String: Double] { get set }
  /// The examples, rows or prompts of one epoch, for runs whose length is given in epochs; nil where there are no epochs.
  var examplesPerEpoch: Int? { get }
  /// The metrics that show how learning goes, in the words of a progress line, the most telling first.
  var shownMetrics: [(label: String, metric: String)] { get }
  /// The memory that a step takes at least, so that sizes that the machine can't hold are refused before the first.
  var memory: StepMemory { get }
  /// Held-out metrics; the first one is what early stopping and the best checkpoint look at (smaller is better).
  func evaluate(step: Int) throws -> Metrics?
}

extension Learner {
  /// No such numbers.
  public var state: [String: Double] {
    get { [:] }
    set {}
  }
  /// No epochs.
  public var examplesPerEpoch: Int? { nil }
  /// The loss.
  public var shownMetrics: [(label: String, metric: String)] { [("loss", "loss")] }
  /// Hardly anything.
  public var memory: StepMemory { StepMemory() }
  /// No evaluation.
  public func evaluate(step: Int) throws -> Metrics? { nil }
}

/// A loss or gradient that is not a number: the run stops before it touches the weights.
public struct DivergenceError: UserFacingError {
  /// The step.
  public var step: Int
  /// The number that was not finite, and its batch.
  public var message: String
  /// An error at a step.
  public init(step: Int, message: String) {
    self.step = step
    self.message = message
  }
  /// Both, and what to do.
  public var description: String {
    "training diverged at step \(step): \(message). The last checkpoint is kept; lower learning_rate, raise "
      + "warmup_steps or look at that batch"
  }
}
