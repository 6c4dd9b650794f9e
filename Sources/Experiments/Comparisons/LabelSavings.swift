import Probability
import Foundation
import Settings
import Statistics

/// The labels saved by choosing comparisons instead of asking at random, on a simulated labeller.
///
/// Items have features, of which a hidden linear reward makes preferences with logistic noise.
/// Pools are like those that sampling from one policy gives: most pairs are close variants of each
/// other, whose preference is nearly a coin's flip, and the pairs come in a few directions much
/// more often than in others. A ``PreferencePosterior`` learns from the labels; accuracy is on
/// held-out pairs that differ clearly, by the true reward.
///
/// ``run(on:firstPreferred:groups:heldOut:)`` does the same with comparisons that somebody has
/// labelled already: the labels are hidden and shown one by one as they are asked for.
public struct LabelSavings: Sendable {
  /// Features of an item.
  public var dimensions = 10
  /// Pairs to choose from.
  public var poolSize = 1_000
  /// Labels asked for at a time.
  public var batchSize = 5
  /// Labels at the end.
  public var maximumLabels = 200
  /// Draws of the posterior that the chooser compares.
  public var guesses = 32
  /// The part of the pool's pairs that are close variants, whose preference is nearly a coin's
  /// flip.
  public var closeVariants = 0.7
  /// The prior's standard deviation of each feature's weight.
  public var priorDeviation = 2.0
  /// Repetitions with other rewards and pools.
  public var repetitions = 10
  /// The seed.
  public var seed: UInt64 = 0

  /// The settings above.
  public init() {}

  /// Accuracy after each number of labels.
  public struct Curve: Sendable, Codable {
    /// Numbers of labels.
    public let labels: [Int]
    /// Mean accuracy with chosen comparisons.
    public let chosen: [Double]
    /// Mean accuracy with random ones.
    public let random: [Double]
    /// Each repetition's accuracies with chosen comparisons.
    public let chosenByRepetition: [[Double]]
    /// Each repetition's accuracies with random ones, over the same rewards and pools.
    public let randomByRepetition: [[Double]]

    /// The curves that repetitions average to.
    public init(labels: [Int], chosenByRepetition: [[Double]], randomByRepetition: [[Double]]) {
      func mean(_ all: [[Double]]) -> [Double] {
        labels.indices.map { i in all.reduce(0) { $0 + $1[i] / Double(all.count) } }
      }
      self.labels = labels
      self.chosenByRepetition = chosenByRepetition
      self.randomByRepetition = randomByRepetition
      chosen = mean(chosenByRepetition)
      random = mean(randomByRepetition)
    }

    /// The labels that chosen comparisons need for the accuracy that random ones end with, over the
    /// labels that random ones need for it.
    public var ratio: Double {
      let goal = (random.last ?? 1) - 1e-12
      guard let mine = zip(labels, chosen).first(where: { $0.1 >= goal })?.0,
        let theirs = zip(labels, random).first(where: { $0.1 >= goal })?.0
      else { return .infinity }
      return Double(mine) / Double(theirs)
    }
  }

  /// Runs both ways of asking on the same rewards and pools.
  ///
  /// - Throws: An ``ExperimentError`` for settings that make no sense, a `MemoryShortageError` for a pool that the machine
  ///   can't hold.
  public func run() throws -> Curve {
    guard dimensions > 0, batchSize > 0, maximumLabels >= batchSize, poolSize > maximumLabels,
      guesses > 1, repetitions > 0
    else {
      throw ExperimentError("the pool must be larger than the labels, and every count positive")
    }
    try MachineMemory.require(bytesEach: 8 * dimensions, count: poolSize, of: "pool")
    return try curve { World(self, stream: UInt64($0)) }
  }

  /// The study over labelled comparisons in a space of many dimensions, such as a model's hidden vectors.
  ///
  /// - Parameters:
  ///   - features: for each pair, the first item's features less the second's.
  ///   - components: how many principal components of the features to learn on.
  ///   - firstPreferred: the labels.
  ///   - groups: pairs of one group stay on one side of each split.
  /// - Throws: ``ExperimentError`` for features that aren't finite or of several lengths, and for too few pairs.
  public func run(
    on features: [[Double]], components: Int, firstPreferred: [Bool], groups: [Int]
  ) throws -> Curve {
    var random = RandomSource(seed: seed)
    guard let reduction = PrincipalComponents(of: features, count: components, drawing: { random.normal() }) else {
      throw ExperimentError("principal components need rows of finite features, all of one length")
    }
    var study = self
    // Coordinates have mean square 1, so preferences are worth a few units of logit beforehand.
    study.priorDeviation = 2 / Double(reduction.directions.count).squareRoot()
    return try study.run(on: features.map(reduction.project), firstPreferred: firstPreferred, groups: groups)
  }

  /// Runs both ways of asking over labelled comparisons.
  ///
  /// - Parameters:
  ///   - differences: The difference of the two items' features, by comparison.
  ///   - firstPreferred: The labels.
  ///   - groups: Comparisons of one group (of the same prompt, say) are all asked from or all held
  ///     out; each repetition draws other groups.
  ///   - heldOut: The share of groups on which accuracy is measured.
  /// - Throws: An ``ExperimentError`` for fewer comparisons than labels to ask for, or settings that
  ///   make no sense.
  public func run(
    on differences: [[Double]], firstPreferred: [Bool], groups: [Int], heldOut: Double = 0.3
  ) throws -> Curve {
    guard differences.count == firstPreferred.count, differences.count == groups.count,
      (0...1).contains(heldOut), batchSize > 0, maximumLabels >= batchSize, guesses > 1,
      repetitions > 0
    else { throw ExperimentError("every comparison needs features, a label and a group") }
    return try curve { repetition in
      var random = RandomSource(seed: seed, stream: UInt64(repetition))
      var order = Array(Set(groups)).sorted()
      order.shuffle(using: &random)
      let test = Set(order.prefix(Int((Double(order.count) * heldOut).rounded(.up))))
      let outside = groups.indices.filter { test.contains(groups[$0]) }
      let inside = groups.indices.filter { !test.contains(groups[$0]) }
      guard inside.count > maximumLabels, !outside.isEmpty else {
        throw ExperimentError(
          "\(inside.count) comparisons to ask for and \(outside.count) held out are too few for "
            + "\(maximumLabels) labels")
      }
      return World(
        stream: UInt64(repetition), pool: inside.map { differences[$0] },
        answers: inside.map { firstPreferred[$0] }, heldOut: outside.map { differences[$0] },
        preferred: outside.map { firstPreferred[$0] })
    }
  }

  /// Both ways of asking in each repetition's world, averaged.
  private func curve(_ world: (Int) throws -> World) throws -> Curve {
    let points = Array(stride(from: batchSize, through: maximumLabels, by: batchSize))
    var chosen: [[Double]] = []
    var random: [[Double]] = []
    for repetition in 0..<repetitions {
      let world = try world(repetition)
      chosen.append(try accuracies(in: world, chooses: true))
      random.append(try accuracies(in: world, chooses: false))
    }
    return Curve(labels: points, chosenByRepetition: chosen, randomByRepetition: random)
  }

  private func accuracies(in world: World, chooses: Bool) throws -> [Double] {
    var source = RandomSource(seed: seed, stream: world.stream &+ 1_000)
    var order = Array(world.pool.indices)
    order.shuffle(using: &source)
    var asked: [Int] = []
    var curve: [Double] = []
    let queue = ComparisonQueue(differences: world.pool, priorDeviation: priorDeviation)
    var answers: [Int: Bool] = [:]
    var posterior = try queue.posterior(answers)
    while asked.count + batchSize <= maximumLabels {
      let batch = try queue.next(
        batchSize, answers: answers, open: order, by: chooses ? .information : .random,
        posterior: posterior, guesses: guesses, seed: seed)
      asked += batch
      for pair in batch { answers[pair] = world.answers[pair] }
      order.removeAll { batch.contains($0) }
      posterior = try queue.posterior(answers)
      curve.append(world.accuracy(of: posterior.mode))
    }
    return curve
  }

  /// A pool with the labeller's answers, and held-out pairs with which is better.
  private struct World {
    let stream: UInt64
    let pool: [[Double]]
    let answers: [Bool]
    let heldOut: [[Double]]
    let preferred: [Bool]

    init(
      stream: UInt64, pool: [[Double]], answers: [Bool], heldOut: [[Double]], preferred: [Bool]
    ) {
      self.stream = stream
      self.pool = pool
      self.answers = answers
      self.heldOut = heldOut
      self.preferred = preferred
    }

    /// One hidden reward makes them.
    init(_ settings: LabelSavings, stream: UInt64) {
      self.stream = stream
      var random = RandomSource(seed: settings.seed, stream: stream)
      let size = settings.dimensions
      let weights = (0..<size).map { _ in 2 * random.normal() }
      // Directions get rarer: the k-th feature differs in a fraction 0.8^k of the pairs.
      func difference(scale: Double) -> [Double] {
        (0..<size).map { k in
          random.uniform() < pow(0.8, Double(k)) ? scale * random.normal() : 0
        }
      }
      pool = (0..<settings.poolSize).map { _ in
        difference(scale: random.uniform() < settings.closeVariants ? 0.15 : 1)
      }
      answers = pool.map {
        random.uniform() < PreferencePosterior.probability(weights, $0)
      }
      heldOut = (0..<1_000).map { _ in (0..<size).map { _ in random.normal() } }
      preferred = heldOut.map { PreferencePosterior.probability(weights, $0) > 0.5 }
    }

    func accuracy(of guess: [Double]) -> Double {
      let right = zip(heldOut, preferred).count { x, isFirst in
        (PreferencePosterior.probability(guess, x) > 0.5) == isFirst
      }
      return Double(right) / Double(heldOut.count)
    }
  }
}
