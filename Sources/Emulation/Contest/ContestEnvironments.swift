public import Agents
import Arcade

/// Levels of a contest as an agent of this package trains in them, every episode's return kept.
///
/// Rewards are scaled by 0.01, which the published baselines say to matter much; the returns that are kept are not.
public final class ContestEnvironments: AgentEnvironments {
  /// What rewards are multiplied with.
  public static let scale = 0.01

  /// The number of environments.
  public let count: Int
  /// 64, 64 and 3.
  public let observationShape = [Environment.observationSize, Environment.observationSize, 3]
  /// The number of actions.
  public let actionCount = ContestAction.allCases.count
  /// The return of every episode that has ended.
  public private(set) var returns: [Double] = []
  private let levels: [any ContestLevel]
  private let pixels: UnsafeMutableBufferPointer<UInt8>
  private let gains: UnsafeMutableBufferPointer<Float>
  private var done: [Bool]
  private var sums: [Double]

  /// Environments of levels at their starts.
  public init(_ levels: [any ContestLevel]) {
    self.levels = levels
    count = levels.count
    let size = observationShape.reduce(1, *)
    pixels = .allocate(capacity: levels.count * size)
    gains = .allocate(capacity: levels.count)
    pixels.initialize(repeating: 0)
    gains.initialize(repeating: 0)
    done = Array(repeating: false, count: levels.count)
    sums = Array(repeating: 0, count: levels.count)
    for index in levels.indices { draw(index) }
  }

  deinit {
    pixels.deallocate()
    gains.deallocate()
  }

  /// The observations.
  public var observations: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(pixels) }
  /// The scaled rewards of the last step.
  public var rewards: UnsafeBufferPointer<Float> { UnsafeBufferPointer(gains) }
  /// Whether the last step ended an episode.
  public func isDone(_ index: Int) -> Bool { done[index] }

  /// Plays one step in every environment.
  ///
  /// - Throws: an error of a level's.
  public func step(_ actions: [Int32]) throws {
    for (index, action) in actions.enumerated() {
      let result = try levels[index].step(ContestAction(rawValue: Int(action)) ?? .none)
      gains[index] = Float(result.reward * Self.scale)
      sums[index] += result.reward
      done[index] = result.isDone
      if result.isDone {
        returns.append(sums[index])
        sums[index] = 0
        try levels[index].reset()
      }
      draw(index)
    }
  }

  private func draw(_ index: Int) {
    guard let base = pixels.baseAddress else { return }
    levels[index].draw(to: base + index * observationShape.reduce(1, *))
  }

  /// The returns of all episodes so far, those that are still played as far as they came.
  public var allReturns: [Double] { returns + zip(sums, done).filter { !$0.1 }.map(\.0) }

  /// None: a level is learnt whole or not at all.
  public func states() -> [[UInt8]] { [] }
  /// Nothing.
  public func restore(_ states: [[UInt8]]) {}
}
