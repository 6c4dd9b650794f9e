public import Documents
import Foundation

/// The stretching of rotary positions beyond the lengths that a model was trained on, with the keys of Hugging Face's
/// `rope_parameters` (or `rope_scaling`).
public struct RotaryScaling: Sendable, Codable, Equatable {
  /// The rules, by `rope_type`.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// None.
    case standard = "default"
    /// All frequencies divided by the factor (Chen 2023).
    case linear
    /// A larger base once a sequence is longer than the context (NTK-aware, dynamic).
    case dynamic
    /// Low frequencies divided, high ones kept, those between mixed, and the tables scaled (Peng 2023).
    case yarn
    /// Low frequencies divided, high ones kept, those between mixed (Llama 3.1).
    case llama3
    /// Each frequency divided by its own factor, one list for short and one for long sequences (Ding 2024).
    case longrope
  }

  /// YaRN's factor that goes with a stretch (Peng 2023, section 3.4), its logarithm's share scaled by `m`; 1 where nothing is stretched.
  package static func magnitude(_ m: Double, stretch: Double) -> Double {
    stretch <= 1 ? 1 : 0.1 * m * log(stretch) + 1
  }

  /// The rule.
  public var kind: Kind
  /// The factor by which sequences may be longer than in training.
  public var factor: Double?
  /// The context in training; nil is the model's context.
  public var originalLength: Int?
  /// The tables' factor in `yarn` and `longrope`; nil works it out.
  public var attentionFactor: Double?
  /// Turns over the original context above which `yarn` keeps a frequency, 32 by default.
  public var betaFast: Double?
  /// Turns over the original context below which `yarn` divides a frequency, 1 by default.
  public var betaSlow: Double?
  /// The magnitude that `yarn` scales the tables' factor by.
  public var mscale: Double?
  /// The divisor of that factor in `yarn`.
  public var mscaleAllDimensions: Double?
  /// Whether `yarn` rounds the borders between its bands outwards, true by default.
  public var truncates: Bool?
  /// Original contexts per wavelength below which `llama3` divides a frequency.
  public var lowFrequencyFactor: Double?
  /// Original contexts per wavelength above which `llama3` keeps a frequency.
  public var highFrequencyFactor: Double?
  /// The divisors of `longrope` for sequences within the original context.
  public var shortFactor: [Double]?
  /// The divisors of `longrope` for longer sequences.
  public var longFactor: [Double]?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case kind = "rope_type"
    case factor
    case originalLength = "original_max_position_embeddings"
    case attentionFactor = "attention_factor"
    case betaFast = "beta_fast"
    case betaSlow = "beta_slow"
    case mscale
    case mscaleAllDimensions = "mscale_all_dim"
    case truncates = "truncate"
    case lowFrequencyFactor = "low_freq_factor"
    case highFrequencyFactor = "high_freq_factor"
    case shortFactor = "short_factor"
    case longFactor = "long_factor"
  }

  /// A rule, its settings to be filled in.
  public init(_ kind: Kind = .standard, factor: Double? = nil) {
    self.kind = kind
    self.factor = factor
  }

  /// Refuses settings that the rule can't work with.
  ///
  /// - Parameter width: the rotated features of a head.
  /// - Throws: ``RotaryScalingError`` that names the key.
  public func validate(width: Int) throws {
    func need(_ holds: Bool, _ text: String) throws {
      guard holds else { throw RotaryScalingError(description: "rope_type '\(kind.rawValue)' \(text)") }
    }
    if [.linear, .dynamic, .llama3].contains(kind) {
      try need(factor != nil, "needs the key factor")
    }
    if let factor { try need(factor >= 1 && factor.isFinite, "has factor \(factor), but it must be 1 or more") }
    if let originalLength {
      try need(originalLength > 0, "has original_max_position_embeddings \(originalLength)")
    }
    if kind == .dynamic { try need(width > 2, "needs heads of more than 2 rotated features") }
    if kind == .llama3 {
      guard let low = lowFrequencyFactor, let high = highFrequencyFactor else {
        return try need(false, "needs the keys low_freq_factor and high_freq_factor")
      }
      try need(low > 0 && high > low, "needs 0 < low_freq_factor < high_freq_factor")
    }
    if kind == .longrope {
      for (key, list) in [("short_factor", shortFactor), ("long_factor", longFactor)] {
        try need(
          list?.count == width / 2 && list?.allSatisfy { $0 > 0 } == true,
          "needs \(width / 2) numbers above 0 in \(key), not \(list?.count ?? 0)")
      }
    }
  }
}

/// Settings of rotary positions that don't work.
public struct RotaryScalingError: UserFacingError {
  /// Which key, and what it should be.
  public var description: String
}
