import Reinforcement
package import Torch

/// Steps of a rollout, in any order; all tensors have the steps along their first axis.
package struct AgentBatch {
  /// uint8 `[N, height, width, channels]`.
  var observations: Tensor
  /// int64 `[N]`.
  var actions: Tensor
  /// ln π(a|s) when they were drawn.
  var logProbabilities: Tensor
  /// V(s) then.
  var values: Tensor
  /// What the actions brought over what was expected.
  var advantages: Tensor
  /// What V should have been.
  var returns: Tensor

  /// Steps by hand.
  package init(
    observations: Tensor, actions: Tensor, logProbabilities: Tensor, values: Tensor, advantages: Tensor, returns: Tensor
  ) {
    self.observations = observations
    self.actions = actions
    self.logProbabilities = logProbabilities
    self.values = values
    self.advantages = advantages
    self.returns = returns
  }

  /// The number of steps.
  var count: Int { actions.size(0) }

  /// The steps of some numbers.
  func rows(_ index: Tensor) -> AgentBatch { map { $0.indexSelect(index) } }

  /// A range of the steps.
  func slice(_ range: Range<Int>) -> AgentBatch { map { $0.slice(range) } }

  private func map(_ body: (Tensor) -> Tensor) -> AgentBatch {
    AgentBatch(
      observations: body(observations), actions: body(actions), logProbabilities: body(logProbabilities),
      values: body(values), advantages: body(advantages), returns: body(returns))
  }
}

/// One minibatch's loss and gradients: L = L_policy − c_e·H + c_v·L_value (Schulman 2017, equation 9).
package struct AgentUpdate {
  let options: AgentSettings

  package init(_ options: AgentSettings) { self.options = options }

  /// The statistics of an update, in their order.
  package static let names = [
    "loss", "policy_loss", "value_loss", "entropy", "clipfrac", "approx_kl", "value_clipfrac",
  ]

  /// Adds the minibatch's gradients to the weights' and returns the statistics, where the tensors lie.
  ///
  /// The minibatch is cut into passes that the memory, or the processor's caches, hold; advantages are whitened before.
  package func backward(_ network: ActorCritic, _ minibatch: AgentBatch) -> Tensor {
    var minibatch = minibatch
    if options.whitensAdvantages { minibatch.advantages = whitened(minibatch.advantages) }
    let count = minibatch.count
    let wanted = options.passSize > 0 ? options.passSize : network.device.kind == .cpu ? 256 : count
    let size = min(wanted, count)
    let sums = Tensor.zeros([Self.names.count], device: minibatch.actions.device)
    for start in stride(from: 0, to: count, by: size) {
      let end = min(start + size, count)
      let pass = size == count ? minibatch : minibatch.slice(start..<end)
      sums.addInPlace(backward(network, pass, of: count))
    }
    return sums
  }

  private func backward(_ network: ActorCritic, _ pass: AgentBatch, of count: Int) -> Tensor {
    let seen = network(pass.observations)
    let all = seen.logits.logSoftmax(axis: -1)
    let chosen = all.gather(pass.actions.unsqueezed(-1), axis: -1).squeezed(-1)
    let entropy = (all.exp() * all).sum() * (-1 / Double(count))
    let policy = ClippedObjective.policy(
      chosen, old: pass.logProbabilities, advantages: pass.advantages, clip: options.clip, normaliser: Double(count))
    let value = ClippedObjective.value(
      seen.values, old: pass.values, returns: pass.returns, clip: options.clipsValues ? options.clip : .infinity,
      normaliser: Double(count))
    let loss = policy.loss - entropy * options.entropyCoefficient + value.loss * options.valueCoefficient
    loss.backward()
    let share = Double(pass.count) / Double(count)
    return withoutGradients {
      Tensor.concatenated([
        Tensor.stacked([loss.detached(), policy.loss.detached(), value.loss.detached(), entropy.detached()]),
        policy.statistics.slice(0..<2) * share, (value.clipped * share).reshaped(1),
      ])
    }
  }
}
