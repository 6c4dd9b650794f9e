public import Agents

/// The evaluator's environments as an agent of this package trains in them.
///
/// With a stack of n frames an observation has six channels: those of the frame n − 1 steps back, or of the episode's first, and those
/// of the last one, which shows how things move.
public final class RemoteEnvironments: AgentEnvironments {
  /// The conversation.
  public let client: CompetitionClient
  private let stack: Int
  private let pixels: UnsafeMutableBufferPointer<UInt8>?
  /// The last frames of every environment, the oldest first.
  private var history: [[[UInt8]]] = []

  /// The environments at the other end of a conversation.
  ///
  /// - Parameter stack: the frames between the two that are seen together, both counted; 1 shows the last alone.
  public init(_ client: CompetitionClient, stack: Int = 1) {
    self.client = client
    self.stack = stack
    guard stack > 1 else {
      pixels = nil
      return
    }
    let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * client.observations.count)
    pixels.initialize(repeating: 0)
    self.pixels = pixels
    history = (0..<client.terms.environments).map { _ in [] }
    look()
  }

  deinit { pixels?.deallocate() }

  /// The number of environments.
  public var count: Int { client.terms.environments }
  /// Height, width and channels of an observation.
  public var observationShape: [Int] {
    let own = client.terms.observation
    return stack > 1 ? [own[0], own[1], 2 * own[2]] : own
  }
  /// The number of actions.
  public var actionCount: Int { client.terms.actions }
  /// The observations.
  public var observations: UnsafeBufferPointer<UInt8> {
    pixels.map { UnsafeBufferPointer($0) } ?? client.observations
  }
  /// The rewards of the last step.
  public var rewards: UnsafeBufferPointer<Float> { client.rewards }
  /// Whether the last step ended an episode.
  public func isDone(_ index: Int) -> Bool { client.ends[index] != 0 }

  /// Plays one step in every environment.
  ///
  /// - Throws: ``CompetitionClient/Ended`` where the evaluator ends the conversation.
  public func step(_ actions: [Int32]) throws {
    try client.step(actions.map { UInt8(clamping: $0) })
    look()
  }

  /// Forgets what came before: other episodes are played from now on.
  public func begin() {
    for index in history.indices { history[index] = [] }
    look()
  }

  private func look() {
    guard let pixels else { return }
    let channels = client.terms.observation[2]
    let size = client.observations.count / count
    for index in 0..<count {
      if client.ends[index] != 0 { history[index] = [] }
      let seen = Array(client.observations[index * size..<(index + 1) * size])
      history[index].append(seen)
      if history[index].count > stack { history[index].removeFirst() }
      let old = history[index][0]
      var place = 2 * index * size
      for start in stride(from: 0, to: size, by: channels) {
        for channel in 0..<channels {
          pixels[place + channel] = old[start + channel]
          pixels[place + channels + channel] = seen[start + channel]
        }
        place += 2 * channels
      }
    }
  }

  /// None: the states are the evaluator's.
  public func states() -> [[UInt8]] { [] }
  /// Nothing.
  public func restore(_ states: [[UInt8]]) {}
}
