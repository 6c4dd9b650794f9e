public import Expressions
internal import Probability
internal import RealModule

/// Learns a regular expression from examples, and goes on improving for as long as it is asked to.
///
/// ```swift
/// let examples = try InductionExamples(
///   positives: ["90210", "10001", "33109"], negatives: ["9021", "9021a"])
/// let posterior = RegularExpressionInduction(examples).posterior
/// print(posterior.best)                            // [0-9]{5}
/// print(posterior.membershipProbability(of: "60614"))
/// ```
///
/// The posterior over expressions is prior times likelihood, normalised over all expressions scored
/// so far: first the proposals of the ``RecognitionModel``, then those of Metropolis–Hastings
/// chains that start from the best of them and change one node at a time. Every expression a chain
/// looks at is scored exactly and kept, so no visit counts are needed and the result only improves
/// with work. What was never looked at has no weight: the posterior is exact over what was found,
/// which is the approximation. The chains ignore the asymmetry of their moves, since they only
/// search.
///
/// Work is counted in steps and not in seconds, so that the same seed gives the same result on
/// every machine.
public struct RegularExpressionInduction {
  /// The examples learned from.
  public let examples: InductionExamples
  /// The settings in force.
  public let configuration: InductionConfiguration

  private let score: ExpressionScore
  private let moves: ExpressionMoves
  private var random: RandomSource
  /// Where each expression that was scored stands in ``scored``.
  private var places: [RegularExpression: Int] = [:]
  private var scored: [(state: RegularExpression, result: ExpressionScore.Result)] = []
  private var chains: [(state: RegularExpression, logPosterior: Double)] = []
  private var best = -Double.infinity
  /// How many expressions have been scored.
  public private(set) var evaluations = 0
  /// The steps of automata spent so far, and the limit on them.
  private var work = 0
  private var workLimit: Int

  /// How far below the best an expression may be and still count, in nats.
  static let range = 30.0
  private static let chainCount = 12
  /// How many expressions are remembered at most.
  private static let memory = 60_000

  /// Learns from examples within the configured budget.
  ///
  /// - Parameter known: expressions to consider besides those that the examples suggest, such as
  ///   what was learned before the last example came.
  public init(
    _ examples: InductionExamples, configuration: InductionConfiguration = InductionConfiguration(),
    known: [RegularExpression] = []
  ) {
    self.examples = examples
    self.configuration = configuration
    score = ExpressionScore(examples, configuration)
    moves = ExpressionMoves(examples)
    random = RandomSource(seed: configuration.seed)
    workLimit = configuration.workLimit
    let recognition = RecognitionModel(examples, configuration)
    // The broad frames come first: they fit anything, so there is always a result.
    for proposal in recognition.frames() { _ = add(proposal) }
    for expression in known { _ = add(expression) }
    for proposal in recognition.proposals(rounds: 6, using: &random) {
      _ = add(proposal)
      let folded = proposal.folded()
      if folded != proposal { _ = add(folded) }
    }
    search(evaluations: max(0, configuration.evaluations - evaluations))
  }

  /// Learns again from more examples, keeping in view everything that was likely before.
  public func learning(_ examples: InductionExamples) -> RegularExpressionInduction {
    // Whole families share one likelihood, so what one answer rules out may be most of the best.
    RegularExpressionInduction(
      examples, configuration: configuration, known: ranked(limit: 3_000).map(\.state))
  }

  /// Scores this many expressions more and takes in what is found.
  public mutating func improve(evaluations: Int) {
    workLimit += configuration.workLimit
    search(evaluations: evaluations)
  }

  /// Whether the work limit stopped the search before its evaluations were used up.
  public private(set) var wasCutShort = false

  private mutating func add(_ expression: RegularExpression) -> Double {
    if let place = places[expression] { return scored[place].result.logPosterior }
    guard work < workLimit else { return -.infinity }
    evaluations += 1
    // No single expression may take more than a twentieth of what there is.
    let limit = max(100_000, configuration.workLimit / 20)
    guard let result = score(expression, floor: best - Self.range, limit: limit) else {
      work += expression.positionCount > ExpressionScore.positionLimit ? 200 : 2_000
      return -.infinity
    }
    work += result.work
    if scored.count >= Self.memory { forget() }
    places[expression] = scored.count
    scored.append((expression, result))
    best = max(best, result.logPosterior)
    return result.logPosterior
  }

  /// Drops what is out of the posterior's range; if that is not half, the worse half.
  private mutating func forget() {
    let ranked = ranked(limit: Self.memory / 2)
    let kept = Set(ranked.map(\.place))
    scored = scored.indices.filter { kept.contains($0) }.map { scored[$0] }
    places = Dictionary(uniqueKeysWithValues: scored.indices.map { (scored[$0].state, $0) })
  }

  private mutating func restartChains() {
    let leaders = ranked(limit: 60)
    guard let top = leaders.first else { return }
    chains = (0..<Self.chainCount).map { index in
      let leader =
        index < leaders.count && index < 4
        ? leaders[index] : leaders.randomElement(using: &random) ?? top
      return (leader.state, leader.logPosterior)
    }
  }

  private func ranked(
    limit: Int
  ) -> [(place: Int, state: RegularExpression, logPosterior: Double)] {
    let floor = best - Self.range
    return scored.indices.filter { scored[$0].result.logPosterior > floor }
      .map { (place: $0, logPosterior: scored[$0].result.logPosterior) }
      .sorted {
        $0.logPosterior != $1.logPosterior
          ? $0.logPosterior > $1.logPosterior : $0.place < $1.place
      }
      .prefix(limit).map { ($0.place, scored[$0.place].state, $0.logPosterior) }
  }

  private mutating func search(evaluations budget: Int) {
    let end = evaluations + budget
    var attempts = 0
    var round = 0
    restartChains()
    guard !chains.isEmpty else { return }
    // Proposals that were scored before are free; the attempts' limit ends an exhausted search.
    while evaluations < end, attempts < budget * 6 {
      if work >= workLimit {
        wasCutShort = true
        break
      }
      if round > 0, round.isMultiple(of: 60) { restartChains() }
      round += 1
      for index in chains.indices {
        attempts += 1
        // Chains run at temperatures from 1 to about 4.
        let temperature = 1 + Double(index) * 0.25
        var proposal = moves.changed(chains[index].state, using: &random)
        while random.uniform() < 0.35 { proposal = moves.changed(proposal, using: &random) }
        let value = add(proposal)
        if value >= chains[index].logPosterior
          || random.uniform() < .exp((value - chains[index].logPosterior) / temperature)
        {
          chains[index] = (proposal, value)
        }
      }
    }
  }

  /// What has been learned so far.
  public var posterior: RegularExpressionPosterior {
    let leaders = ranked(limit: 400)
    let weights = leaders.map { Double.exp($0.logPosterior - best) }
    let total = weights.reduce(0, +)
    let entries = zip(leaders, weights).map { leader, weight in
      RegularExpressionPosterior.Entry(
        expression: leader.state, probability: weight / total,
        logPosterior: leader.logPosterior,
        logPrior: scored[leader.place].result.logPrior)
    }
    return RegularExpressionPosterior(
      entries: entries.filter { $0.probability > 1e-9 }, examples: examples,
      noise: configuration.noise,
      evaluations: evaluations, caveats: caveats(entries.first?.expression))
  }

  private func caveats(_ best: RegularExpression?) -> [String] {
    var caveats: [String] = []
    let contradictions = examples.contradictions
    if !contradictions.isEmpty {
      let names = contradictions.prefix(3).map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
      caveats.append(
        "\(contradictions.count) string(s) are given both as positive and as negative "
          + "(\(names)): no expression can satisfy both, and one label of each is taken for an "
          + "error")
    }
    if wasCutShort {
      caveats.append(
        "the examples are long and the search stopped after \(evaluations) expressions: more time "
          + "may find a better one")
    }
    let members = examples.memberScalars
    if members.count == 1 {
      caveats.append("one positive example says little about what may vary")
    }
    if let best {
      let automaton = PositionAutomaton(best)
      let missed = members.count { !automaton.accepts($0) }
      let taken = examples.negativeScalars.count { automaton.accepts($0) }
      if missed + taken > 0 {
        caveats.append(
          "the best expression misses \(missed) of \(members.count) positive examples and accepts "
            + "\(taken) of \(examples.negatives.count) negative ones: they are taken for errors")
      }
    }
    return caveats
  }
}
