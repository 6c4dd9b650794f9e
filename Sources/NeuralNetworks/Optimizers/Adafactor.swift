import Foundation
public import Torch

/// Adaptive steps with sublinear memory (Shazeer 2018): a matrix remembers one number for each row and column.
///
/// V̂ = R·Cᵀ/mean(R) with R and C running means of g² + ε₁ over columns and rows, decayed by 1 − t^−0.8;
/// u = g/√V̂, clipped to a root mean square of d; θ ← θ − ηλθ − ηu. This is fairseq's and Hugging Face's variant, whose
/// decay multiplies the parameter before the update is taken away. With `scalesByParameter` the learning rate is
/// multiplied by max(ε₂, rms(θ)); with `relativeStep` the given one is replaced by min(10⁻², 1/√t) (or 10⁻⁶·t while
/// warming up), so that no schedule is needed. There is no first moment.
/// The state is `exp_avg_sq_row` and `exp_avg_sq_col` for tensors of two or more axes, `exp_avg_sq` for vectors, and
/// `step`; all in float32.
public final class Adafactor: Optimizer {
  /// Hugging Face's settings.
  public struct Options: Sendable, Codable, Equatable {
    /// ε₁, added to the squared gradient.
    public var epsilon1 = 1e-30
    /// ε₂, the least scale of a parameter.
    public var epsilon2 = 1e-3
    /// d, the largest root mean square of an update.
    public var clipThreshold = 1.0
    /// The exponent of t in the decay of the second moment.
    public var decayRate = -0.8
    /// Whether the learning rate grows with the parameter's root mean square.
    public var scalesByParameter = true
    /// Whether the learning rate is worked out from t instead of given.
    public var relativeStep = false
    /// Whether the relative step warms up by 10⁻⁶ a step.
    public var warmsUp = false

    /// The given learning rate, scaled by each parameter's size.
    public init() {}
  }

  /// The trained parameters, in groups.
  public let groups: [ParameterGroup]
  /// The settings.
  public let options: Options
  private let slots: [[Slot]]

  /// Starts with second moments of zero.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.groups = groups
    self.options = options
    slots = groups.slots { tensor in
      let shape = tensor.shape
      let step = Tensor(0, device: tensor.device)
      guard shape.count >= 2 else { return [.zeros(shape, device: tensor.device), step] }
      return [
        .zeros(Array(shape.dropLast()), device: tensor.device),
        .zeros(Array(shape.dropLast(2)) + [shape[shape.count - 1]], device: tensor.device), step,
      ]
    }
  }

  /// The second moments and `step` of every parameter.
  public var state: [(name: String, tensor: Tensor)] {
    slots.flatMap { group in
      group.flatMap { slot in
        slot.memory.count == 2
          ? [[slot]].state("exp_avg_sq", "step")
          : [[slot]].state("exp_avg_sq_row", "exp_avg_sq_col", "step")
      }
    }
  }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) {
    withoutGradients {
      for (group, slots) in zip(groups, slots) {
        let (slots, gradients) = slots.ready
        for (slot, gradient) in zip(slots, gradients) {
          update(
            slot, gradient.to(.float32), learningRate * group.learningRateScale, group.weightDecay)
        }
      }
    }
  }

  private func update(
    _ slot: Slot, _ gradient: Tensor, _ learningRate: Double, _ weightDecay: Double
  ) {
    let count = slot.memory[slot.memory.count - 1]
    count.addInPlace(Tensor(1, device: count.device))
    let t = count.item()
    let isNarrow = slot.parameter.dtype != .float32
    let parameter = isNarrow ? slot.parameter.to(.float32) : slot.parameter

    var rate = learningRate
    if options.relativeStep { rate = min(options.warmsUp ? 1e-6 * t : 1e-2, 1 / t.squareRoot()) }
    if options.scalesByParameter { rate *= max(options.epsilon2, parameter.rootMeanSquare) }

    let mix = pow(t, options.decayRate)  // 1 − β₂ at step t
    let squared = gradient.square() + options.epsilon1
    let update: Tensor
    if slot.memory.count == 3 {
      let (rows, columns) = (slot.memory[0], slot.memory[1])
      rows.lerpInPlace(squared.mean(axis: -1), mix)
      columns.lerpInPlace(squared.mean(axis: -2), mix)
      let rowFactor = (rows / rows.mean(axis: -1, keepAxes: true)).rsqrt().unsqueezed(-1)
      update = gradient * rowFactor * columns.rsqrt().unsqueezed(-2)
    } else {
      slot.memory[0].lerpInPlace(squared, mix)
      update = gradient * slot.memory[0].rsqrt()
    }
    let excess = max(1, update.rootMeanSquare / options.clipThreshold)
    if weightDecay != 0 { parameter.multiplyInPlace(1 - weightDecay * rate) }
    parameter.addInPlace(update, factor: -rate / excess)
    if isNarrow { slot.parameter.copyInPlace(parameter) }
  }
}

extension Tensor {
  /// √mean(x²).
  var rootMeanSquare: Double { norm().item() / Double(Swift.max(count, 1)).squareRoot() }
}
