import Statistics

/// Returns and lengths of the episodes of a policy that draws every action evenly: what the rules alone bring.
public struct RandomPolicySample: Sendable {
  /// The sum of rewards of each episode.
  public var returns: [Float]
  /// The steps of each episode.
  public var lengths: [Int]

  /// Plays episodes one after another, so that short ones are seen no more often than long ones.
  ///
  /// - Throws: ``ArcadeError`` for options that the game lacks.
  public static func play(
    _ game: Game, _ options: GameOptions, episodes: Int, seed: UInt64
  ) throws(ArcadeError) -> RandomPolicySample {
    var sample = RandomPolicySample(returns: [], lengths: [])
    var random = SeededGenerator(seed: seed)
    let episode = try Episode(game, options, seed: seed, index: 0)
    while sample.returns.count < episodes {
      var (sum, length): (Float, Int) = (0, 0)
      while true {
        let result = episode.step(random.index(below: GameAction.count), .sameStep)
        sum += result.reward
        length += 1
        if result.isDone { break }
      }
      sample.returns.append(sum)
      sample.lengths.append(length)
    }
    return sample
  }
}
