import Arcade
import Testing

/// Levels can be completed: the solver's actions are played again and bring the level's reward.
@Suite struct LevelSolverTests {
  @Test(arguments: LevelSolver.games)
  func levelsCanBeCompleted(_ game: Game) throws {
    var unsolved: [Int32] = []
    let options = GameOptions(mode: .easy)
    for level in 0..<4 as Range<Int32> {
      guard let actions = try LevelSolver(game, options, level: level).solve() else {
        unsolved.append(level)
        continue
      }
      let environment = try Environment(game, options, seed: 0)
      environment.begin(level: level)
      var last: StepResult?
      for action in actions {
        #expect(last?.isDone != true)
        last = try environment.step(action)
      }
      #expect(environment.previousLevel.isComplete)
      #expect(last?.isTerminated == true)
      #expect((last?.reward ?? 0) >= 10)
    }
    // Some of the published miner's and jumper's levels can't be completed, and ours are built as theirs are.
    #expect(unsolved.count <= (game == .miner || game == .jumper ? 1 : 0), "\(game): \(unsolved)")
  }

  @Test func aLevelWithoutAWayIsGivenUp() throws {
    // One look isn't enough for any maze.
    #expect(try LevelSolver(.maze, GameOptions(mode: .hard), level: 0, limit: 1).solve() == nil)
    #expect(throws: ArcadeError.self) { try LevelSolver(.maze, GameOptions(mode: .extreme), level: 0) }
  }
}
