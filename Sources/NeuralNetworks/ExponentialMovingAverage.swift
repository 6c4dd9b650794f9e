public import Torch

/// A running average of a network's weights, which often does better than the weights themselves (Polyak 1992).
///
/// w̄ ← w̄ + (1 − d)(w − w̄) after each step. With `warmsUp` the decay of update t is min(d, (1 + t)/(10 + t)), so that the
/// first, poor weights are soon forgotten.
///
/// ```swift
/// let average = ExponentialMovingAverage(of: model, decay: 0.999)
/// optimizer.step(learningRate: rate)
/// average.update()
/// let loss = average.applied { evaluate(model) }
/// ```
public final class ExponentialMovingAverage {
  /// d, the share of the old average that an update keeps.
  public let decay: Double
  private let warmsUp: Bool
  private let weights: [(name: String, tensor: Tensor)]
  private let averages: [Tensor]
  private let updates: Tensor

  /// Starts from the module's present weights; the average is of its trainable parameters.
  public init(of module: Module, decay: Double, warmsUp: Bool = false) {
    precondition((0...1).contains(decay), "a decay is 0 to 1, not \(decay)")
    self.decay = decay
    self.warmsUp = warmsUp
    let found = module.parameters
    weights = found
    averages = withoutGradients { found.map { $0.tensor.detached().clone() } }
    updates = Tensor(0, dtype: .int64)
  }

  /// Takes the present weights into the average.
  public func update() {
    let t = Double(updates.itemInt())
    let decay = warmsUp ? min(decay, (1 + t) / (10 + t)) : decay
    withoutGradients {
      for ((_, weight), average) in zip(weights, averages) { average.lerpInPlace(weight, 1 - decay) }
      updates.addInPlace(Tensor(1, dtype: .int64))
    }
  }

  /// Runs `body` with the averages in the place of the weights, which come back afterwards.
  public func applied<Result>(_ body: () throws -> Result) rethrows -> Result {
    swap()
    defer { swap() }
    return try body()
  }

  /// The averages by the parameters' names, and the count of updates; the tensors themselves and not copies.
  public var state: [(name: String, tensor: Tensor)] {
    zip(weights, averages).map { ($0.name, $1) } + [("num_updates", updates)]
  }

  /// Copies a saved state in.
  ///
  /// - Throws: ``StateDictError`` that lists what is missing, unexpected or of another shape; nothing is copied then.
  public func load(_ saved: [String: Tensor]) throws {
    try StateDictError.check(state, against: saved)
    for (name, tensor) in state { if let given = saved[name] { tensor.copyInPlace(given) } }
  }

  private func swap() {
    withoutGradients {
      for ((_, weight), average) in zip(weights, averages) {
        let kept = weight.detached().clone()
        weight.copyInPlace(average)
        average.copyInPlace(kept)
      }
    }
  }
}
