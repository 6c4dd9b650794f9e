/// Some of the particles of a population, run one after the other on one core.
///
/// Not thread-safe, and passed between threads: a group is only ever touched by one piece of work at a
/// time, which `inParallel` waits for.
final class ParticleGroup<Value: Sendable>: @unchecked Sendable {
  private let model: Model<Value>
  private let sampler: Sampler
  private var particles: [Particle]
  private var spare: [Particle]
  private var finished: [Bool]
  /// The values of the particles that have ended.
  private(set) var values: [Value?]
  /// What the last factor added to each particle's log weight.
  private(set) var increments: [Double]

  init(_ model: @escaping Model<Value>, count: Int, random: RandomSource) {
    self.model = model
    sampler = Sampler(random: random)
    sampler.state.pointee.mode = .particle
    particles = (0..<count).map { _ in Particle() }
    spare = (0..<count).map { _ in Particle() }
    finished = Array(repeating: false, count: count)
    values = Array(repeating: nil, count: count)
    increments = Array(repeating: 0, count: count)
  }

  deinit {
    for particle in particles { particle.deallocate() }
    for particle in spare { particle.deallocate() }
  }

  /// Runs every particle through one more factor; returns how many had one.
  func advance(past factor: Int) throws -> Int {
    let state = sampler.state
    var running = 0
    state.pointee.skippedFactors = factor
    state.pointee.pauseAfter = factor + 1
    for index in particles.indices {
      increments[index] = 0
      if finished[index] { continue }
      running += 1
      swap(&state.pointee.particle, &particles[index])
      defer { swap(&state.pointee.particle, &particles[index]) }
      switch try sampler.execute(model) {
      case .paused: increments[index] = state.pointee.likelihood
      case .completed(let value):
        values[index] = value
        finished[index] = true
      case .impossible:
        increments[index] = -.infinity
        finished[index] = true
      case .tooLong:
        throw InferenceError(
          .limit, "a particle made \(state.pointee.maximumChoices) choices without ending")
      }
    }
    return running
  }

  /// Moves each particle by Metropolis–Hastings, under the evidence of the first factors.
  func rejuvenate(_ steps: Int, upTo factors: Int) throws {
    let state = sampler.state
    state.pointee.pauseAfter = factors
    for index in particles.indices {
      swap(&state.pointee.particle, &particles[index])
      defer { swap(&state.pointee.particle, &particles[index]) }
      let chain = try MarkovChain(continuing: model, sampler: sampler)
      for _ in 0..<steps { try chain.step() }
      chain.finish()
      if finished[index] { values[index] = chain.value }
    }
  }

  /// Replaces the particles of all groups by copies of their ancestors.
  static func copy(_ ancestors: [Int], _ groups: [ParticleGroup<Value>], size: Int) {
    let values = groups.flatMap(\.values)
    let finished = groups.flatMap(\.finished)
    for (index, ancestor) in ancestors.enumerated() {
      let group = groups[index / size]
      group.spare[index % size].copy(groups[ancestor / size].particles[ancestor % size])
      group.values[index % size] = values[ancestor]
      group.finished[index % size] = finished[ancestor]
    }
    for group in groups { swap(&group.spare, &group.particles) }
  }
}
