import RealModule

/// Exact inference: runs every execution of a model with discrete choices.
///
/// The order matters when there are more executions than the limit. Depth-first is the fastest and
/// takes no memory; likely-first explores the most probable executions first, so that what is
/// missed is small; breadth-first takes executions with few choices first. `automatic` goes
/// depth-first and starts again likely-first when an execution makes more than ``maximumChoices``
/// choices, as in a model that recurses without bound.
///
/// The result says in its diagnostics how much prior mass was missed, and bounds the posterior
/// probability of what was missed when all factors are at most 0.
public struct Enumeration: InferenceMethod {
  /// In which order executions are tried.
  public enum Order: Sendable {
    /// Depth-first, then likely-first if executions don't end.
    case automatic
    /// The last choice varies fastest.
    case depthFirst
    /// Fewest choices first.
    case breadthFirst
    /// Most probable first.
    case likelyFirst
  }

  /// In which order executions are tried.
  public var order: Order
  /// The most executions to try.
  public var maximumExecutions: Int
  /// The most choices in one execution; longer ones are given up and counted as missed.
  public var maximumChoices: Int
  /// Frontier orders stop when the prior mass not yet explored is below this.
  public var tolerance: Double

  /// Frontier orders stop when they remember this many branches: some 300 MB of them.
  static let maximumBranches = 5_000_000

  /// Enumeration with limits.
  public init(
    order: Order = .automatic, maximumExecutions: Int = 10_000_000, maximumChoices: Int = 1_000,
    tolerance: Double = 1e-12
  ) {
    self.order = order
    self.maximumExecutions = maximumExecutions
    self.maximumChoices = maximumChoices
    self.tolerance = tolerance
  }

  /// The exact distribution of the model's value, or its bounded approximation at the limits.
  @specialized(where Value == Bool)
  @specialized(where Value == Int)
  @specialized(where Value == Double)
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping Model<Value>
  ) throws -> Distribution<Value> {
    guard maximumExecutions > 0, maximumChoices > 0 else {
      throw InferenceError(.badSetting, "enumeration needs limits of at least 1")
    }
    switch order {
    case .depthFirst: return try depthFirst(model).distribution
    case .breadthFirst, .likelyFirst: return try frontier(model, likelyFirst: order == .likelyFirst)
    case .automatic:
      let (distribution, gaveUp) = try depthFirst(model, stopsAtLongExecution: true)
      if !gaveUp { return distribution }
      var bounded = self
      bounded.maximumExecutions = min(maximumExecutions, 200_000)
      return try bounded.frontier(model, likelyFirst: true)
    }
  }

  private func depthFirst<Value: Hashable & Sendable>(
    _ model: Model<Value>, stopsAtLongExecution: Bool = false
  ) throws -> (distribution: Distribution<Value>, gaveUp: Bool) {
    let sampler = Sampler(random: RandomSource(seed: 0))
    let state = sampler.state
    state.pointee.mode = .depthFirst
    state.pointee.maximumChoices = maximumChoices
    var result = EnumerationResult<Value>(method: "enumeration, depth-first")
    while true {
      var value: Value?
      let ending = try sampler.execute(model, into: &value)
      if ending == .tooLong, stopsAtLongExecution {
        return (
          Distribution(values: [], positions: [:], weights: [], diagnostics: .init(method: "")),
          true
        )
      }
      try result.add(ending, value, sampler)
      if !sampler.advanceDepthFirst() { break }
      if result.executions >= maximumExecutions {
        result.stoppedEarly = true
        break
      }
    }
    return (try result.distribution(state.pointee), false)
  }

  private func frontier<Value: Hashable & Sendable>(
    _ model: Model<Value>, likelyFirst: Bool
  ) throws -> Distribution<Value> {
    let sampler = Sampler(random: RandomSource(seed: 0))
    let state = sampler.state
    let frontier = Frontier(likelyFirst: likelyFirst)
    sampler.frontier = frontier
    state.pointee.mode = .frontier
    state.pointee.maximumChoices = maximumChoices
    var result = EnumerationResult<Value>(
      method: "enumeration, \(likelyFirst ? "likely" : "breadth")-first")
    var value: Value?
    try result.add(try sampler.execute(model, into: &value), value, sampler)
    while let node = frontier.pop() {
      if result.executions >= maximumExecutions || result.unexplored < tolerance
        || frontier.size >= Self.maximumBranches
      {
        result.stoppedEarly = true
        break
      }
      frontier.restore(node, into: &state.pointee.trace)
      state.pointee.target = state.pointee.trace.count - 1
      try result.add(try sampler.execute(model, into: &value), value, sampler)
    }
    return try result.distribution(state.pointee)
  }
}

extension InferenceMethod where Self == Enumeration {
  /// Exact enumeration of every execution; see ``Enumeration``.
  public static func enumeration(
    order: Enumeration.Order = .automatic, maximumExecutions: Int = 10_000_000
  ) -> Enumeration {
    Enumeration(order: order, maximumExecutions: maximumExecutions)
  }
}

/// The executions that an enumeration has finished, and the mass that they account for.
private struct EnumerationResult<Value: Hashable & Sendable> {
  let method: String
  var table = WeightTable<Value>()
  var executions = 0
  var tooLong = 0
  var stoppedEarly = false
  /// Prior mass of the executions that ended, with a value or ruled out.
  private var finished = 0.0

  init(method: String) { self.method = method }

  /// Prior mass that no finished execution accounts for.
  var unexplored: Double { max(0, 1 - finished) }

  mutating func add(_ ending: Ending, _ value: Value?, _ sampler: Sampler) throws {
    executions += 1
    let state = sampler.state
    switch ending {
    case .completed:
      guard let value else { return }
      finished += Double.exp(state.pointee.prior)
      let score = state.pointee.prior + state.pointee.likelihood
      if score > state.pointee.bestScore { state.pointee.bestScore = score }
      table.add(value, logWeight: score)
    case .impossible: finished += Double.exp(state.pointee.prior)
    case .tooLong:
      // Many executions may have too many choices, each soon found out; one with too many factors
      // is in a loop that no other branch will leave any sooner.
      if state.pointee.factors >= Sampler.maximumFactors {
        throw InferenceError.endless(method, choices: state.pointee.maximumChoices)
      }
      tooLong += 1
    case .paused: break
    }
  }

  func distribution(_ state: Sampler.State) throws -> Distribution<Value> {
    let complete = !stoppedEarly && tooLong == 0
    guard table.logTotal > -.infinity else {
      if complete { throw InferenceError.impossible(method, after: executions) }
      throw InferenceError(
        .limit,
        "\(method): none of \(executions) executions ended with a possible value within the "
          + "limits (\(tooLong) made too many choices). Raise maximumExecutions or maximumChoices, "
          + "or use a sampling method.")
    }
    var diagnostics = Diagnostics(method: method)
    diagnostics.executions = executions
    diagnostics.logEvidence = table.logTotal
    let missed = complete ? state.closedMass : max(unexplored, state.closedMass)
    if missed > 0 || !complete {
      let bound = 1 / (1 + Double.exp(table.logTotal - Double.log(missed)))
      diagnostics.missedPriorMass = missed
      diagnostics.missedPosteriorBound = state.largestFactor <= 0 ? bound : nil
      // The ends of infinite supports are left out where they don't matter, which needs no warning.
      if !complete || (diagnostics.missedPosteriorBound ?? missed) > 1e-9 {
        diagnostics.warnings.append(
          "not all executions were tried: prior mass \(missed) was missed"
            + (tooLong > 0 ? " (\(tooLong) executions made too many choices)" : ""))
      }
    }
    return table.distribution(diagnostics)
  }
}
