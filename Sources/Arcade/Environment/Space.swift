/// What observations or actions there are, in Gymnasium's terms.
public enum Space: Sendable, Equatable {
  /// Bytes of a shape, between two values.
  case box(shape: [Int], low: UInt8, high: UInt8)
  /// Whole numbers from 0 on.
  case discrete(Int)
}

extension Environment {
  /// The space of observations: 64 rows of 64 pixels of red, green and blue.
  public static let observationSpace = Space.box(shape: [observationSize, observationSize, 3], low: 0, high: 255)
  /// The space of actions.
  public static let actionSpace = Space.discrete(GameAction.count)
}

extension VectorEnvironment {
  /// The space of one environment's observations.
  public static let singleObservationSpace = Environment.observationSpace
  /// The space of one environment's actions.
  public static let singleActionSpace = Environment.actionSpace
  /// The space of all observations together.
  public var observationSpace: Space {
    .box(shape: [count, Environment.observationSize, Environment.observationSize, 3], low: 0, high: 255)
  }
}
