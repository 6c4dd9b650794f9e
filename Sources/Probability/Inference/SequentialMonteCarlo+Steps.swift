extension SequentialMonteCarlo: SequentialInferenceMethod {
  /// The distribution of the last state, each step run once for each particle.
  ///
  /// - Throws: An ``InferenceError`` for a setting that makes no sense, among them rejuvenation:
  ///   states alone can't be moved, for the choices that led to them aren't kept.
  @specialized(where State == Bool)
  @specialized(where State == Int)
  @specialized(where State == Double)
  public func infer<State: Hashable & Sendable>(
    _ model: SequentialModel<State>
  ) throws -> Distribution<State> {
    try checkSettings()
    if rejuvenationSteps > 0 {
      throw InferenceError(
        .badSetting, "a SequentialModel can't be rejuvenated: pass its plain `model` instead")
    }
    let size = (particles + Self.groups - 1) / Self.groups
    let groups = stride(from: 0, to: particles, by: size).map {
      StateGroup(
        model, count: min(size, particles - $0),
        random: RandomSource(seed: seed, stream: UInt64($0 / size) + 1))
    }
    var population = Population(
      count: particles, threshold: resamplingThreshold, random: RandomSource(seed: seed))
    for step in -1..<model.steps {
      _ = try inParallel(groups.count) { try groups[$0].advance(step) }
      try population.add(groups.flatMap(\.increments), atFactor: step)
      if let ancestors = population.resample() {
        let states = groups.flatMap(\.states)
        for (index, ancestor) in ancestors.enumerated() {
          groups[index / size].states[index % size] = states[ancestor]
        }
      }
    }
    var table = WeightTable<State>()
    for (state, weight) in zip(groups.flatMap(\.states), population.logWeights) {
      if let state, weight > -.infinity { table.add(state, logWeight: weight) }
    }
    return table.distribution(
      population.diagnostics(
        method: "sequential Monte Carlo, by steps", executions: particles * (model.steps + 1)))
  }
}

/// The states of some particles, touched by one piece of work at a time.
private final class StateGroup<State: Sendable>: @unchecked Sendable {
  let model: SequentialModel<State>
  let sampler: Sampler
  /// `nil` once a particle is ruled out.
  var states: [State?]
  var increments: [Double]

  init(_ model: SequentialModel<State>, count: Int, random: RandomSource) {
    self.model = model
    sampler = Sampler(random: random)
    states = Array(repeating: nil, count: count)
    increments = Array(repeating: 0, count: count)
  }

  /// Runs one step; −1 draws the first states.
  func advance(_ step: Int) throws {
    // Local copies: an array in a class costs exclusivity checks at every access.
    let model = model
    let sampler = sampler
    var states = states
    self.states = []
    defer { self.states = states }
    var increments = increments
    defer { self.increments = increments }
    for index in states.indices {
      let state = states[index]
      if step >= 0, state == nil {
        increments[index] = -.infinity
        continue
      }
      let ending = try sampler.execute(
        { sampler in
          if let state { try model.step(sampler, state, step) } else { try model.initial(sampler) }
        }, into: &states[index])
      switch ending {
      case .completed: increments[index] = sampler.state.pointee.likelihood
      case .impossible, .paused:
        states[index] = nil
        increments[index] = -.infinity
      case .tooLong:
        throw InferenceError.endless(
          "sequential Monte Carlo, step \(step)", choices: sampler.state.pointee.maximumChoices)
      }
    }
  }
}
