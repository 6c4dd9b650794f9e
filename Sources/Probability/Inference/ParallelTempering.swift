import RealModule

/// Markov chains at several temperatures that exchange states, for posteriors with separate modes.
///
/// Chain `k` targets prior · likelihood^βₖ with β from 0 (the prior) to 1 (the posterior). Hot
/// chains cross between modes and hand what they find to colder ones. The ladder also gives the
/// evidence, by stepping stones: log Z = Σ log E_k exp((βₖ₊₁ − βₖ) log likelihood) (Xie et al.
/// 2011); where executions are ruled out by conditions, that is the evidence given that they hold.
public struct ParallelTempering: InferenceMethod {
  /// Draws kept from each ladder's coldest chain.
  public var samples: Int
  /// Rounds before the first draw.
  public var burnIn: Int
  /// Metropolis–Hastings steps of each chain between two exchanges.
  public var stepsPerRound: Int
  /// The powers of the likelihood, rising from 0 to 1.
  public var inverseTemperatures: [Double]
  /// Independent ladders, run in parallel.
  public var ladders: Int
  /// The seed.
  public var seed: UInt64

  /// Ladders of a number of temperatures, spaced as a power of five so that most are hot.
  public init(
    samples: Int = 5_000, burnIn: Int = 500, stepsPerRound: Int = 4, temperatures: Int = 8,
    ladders: Int = 2, seed: UInt64 = 0
  ) {
    self.samples = samples
    self.burnIn = burnIn
    self.stepsPerRound = stepsPerRound
    let last = Double(max(temperatures - 1, 1))
    inverseTemperatures = (0..<max(temperatures, 2)).map { Double.pow(Double($0) / last, 5) }
    self.ladders = ladders
    self.seed = seed
  }

  /// The coldest chains' draws in order.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func run<Value: Sendable>(_ model: @escaping Model<Value>) throws -> Chains<Value> {
    let rises = zip(inverseTemperatures, inverseTemperatures.dropFirst()).allSatisfy { $0 < $1 }
    guard samples > 0, burnIn >= 0, stepsPerRound > 0, ladders > 0, rises,
      inverseTemperatures.count >= 2, inverseTemperatures.last == 1,
      let first = inverseTemperatures.first, first >= 0
    else {
      throw InferenceError(
        .badSetting,
        "parallel tempering needs at least one sample, step and ladder, and inverse temperatures "
          + "that rise from 0 or more to 1; they are \(inverseTemperatures)")
    }
    let settings = self
    let runs = try inParallel(ladders) { index in
      let ladder = try Ladder(model, settings, stream: index)
      for _ in 0..<settings.burnIn { try ladder.round(keeps: false) }
      for _ in 0..<settings.samples { try ladder.round(keeps: true) }
      return (ladder.draws, ladder.logEvidence, ladder.exchangeRate, ladder.coldestMoves)
    }
    var diagnostics = Diagnostics(method: "parallel tempering")
    diagnostics.executions =
      ladders * (samples + burnIn) * stepsPerRound * inverseTemperatures.count
    if first == 0 {
      diagnostics.logEvidence = logSumExp(runs.map(\.1)) - Double.log(Double(ladders))
    }
    diagnostics.acceptanceRate = runs.map(\.2).reduce(0, +) / Double(ladders)
    diagnostics.acceptedMoves = runs.reduce(0) { $0 + $1.3.moved }
    diagnostics.reportStandstill(
      runs.map(\.3), of: ladders == 1 ? "the ladder's coldest chain" : "ladders' coldest chains")
    return Chains(draws: runs.map(\.0), diagnostics: diagnostics)
  }

  /// The distribution of the coldest chains' draws.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> Distribution<Value> {
    try run(model).distribution
  }
}

/// One ladder of chains.
private final class Ladder<Value: Sendable> {
  let chains: [MarkovChain<Value>]
  let settings: ParallelTempering
  var random: RandomSource
  var draws: [Value] = []
  private var stones: [[Double]]
  private var exchanges = 0
  private var accepted = 0
  private var exchangesOfColdest = 0
  private var parity = 0

  init(_ model: @escaping Model<Value>, _ settings: ParallelTempering, stream: Int) throws {
    self.settings = settings
    let levels = settings.inverseTemperatures
    let base = UInt64(stream) * UInt64(levels.count + 1)
    random = RandomSource(seed: settings.seed, stream: base)
    chains = try levels.enumerated().map { level, power in
      let chain = try MarkovChain(
        model, random: RandomSource(seed: settings.seed, stream: base + UInt64(level) + 1),
        maximumAttempts: 10_000)
      chain.temperature = power
      return chain
    }
    stones = Array(repeating: [], count: levels.count - 1)
  }

  func round(keeps: Bool) throws {
    for chain in chains { for _ in 0..<settings.stepsPerRound { try chain.step() } }
    if keeps {
      for level in stones.indices {
        let gap = chains[level + 1].temperature - chains[level].temperature
        stones[level].append(gap * chains[level].likelihood)
      }
    }
    var level = parity
    parity = 1 - parity
    while level + 1 < chains.count {
      let cold = chains[level + 1]
      let hot = chains[level]
      let logRatio = (cold.temperature - hot.temperature) * (hot.likelihood - cold.likelihood)
      exchanges += 1
      if logRatio >= 0 || Double.log(random.uniform()) < logRatio {
        accepted += 1
        hot.exchangeState(with: cold)
        if level + 2 == chains.count { exchangesOfColdest += 1 }
      }
      level += 2
    }
    if keeps, let value = chains.last?.value { draws.append(value) }
  }

  var logEvidence: Double {
    stones.reduce(0) { $0 + logSumExp($1) - Double.log(Double($1.count)) }
  }

  /// The moves of the coldest chain's state: its own and, as moves too, its exchanges.
  var coldestMoves: MoveCount {
    var moves = chains.last?.moves ?? MoveCount()
    moves.moved += exchangesOfColdest
    return moves
  }

  var exchangeRate: Double { Double(accepted) / Double(max(exchanges, 1)) }
}

extension InferenceMethod where Self == ParallelTempering {
  /// Markov chains at several temperatures; see ``ParallelTempering``.
  public static func parallelTempering(
    samples: Int = 5_000, temperatures: Int = 8, seed: UInt64 = 0
  ) -> ParallelTempering {
    ParallelTempering(samples: samples, temperatures: temperatures, seed: seed)
  }
}
