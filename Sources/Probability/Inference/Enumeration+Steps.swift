import RealModule

extension Enumeration: SequentialInferenceMethod {
  /// The exact distribution of the last state: every step is enumerated from every state that can
  /// be reached, and equal states are merged (the forward algorithm).
  ///
  /// - Throws: An ``InferenceError`` when the evidence rules every state out, or the executions of
  ///   steps exceed ``maximumExecutions``.
  @specialized(where State == Bool)
  @specialized(where State == Int)
  @specialized(where State == Double)
  public func infer<State: Hashable & Sendable>(
    _ model: SequentialModel<State>
  ) throws -> Distribution<State> {
    let sampler = Sampler(random: RandomSource(seed: 0))
    var executions = 0
    var logEvidence = 0.0
    /// Mass of the ends of infinite supports that were left out, given the states before them.
    var missed = 0.0
    var states: [State?] = [nil]
    var weights = [1.0]
    for step in -1..<model.steps {
      var table = WeightTable<State>()
      for (state, weight) in zip(states, weights) where weight > 0 {
        let logWeight = Double.log(weight)
        try enumerateStep(sampler, &executions) { sampler in
          if let state { try model.step(sampler, state, step) } else { try model.initial(sampler) }
        } each: { next, score in
          table.add(next, logWeight: logWeight + score)
        }
        missed += weight * sampler.state.pointee.closedMass
      }
      let logTotal = table.logTotal
      guard logTotal > -.infinity else {
        throw InferenceError(
          .impossible, "enumeration by steps: step \(step) leaves no state with any probability")
      }
      logEvidence += logTotal
      states = table.values
      let scale = Double.exp(table.reference - logTotal)
      weights = table.weights.map { $0 * scale }
    }
    var diagnostics = Diagnostics(method: "enumeration, by steps")
    diagnostics.executions = executions
    diagnostics.logEvidence = logEvidence
    if missed > 0 {
      diagnostics.missedPriorMass = missed
      diagnostics.missedPosteriorBound =
        sampler.state.pointee.largestFactor <= 0
        ? 1 / (1 + Double.exp(logEvidence - Double.log(missed))) : nil
    }
    var table = WeightTable<State>()
    for (state, weight) in zip(states, weights) where weight > 0 {
      if let state { table.add(state, logWeight: Double.log(weight)) }
    }
    return table.distribution(diagnostics)
  }

  private func enumerateStep<State>(
    _ sampler: Sampler, _ executions: inout Int, _ body: (Sampler) throws -> State,
    each: (State, Double) -> Void
  ) throws {
    let state = sampler.state
    state.pointee.mode = .depthFirst
    state.pointee.maximumChoices = maximumChoices
    state.pointee.trace.count = 0
    state.pointee.target = -1
    state.pointee.bestScore = -.infinity
    state.pointee.closedMass = 0
    repeat {
      executions += 1
      if executions > maximumExecutions {
        throw InferenceError(
          .limit, "enumeration by steps took more than \(maximumExecutions) executions of steps")
      }
      var value: State?
      switch try sampler.execute(body, into: &value) {
      case .completed:
        let score = state.pointee.prior + state.pointee.likelihood
        if score > state.pointee.bestScore { state.pointee.bestScore = score }
        if let value { each(value, score) }
      case .impossible, .paused: break
      case .tooLong:
        throw InferenceError(.limit, "a step made more than \(maximumChoices) choices")
      }
    } while sampler.advanceDepthFirst()
  }
}
