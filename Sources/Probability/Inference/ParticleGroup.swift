/// Some of the particles of a population, run one after the other on one core.
///
/// It knows nothing of the model's value: `run` keeps that, by the particle's position. Not
/// thread-safe, and passed between threads: a group is only ever touched by one piece of work at a
/// time, which `inParallel` waits for.
final class ParticleGroup: @unchecked Sendable {
  /// Runs the model for the particle at a position.
  typealias Run = (Sampler, Int) throws -> Ending

  private let run: Run
  private let sampler: Sampler
  private let count: Int
  private var particles: UnsafeMutablePointer<Particle>
  private var spare: UnsafeMutablePointer<Particle>
  private(set) var finished: [Bool]
  /// The last factor's addition to each particle's log weight.
  private(set) var increments: [Double]

  init(count: Int, random: RandomSource, run: @escaping Run) {
    self.run = run
    self.count = count
    sampler = Sampler(random: random)
    sampler.state.pointee.mode = .particle
    particles = .allocate(capacity: count)
    spare = .allocate(capacity: count)
    for index in 0..<count {
      (particles + index).initialize(to: Particle())
      (spare + index).initialize(to: Particle())
    }
    finished = Array(repeating: false, count: count)
    increments = Array(repeating: 0, count: count)
  }

  deinit {
    for index in 0..<count {
      particles[index].deallocate()
      spare[index].deallocate()
    }
    particles.deallocate()
    spare.deallocate()
  }

  /// Runs every particle through one more factor; returns how many had one.
  func advance(past factor: Int) throws -> Int {
    let sampler = sampler
    let state = sampler.state
    let run = run
    let particles = particles
    var finished = finished
    var increments = increments
    defer {
      self.finished = finished
      self.increments = increments
    }
    var running = 0
    state.pointee.skippedFactors = factor
    state.pointee.pauseAfter = factor + 1
    for index in 0..<count {
      increments[index] = 0
      if finished[index] { continue }
      running += 1
      swap(&state.pointee.particle, &particles[index])
      defer { swap(&state.pointee.particle, &particles[index]) }
      switch try run(sampler, index) {
      case .paused: increments[index] = state.pointee.likelihood
      case .completed: finished[index] = true
      case .impossible:
        increments[index] = -.infinity
        finished[index] = true
      case .tooLong:
        throw InferenceError.endless(
          "sequential Monte Carlo", choices: state.pointee.maximumChoices)
      }
    }
    return running
  }

  /// Moves each particle by Metropolis–Hastings, under the evidence of the first factors.
  ///
  /// `move` runs a chain from the particle in the sampler, leaves its new choices there, and says
  /// whether the execution that they make has ended: a move may take a particle from an execution
  /// that ended early to one with factors still to come, and back.
  func rejuvenate(upTo factors: Int, _ move: (Sampler, Int) throws -> Bool) throws {
    let state = sampler.state
    state.pointee.pauseAfter = factors
    var finished = finished
    defer { self.finished = finished }
    for index in 0..<count {
      swap(&state.pointee.particle, &particles[index])
      defer { swap(&state.pointee.particle, &particles[index]) }
      finished[index] = try move(sampler, index)
    }
  }

  /// Replaces the particles of all groups by copies of their ancestors.
  static func copy(_ ancestors: [Int], _ groups: [ParticleGroup], size: Int) {
    let finished = groups.flatMap(\.finished)
    for (number, group) in groups.enumerated() {
      var flags = group.finished
      for index in 0..<group.count {
        let ancestor = ancestors[number * size + index]
        group.spare[index].copy(groups[ancestor / size].particles[ancestor % size])
        flags[index] = finished[ancestor]
      }
      group.finished = flags
    }
    for group in groups { swap(&group.spare, &group.particles) }
  }
}

/// The values of the particles that have ended, in blocks that belong to one group each.
final class ValueStore<Value: Sendable>: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Value?>
  private let count: Int

  init(count: Int) {
    self.count = count
    values = .allocate(capacity: count)
    values.initialize(repeating: nil, count: count)
  }

  deinit {
    values.deinitialize(count: count)
    values.deallocate()
  }

  subscript(index: Int) -> Value? {
    get { values[index] }
    set { values[index] = newValue }
  }

  func set(_ index: Int, _ body: (inout Value?) throws -> Ending) rethrows -> Ending {
    try body(&values[index])
  }

  func rearrange(_ ancestors: [Int]) {
    let old = (0..<count).map { values[$0] }
    for (index, ancestor) in ancestors.enumerated() { values[index] = old[ancestor] }
  }
}
