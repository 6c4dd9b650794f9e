import Arcade
import Foundation
import TestSupport
import Testing

/// Random steps: nothing leaves its bounds, and rewards and ends are what the rules allow.
///
/// `ARCADE_STEPS` sets how many steps a game and mode there are; 3,000 unless it is set, and a million in the long form.
@Suite struct RandomPlayTests {
  private static let steps = ProcessInfo.processInfo.environment["ARCADE_STEPS"].flatMap { Int($0) } ?? 3000

  /// The reward of one thing in a game; a completed level brings ten more, where `bonus` holds.
  private func unit(_ game: Game) -> Float? {
    switch game {
    case .bigfish, .bossfight, .climber, .fruitbot, .miner, .plunder, .starpilot: 1
    case .lander, .orchard, .shepherd, .slalom: 1
    case .caveflyer: 3
    case .chaser: 0.04
    case .dodgeball: 2
    case .coinrun, .heist, .jumper, .leaper, .maze, .ninja: nil
    }
  }

  @Test(arguments: Game.allCases)
  func rewardsAndEndsFollowTheRules(_ game: Game) throws {
    for mode in game.modes {
      let environment = try Environment(game, GameOptions(mode: mode), seed: 12)
      var stream = ActionStream(seed: 21)
      var odd: [String] = []
      var ends = 0
      for step in 0..<Self.steps {
        let time = environment.time
        let result = try environment.step(Int(stream.next()))
        let isComplete = environment.previousLevel.isComplete
        let rest = result.reward - (isComplete ? 10 : 0)
        if let unit = unit(game) {
          let count = rest / unit
          if abs(count - count.rounded()) > 0.001 { odd.append("reward \(result.reward)") }
          if rest < 0, game != .fruitbot { odd.append("reward \(result.reward)") }
        } else if rest != 0 {
          odd.append("reward \(result.reward)")
        }
        if isComplete, !result.isTerminated { odd.append("a completed level that goes on") }
        if result.isTruncated, time + 1 != game.timeLimit(mode) { odd.append("cut off at \(time)") }
        if time >= game.timeLimit(mode) { odd.append("goes on after its time") }
        if step % 16 == 0 { odd += environment.problems() }
        if result.isDone {
          ends += 1
          environment.reset()
        }
        if odd.count > 3 { break }
      }
      #expect(odd == [], "\(game) \(mode)")
      #expect(ends > 0 || Self.steps <= game.timeLimit(mode))
    }
  }

  @Test func observationsAreTheCommittedOnes() throws {
    let url = try Bundle.module.fixtures.appendingPathComponent("observations.json")
    let expected = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: url))
    var found: [String: String] = [:]
    for game in Game.allCases {
      for mode in game.modes { found["\(game.rawValue) \(mode.rawValue)"] = try Environment.digest(game, mode) }
    }
    #expect(found == expected)
  }
}
