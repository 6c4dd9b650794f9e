import Foundation

/// Many environments of one game that take their steps whenever they are given an action, in the background.
///
/// Whoever acts sends actions to some environments and receives a batch of those that are done first, while the others go on: the
/// slow ones keep nobody waiting. The terms are EnvPool's (Weng and others, 2022, arXiv:2206.10558).
///
/// ```swift
/// let pool = try EnvironmentPool(.starpilot, count: 64, batch: 16, seed: 1, threads: 2)
/// pool.reset()                                              // all of them begin
/// for _ in 0..<100 {
///   let batch = try pool.receive()                          // the first sixteen
///   try pool.send([Int32](repeating: 7, count: 16), to: Array(batch.environments))
/// }
/// ```
///
/// Which environments make a batch depends on who is fast; environment i plays what it would play in a ``VectorEnvironment``.
public final class EnvironmentPool {
  /// The game.
  public let game: Game
  /// Its options.
  public let options: GameOptions
  /// The number of environments.
  public let count: Int
  /// The environments in a batch.
  public let batch: Int
  /// What follows when an episode ends.
  public let autoreset: Autoreset

  private let work: PoolWork

  /// Environments at the starts of their first levels; ``reset()`` or ``send(_:to:)`` sets them going.
  ///
  /// - Throws: ``ArcadeError`` for a mode that the game lacks, levels that there aren't, no environments or threads, and batches that
  ///   are empty or larger than all environments together.
  public init(
    _ game: Game, _ options: GameOptions = GameOptions(), count: Int, batch: Int, seed: UInt64, threads: Int = 1,
    autoreset: Autoreset = .nextStep, keepsFinalObservations: Bool = false
  ) throws(ArcadeError) {
    guard count > 0 else { throw ArcadeError("There must be at least one environment, not \(count).") }
    guard threads > 0 else { throw ArcadeError("There must be at least one thread, not \(threads).") }
    guard (1...count).contains(batch) else {
      throw ArcadeError("A batch of \(count) environments has 1 to \(count) of them, not \(batch).")
    }
    (self.game, self.options, self.count, self.batch, self.autoreset) = (game, options, count, batch, autoreset)
    var episodes: [Episode] = []
    for index in 0..<count { episodes.append(try Episode(game, options, seed: seed, index: index)) }
    work = PoolWork(
      episodes: episodes, batch: batch, autoreset: autoreset, keepsFinalObservations: keepsFinalObservations)
    for _ in 0..<min(threads, count) {
      let painter = Painter(game, options, size: Environment.observationSize)
      work.start(painter)
    }
  }

  deinit { work.stop() }

  /// Begins new episodes in all environments that are not at work; their first observations are received like results of steps.
  public func reset() {
    work.take((0..<Int32(count)).filter { !work.isBusy($0) }.map { ($0, PoolWork.reset) })
  }

  /// Begins new episodes in some environments, as ``reset()`` does in all.
  ///
  /// - Throws: ``ArcadeError`` for environments that there aren't and for such as are at work; none begins then.
  public func reset(_ environments: [Int32]) throws(ArcadeError) {
    try check(environments)
    work.take(environments.map { ($0, PoolWork.reset) })
  }

  /// Gives environments their next actions and returns at once.
  ///
  /// - Throws: ``ArcadeError`` for an action that isn't one, for environments that there aren't or that are at work, and where there
  ///   are not as many actions as environments; no step is played then.
  public func send(_ actions: [Int32], to environments: [Int32]) throws(ArcadeError) {
    guard actions.count == environments.count else {
      throw ArcadeError("\(actions.count) actions for \(environments.count) environments; give one for each.")
    }
    for (action, environment) in zip(actions, environments) {
      try GameAction.check(action, environment: Int(environment))
    }
    try check(environments)
    if autoreset == .disabled, let over = environments.first(where: { work.isOver($0) }) {
      throw ArcadeError("The episode of environment \(over) is over; reset it first.")
    }
    work.take(Array(zip(environments, actions)))
  }

  private func check(_ environments: [Int32]) throws(ArcadeError) {
    for environment in environments {
      guard (0..<Int32(count)).contains(environment) else {
        throw ArcadeError("There is no environment \(environment); there are 0 to \(count - 1).")
      }
      guard !work.isBusy(environment) else {
        throw ArcadeError("Environment \(environment) is at work: receive its last result before sending it on.")
      }
    }
    guard Set(environments).count == environments.count else {
      throw ArcadeError("An environment was sent twice in one call; it can play one step at a time.")
    }
  }

  /// Waits for the next batch of results, in the order in which they were done.
  ///
  /// The buffers are this object's and hold the batch until the next one but one is received.
  ///
  /// - Throws: ``ArcadeError`` where fewer environments are at work than a batch has.
  public func receive() throws(ArcadeError) -> StepBuffers {
    guard work.busyCount >= batch else {
      throw ArcadeError(
        "\(work.busyCount) environments are at work, and a batch has \(batch): reset them or send actions first.")
    }
    return work.receive()
  }
}
