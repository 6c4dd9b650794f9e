import Statistics

/// One environment without a picture: levels one after another, rewards, ends.
final class Episode {
  let game: Game
  let options: GameOptions
  private let seeds: Range<Int32>
  private let timeLimit: Int
  private(set) var world: World
  private var levelStream: SeededGenerator
  /// The seed of the level that is being played, and of the one that the last step was in.
  private(set) var level: Int32 = 0
  private(set) var previousLevel: Int32 = 0
  private(set) var previousWasComplete = false
  /// The steps of the level up to the last one, which counts, also where that one ended it.
  private(set) var elapsed = 0
  /// Whether the episode is over and waits for a new one.
  private(set) var isOver = false

  init(
    _ game: Game, _ options: GameOptions, seed: UInt64, index: Int, timeLimit: Int? = nil
  ) throws(ArcadeError) {
    seeds = try options.seeds(for: game)
    self.game = game
    self.options = options
    self.timeLimit = timeLimit ?? game.timeLimit(options.mode)
    world = World.make(game, options)
    levelStream = SeededGenerator(seed: DerivedSeed(run: seed, for: "levels", index: index).value)
    beginEpisode()
  }

  /// Draws a level and begins it.
  func beginEpisode() {
    begin(level: seeds.lowerBound + Int32(levelStream.index(below: seeds.count)))
  }

  /// Starts the stream of levels anew and begins the first one.
  func reset(seed: UInt64, index: Int) {
    levelStream = SeededGenerator(seed: DerivedSeed(run: seed, for: "levels", index: index).value)
    previousLevel = 0
    previousWasComplete = false
    beginEpisode()
  }

  /// Begins a level of one's choice.
  func begin(level: Int32) {
    self.level = level
    elapsed = 0
    isOver = false
    world.begin(level: level)
  }

  /// Plays one step.
  ///
  /// - Parameters:
  ///   - action: 0 to 14.
  ///   - autoreset: what follows when the episode ends.
  func step(_ action: Int, _ autoreset: Autoreset) -> StepResult {
    if isOver, autoreset == .nextStep {
      beginEpisode()
      return StepResult(reward: 0, isTerminated: false, isTruncated: false)
    }
    world.step(action)
    let time = world.time
    defer { elapsed = time }
    var result = StepResult(
      reward: world.reward, isTerminated: world.isOver, isTruncated: !world.isOver && world.time >= timeLimit)
    previousLevel = level
    previousWasComplete = world.isComplete
    guard result.isDone else { return result }
    if options.usesSequentialLevels, world.isComplete {
      // The next level belongs to the same episode.
      begin(level: level &+ 997)
      result.isTerminated = false
      result.isTruncated = false
      return result
    }
    isOver = true
    if autoreset == .sameStep { beginEpisode() }
    return result
  }

  // MARK: The whole state as bytes

  func state() -> [UInt8] {
    var archive = StateArchive()
    // Writing fails for numbers out of bounds only, which no game has.
    do throws(ArcadeError) { try code(&archive, world) } catch { preconditionFailure(error.description) }
    return archive.bytes
  }

  /// Goes on from a state; on an error nothing has changed.
  func restore(_ state: [UInt8]) throws(ArcadeError) {
    let before = (levelStream, level, previousLevel, previousWasComplete, isOver)
    let restored = World.make(game, options)
    var archive = StateArchive(state)
    do throws(ArcadeError) {
      try code(&archive, restored)
      guard archive.isAtEnd else { throw ArcadeError.state("there are bytes after its end") }
    } catch {
      (levelStream, level, previousLevel, previousWasComplete, isOver) = before
      throw error
    }
    world = restored
    elapsed = world.time
  }

  private func code(_ archive: inout StateArchive, _ world: World) throws(ArcadeError) {
    var (magic, version) = (StateArchive.magic, StateArchive.version)
    try archive.code(&magic)
    guard magic == StateArchive.magic else { throw .state("these bytes aren't one of the arcade's") }
    try archive.code(&version)
    guard version == StateArchive.version else {
      throw .state("it is of version \(version), and this program reads version \(StateArchive.version)")
    }
    try archive.expect(game.rawValue) { "it is of the game \($0), and this is \(game.rawValue)" }
    try archive.expect(options.mode.rawValue) { "it is of the mode \($0), and this is \(options.mode.rawValue)" }
    try archive.code(&levelStream)
    try archive.code(&level)
    try archive.code(&previousLevel)
    try archive.code(&previousWasComplete)
    try archive.code(&isOver)
    try world.archive(&archive)
  }
}
