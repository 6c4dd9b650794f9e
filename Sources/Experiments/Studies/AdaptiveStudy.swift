import Probability
public import Statistics

/// The number of rounds that it takes to tell models apart when each experiment is chosen after the last answer, beside plans that
/// are made beforehand.
///
/// ```swift
/// let rows = try AdaptiveStudy().run(SpecifiedDesign(DesignSpecification(path: "coins.json")))
/// ```
///
/// Participants are simulated: one of the models, drawn by its prior, answers. A round is one experiment with its response; a
/// run ends when some model's probability reaches ``certainty``, whether it is the right one or not. All plans meet the same
/// participants with the same luck.
public struct AdaptiveStudy: Sendable {
  /// A way to choose experiments.
  public enum Plan: String, Sendable, CaseIterable {
    /// The most informative experiment, given all answers so far.
    case adaptive
    /// The experiments in the order of what they tell before any answer, each once, and again from the first.
    case ranked
    /// The experiment that tells most before any answer, again and again.
    case repeated
    /// Any experiment.
    case random
  }

  /// The probability at which a model counts as found.
  public var certainty = 0.95
  /// The rounds after which a run ends without a result.
  public var mostRounds = 200
  /// The number of simulated participants.
  public var participants = 200
  /// The seed.
  public var seed: UInt64 = 0

  /// The settings above.
  public init() {}

  /// One plan's figures.
  public struct Row: Sendable {
    /// The plan.
    public let plan: Plan
    /// The mean number of rounds, unfinished runs at their limit.
    public let rounds: Estimate
    /// The rounds that the plan takes more than the adaptive one with the same participant, on average.
    public let more: Estimate
    /// The share of runs that ended with a model found.
    public let finished: Estimate
    /// The share of runs in which the model that answered came out as the likeliest.
    public let right: Estimate
  }

  /// Runs every plan.
  ///
  /// - Parameters:
  ///   - truth: the model that answers; by the prior if left out.
  ///   - progress: called after each participant.
  /// - Throws: An ``ExperimentError`` for settings that make no sense.
  public func run(
    _ design: SpecifiedDesign, truth: Int? = nil, progress: ((Int) -> Void)? = nil
  ) throws(ExperimentError) -> [Row] {
    guard certainty > 0.5, certainty < 1, mostRounds > 0, participants > 0 else {
      throw ExperimentError("certainty must be above 0.5 and below 1, rounds and participants at least 1")
    }
    var design = design
    design.prepareForSequence()
    let order = design.best(mostRounds).map(\.experiment)
    var rounds = [Plan: [Double]]()
    var finished = [Plan: Int]()
    var right = [Plan: Int]()
    for participant in 0..<participants {
      var luck = RandomSource(seed: seed, stream: UInt64(2 * participant))
      let model = truth ?? Self.draw(design.probabilities, luck.uniform())
      for plan in Plan.allCases {
        var answers = luck
        var choices = RandomSource(seed: seed, stream: UInt64(2 * participant + 1))
        var own = design
        var count = 0
        while count < mostRounds, (own.probabilities.max() ?? 1) < certainty {
          let experiment =
            switch plan {
            case .adaptive: own.best(1)[0].experiment
            case .ranked: order[count % order.count]
            case .repeated: order[0]
            case .random:
              own.specification.experiments[choices.integer(below: own.specification.experiments.count)]
            }
          try own.observe(own.response(of: model, to: experiment, using: &answers), to: experiment)
          count += 1
        }
        rounds[plan, default: []].append(Double(count))
        let largest = own.probabilities.max() ?? 0
        if largest >= certainty { finished[plan, default: 0] += 1 }
        if own.probabilities[model] == largest { right[plan, default: 0] += 1 }
      }
      progress?(participant + 1)
    }
    let bootstrap = Bootstrap(seed: 1)
    return Plan.allCases.map { plan in
      Row(
        plan: plan, rounds: bootstrap.mean(rounds[plan] ?? []),
        more: bootstrap.meanDifference(rounds[plan] ?? [], rounds[.adaptive] ?? []),
        finished: .wilson(successes: Double(finished[plan] ?? 0), n: participants),
        right: .wilson(successes: Double(right[plan] ?? 0), n: participants))
    }
  }

  /// The place that a number from 0 to 1 falls on.
  private static func draw(_ probabilities: [Double], _ uniform: Double) -> Int {
    var rest = uniform
    for (place, probability) in probabilities.enumerated() {
      rest -= probability
      if rest < 0 { return place }
    }
    return probabilities.lastIndex { $0 > 0 } ?? 0
  }
}
