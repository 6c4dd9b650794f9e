import Statistics

/// Just enough retained knowledge (Nichol 2018, section 5.1): runs right, jumps now and then, goes back where that brings nothing, and
/// plays what went best again and again.
public struct JERK: Sendable {
  /// Steps of a stretch to the right.
  static let stretch = 100
  /// Steps back where a stretch brought nothing.
  static let retreat = 70
  /// The probability of a jump in a step, and the steps that one is held.
  static let jump = 0.1
  static let jumpSteps = 4
  /// The probability at the start that the best is played again; it grows to more than one with the steps.
  static let exploitation = 0.25

  private struct Solution {
    var returns: [Double]
    var actions: [ContestAction]
    var mean: Double { returns.reduce(0, +) / Double(returns.count) }
  }

  private let limit: Int
  private var generator: SeededGenerator
  private var solutions: [Solution] = []
  private var steps = 0
  private var actions: [ContestAction] = []
  private var sums: [Double] = []

  /// An agent for so many steps.
  public init(steps: Int, seed: UInt64) {
    limit = steps
    generator = SeededGenerator(seed: seed)
  }

  /// Plays until the steps are used up, and returns the return of every episode, the last one as far as it came.
  ///
  /// - Throws: an error of the level's.
  public mutating func run(_ level: any ContestLevel, isStopped: () -> Bool = { false }) throws -> [Double]? {
    var returns: [Double] = []
    while steps < limit {
      if isStopped() { return nil }
      try level.reset()
      (actions, sums) = ([], [])
      let share = Self.exploitation + Double(steps) / Double(limit)
      if !solutions.isEmpty, generator.uniform() < share {
        let best = solutions.indices.max { solutions[$0].mean < solutions[$1].mean } ?? 0
        let sequence = solutions[best].actions
        var isDone = false
        while !isDone, steps < limit {
          isDone = try step(level, actions.count < sequence.count ? sequence[actions.count] : .none).isDone
        }
        solutions[best].returns.append(sums.last ?? 0)
      } else {
        try explore(level)
        let most = sums.max() ?? 0
        let end = sums.firstIndex(of: most).map { $0 + 1 } ?? 0
        solutions.append(Solution(returns: [most], actions: Array(actions[..<end])))
      }
      returns.append(sums.last ?? 0)
    }
    return returns
  }

  private mutating func explore(_ level: any ContestLevel) throws {
    var isDone = false
    while !isDone, steps < limit {
      let before = sums.last ?? 0
      isDone = try move(level, Self.stretch, goesLeft: false)
      if !isDone, (sums.last ?? 0) <= before { isDone = try move(level, Self.retreat, goesLeft: true) }
    }
  }

  private mutating func move(_ level: any ContestLevel, _ count: Int, goesLeft: Bool) throws -> Bool {
    var jumping = 0
    for _ in 0..<count where steps < limit {
      if jumping > 0 {
        jumping -= 1
      } else if generator.uniform() < Self.jump {
        jumping = Self.jumpSteps
      }
      let action: ContestAction = goesLeft ? jumping > 0 ? .jumpLeft : .left : jumping > 0 ? .jumpRight : .right
      if try step(level, action).isDone { return true }
    }
    return false
  }

  private mutating func step(_ level: any ContestLevel, _ action: ContestAction) throws -> (
    reward: Double, isDone: Bool
  ) {
    let result = try level.step(action)
    steps += 1
    actions.append(action)
    sums.append((sums.last ?? 0) + result.reward)
    return result
  }
}
