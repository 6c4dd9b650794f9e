import Statistics

/// Steps per second of a game with random actions.
public struct SpeedMeasurement: Sendable {
  /// The game.
  public var game: Game
  /// The steps of all environments in a second.
  public var stepsPerSecond: Double
  /// The steps that were timed, of all environments.
  public var steps: Int

  /// Plays a game for some time, after a third of it that isn't counted.
  ///
  /// - Throws: ``ArcadeError`` for options that the game lacks.
  public static func measure(
    _ game: Game, _ options: GameOptions, count: Int, threads: Int, seconds: Double
  ) throws(ArcadeError) -> SpeedMeasurement {
    let environments = try VectorEnvironment(game, options, count: count, seed: 1, threads: threads)
    var random = SeededGenerator(seed: 2)
    var actions = [Int32](repeating: 0, count: count)
    func play(until limit: Double) throws(ArcadeError) -> (steps: Int, seconds: Double) {
      let start = ContinuousClock.now
      var steps = 0
      while true {
        for i in 0..<count { actions[i] = Int32(random.index(below: GameAction.count)) }
        try environments.step(actions)
        steps += count
        let passed = start.duration(to: .now) / .seconds(1)
        if passed >= limit { return (steps, passed) }
      }
    }
    _ = try play(until: seconds / 3)
    let (steps, passed) = try play(until: seconds)
    return SpeedMeasurement(game: game, stepsPerSecond: Double(steps) / passed, steps: steps)
  }
}
