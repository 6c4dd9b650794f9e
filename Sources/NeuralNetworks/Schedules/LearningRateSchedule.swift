import Foundation

/// The learning rate of each step as a share of its peak: a pure function, so there is nothing to save.
///
/// The kinds and their formulas are those of Hugging Face's `get_scheduler`, step for step; the keys of the JSON form
/// are the trainer's arguments and its `lr_scheduler_kwargs`. In all kinds with a warm-up the first step of it has the
/// factor 0 (or the floor), as there.
///
/// ```swift
/// let schedule = LearningRateSchedule(.cosine, totalSteps: 1000, warmupSteps: 50, minimumRatio: 0.1)
/// optimizer.step(learningRate: 3e-4 * schedule.factor(at: step))
/// ```
public struct LearningRateSchedule: Sendable, Equatable {
  /// The shapes, by Hugging Face's `lr_scheduler_type`.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// 1 throughout, without a warm-up.
    case constant
    /// A warm-up, then 1.
    case constantWithWarmup = "constant_with_warmup"
    /// A warm-up, then a straight line to 0.
    case linear
    /// A warm-up, then `cycles` waves of a cosine, by default half a wave to 0 (Loshchilov 2017).
    case cosine
    /// As `cosine`, ending at the floor.
    case cosineWithMinimum = "cosine_with_min_lr"
    /// A warm-up, then `cycles` half waves to 0, each starting from 1 again.
    case cosineWithRestarts = "cosine_with_restarts"
    /// A warm-up, then a power of the share of steps that is left, down to the floor.
    case polynomial
    /// A warm-up, then 1/√(step/timescale) (Zhai 2022).
    case inverseSquareRoot = "inverse_sqrt"
    /// A warm-up, a stretch at 1, and a decay to the floor in the last `decaySteps` (Hu 2024).
    case warmupStableDecay = "warmup_stable_decay"
  }

  /// The curve of a warm-up or a decay in `warmupStableDecay`.
  public enum Curve: String, Sendable, Codable {
    /// A straight line.
    case linear
    /// Half a cosine wave.
    case cosine
    /// 1 − √progress.
    case oneMinusSquareRoot = "1-sqrt"
  }

  /// The shape.
  public var kind: Kind
  /// Steps in the whole run.
  public var totalSteps: Int
  /// Steps of rising at the start.
  public var warmupSteps: Int
  /// The floor as a share of the peak, in the kinds that have one.
  public var minimumRatio: Double
  /// Waves of the cosine; nil is half a wave, or one cycle where it restarts.
  public var cycles: Double?
  /// Steps of the final decay in `warmupStableDecay`; nil is a tenth of the run.
  public var decaySteps: Int?
  /// The warm-up of `warmupStableDecay`.
  public var warmupCurve: Curve
  /// The decay of `warmupStableDecay`.
  public var decayCurve: Curve
  /// The exponent of `polynomial`.
  public var power: Double
  /// The step at which `inverseSquareRoot` starts to fall; nil is the warm-up's length, or 10,000 without one.
  public var timescale: Int?

  /// A schedule; what a kind doesn't use is ignored.
  public init(
    _ kind: Kind = .linear, totalSteps: Int, warmupSteps: Int = 0, minimumRatio: Double = 0,
    cycles: Double? = nil, decaySteps: Int? = nil, warmupCurve: Curve = .linear,
    decayCurve: Curve = .cosine, power: Double = 1, timescale: Int? = nil
  ) {
    self.kind = kind
    self.totalSteps = totalSteps
    self.warmupSteps = warmupSteps
    self.minimumRatio = minimumRatio
    self.cycles = cycles
    self.decaySteps = decaySteps
    self.warmupCurve = warmupCurve
    self.decayCurve = decayCurve
    self.power = power
    self.timescale = timescale
  }

  /// The share of the peak learning rate at a step, counted from 0.
  public func factor(at step: Int) -> Double {
    if kind == .constant { return 1 }
    if step < warmupSteps {
      let progress = Double(step) / Double(max(1, warmupSteps))
      return kind == .warmupStableDecay ? floored(rising(progress)) : progress
    }
    let progress = Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
    switch kind {
    case .constant, .constantWithWarmup: return 1
    case .linear: return max(0, Double(totalSteps - step) / Double(max(1, totalSteps - warmupSteps)))
    case .cosine: return max(0, cosine(progress))
    case .cosineWithMinimum: return max(0, floored(cosine(progress)))
    case .cosineWithRestarts:
      if progress >= 1 { return 0 }
      let phase = ((cycles ?? 1) * progress).truncatingRemainder(dividingBy: 1)
      return 0.5 * (1 + cos(.pi * phase))
    case .polynomial: return progress > 1 ? minimumRatio : floored(pow(1 - progress, power))
    case .inverseSquareRoot:
      let scale = timescale ?? (warmupSteps > 0 ? warmupSteps : 10_000)
      return 1 / (Double(step + scale - warmupSteps) / Double(scale)).squareRoot()
    case .warmupStableDecay: return decaying(step)
    }
  }

  private func floored(_ factor: Double) -> Double { factor * (1 - minimumRatio) + minimumRatio }

  private func cosine(_ progress: Double) -> Double {
    0.5 * (1 + cos(.pi * (cycles ?? 0.5) * 2 * progress))
  }

  private func rising(_ progress: Double) -> Double {
    switch warmupCurve {
    case .linear: progress
    case .cosine: 0.5 * (1 - cos(.pi * progress))
    case .oneMinusSquareRoot: 1 - (1 - progress).squareRoot()
    }
  }

  private func decaying(_ step: Int) -> Double {
    let length = decaySteps ?? totalSteps / 10
    let start = max(warmupSteps, totalSteps - length)
    if step < start { return 1 }
    if step >= start + length { return minimumRatio }
    let progress = Double(step - start) / Double(max(1, length))
    let factor =
      switch decayCurve {
      case .linear: 1 - progress
      case .cosine: cosine(progress)
      case .oneMinusSquareRoot: 1 - progress.squareRoot()
      }
    return max(0, floored(factor))
  }
}

extension LearningRateSchedule: Codable {
  enum CodingKeys: String, CodingKey {
    case kind = "lr_scheduler_type"
    case totalSteps = "max_steps"
    case warmupSteps = "warmup_steps"
    case minimumRatio = "min_lr_rate"
    case cycles = "num_cycles"
    case decaySteps = "num_decay_steps"
    case warmupCurve = "warmup_type"
    case decayCurve = "decay_type"
    case power
    case timescale
  }

  /// Reads Hugging Face's keys; all but `max_steps` may be left out.
  ///
  /// - Throws: `DecodingError` that names the key for an unknown kind, a negative count, or a floor outside 0 … 1.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func steps(_ key: CodingKeys) throws -> Int? {
      guard let count = try values.decodeIfPresent(Int.self, forKey: key) else { return nil }
      guard count >= 0 else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "\(key.rawValue) must not be negative, but is \(count)")
      }
      return count
    }
    let floor = try values.decodeIfPresent(Double.self, forKey: .minimumRatio) ?? 0
    guard (0...1).contains(floor) else {
      throw DecodingError.dataCorruptedError(
        forKey: .minimumRatio, in: values,
        debugDescription: "min_lr_rate is a share of the peak, 0 to 1, but is \(floor)")
    }
    guard let total = try steps(.totalSteps) else {
      throw DecodingError.keyNotFound(
        CodingKeys.totalSteps,
        .init(codingPath: decoder.codingPath, debugDescription: "max_steps is missing"))
    }
    let timescale = try steps(.timescale)
    guard timescale != 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .timescale, in: values, debugDescription: "timescale must be at least 1, but is 0")
    }
    self.init(
      try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .linear, totalSteps: total,
      warmupSteps: try steps(.warmupSteps) ?? 0, minimumRatio: floor,
      cycles: try values.decodeIfPresent(Double.self, forKey: .cycles),
      decaySteps: try steps(.decaySteps),
      warmupCurve: try values.decodeIfPresent(Curve.self, forKey: .warmupCurve) ?? .linear,
      decayCurve: try values.decodeIfPresent(Curve.self, forKey: .decayCurve) ?? .cosine,
      power: try values.decodeIfPresent(Double.self, forKey: .power) ?? 1,
      timescale: timescale)
  }
}
