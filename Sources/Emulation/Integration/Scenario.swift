import Documents

/// When an emulated game rewards and when it is over, as gym-retro's `scenario.json` says it.
///
/// Scripts in Lua aren't run: what Sonic's do is said by the member `progress` instead, see ``ProgressReward``.
public struct Scenario: Sendable, Equatable {
  /// A comparison with a number.
  public enum Operation: String, Sendable, CaseIterable {
    /// The value itself.
    case none = "nop"
    /// Equal, or not.
    case equal, nonequal = "not-equal"
    /// The sides of a number.
    case less = "less-than", lessOrEqual = "less-or-equal", greater = "greater-than", greaterOrEqual =
      "greater-or-equal"
    /// The sides of 0.
    case zero, nonzero, positive, negative
    /// −1, 0 or 1.
    case sign

    func apply(_ value: Double, _ reference: Double) -> Double {
      func truth(_ holds: Bool) -> Double { holds ? 1 : 0 }
      return switch self {
      case .none: value
      case .equal: truth(value == reference)
      case .nonequal: truth(value != reference)
      case .less: truth(value < reference)
      case .lessOrEqual: truth(value <= reference)
      case .greater: truth(value > reference)
      case .greaterOrEqual: truth(value >= reference)
      case .zero: truth(value == 0)
      case .nonzero: truth(value != 0)
      case .positive: truth(value > 0)
      case .negative: truth(value < 0)
      case .sign: value > 0 ? 1 : value < 0 ? -1 : 0
      }
    }
  }

  /// What is measured of a variable.
  struct Measure: Sendable, Equatable {
    var variable: String
    var operation = Operation.none
    var reference = 0.0
    /// Whether it is its change since the step before.
    var isChange: Bool
    var reward = 0.0
    var penalty = 0.0
  }

  /// Some conditions together.
  struct Condition: Sendable, Equatable {
    var needsAll = false
    var measures: [Measure] = []
    var nodes: [Condition] = []

    func holds(_ now: [String: Int], _ before: [String: Int]) -> Bool {
      let truths = measures.map { $0.value(now, before) != 0 } + nodes.map { $0.holds(now, before) }
      return needsAll ? !truths.isEmpty && truths.allSatisfy { $0 } : truths.contains(true)
    }
  }

  var rewards: [Measure] = []
  var timeReward = 0.0
  var done = Condition()
  /// The reward by progress, where there is one.
  public private(set) var progress: ProgressReward?

  /// Reads a scenario.
  ///
  /// - Throws: `DataError` for what isn't one, and for scripts.
  public init(contentsOf path: String) throws {
    let fields = try StructuredFile(path: path).fields()
    if fields["scripts"] != nil {
      throw fields.error(
        at: "scripts", "names Lua scripts, which aren't run here; say it by 'progress' or by variables instead")
    }
    if fields["reward"] != nil {
      let reward = try fields.fields("reward")
      if reward["variables"] != nil { rewards = try Self.measures(reward.fields("variables"), areChanges: true) }
      if reward["time"] != nil {
        let time = try reward.fields("time")
        timeReward = (time["reward"]?.double ?? 0) - (time["penalty"]?.double ?? 0)
      }
      if reward["progress"] != nil { progress = try ProgressReward(reward.fields("progress")) }
    }
    if fields["done"] != nil { done = try Self.condition(fields.fields("done")) }
  }

  private static func condition(_ fields: StructuredFields) throws -> Condition {
    var condition = Condition()
    if fields["condition"] != nil { condition.needsAll = try fields.word("condition", of: ["any", "all"]) == "all" }
    if fields["variables"] != nil { condition.measures = try measures(fields.fields("variables"), areChanges: false) }
    if fields["nodes"] != nil {
      let nodes = try fields.fields("nodes")
      condition.nodes = try nodes.members.keys.map { try Self.condition(nodes.fields($0)) }
    }
    return condition
  }

  private static func measures(_ fields: StructuredFields, areChanges: Bool) throws -> [Measure] {
    try fields.members.keys.map { name in
      let own = try fields.fields(name)
      try own.allowOnly("op", "reference", "measurement", "reward", "penalty")
      var measure = Measure(variable: name, isChange: areChanges)
      if own["op"] != nil {
        measure.operation =
          Operation(rawValue: try own.word("op", of: Operation.allCases.map(\.rawValue))) ?? Operation.none
      }
      if own["measurement"] != nil {
        measure.isChange = try own.word("measurement", of: ["absolute", "delta"]) == "delta"
      }
      measure.reference = own["reference"]?.double ?? 0
      measure.reward = own["reward"]?.double ?? 0
      measure.penalty = own["penalty"]?.double ?? 0
      return measure
    }
  }

  /// The reward of a step from the variables after and before it.
  public func reward(_ now: [String: Int], _ before: [String: Int]) -> Double {
    rewards.reduce(timeReward) { sum, measure in
      let value = measure.value(now, before)
      return sum + value * (value > 0 ? measure.reward : measure.penalty)
    }
  }

  /// Whether the variables say that it is over.
  public func isDone(_ now: [String: Int], _ before: [String: Int]) -> Bool { done.holds(now, before) }
}

extension Scenario.Measure {
  func value(_ now: [String: Int], _ before: [String: Int]) -> Double {
    guard let value = now[variable] else { return 0 }
    return operation.apply(Double(isChange ? value - (before[variable] ?? value) : value), reference)
  }
}
