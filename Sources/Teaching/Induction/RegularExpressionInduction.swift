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
/// Of more examples than a few dozen the telling ones are learned from, and all are checked: what is printed agrees with
/// every label unless noise was asked for (``InductionConfiguration/keepsLabels``).
///
/// Work is counted in steps and not in seconds, so that the same seed gives the same result on
/// every machine.
public struct RegularExpressionInduction {
  /// The examples learned from.
  public let examples: InductionExamples
  /// The settings in force.
  public let configuration: InductionConfiguration

  /// The examples in use: all, or the telling ones of many.
  private let working: InductionExamples
  private let recognition: RecognitionModel
  private let score: ExpressionScore
  private let moves: ExpressionMoves
  private var random: RandomSource
  /// The index of each scored expression in ``scored``.
  private var places: [RegularExpression: Int] = [:]
  private var scored: [(state: RegularExpression, result: ExpressionScore.Result)] = []
  private var chains: [(state: RegularExpression, logPosterior: Double)] = []
  private var best = -Double.infinity
  /// The number of expressions that have been scored.
  public private(set) var evaluations = 0
  /// The steps of automata spent so far, and the limit on them.
  private var work = 0
  private var workLimit: Int

  /// The distance below the best at which an expression still counts, in nats.
  static let range = 30.0
  private static let chainCount = 12
  /// The number of expressions that are remembered at most.
  private static let memory = 60_000

  /// Learns from examples within the configured budget.
  ///
  /// - Parameter known: expressions to consider besides those that the examples suggest, such as
  ///   what was learned before the last example came.
  public init(
    _ examples: InductionExamples, configuration: InductionConfiguration = InductionConfiguration(),
    known: [RegularExpression] = []
  ) {
    let members = examples.memberScalars
    guard members.count > TellingExamples.limit || examples.negatives.count > TellingExamples.limit else {
      self.init(
        examples, working: examples, configuration: configuration, evaluations: configuration.evaluations, known: known)
      keepLabels()
      return
    }
    var chosen = Set(TellingExamples.choice(of: members))
    var others = Set(TellingExamples.choice(of: examples.negativeScalars))
    self.init(
      examples, working: examples.choosing(members: chosen, negatives: others), configuration: configuration,
      evaluations: configuration.evaluations / 2, known: known)
    // Each round learns from what the one before got wrong.
    for _ in 0..<Self.rounds where configuration.keepsLabels {
      let wrong = wronglyJudged(entries(limit: 1).first?.expression ?? .anything, limit: 2_000)
      let missed = TellingExamples.ofNewShapes(wrong.members, in: members, besides: [], count: 12)
      let taken = TellingExamples.ofNewShapes(wrong.negatives, in: examples.negativeScalars, besides: [], count: 12)
      let before = chosen.count + others.count
      chosen.formUnion(missed)
      others.formUnion(taken)
      if chosen.count + others.count == before { break }
      let leaders = ranked(limit: 1_000).map(\.state)
      self.init(
        examples, working: examples.choosing(members: chosen, negatives: others), configuration: configuration,
        evaluations: configuration.evaluations / 4, known: leaders)
    }
    keepLabels()
  }

  private static let rounds = 8

  private init(
    _ examples: InductionExamples, working: InductionExamples, configuration: InductionConfiguration,
    evaluations: Int, known: [RegularExpression]
  ) {
    self.examples = examples
    self.working = working
    self.configuration = configuration
    score = ExpressionScore(working, configuration)
    moves = ExpressionMoves(working)
    random = RandomSource(seed: configuration.seed)
    let usual = Double(InductionConfiguration().evaluations)
    workLimit = Int(Double(configuration.workLimit) * max(1, Double(evaluations) / usual))
    recognition = RecognitionModel(working, configuration)
    // The broad frames come first: they fit anything, so there is always a result.
    for proposal in recognition.frames() { _ = add(proposal) }
    for expression in known { _ = add(expression) }
    for proposal in recognition.proposals(rounds: 6, using: &random) {
      _ = add(proposal)
      let folded = proposal.folded()
      if folded != proposal { _ = add(folded) }
    }
    search(evaluations: max(0, evaluations - self.evaluations))
  }

  /// Learns again from more examples, keeping in view everything that was likely before.
  public func learning(_ examples: InductionExamples) -> RegularExpressionInduction {
    // Whole families share one likelihood, so what one answer rules out may be most of the best.
    RegularExpressionInduction(
      examples, configuration: configuration, known: ranked(limit: 3_000).map(\.state))
  }

  /// Scores this many expressions more and takes in what is found.
  public mutating func improve(evaluations: Int) {
    let usual = Double(InductionConfiguration().evaluations)
    workLimit += Int(Double(configuration.workLimit) * max(1, Double(evaluations) / usual))
    search(evaluations: evaluations)
    keepLabels()
  }

  /// The examples that an expression judges wrongly, those with both labels apart, up to so many of each label.
  private func wronglyJudged(
    _ expression: RegularExpression, limit: Int
  ) -> (members: [Int], negatives: [Int]) {
    let matcher = DeterministicMatcher(expression)
    let both = examples.contradictoryScalars
    func places(_ strings: [[UInt32]], accepted: Bool) -> [Int] {
      var result: [Int] = []
      for (place, string) in strings.enumerated() where matcher.accepts(string) == accepted {
        if !both.isEmpty, both.contains(string) { continue }
        result.append(place)
        if result.count == limit { break }
      }
      return result
    }
    return (places(examples.memberScalars, accepted: false), places(examples.negativeScalars, accepted: true))
  }

  /// Sees to it that something that agrees with all labels is among what was scored.
  ///
  /// If nothing is, the best get a branch for what they miss; what always agrees is the members one by one.
  private mutating func keepLabels() {
    guard configuration.keepsLabels, consistent(limit: 1).isEmpty else { return }
    let members = examples.memberScalars
    for leader in ranked(limit: 20) {
      let wrong = wronglyJudged(leader.state, limit: 200)
      guard wrong.negatives.isEmpty, !wrong.members.isEmpty, wrong.members.count < 200 else { continue }
      let missed = wrong.members.map { members[$0] }
      for branch in recognition.aligned(missed, .kinds, rounds: 0, using: &random).prefix(8) {
        _ = add(RegularExpression.alternation([leader.state, branch]).simplified(), isExempt: true)
      }
      _ = add(RegularExpression.alternation([leader.state] + missed.map { .literal($0) }).simplified(), isExempt: true)
    }
    if !consistent(limit: 1).isEmpty { return }
    let both = examples.contradictoryScalars
    let distinct = Set(members).subtracting(both)
    guard distinct.reduce(0, { $0 + $1.count }) <= 20_000 else { return }
    lastResort = RegularExpression.alternation(
      distinct.sorted(by: { $0.lexicographicallyPrecedes($1) }).map { .literal($0) }
    )
    .simplified()
  }

  /// The scored expressions that agree with all labels, best first.
  private func consistent(limit: Int) -> [(place: Int, state: RegularExpression, logPosterior: Double)] {
    var result: [(place: Int, state: RegularExpression, logPosterior: Double)] = []
    for leader in ranked(limit: 3_000) {
      // A wrong label costs more than anything that could be won, so what is far behind has one.
      let wrong = wronglyJudged(leader.state, limit: 1)
      if wrong.members.isEmpty, wrong.negatives.isEmpty { result.append(leader) }
      if result.count == limit { break }
    }
    return result
  }

  /// Whether the work limit stopped the search before its evaluations were used up.
  public private(set) var wasCutShort = false

  /// The expression that agrees with all labels where nothing that was scored does.
  private var lastResort: RegularExpression?

  private mutating func add(_ expression: RegularExpression, isExempt: Bool = false) -> Double {
    if let place = places[expression] { return scored[place].result.logPosterior }
    guard work < workLimit || isExempt, !expression.hasRedundantBranch else { return -.infinity }
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
      // Chains settle; other examples, or the same in another order, give beginnings that they would not come to.
      if round.isMultiple(of: 240) {
        for proposal in recognition.variation(using: &random).proposals(rounds: 3, using: &random) { _ = add(proposal) }
      }
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

  /// The posterior so far.
  public var posterior: RegularExpressionPosterior {
    let entries = entries(limit: 400)
    return RegularExpressionPosterior(
      entries: entries, examples: examples, noise: configuration.noise, evaluations: evaluations,
      caveats: caveats(entries.first?.expression))
  }

  private func entries(limit: Int) -> [RegularExpressionPosterior.Entry] {
    let leaders = ranked(limit: 400)
    var kept = leaders
    if configuration.keepsLabels {
      let isAll =
        working.positives.count + working.negatives.count + working.confirmed.count
        == examples.positives.count + examples.negatives.count + examples.confirmed.count
      // Of many examples only so many expressions can be checked against all.
      kept = consistent(limit: isAll ? 400 : 12)
      if kept.isEmpty, let lastResort {
        let prior = -configuration.prior(lastResort)
        return [.init(expression: lastResort, probability: 1, logPosterior: prior, logPrior: prior)]
      }
      if kept.isEmpty { kept = leaders }
    }
    guard let top = kept.first else { return [] }
    let weights = kept.map { Double.exp($0.logPosterior - top.logPosterior) }
    let total = weights.reduce(0, +)
    return zip(kept, weights).prefix(limit).map { leader, weight in
      RegularExpressionPosterior.Entry(
        expression: leader.state, probability: weight / total, logPosterior: leader.logPosterior,
        logPrior: scored[leader.place].result.logPrior)
    }.filter { $0.probability > 1e-9 }
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
    if let form = examples.formsWithBothLabels.first {
      caveats.append(
        "\"\(form.prefix(40))\" is given with both labels in two Unicode forms of the same text: an expression tells them "
          + "apart, and a reader can't; --normalize makes them one")
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
      let matcher = DeterministicMatcher(best)
      let missed = members.count { !matcher.accepts($0) }
      let taken = examples.negativeScalars.count { matcher.accepts($0) }
      if missed + taken > 0 {
        caveats.append(
          "the best expression misses \(missed) of \(members.count) positive examples and accepts "
            + "\(taken) of \(examples.negatives.count) negative ones: they are taken for errors")
      }
    }
    return caveats
  }
}
