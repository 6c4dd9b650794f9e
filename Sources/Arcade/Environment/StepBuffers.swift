/// What a step of several environments brings, in memory that stays where it is: arrays with a place for each environment.
///
/// Whoever learns reads the pictures where they were drawn; a library in another language does so too.
public final class StepBuffers {
  /// The bytes of one observation: 64 · 64 · 3.
  public static let observationSize = Environment.observationSize * Environment.observationSize * 3

  /// The number of places.
  public let count: Int
  /// The observations, one after another, 64 · 64 · 3 bytes each.
  public let observations: UnsafeMutableBufferPointer<UInt8>
  /// The last observations of the episodes that the step ended, in the places of their environments.
  ///
  /// What is in the other places means nothing; empty unless they were asked for.
  public let finalObservations: UnsafeMutableBufferPointer<UInt8>
  /// The rewards.
  public let rewards: UnsafeMutableBufferPointer<Float>
  /// Whether the step ended an episode by the game's rules.
  public let terminated: UnsafeMutableBufferPointer<Bool>
  /// Whether the step ended an episode by the time limit.
  public let truncated: UnsafeMutableBufferPointer<Bool>
  /// The numbers of the environments.
  public let environments: UnsafeMutableBufferPointer<Int32>
  /// The seeds of the levels that are being played.
  public let levels: UnsafeMutableBufferPointer<Int32>
  /// The seeds of the levels that the step was in.
  public let previousLevels: UnsafeMutableBufferPointer<Int32>
  /// Whether the step completed its level.
  public let previousIsComplete: UnsafeMutableBufferPointer<Bool>
  /// The steps of the level up to this one, which counts; 0 after a reset.
  public let elapsed: UnsafeMutableBufferPointer<Int32>

  init(count: Int, keepsFinalObservations: Bool) {
    self.count = count
    observations = .made(count * Self.observationSize, 0)
    finalObservations = .made(keepsFinalObservations ? count * Self.observationSize : 0, 0)
    rewards = .made(count, 0)
    terminated = .made(count, false)
    truncated = .made(count, false)
    environments = .made(count, 0)
    for index in 0..<count { environments[index] = Int32(index) }
    levels = .made(count, 0)
    previousLevels = .made(count, 0)
    previousIsComplete = .made(count, false)
    elapsed = .made(count, 0)
  }

  deinit {
    for bytes in [observations, finalObservations] { bytes.deallocate() }
    rewards.deallocate()
    for flags in [terminated, truncated, previousIsComplete] { flags.deallocate() }
    for numbers in [environments, levels, previousLevels, elapsed] { numbers.deallocate() }
  }

  /// Plays a step of an episode as far as `write` must see it: whose last observation is wanted goes on there.
  func play(_ episode: Episode, _ action: Int, _ autoreset: Autoreset) -> StepResult {
    episode.step(action, keepsLast(autoreset) ? .disabled : autoreset)
  }

  /// Writes what a step brought to a place.
  func write(_ result: StepResult, of episode: Episode, _ autoreset: Autoreset, _ painter: Painter, at place: Int) {
    rewards[place] = result.reward
    terminated[place] = result.isTerminated
    truncated[place] = result.isTruncated
    elapsed[place] = Int32(episode.elapsed)
    if keepsLast(autoreset), result.isDone {
      draw(episode, painter, into: finalObservations, at: place)
      episode.beginEpisode()
    }
    show(episode, painter, at: place)
  }

  private func keepsLast(_ autoreset: Autoreset) -> Bool { autoreset == .sameStep && !finalObservations.isEmpty }

  /// Writes the state after a reset to a place: no reward, and nothing has ended.
  func begin(_ episode: Episode, _ painter: Painter, at place: Int) {
    rewards[place] = 0
    terminated[place] = false
    truncated[place] = false
    elapsed[place] = 0
    show(episode, painter, at: place)
  }

  /// Writes what is seen, and of which level, to a place.
  func show(_ episode: Episode, _ painter: Painter, at place: Int) {
    levels[place] = episode.level
    previousLevels[place] = episode.previousLevel
    previousIsComplete[place] = episode.previousWasComplete
    draw(episode, painter, into: observations, at: place)
  }

  private func draw(
    _ episode: Episode, _ painter: Painter, into bytes: UnsafeMutableBufferPointer<UInt8>, at place: Int
  ) {
    guard let base = bytes.baseAddress else { return }
    painter.draw(episode.world, to: base + place * Self.observationSize)
  }
}

extension UnsafeMutableBufferPointer {
  fileprivate static func made(_ count: Int, _ value: Element) -> Self {
    let buffer = allocate(capacity: count)
    buffer.initialize(repeating: value)
    return buffer
  }
}
