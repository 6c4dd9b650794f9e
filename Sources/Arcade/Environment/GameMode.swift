/// A distribution of levels.
public enum GameMode: String, Sendable, CaseIterable, Codable {
  /// Levels that agents learn within 25 million steps.
  case easy
  /// The benchmark's levels.
  case hard
  /// Harder levels of some games.
  case extreme
  /// Larger worlds of which only a part is seen, in some games.
  case memory
  /// One hard level of some games, in which the goal is hard to find.
  case exploration

  /// The mode of a name.
  ///
  /// - Throws: ``ArcadeError`` that names the nearest mode.
  public init(named name: String) throws(ArcadeError) {
    guard let mode = GameMode(rawValue: name) else {
      throw ArcadeError.unknown("mode", name, among: GameMode.allCases.map(\.rawValue))
    }
    self = mode
  }
}
