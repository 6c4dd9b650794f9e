import Arcade
import Testing

/// The games of competitions keep the arcade's promises, and are in none of its lists.
struct ContestGameTests {
  @Test func areInNoList() throws {
    #expect(Set(Game.allCases).isDisjoint(with: Game.contestGames) && Game.allCases.count == 16)
    // By its name each can be played.
    let named = try Game.contestGames.map { try Game(named: $0.rawValue) }
    #expect(named == Game.contestGames)
  }

  @Test(arguments: Game.contestGames)
  func goOnFromAnyStateToTheSame(_ game: Game) throws {
    for mode in game.modes {
      let one = try Environment(game, GameOptions(mode: mode), seed: 5)
      let other = try Environment(game, GameOptions(mode: mode), seed: 6)
      var (odd, ends): ([String], Int) = ([], 0)
      for step in 0..<1_500 {
        if step % 100 == 99 {
          try other.restore(one.state())
          #expect(other.observation() == one.observation())
        }
        let action = (step / 3 * 7 + step / 50) % GameAction.count
        let result = try one.step(action)
        if step % 100 >= 99 {
          #expect(try other.step(action) == result)
          #expect(other.state() == one.state())
        }
        if step % 16 == 0 { odd += one.problems() }
        if result.isDone {
          ends += 1
          one.reset()
        }
      }
      #expect(odd == [], "\(game) \(mode): \(odd.prefix(3))")
      #expect(ends > 0, "\(game) \(mode)")
    }
  }
}
