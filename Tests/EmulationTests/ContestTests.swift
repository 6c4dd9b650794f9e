import Arcade
import Emulation
import Foundation
import Testing

/// The contest's protocol, and an agent that retains what went well.
@Suite("Contest")
struct ContestTests {
  /// A corridor: right is on, at the end is the goal; a wall half-way is passed by a jump alone.
  private final class Corridor: ContestLevel {
    var place = 0
    var frames = 0
    var course = ProgressReward.Course(start: 0, end: 40)
    var episodes = 0
    func reset() {
      (place, frames) = (0, 0)
      course = ProgressReward.Course(start: 0, end: 40)
      episodes += 1
    }
    func step(_ action: ContestAction) -> (reward: Double, isDone: Bool) {
      frames += 4
      switch action {
      case .right where place != 20: place += 1
      case .jumpRight: place += 1
      case .left, .jumpLeft: place = max(0, place - 1)
      default: break
      }
      let reward = course.reward(at: Double(place), frames: frames)
      return (reward, course.hasArrived || frames >= 400)
    }
    func draw(to bytes: UnsafeMutablePointer<UInt8>) {}
  }

  @Test("JERK plays all its steps, gets to the end and does so ever more often")
  func jerk() throws {
    let level = Corridor()
    var agent = JERK(steps: 4_000, seed: 1)
    let returns = try #require(try agent.run(level))
    #expect(returns.count == level.episodes)
    #expect(returns.contains { $0 > 9_000 })
    let half = returns.count / 2
    func mean(_ values: ArraySlice<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
    #expect(mean(returns[half...]) > 9_000, "\(returns)")
    var other = JERK(steps: 4_000, seed: 1)
    #expect(try other.run(Corridor()) == returns)
  }

  @Test("one step in four begins with the action before, except the first of an episode")
  func sticky() {
    var skip = StickyFrameSkip(seed: 3)
    var repeated = 0
    for _ in 0..<1_000 {
      skip.reset()
      #expect(skip.frames(of: .left) == [.left, .left, .left, .left])
      let frames = skip.frames(of: .right)
      #expect(frames.count == 4 && frames.dropFirst().allSatisfy { $0 == .right })
      if frames[0] == .left { repeated += 1 }
    }
    // 250 ± 4 standard deviations.
    #expect(abs(repeated - 250) < 55)
  }

  @Test("there are 47 and 11 levels, none of both, whose reward ends at ten thousand")
  func levels() throws {
    #expect(PlatformContest.training.count == 47 && PlatformContest.test.count == 11)
    #expect(Set(PlatformContest.training).isDisjoint(with: PlatformContest.test))
    let level = try PlatformLevel(.coinrun, seed: 100, draws: 1)
    var (sum, steps) = (0.0, 0)
    while steps < 200 {
      let result = try level.step(steps % 4 == 0 ? .jumpRight : .right)
      sum += result.reward
      steps += 1
      if result.isDone { break }
    }
    // Whoever runs right gets somewhere, and not further than the end.
    #expect(sum > 0 && sum <= 10_000)
    try level.reset()
    let back = try (0..<20).reduce(0.0) { sum, _ in sum + (try level.step(.left).reward) }
    #expect(back <= 0)
  }
}
