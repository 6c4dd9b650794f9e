import RealModule

/// One Markov chain over the executions of a model.
///
/// The log target is log prior + `temperature` · log likelihood, over complete executions, or over
/// executions up to a number of factors for a particle that is under way.
final class MarkovChain<Value: Sendable> {
  let sampler: Sampler
  private let model: Model<Value>
  /// The model's value in the current state; `nil` for a particle that is under way.
  private(set) var value: Value?
  private(set) var prior = -Double.infinity
  private(set) var likelihood = -Double.infinity
  /// The power that the likelihood is raised to.
  var temperature = 1.0
  private(set) var moves = MoveCount()

  /// Starts from the first draw of the prior that isn't ruled out and whose density is finite.
  ///
  /// No proposal could leave a state of infinite density.
  init(_ model: @escaping Model<Value>, random: RandomSource, maximumAttempts: Int) throws {
    self.model = model
    sampler = Sampler(random: random)
    let state = sampler.state
    state.pointee.mode = .particle
    state.pointee.records = true
    for _ in 0..<maximumAttempts {
      state.pointee.trace.count = 0
      state.pointee.particle.count = 0
      switch try sampler.execute(model, into: &value) {
      case .completed:
        guard state.pointee.prior.isFinite else { continue }
        begin()
        return
      case .impossible, .paused: continue
      case .tooLong:
        throw InferenceError.endless(
          "drawing a first state from the prior", choices: state.pointee.maximumChoices)
      }
    }
    throw InferenceError.impossible(
      "drawing a first state from the prior", after: maximumAttempts)
  }

  /// Continues from the choices of a particle, which it takes over from the sampler.
  init(continuing model: @escaping Model<Value>, sampler: Sampler) throws {
    self.model = model
    self.sampler = sampler
    let state = sampler.state
    state.pointee.mode = .particle
    state.pointee.records = true
    state.pointee.skippedFactors = 0
    state.pointee.target = -1
    state.pointee.trace.count = 0
    if try sampler.execute(model, into: &value) != .completed { value = nil }
    begin()
  }

  /// Gives the sampler back for running particles, the current state's choices in its particle.
  func finish() {
    let state = sampler.state
    state.pointee.mode = .particle
    state.pointee.records = false
    state.pointee.target = -1
    state.pointee.particle.count = 0
    for index in 0..<state.pointee.old.count {
      state.pointee.particle.append(state.pointee.old.sites[index].word)
    }
  }

  /// Makes the execution just recorded the current state.
  private func begin() {
    let state = sampler.state
    prior = state.pointee.prior
    likelihood = state.pointee.likelihood
    swap(&state.pointee.trace, &state.pointee.old)
    state.pointee.mode = .chain
  }

  /// Proposes a new value for one choice, at random, and accepts or rejects.
  func step() throws {
    let state = sampler.state
    let count = state.pointee.old.count
    guard count > 0 else { return }
    moves.proposed += 1
    let target = state.pointee.random.integer(below: count)
    state.pointee.trace.copyPrefix(of: state.pointee.old, length: target + 1)
    state.pointee.target = target
    state.pointee.aligned = true
    state.pointee.proposalRatio = 0
    var newValue: Value?
    let ending = try sampler.execute(model, into: &newValue)
    let changes =
      state.pointee.trace.sites[target].word != state.pointee.old.sites[target].word
    if changes { moves.changing += 1 }
    switch ending {
    case .completed: break
    case .paused: newValue = nil
    case .impossible, .tooLong: return
    }
    guard state.pointee.prior.isFinite else { return }
    // What a reverse move would have to draw afresh: old choices after the target not reused.
    var removed = 0.0
    for index in target + 1..<max(count, target + 1) {
      removed += state.pointee.old.sites[index].logChoice
    }
    let newCount = state.pointee.trace.count
    let logRatio =
      state.pointee.prior - prior
      + (temperature == 0 ? 0 : temperature * (state.pointee.likelihood - likelihood))
      + Double.log(Double(count) / Double(newCount))
      + state.pointee.proposalRatio + removed
    if logRatio >= 0 || Double.log(state.pointee.random.uniform()) < logRatio {
      moves.accepted += 1
      if changes { moves.moved += 1 }
      value = newValue
      prior = state.pointee.prior
      likelihood = state.pointee.likelihood
      swap(&state.pointee.trace, &state.pointee.old)
    }
  }

  /// Makes the other chain's state this one's and the reverse.
  func exchangeState(with other: MarkovChain<Value>) {
    swap(&sampler.state.pointee.old, &other.sampler.state.pointee.old)
    swap(&value, &other.value)
    swap(&prior, &other.prior)
    swap(&likelihood, &other.likelihood)
  }
}
