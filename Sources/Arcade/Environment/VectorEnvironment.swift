import Dispatch
public import Media
import Synchronization

/// Many environments of one game that take their steps together, spread over cores.
///
/// ```swift
/// let environments = try VectorEnvironment(.starpilot, count: 64, seed: 1, threads: 2)
/// try environments.step([Int32](repeating: 7, count: 64))
/// print(environments.rewards[0], environments.observations.count)   // 64 · 64 · 64 · 3 bytes
/// ```
///
/// Whatever the number of threads, environment i plays what it would play alone.
public final class VectorEnvironment {
  /// The game.
  public let game: Game
  /// Its options.
  public let options: GameOptions
  /// The number of environments.
  public let count: Int
  /// The threads that steps are spread over.
  public let threads: Int
  /// What follows when an episode ends.
  public let autoreset: Autoreset

  /// All that the last step brought; valid as long as this object is.
  public let results: StepBuffers
  /// The observations, one after another, 64 · 64 · 3 bytes each; valid as long as this object is.
  public var observations: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(results.observations) }
  /// The rewards of the last step.
  public var rewards: UnsafeBufferPointer<Float> { UnsafeBufferPointer(results.rewards) }
  /// Whether the last step ended an episode by the game's rules.
  public var terminated: UnsafeBufferPointer<Bool> { UnsafeBufferPointer(results.terminated) }
  /// Whether the last step ended an episode by the time limit.
  public var truncated: UnsafeBufferPointer<Bool> { UnsafeBufferPointer(results.truncated) }

  private let episodes: [Episode]
  private let painters: [Painter]
  private lazy var largePainter = Painter(game, options, size: Environment.pictureSize)
  private var actions: [Int32]
  private let queue = EnvironmentQueue()

  /// Environments at the starts of their first levels.
  ///
  /// - Parameters:
  ///   - game: the game.
  ///   - options: its options.
  ///   - count: the number of environments.
  ///   - seed: the seed of the levels' order; each environment has an order of its own.
  ///   - threads: the threads that steps are spread over.
  ///   - autoreset: what follows when an episode ends.
  ///   - keepsFinalObservations: whether the last observations of ended episodes are kept in `results.finalObservations`, which else
  ///     nobody sees with ``Autoreset/sameStep``.
  /// - Throws: ``ArcadeError`` for a mode that the game lacks, levels that there aren't, and no environments.
  public init(
    _ game: Game, _ options: GameOptions = GameOptions(), count: Int, seed: UInt64, threads: Int = 1,
    autoreset: Autoreset = .sameStep, keepsFinalObservations: Bool = false
  ) throws(ArcadeError) {
    guard count > 0 else { throw ArcadeError("There must be at least one environment, not \(count).") }
    guard threads > 0 else { throw ArcadeError("There must be at least one thread, not \(threads).") }
    self.game = game
    self.options = options
    self.count = count
    self.threads = min(threads, (count + SharedWork.portion - 1) / SharedWork.portion)
    self.autoreset = autoreset
    var episodes: [Episode] = []
    for index in 0..<count { episodes.append(try Episode(game, options, seed: seed, index: index)) }
    self.episodes = episodes
    painters = (0..<self.threads).map { _ in Painter(game, options, size: Environment.observationSize) }
    results = StepBuffers(count: count, keepsFinalObservations: keepsFinalObservations)
    actions = [Int32](repeating: 0, count: count)
    spread { self.begin($0, $1) }
  }

  private func begin(_ index: Int, _ painter: Painter) { results.begin(episodes[index], painter, at: index) }

  /// Begins new episodes, of a seed's first levels where one is given.
  public func reset(seed: UInt64? = nil) {
    for (index, episode) in episodes.enumerated() {
      if let seed { episode.reset(seed: seed, index: index) } else { episode.beginEpisode() }
    }
    spread { self.begin($0, $1) }
  }

  /// Begins new episodes, of the first levels of a seed for each environment: what an ``Environment`` of that seed would play.
  ///
  /// - Throws: ``ArcadeError`` where there are not as many seeds as environments.
  public func reset(seeds: [UInt64]) throws(ArcadeError) {
    guard seeds.count == count else { throw wrongSize(seeds.count, "seeds") }
    for (episode, seed) in zip(episodes, seeds) { episode.reset(seed: seed, index: 0) }
    spread { self.begin($0, $1) }
  }

  /// Begins new episodes in some of the environments.
  ///
  /// - Throws: ``ArcadeError`` where there are not as many flags as environments.
  public func reset(where isChosen: [Bool]) throws(ArcadeError) {
    guard isChosen.count == count else { throw wrongSize(isChosen.count, "flags") }
    for index in 0..<count where isChosen[index] {
      episodes[index].beginEpisode()
      begin(index, painters[0])
    }
  }

  /// Begins a level of one's choice in an environment.
  public func begin(level: Int32, at index: Int) {
    episodes[index].begin(level: level)
    begin(index, painters[0])
  }

  /// Plays one step in every environment.
  ///
  /// - Throws: ``ArcadeError`` for an action that isn't one and where there are not as many as environments; no step is played then.
  public func step(_ actions: some Collection<Int32>) throws(ArcadeError) {
    guard actions.count == count else { throw wrongSize(actions.count, "actions") }
    var index = 0
    for action in actions {
      try GameAction.check(action, environment: index)
      if autoreset == .disabled, episodes[index].isOver {
        throw ArcadeError("The episode of environment \(index) is over; reset it first.")
      }
      self.actions[index] = action
      index += 1
    }
    spread { self.play($0, $1) }
  }

  private func wrongSize(_ size: Int, _ what: String) -> ArcadeError {
    ArcadeError("There are \(count) environments and \(size) \(what); give one for each.")
  }

  private func play(_ index: Int, _ painter: Painter) {
    let result = results.play(episodes[index], Int(actions[index]), autoreset)
    results.write(result, of: episodes[index], autoreset, painter, at: index)
  }

  /// Does something for every environment, each on one thread with that thread's painter.
  private func spread(_ body: (Int, Painter) -> Void) {
    guard threads > 1 else {
      for index in 0..<count { body(index, painters[0]) }
      return
    }
    queue.next.store(0, ordering: .relaxed)
    withoutActuallyEscaping(body) { body in
      let work = SharedWork(body: body, painters: painters, queue: queue, count: count)
      DispatchQueue.concurrentPerform(iterations: threads) { work.run(thread: $0) }
    }
  }

  // MARK: Levels and states

  /// The seed of the level that an environment plays.
  public func level(of index: Int) -> Int32 { episodes[index].level }

  /// The seed of the level that an environment's last step was in, and whether that step completed it.
  public func previousLevel(of index: Int) -> (seed: Int32, isComplete: Bool) {
    (episodes[index].previousLevel, episodes[index].previousWasComplete)
  }

  /// The observation of an environment.
  public func observation(of index: Int) -> RGBImage {
    let bytes = observations[index * StepBuffers.observationSize..<(index + 1) * StepBuffers.observationSize]
    return RGBImage(width: Environment.observationSize, height: Environment.observationSize, bytes: Array(bytes))
  }

  /// Draws the scene of an environment for people: 512 · 512 · 3 bytes.
  public func drawLargePicture(of index: Int, to bytes: UnsafeMutablePointer<UInt8>) {
    largePainter.draw(episodes[index].world, to: bytes)
  }

  /// The whole state of an environment.
  public func state(of index: Int) -> [UInt8] { episodes[index].state() }

  /// Lets an environment go on from a state.
  ///
  /// - Throws: ``ArcadeError`` for a state of another version, game or mode and for damaged bytes; nothing is changed then.
  public func restore(_ state: [UInt8], at index: Int) throws(ArcadeError) {
    try episodes[index].restore(state)
    begin(index, painters[0])
  }
}

/// The place of the next environment that no thread has taken.
private final class EnvironmentQueue: Sendable {
  let next = Atomic(0)
}

/// What crosses to the threads of a step; each environment and each painter is touched by one thread alone.
private struct SharedWork: @unchecked Sendable {
  let body: (Int, Painter) -> Void
  let painters: [Painter]
  let queue: EnvironmentQueue
  let count: Int
  /// Environments that a thread takes at a time.
  static let portion = 4

  func run(thread: Int) {
    while true {
      let start = queue.next.add(Self.portion, ordering: .relaxed).oldValue
      if start >= count { return }
      for index in start..<min(count, start + Self.portion) { body(index, painters[thread]) }
    }
  }
}
