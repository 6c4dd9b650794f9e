import RealModule

/// A population of executions, resampled as the evidence comes in.
///
/// All particles advance to the next factor together. When the effective sample size falls below
/// `resamplingThreshold` of the particles they are resampled (systematically) and, if asked for,
/// moved by Metropolis–Hastings steps.
///
/// A Swift function can't be paused and copied, so a particle is its list of choices, and going on
/// means running the model again from the start with those choices handed back and the factors
/// skipped. That is quadratic in the number of factors, with a small constant (some nanoseconds a
/// replayed choice). A ``SequentialModel`` says its steps, and then the cost is linear.
public struct SequentialMonteCarlo: InferenceMethod {
  /// The number of particles.
  public var particles: Int
  /// Metropolis–Hastings steps for each particle after resampling.
  public var rejuvenationSteps: Int
  /// Resample when the effective sample size is below this fraction; 1 resamples at every factor.
  public var resamplingThreshold: Double
  /// The seed.
  public var seed: UInt64

  /// Particles run in this many groups, whatever the number of cores, each with its own randomness.
  static let groups = 16

  /// A population of a size.
  public init(
    particles: Int = 1_000, rejuvenationSteps: Int = 0, resamplingThreshold: Double = 0.5,
    seed: UInt64 = 0
  ) {
    self.particles = particles
    self.rejuvenationSteps = rejuvenationSteps
    self.resamplingThreshold = resamplingThreshold
    self.seed = seed
  }

  func checkSettings() throws {
    guard particles > 0, rejuvenationSteps >= 0 else {
      throw InferenceError(.badSetting, "SMC needs at least 1 particle and no negative steps")
    }
  }

  /// Runs the model once: particles that go from factor to factor would not notice that there is no
  /// end.
  private func checkThatItEnds<Value>(_ model: Model<Value>) throws {
    let sampler = Sampler(random: RandomSource(seed: seed, stream: .max))
    var value: Value?
    if try sampler.execute(model, into: &value) == .tooLong {
      throw InferenceError.endless(
        "sequential Monte Carlo", choices: sampler.state.pointee.maximumChoices)
    }
  }

  /// The weighted distribution of the final particles.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> Distribution<Value> {
    try checkSettings()
    try checkThatItEnds(model)
    let size = (particles + Self.groups - 1) / Self.groups
    let values = ValueStore<Value>(count: particles)
    let groups = stride(from: 0, to: particles, by: size).map { first in
      ParticleGroup(
        count: min(size, particles - first),
        random: RandomSource(seed: seed, stream: UInt64(first / size) + 1)
      ) { sampler, index in
        try values.set(first + index) { try sampler.execute(model, into: &$0) }
      }
    }
    var population = Population(
      count: particles, threshold: resamplingThreshold, random: RandomSource(seed: seed))
    var factor = 0
    var executions = 0
    var moves = MoveCount()
    while true {
      let position = factor
      let unfinished = try inParallel(groups.count) { try groups[$0].advance(past: position) }
      let running = unfinished.reduce(0, +)
      executions += running
      if running == 0 { break }
      try population.add(groups.flatMap(\.increments), atFactor: factor)
      if let ancestors = population.resample() {
        ParticleGroup.copy(ancestors, groups, size: size)
        values.rearrange(ancestors)
        if rejuvenationSteps > 0 {
          let steps = rejuvenationSteps
          moves += try inParallel(groups.count) { number in
            var moves = MoveCount()
            try groups[number].rejuvenate(upTo: position + 1) { sampler, index in
              let chain = try MarkovChain(continuing: model, sampler: sampler)
              for _ in 0..<steps { try chain.step() }
              chain.finish()
              moves += chain.moves
              // A particle that is under way has no value, whatever it had before it was moved.
              values[number * size + index] = chain.value
              return chain.value != nil
            }
            return moves
          }.reduce(MoveCount(), +)
          executions += steps * particles
        }
      }
      factor += 1
    }
    var table = WeightTable<Value>()
    for (index, weight) in population.logWeights.enumerated() where weight > -.infinity {
      if let value = values[index] { table.add(value, logWeight: weight) }
    }
    var diagnostics = population.diagnostics(
      method: "sequential Monte Carlo", executions: executions)
    if moves.proposed > 0 {
      diagnostics.acceptanceRate = moves.acceptanceRate
      diagnostics.acceptedMoves = moves.moved
      diagnostics.reportStandstill([moves], of: "the rejuvenation of the particles")
    }
    return table.distribution(diagnostics)
  }
}

extension InferenceMethod where Self == SequentialMonteCarlo {
  /// Sequential Monte Carlo; see ``SequentialMonteCarlo``.
  public static func sequentialMonteCarlo(
    particles: Int = 1_000, rejuvenationSteps: Int = 0, seed: UInt64 = 0
  ) -> SequentialMonteCarlo {
    SequentialMonteCarlo(particles: particles, rejuvenationSteps: rejuvenationSteps, seed: seed)
  }
}

/// The weights of a population of particles, its evidence and its resampling.
struct Population {
  private(set) var logWeights: [Double]
  private var logEvidence = 0.0
  private let threshold: Double
  private var random: RandomSource

  init(count: Int, threshold: Double, random: RandomSource) {
    logWeights = Array(repeating: 0, count: count)
    self.threshold = threshold
    self.random = random
  }

  /// Adds the log weights of one factor.
  mutating func add(_ increments: [Double], atFactor factor: Int) throws {
    for index in logWeights.indices { logWeights[index] += increments[index] }
    if !logWeights.contains(where: { $0 > -.infinity }) {
      throw InferenceError(
        .impossible,
        "sequential Monte Carlo: after factor \(factor + 1) all \(logWeights.count) particles have "
          + "probability zero. Use more particles, or state the evidence closer to the choices it "
          + "is about.")
    }
  }

  private var effectiveSize: Double {
    Double.exp(2 * logSumExp(logWeights) - logSumExp(logWeights.lazy.map { 2 * $0 }))
  }

  /// The ancestors of a new, evenly weighted population when the weights are too uneven.
  mutating func resample() -> [Int]? {
    let count = Double(logWeights.count)
    guard threshold >= 1 || effectiveSize < threshold * count else { return nil }
    let logTotal = logSumExp(logWeights)
    logEvidence += logTotal - Double.log(count)
    // Systematic resampling: one uniform number, evenly spaced pointers.
    let start = random.uniform()
    var ancestors: [Int] = []
    ancestors.reserveCapacity(logWeights.count)
    var cumulative = 0.0
    for (index, weight) in logWeights.enumerated() {
      cumulative += Double.exp(weight - logTotal) * count
      while Double(ancestors.count) + start < cumulative, ancestors.count < logWeights.count {
        ancestors.append(index)
      }
    }
    let last = ancestors.last ?? 0
    while ancestors.count < logWeights.count { ancestors.append(last) }
    for index in logWeights.indices { logWeights[index] = 0 }
    return ancestors
  }

  func diagnostics(method: String, executions: Int) -> Diagnostics {
    var diagnostics = Diagnostics(method: method)
    diagnostics.executions = executions
    diagnostics.setWeights(logWeights.filter { $0 > -.infinity }, total: logWeights.count)
    diagnostics.logEvidence = (diagnostics.logEvidence ?? 0) + logEvidence
    return diagnostics
  }
}
