import RealModule

/// Hamiltonian Monte Carlo with the no-U-turn criterion, for models of continuous choices.
///
/// Trajectories double until they turn back on themselves, and the next state is drawn from all of
/// one by its weight (Hoffman and Gelman 2014; the multinomial form of Betancourt 2017). In the
/// warm-up, dual averaging fits the step size and growing windows fit a diagonal metric, on the
/// schedule that Stan uses. Divergent transitions are counted in the diagnostics.
public struct HamiltonianMonteCarlo: Sendable {
  /// Draws kept from each chain.
  public var samples: Int
  /// Transitions that adapt step size and metric, before the first draw.
  public var warmup: Int
  /// Independent chains, run in parallel.
  public var chains: Int
  /// The mean acceptance that the step size is fitted to.
  public var targetAcceptance: Double
  /// Trajectories have at most 2^this steps.
  public var maximumTreeDepth: Int
  /// The seed.
  public var seed: UInt64

  /// Chains of the given lengths.
  public init(
    samples: Int = 1_000, warmup: Int = 500, chains: Int = 4, targetAcceptance: Double = 0.8,
    maximumTreeDepth: Int = 10, seed: UInt64 = 0
  ) {
    self.samples = samples
    self.warmup = warmup
    self.chains = chains
    self.targetAcceptance = targetAcceptance
    self.maximumTreeDepth = maximumTreeDepth
    self.seed = seed
  }

  /// The draws in order.
  ///
  /// - Throws: An ``InferenceError`` when a setting makes no sense, the model changes its number of
  ///   choices, or no start with a finite score is found.
  public func run<Value: Sendable>(
    _ model: @escaping DifferentiableModel<Value>
  ) throws -> Chains<Value> {
    guard samples > 0, warmup >= 0, chains > 0, (0.1..<1).contains(targetAcceptance),
      (1...20).contains(maximumTreeDepth)
    else {
      throw InferenceError(
        .badSetting,
        "Hamiltonian Monte Carlo needs samples and chains ≥ 1, warmup ≥ 0, targetAcceptance in "
          + "[0.1, 1) and maximumTreeDepth in 1...20")
    }
    let settings = self
    let runs = try inParallel(chains) { index in
      let chain = try TrajectoryChain(
        model, settings, random: RandomSource(seed: settings.seed, stream: UInt64(index) + 1))
      return try chain.run()
    }
    var diagnostics = Diagnostics(method: "Hamiltonian Monte Carlo (NUTS)")
    diagnostics.executions = runs.reduce(0) { $0 + $1.evaluations }
    diagnostics.acceptanceRate = runs.reduce(0) { $0 + $1.acceptance } / Double(chains)
    diagnostics.divergences = runs.reduce(0) { $0 + $1.divergences }
    diagnostics.acceptedMoves = runs.reduce(0) { $0 + $1.moves.moved }
    diagnostics.reportStandstill(runs.map(\.moves), of: chains == 1 ? "the chain" : "chains")
    if diagnostics.divergences > 0 {
      diagnostics.warnings.append(
        "\(diagnostics.divergences) transitions diverged: raise targetAcceptance or "
          + "reparameterise the model")
    }
    return Chains(draws: runs.map(\.draws), diagnostics: diagnostics)
  }

  /// The distribution of the draws.
  public func infer<Value: Hashable & Sendable>(
    _ model: @escaping DifferentiableModel<Value>
  ) throws -> Distribution<Value> {
    try run(model).distribution
  }
}

/// One chain of trajectories.
private final class TrajectoryChain<Value: Sendable> {
  typealias Point = GradientTarget<Value>.Point

  struct State {
    var point: Point
    var momentum: [Double]
  }

  struct Tree {
    var minus: State
    var plus: State
    var proposal: Point
    var logWeight: Double
    /// Sum of the momenta along the trajectory.
    var momentumSum: [Double]
    var turning = false
    var diverging = false
    var acceptanceSum = 0.0
    var steps = 0
  }

  private let target: GradientTarget<Value>
  private let settings: HamiltonianMonteCarlo
  private var random: RandomSource
  private var stepSize = 1.0
  /// The inverse of the diagonal mass matrix: the variances of the coordinates.
  private var variances: [Double]
  private var current: Point
  private var energyAtStart = 0.0

  init(
    _ model: @escaping DifferentiableModel<Value>, _ settings: HamiltonianMonteCarlo,
    random: RandomSource
  ) throws {
    self.settings = settings
    self.random = random
    target = try GradientTarget(model, random: &self.random)
    current = try target.evaluate(target.start)
    variances = Array(repeating: 1, count: current.position.count)
  }

  func run() throws -> (
    draws: [Value], evaluations: Int, acceptance: Double, divergences: Int, moves: MoveCount
  ) {
    var draws: [Value] = []
    if current.position.isEmpty {
      for _ in 0..<settings.samples { draws.append(try target.value(at: [])) }
      return (draws, settings.samples, 1, 0, MoveCount())
    }
    try findStepSize()
    try warmUp()
    var divergences = 0
    var acceptance = 0.0
    var moves = MoveCount()
    for _ in 0..<settings.samples {
      let before = current.position
      let tree = try transition()
      let moved = current.position == before ? 0 : 1
      moves += MoveCount(proposed: 1, accepted: moved, changing: 1, moved: moved)
      acceptance += tree.acceptanceSum / Double(max(tree.steps, 1))
      if tree.diverging { divergences += 1 }
      draws.append(try target.value(at: current.position))
    }
    return (draws, target.evaluations, acceptance / Double(settings.samples), divergences, moves)
  }

  /// Dual averaging of the step size throughout, the metric at the ends of windows that double.
  private func warmUp() throws {
    let total = settings.warmup
    let first = total < 20 ? total : Int(0.15 * Double(total))
    let last = Int(0.1 * Double(total))
    var averaging = DualAveraging(initial: stepSize, target: settings.targetAcceptance)
    var windowEnd = first + max(25, 1)
    var windowLength = 25
    var moments = RunningMoments(size: variances.count)
    for iteration in 0..<total {
      let tree = try transition()
      stepSize = averaging.update(tree.acceptanceSum / Double(max(tree.steps, 1)))
      guard iteration >= first, iteration < total - last else { continue }
      moments.add(current.position)
      let isLastWindow = windowEnd + 2 * windowLength > total - last
      let end = isLastWindow ? total - last : windowEnd
      if iteration == end - 1 {
        variances = moments.regularizedVariances
        moments = RunningMoments(size: variances.count)
        try findStepSize()
        averaging = DualAveraging(initial: stepSize, target: settings.targetAcceptance)
        windowLength *= 2
        windowEnd += windowLength
      }
    }
    if total > 0 { stepSize = averaging.final }
  }

  private func drawMomentum() -> [Double] {
    variances.map { random.normal() / $0.squareRoot() }
  }

  private func energy(_ state: State) -> Double {
    var kinetic = 0.0
    for index in variances.indices {
      kinetic += state.momentum[index] * state.momentum[index] * variances[index]
    }
    return -state.point.logDensity + 0.5 * kinetic
  }

  private func leapfrog(_ state: State, step: Double) throws -> State {
    var momentum = state.momentum
    var position = state.point.position
    for index in position.indices {
      momentum[index] += 0.5 * step * state.point.gradient[index]
      position[index] += step * variances[index] * momentum[index]
    }
    let point = try target.evaluate(position)
    for index in position.indices { momentum[index] += 0.5 * step * point.gradient[index] }
    return State(point: point, momentum: momentum)
  }

  /// Doubles or halves the step until one step's acceptance crosses 0.8.
  private func findStepSize() throws {
    let start = State(point: current, momentum: drawMomentum())
    func change() throws -> Double {
      let next = try leapfrog(start, step: stepSize)
      let difference = energy(start) - energy(next)
      return difference.isFinite ? difference : -.infinity
    }
    let grows = try change() > Double.log(0.8)
    for _ in 0..<60 {
      stepSize *= grows ? 2 : 0.5
      if try (change() > Double.log(0.8)) != grows { break }
    }
  }

  private func transition() throws -> Tree {
    let start = State(point: current, momentum: drawMomentum())
    energyAtStart = energy(start)
    var tree = Tree(
      minus: start, plus: start, proposal: current, logWeight: 0, momentumSum: start.momentum)
    for depth in 0..<settings.maximumTreeDepth {
      let forward = random.next() & 1 == 0
      let half = try buildTree(
        from: forward ? tree.plus : tree.minus, depth: depth, direction: forward ? 1 : -1)
      tree.acceptanceSum += half.acceptanceSum
      tree.steps += half.steps
      if half.diverging || half.turning {
        tree.diverging = half.diverging
        break
      }
      // Biased progressive sampling: the new half is preferred.
      if Double.log(random.uniform()) < half.logWeight - tree.logWeight {
        tree.proposal = half.proposal
      }
      join(&tree, half, forward: forward)
      if tree.turning { break }
    }
    current = tree.proposal
    return tree
  }

  /// Puts two neighbouring trajectories together; the proposal is the caller's business.
  private func join(_ tree: inout Tree, _ other: Tree, forward: Bool) {
    let sum = zip(tree.momentumSum, other.momentumSum).map { $0 + $1 }
    // The U-turn test, over the whole and across the seam on both sides.
    let (left, right) = forward ? (tree, other) : (other, tree)
    let seamLeft = zip(left.momentumSum, right.minus.momentum).map { $0 + $1 }
    let seamRight = zip(right.momentumSum, left.plus.momentum).map { $0 + $1 }
    tree.turning =
      isTurning(left.minus.momentum, right.plus.momentum, sum)
      || isTurning(left.minus.momentum, right.minus.momentum, seamLeft)
      || isTurning(left.plus.momentum, right.plus.momentum, seamRight)
    tree.minus = left.minus
    tree.plus = right.plus
    tree.momentumSum = sum
    tree.logWeight = logSumExp([tree.logWeight, other.logWeight])
  }

  private func isTurning(_ start: [Double], _ end: [Double], _ sum: [Double]) -> Bool {
    var first = 0.0
    var last = 0.0
    for index in sum.indices {
      first += start[index] * variances[index] * sum[index]
      last += end[index] * variances[index] * sum[index]
    }
    return first <= 0 || last <= 0
  }

  private func buildTree(from state: State, depth: Int, direction: Double) throws -> Tree {
    if depth == 0 {
      let next = try leapfrog(state, step: direction * stepSize)
      let rise = energy(next) - energyAtStart
      var tree = Tree(
        minus: next, plus: next, proposal: next.point, logWeight: -rise,
        momentumSum: next.momentum)
      tree.steps = 1
      if !(rise < 1_000) || !next.point.isUsable {
        tree.diverging = true
        tree.logWeight = -.infinity
      } else {
        tree.acceptanceSum = min(1, Double.exp(-rise))
      }
      return tree
    }
    var tree = try buildTree(from: state, depth: depth - 1, direction: direction)
    if tree.diverging || tree.turning { return tree }
    let forward = direction > 0
    let other = try buildTree(
      from: forward ? tree.plus : tree.minus, depth: depth - 1, direction: direction)
    tree.acceptanceSum += other.acceptanceSum
    tree.steps += other.steps
    if other.diverging || other.turning {
      tree.diverging = other.diverging
      tree.turning = other.turning
      return tree
    }
    let logTotal = logSumExp([tree.logWeight, other.logWeight])
    if Double.log(random.uniform()) < other.logWeight - logTotal { tree.proposal = other.proposal }
    join(&tree, other, forward: forward)
    return tree
  }
}
