/// Several judges as one.
public struct CombinedJudge: Judge {
  /// A rule that makes one score of several.
  public enum Rule: Sendable, Equatable {
    /// Σ weight · score.
    case weightedSum([Double])
    /// Σ score / count: an ensemble's mean.
    case mean
    /// The least: an ensemble that is believed only as far as all agree (Coste 2023).
    case minimum
    /// Π score: what every one of several checks asks for.
    case product
  }

  private let judges: [any Judge]
  private let rule: Rule

  /// One judge of several.
  public init(_ judges: [any Judge], rule: Rule) {
    precondition(!judges.isEmpty, "nobody judges")
    if case .weightedSum(let weights) = rule {
      precondition(weights.count == judges.count, "\(weights.count) weights for \(judges.count) judges")
    }
    self.judges = judges
    self.rule = rule
  }

  /// The rule and the judges' names.
  public var name: String {
    let word =
      switch rule {
      case .weightedSum(let weights): "sum of \(weights.map { "\($0)" }.joined(separator: ", ")) ×"
      case .mean: "mean of"
      case .minimum: "minimum of"
      case .product: "product of"
      }
    return "\(word) \(judges.map(\.name).joined(separator: ", "))"
  }

  /// The versions of those that have one.
  public var version: String? {
    let all = judges.compactMap(\.version)
    return all.isEmpty ? nil : all.joined(separator: ", ")
  }

  /// Their scores by the rule.
  public func scores(of candidates: [Candidate]) throws -> [Double] {
    let all = try judges.map { try $0.scores(of: candidates) }
    return candidates.indices.map { i in
      let own = all.map { $0[i] }
      return switch rule {
      case .weightedSum(let weights): zip(weights, own).reduce(0) { $0 + $1.0 * $1.1 }
      case .mean: own.reduce(0, +) / Double(own.count)
      case .minimum: own.min() ?? 0
      case .product: own.reduce(1, *)
      }
    }
  }
}
