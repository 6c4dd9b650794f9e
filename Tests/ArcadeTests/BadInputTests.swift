import Arcade
import Documents
import Foundation
import TestSupport
import Testing

/// Each of these says what is wrong, and changes nothing.
@Suite struct BadInputTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func namesAndNumbersThatAreNone() throws {
    #expect(message { _ = try Game(named: "conrun") }.contains("Did you mean 'coinrun'?"))
    #expect(message { _ = try GameMode(named: "hrad") }.contains("'hard'"))
    #expect(
      message { _ = try Environment(.bigfish, GameOptions(mode: .memory), seed: 1) }.contains("has no mode 'memory'"))
    #expect(message { _ = try Environment(.maze, GameOptions(mode: .easy, levels: -1), seed: 1) }.contains("-1 levels"))
    #expect(message { _ = try Environment(.maze, GameOptions(mode: .easy, levels: 2, firstLevel: -3), seed: 1) } != "")
    #expect(
      message { _ = try Environment(.maze, GameOptions(mode: .easy, levels: 2, firstLevel: 2_147_483_647), seed: 1) }
        != "")
    #expect(
      message { _ = try Environment(.maze, GameOptions(mode: .exploration, levels: 3), seed: 1) }.contains(
        "exploration"))
    #expect(message { _ = try VectorEnvironment(.maze, count: 0, seed: 1) }.contains("at least one environment"))
    #expect(message { _ = try VectorEnvironment(.maze, count: 1, seed: 1, threads: 0) }.contains("at least one thread"))
    #expect(message { _ = try Recorder(.maze, levels: 0).sheet() }.contains("at least one level"))
  }

  @Test func actionsThatAreNone() throws {
    let environments = try VectorEnvironment(.maze, count: 3, seed: 1)
    let before = (0..<3).map { environments.state(of: $0) }
    #expect(message { try environments.step([1, 2]) }.contains("3 environments and 2 actions"))
    #expect(message { try environments.step([1, 2, 15]) }.contains("action 15, which environment 2"))
    #expect(message { try environments.reset(where: [true]) }.contains("3 environments and 1 flags"))
    #expect((0..<3).map { environments.state(of: $0) } == before)
    let single = try Environment(.maze, seed: 1)
    #expect(message { _ = try single.step(-1) }.contains("no action -1"))
  }

  @Test func statesOfAnother() throws {
    let environment = try Environment(.maze, GameOptions(mode: .easy), seed: 1)
    let state = environment.state()
    let other = try Environment(.heist, GameOptions(mode: .easy), seed: 1)
    let before = other.state()
    #expect(message { try other.restore(state) }.contains("it is of the game maze, and this is heist"))
    #expect(other.state() == before)
    let hard = try Environment(.maze, seed: 1)
    #expect(message { try hard.restore(state) }.contains("mode easy"))
    var newer = state
    newer[4] = 200
    #expect(message { try environment.restore(newer) }.contains("version 200"))
    #expect(message { try environment.restore(Array(state.dropLast(3))) }.contains("cut off"))
    #expect(message { try environment.restore(state + [0]) }.contains("after its end"))
    #expect(message { try environment.restore([]) }.contains("cut off"))
    #expect(message { try environment.restore(Array("hello world".utf8)) }.contains("aren't one of the arcade's"))
    #expect(environment.state() == state)
  }

  @Test(arguments: Game.allCases)
  func damagedStatesAreRefusedOrPlayed(_ game: Game) throws {
    let environment = try Environment(game, GameOptions(mode: .easy), seed: 1)
    for _ in 0..<20 { _ = try environment.step(7).isDone ? environment.reset() : environment.observation() }
    let state = environment.state()
    var mutator = Mutator(seed: 5, words: [])
    var refused = 0
    for _ in 0..<300 {
      let damaged = mutator.mutated(state)
      do {
        try environment.restore(damaged)
        // What is let in must be playable and drawable.
        for action in [2, 9, 7] where try environment.step(action).isDone { environment.reset() }
        _ = environment.observation()
      } catch { refused += 1 }
      try environment.restore(state)
    }
    #expect(refused > 0)
    #expect(environment.state() == state)
  }

  @Test func terminalsThatAreTooSmall() throws {
    #expect(
      message { _ = try TerminalPlay(.maze, GameOptions(mode: .easy), seed: 1, columns: 63, rows: 40) }
        .contains("63 × 40 characters, and the game needs 64 × 34"))
    let play = try TerminalPlay(.maze, GameOptions(mode: .easy), seed: 1, columns: 64, rows: 34)
    let frame = play.frame()
    #expect(frame.filter { $0 == "▀" }.count == 64 * 32)
    #expect(frame.contains("maze (easy)"))
  }

  @Test func filesThatCanNotBeWritten() throws {
    let folder = try TemporaryFolder()
    let recorder = Recorder(.maze, GameOptions(mode: .easy), levels: 1, steps: 1)
    #expect(message { try recorder.write(to: folder.path("a.bmp")) }.contains(".png"))
    #expect(message { try recorder.write(to: folder.path("missing/a.png")) }.contains("missing/a.png"))
    if FileManager.default.fileExists(atPath: "/dev/full") {
      // A full disk, as the file system says it: the target's folder can't take a byte.
      #expect(message { try recorder.write(to: "/dev/full/a.gif") } != "")
    }
    #expect(folder.contents == [])
  }
}
