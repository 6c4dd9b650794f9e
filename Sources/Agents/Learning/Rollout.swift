import Torch

/// What was seen and done in some steps of all environments, on the network's device.
///
/// Observations stay bytes: as floats they would take four times the memory.
struct Rollout {
  /// uint8 `[steps, environments, height, width, channels]`.
  let observations: Tensor
  /// int64 `[steps, environments]`.
  let actions: Tensor
  /// ln π(a|s) when they were drawn, `[steps, environments]`.
  let logProbabilities: Tensor
  /// V(s), `[steps + 1, environments]`: also after the last step.
  let values: Tensor
  /// The scaled rewards, `[steps · environments]`.
  var rewards: [Float]
  /// Whether an episode ended with the step.
  var ends: [Bool]

  init(steps: Int, environments: Int, shape: [Int], device: Device) {
    observations = .empty([steps, environments] + shape, dtype: .uint8, device: device)
    actions = .empty([steps, environments], dtype: .int64, device: device)
    logProbabilities = .empty([steps, environments], device: device)
    values = .empty([steps + 1, environments], device: device)
    (rewards, ends) = ([], [])
    rewards.reserveCapacity(steps * environments)
    ends.reserveCapacity(steps * environments)
  }

  /// Notes what was seen and drawn at a step by the first environments of a draw.
  func note(_ step: Int, seen pixels: Tensor, _ drawn: PolicySampler.Drawn) {
    let own = 0..<actions.size(1)
    observations.select(step, axis: 0).copyInPlace(pixels.slice(own))
    actions.select(step, axis: 0).copyInPlace(drawn.actions.slice(own))
    logProbabilities.select(step, axis: 0).copyInPlace(drawn.logProbabilities.slice(own))
    values.select(step, axis: 0).copyInPlace(drawn.values.slice(own))
  }
}
