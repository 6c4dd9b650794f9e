import NeuralNetworks
package import Settings
import Torch

/// The bytes that a step of a learner takes at least: a lower bound, for what can't be held must be refused and what can be
/// must not.
public struct StepMemory: Sendable, Equatable {
  /// For each example of the batch, whatever becomes of it.
  public var bytesPerExample: Int
  /// Tokens of an example that are in a pass.
  public var tokensPerExample: Int
  /// For each token of a pass.
  public var bytesPerToken: Int

  /// A step's needs; the defaults are an example's place in the order of the epoch.
  public init(bytesPerExample: Int = 64, tokensPerExample: Int = 0, bytesPerToken: Int = 0) {
    self.bytesPerExample = bytesPerExample
    self.tokensPerExample = tokensPerExample
    self.bytesPerToken = bytesPerToken
  }

  /// Refuses settings whose steps the machine can't hold.
  ///
  /// - Parameter state: what gradients and moments take.
  /// - Throws: `MemoryShortageError` naming the setting and what would fit.
  package func require(
    _ settings: TrainingSettings, state: Int, free: Int? = MachineMemory.free
  ) throws(MemoryShortageError) {
    try MachineMemory.require(
      bytesEach: bytesPerExample, count: settings.batchSize, fixed: state, of: "batch_size", free: free)
    // A pass is never larger than its batch.
    guard tokensPerExample == 0 || settings.batchSize < settings.microBatchTokens / tokensPerExample + 1 else {
      return try MachineMemory.require(
        bytesEach: bytesPerToken, count: settings.microBatchTokens, fixed: state, of: "micro_batch_tokens", free: free)
    }
    try MachineMemory.require(
      bytesEach: bytesPerToken * tokensPerExample, count: settings.batchSize, fixed: state, of: "batch_size", free: free
    )
  }
}

extension Learner {
  /// Refuses settings whose steps the machine can't hold; says nothing about other devices' memory.
  ///
  /// ``TrainingLoop`` does it, too; whoever makes a run's folder does it before, so that a refused run leaves none behind.
  package func requireMemory(_ settings: TrainingSettings) throws(MemoryShortageError) {
    let trained = modules.flatMap { $0.module.parameters.map(\.tensor) }.filter(\.requiresGrad)
    guard trained.allSatisfy({ $0.device == .cpu }) else { return }
    let moments = settings.optimizer == .adamw ? 2 : settings.optimizer == .adafactor ? 0 : 1
    try memory.require(settings, state: (1 + moments) * 4 * trained.reduce(0) { $0 + $1.count })
  }
}
