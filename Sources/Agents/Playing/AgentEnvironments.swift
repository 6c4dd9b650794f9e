public import Arcade

/// Environments that take their steps together: what an agent is trained and evaluated in.
///
/// An episode that ends begins anew in the same step: the observation after it is the next episode's first.
public protocol AgentEnvironments: AnyObject {
  /// The number of environments.
  var count: Int { get }
  /// Height, width and channels of an observation.
  var observationShape: [Int] { get }
  /// The number of actions.
  var actionCount: Int { get }
  /// The observations, one after another; they change with the next step.
  var observations: UnsafeBufferPointer<UInt8> { get }
  /// The rewards of the last step.
  var rewards: UnsafeBufferPointer<Float> { get }
  /// Whether the last step ended an environment's episode, for whatever reason.
  func isDone(_ index: Int) -> Bool
  /// Plays one step in every environment.
  func step(_ actions: [Int32]) throws
  /// The state of every environment: everything that decides what follows.
  func states() -> [[UInt8]]
  /// Goes on from the states of as many environments.
  func restore(_ states: [[UInt8]]) throws
}

extension VectorEnvironment: AgentEnvironments {
  /// 64, 64 and 3.
  public var observationShape: [Int] { [Environment.observationSize, Environment.observationSize, 3] }
  /// 15.
  public var actionCount: Int { GameAction.count }

  /// Whether the game or its time limit ended the episode: the published protocol doesn't tell them apart.
  public func isDone(_ index: Int) -> Bool { terminated[index] || truncated[index] }

  /// The states of all environments.
  public func states() -> [[UInt8]] { (0..<count).map { state(of: $0) } }

  /// Goes on from states.
  ///
  /// - Throws: `ArcadeError` for states of another game, version or number.
  public func restore(_ states: [[UInt8]]) throws {
    for (index, state) in states.prefix(count).enumerated() { try restore(state, at: index) }
  }
}
