/// How far the player is from a level's goal: the measure of progress where a game has no line to run along.
package struct GoalMeter {
  private var distances: GoalDistance
  private var last: Float = 0

  /// A meter for the level that an environment plays, and no other one.
  package init(_ environment: Environment) {
    distances = GoalDistance(environment.episode.world)
    last = distances.estimate(environment.episode.world)
  }

  /// The way that is left, in cells; a place that no way leads from has that of the place before.
  package mutating func distance(in environment: Environment) -> Float {
    let now = distances.estimate(environment.episode.world)
    if now < 10_000 { last = now }
    return last
  }
}
