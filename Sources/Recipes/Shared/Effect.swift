public import Statistics

/// Something that a paper claims, as it was measured here.
public struct Effect: Sendable, Equatable {
  /// The condition under which the claim holds here.
  public enum Goal: Sendable, Equatable, CustomStringConvertible {
    /// The value is at least this.
    case atLeast(Double)
    /// The value is at most this.
    case atMost(Double)
    /// The whole interval lies above this: a claim of direction.
    case above(Double)
    /// The whole interval lies below this.
    case below(Double)
    /// The interval contains this: a number that is known otherwise.
    case contains(Double)

    /// Whether an estimate meets it; one that could not be measured does not.
    public func isMet(by estimate: Estimate) -> Bool {
      switch self {
      case .atLeast(let bound): estimate.value >= bound
      case .atMost(let bound): estimate.value <= bound
      case .above(let bound): estimate.low > bound
      case .below(let bound): estimate.high < bound
      case .contains(let known): estimate.low <= known && known <= estimate.high
      }
    }

    /// The number that is compared with.
    public var bound: Double {
      switch self {
      case .atLeast(let bound), .atMost(let bound), .above(let bound), .below(let bound), .contains(let bound): bound
      }
    }

    /// In signs and words.
    public var description: String { text { "\($0)" } }

    func text(_ number: (Double) -> String) -> String {
      switch self {
      case .atLeast(let bound): "≥ \(number(bound))"
      case .atMost(let bound): "≤ \(number(bound))"
      case .above(let bound): "interval > \(number(bound))"
      case .below(let bound): "interval < \(number(bound))"
      case .contains(let known): "interval ∋ \(number(known))"
      }
    }
  }

  /// The claim in a few words.
  public var name: String
  /// The measurement, with a 95% interval over items (and seeds, if there are several).
  public var estimate: Estimate
  /// The goal.
  public var goal: Goal
  /// The paper's figure, where it has one.
  public var published: Double?
  /// The source of the paper's figure: what it is of, and where it stands.
  public var source: String?
  /// Whether it is a share, shown in per cent.
  public var isShare: Bool

  /// An effect.
  public init(
    _ name: String, _ estimate: Estimate, goal: Goal, published: Double? = nil, source: String? = nil,
    isShare: Bool = false
  ) {
    self.name = name
    self.estimate = estimate
    self.goal = goal
    self.published = published
    self.source = source
    self.isShare = isShare
  }

  /// Whether the goal is met; computed, never stated.
  public var isMet: Bool { goal.isMet(by: estimate) }

  /// One effect of several seeds' runs.
  static func overSeeds(_ effects: [Effect]) -> Effect? {
    guard var combined = effects.first else { return nil }
    combined.estimate = .overRepetitions(effects.map(\.estimate))
    return combined
  }

  func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let digits = isShare ? 1 : value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 3
    let text = fixed(isShare ? 100 * value : value, digits)
    // 65.0% reads 65%, but 1.250 keeps what it is.
    return isShare ? (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%" : text
  }
}

extension Effect: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, value, low, high, n, published, goal, met
    case source = "published_source"
  }

  /// Writes the estimate's keys beside the others; `met` comes from the figures.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try estimate.encode(to: encoder)
    try container.encode(published, forKey: .published)
    try container.encodeIfPresent(source, forKey: .source)
    try container.encode(goal.description, forKey: .goal)
    try container.encode(isMet, forKey: .met)
  }
}
