import RealModule

/// Draws from the prior, weighted by the factors: likelihood weighting.
///
/// Unbiased in the evidence, and good when the evidence is mild. `effectiveSampleSize` says how
/// many of the draws count; a warning is given when it is under one in a hundred.
public struct ImportanceSampling: InferenceMethod {
  /// The number of draws.
  public var samples: Int
  /// The seed.
  public var seed: UInt64

  /// A number of draws from a seed.
  public init(samples: Int = 10_000, seed: UInt64 = 0) {
    self.samples = samples
    self.seed = seed
  }

  /// Draws with their log weights, in order; executions that were ruled out are left out.
  ///
  /// `total` counts them all, so the evidence is Σ exp(log weight) / total.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func run<Value: Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> (draws: [(value: Value, logWeight: Double)], total: Int) {
    guard samples > 0 else {
      throw InferenceError(.badSetting, "importance sampling needs at least 1 sample")
    }
    let chunk = 1_024
    let settings = self
    let parts = try inParallel((samples + chunk - 1) / chunk) { part in
      let sampler = Sampler(
        random: RandomSource(seed: settings.seed, stream: UInt64(part) + 1))
      let state = sampler.state
      var draws: [(value: Value, logWeight: Double)] = []
      for _ in 0..<min(chunk, settings.samples - part * chunk) {
        var value: Value?
        switch try sampler.execute(model, into: &value) {
        case .completed:
          if let value { draws.append((value, state.pointee.likelihood)) }
        case .impossible, .paused: break
        case .tooLong:
          throw InferenceError.endless(
            "importance sampling", choices: state.pointee.maximumChoices)
        }
      }
      return draws
    }
    let draws = parts.flatMap { $0 }
    if draws.isEmpty { throw InferenceError.impossible("importance sampling", after: samples) }
    return (draws, samples)
  }

  /// The weighted distribution of the draws.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> Distribution<Value> {
    let (draws, total) = try run(model)
    var table = WeightTable<Value>()
    for (value, logWeight) in draws { table.add(value, logWeight: logWeight) }
    var diagnostics = Diagnostics(method: "importance sampling")
    diagnostics.executions = total
    diagnostics.setWeights(draws.map(\.logWeight), total: total)
    return table.distribution(diagnostics)
  }
}

extension Diagnostics {
  /// Evidence and effective sample size from importance weights.
  mutating func setWeights(_ logWeights: [Double], total: Int) {
    let logSum = logSumExp(logWeights)
    logEvidence = logSum - Double.log(Double(total))
    effectiveSampleSize = Double.exp(2 * logSum - logSumExp(logWeights.lazy.map { 2 * $0 }))
    if let size = effectiveSampleSize, size < 0.01 * Double(total) {
      warnings.append(
        "only \(Int(size)) of \(total) draws carry the weight; use SMC or Markov chains")
    }
  }
}

extension InferenceMethod where Self == ImportanceSampling {
  /// Likelihood weighting; see ``ImportanceSampling``.
  public static func importanceSampling(
    samples: Int = 10_000, seed: UInt64 = 0
  ) -> ImportanceSampling {
    ImportanceSampling(samples: samples, seed: seed)
  }
}
