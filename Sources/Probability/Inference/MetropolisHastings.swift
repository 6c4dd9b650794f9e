import RealModule

/// Single-site Metropolis–Hastings over the choices of a model.
///
/// Each step changes one choice and re-runs the model from there: choices and factors before it are
/// handed back without being computed again. Choices after it are reused by source location and
/// order of occurrence. A discrete choice is redrawn from its distribution; a real one is redrawn,
/// or moved by a step of random width (see ``Chains`` for the draws in order).
public struct MetropolisHastings: InferenceMethod {
  /// Draws kept from each chain.
  public var samples: Int
  /// Steps before the first draw.
  public var burnIn: Int
  /// Steps from one draw to the next.
  public var stride: Int
  /// Independent chains, run in parallel.
  public var chains: Int
  /// The seed.
  public var seed: UInt64

  /// Chains of the given lengths.
  public init(
    samples: Int = 10_000, burnIn: Int = 1_000, stride: Int = 1, chains: Int = 1, seed: UInt64 = 0
  ) {
    self.samples = samples
    self.burnIn = burnIn
    self.stride = stride
    self.chains = chains
    self.seed = seed
  }

  /// The draws in order.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func run<Value: Sendable>(_ model: @escaping Model<Value>) throws -> Chains<Value> {
    guard samples > 0, burnIn >= 0, stride > 0, chains > 0 else {
      throw InferenceError(
        .badSetting, "Metropolis–Hastings needs samples, stride and chains ≥ 1 and burnIn ≥ 0")
    }
    let settings = self
    let runs = try inParallel(chains) { index -> (draws: [Value], moves: MoveCount) in
      let random = RandomSource(seed: settings.seed, stream: UInt64(index) + 1)
      let chain = try MarkovChain(model, random: random, maximumAttempts: 10_000)
      for _ in 0..<settings.burnIn { try chain.step() }
      var draws: [Value] = []
      draws.reserveCapacity(settings.samples)
      for _ in 0..<settings.samples {
        for _ in 0..<settings.stride { try chain.step() }
        if let value = chain.value { draws.append(value) }
      }
      return (draws, chain.moves)
    }
    var diagnostics = Diagnostics(method: "Metropolis–Hastings")
    let moves = runs.map(\.moves).reduce(MoveCount(), +)
    diagnostics.executions = moves.proposed
    diagnostics.acceptanceRate = moves.acceptanceRate
    diagnostics.acceptedMoves = moves.moved
    diagnostics.reportStandstill(runs.map(\.moves), of: chains == 1 ? "the chain" : "chains")
    return Chains(draws: runs.map(\.draws), diagnostics: diagnostics)
  }

  /// The distribution of the draws.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> Distribution<Value> {
    try run(model).distribution
  }
}

extension InferenceMethod where Self == MetropolisHastings {
  /// Single-site Metropolis–Hastings; see ``MetropolisHastings``.
  public static func metropolisHastings(
    samples: Int = 10_000, burnIn: Int = 1_000, stride: Int = 1, chains: Int = 1, seed: UInt64 = 0
  ) -> MetropolisHastings {
    MetropolisHastings(
      samples: samples, burnIn: burnIn, stride: stride, chains: chains, seed: seed)
  }
}
