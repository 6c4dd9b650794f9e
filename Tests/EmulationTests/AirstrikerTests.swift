import Documents
import Emulation
import Foundation
import Media
import TestSupport
import Testing

/// A real core and a free game, beside what stable-retro's Python loop sees of them.
@Suite("Airstriker", .needsRetro, .serialized)
struct AirstrikerTests {
  private func environment() throws -> RetroEnvironment {
    try RetroEnvironment(
      GameIntegration(folder: RetroFolder.game), core: RetroFolder.core, cores: RetroFolder.cores,
      program: RetroFolder.program)
  }

  /// The buttons of a step of Fixtures/make-airstriker.py.
  private func buttons(_ step: Int) -> [String] {
    (step / 7 % 3 == 0 ? ["B"] : []) + (step / 40 % 2 == 0 ? ["LEFT"] : ["RIGHT"])
  }

  @Test("rewards, variables and the end are stable-retro's, frame by frame")
  func golden() throws {
    let file = try #require(
      Bundle.module.url(forResource: "airstriker", withExtension: "json", subdirectory: "Fixtures"))
    let golden = try JSONValue(contentsOf: file.path)
    let environment = try environment()
    #expect(environment.system.buttons.map { $0 ?? "" } == golden["buttons"]?.array?.compactMap(\.string))
    try environment.reset()
    #expect((environment.observation.width, environment.observation.height) == (320, 224))
    let rows = Dictionary(
      uniqueKeysWithValues: (golden["steps"]?.array ?? []).map { ($0["step"]?.int ?? -1, $0) })
    #expect(rows.count > 20)
    var sum = 0.0
    var steps = 0
    while !environment.isOver, steps < 1200 {
      sum += try environment.step(buttons(steps)).reward
      if let row = rows[steps] {
        for name in ["score", "lives", "gameover"] {
          #expect(environment.values[name] == row[name]?.int, "\(name) at step \(steps)")
        }
      }
      steps += 1
    }
    #expect(steps == golden["steps_played"]?.int)
    #expect(Int(sum) == golden["total"]?.int && sum > 0)
  }

  @Test("a state goes on to the same memory and picture, and another's is refused by name")
  func states() throws {
    let environment = try environment()
    try environment.reset()
    for step in 0..<60 { _ = try environment.step(buttons(step)) }
    let state = try environment.emulator.state()
    #expect(state.count == environment.emulator.stateSize)
    func play() throws -> ([UInt8], RGBImage) {
      for step in 60..<120 { try environment.emulator.run([(try environment.system.bits(of: buttons(step)), 0)]) }
      return (Array(environment.emulator.memory), environment.observation)
    }
    let first = try play()
    try environment.emulator.restore(state)
    let second = try play()
    #expect(first.0 == second.0 && first.1 == second.1)
    let error = #expect(throws: EmulationError.self) { try environment.emulator.restore([1, 2, 3]) }
    #expect(error?.description.contains("3 bytes") == true)
    // It goes on all the same.
    try environment.reset()
    _ = try environment.step([])
  }

  @Test("a film is played again to the same return")
  func film() throws {
    let folder = try TemporaryFolder()
    var play = RetroPlay(integration: RetroFolder.game, core: RetroFolder.core)
    (play.program, play.steps) = (try RetroFolder.program, 60)
    play.outputs = [folder.path("a.bk2"), folder.path("a.gif")]
    let first = try play.run()
    #expect(first.frames == 240)
    #expect(try Data(contentsOf: folder.file("a.gif")).starts(with: Array("GIF89a".utf8)))
    play.movie = folder.path("a.bk2")
    play.outputs = [folder.path("b.bk2")]
    #expect(try play.run() == first)
    let system = try EmulatedSystem("Genesis", in: RetroFolder.cores)
    let films = try ["a", "b"].map { try Movie(contentsOf: folder.path("\($0).bk2"), system: system) }
    #expect(films[0].frames == films[1].frames && films[0].frames.contains { $0 != 0 } && !films[0].state.isEmpty)
  }

  @Test("the address of the lives is found by what the screen shows")
  func search() throws {
    let environment = try environment()
    try environment.reset()
    var search = MemorySearch(environment.system, types: [">u2"])
    var last = environment.values["score"] ?? 0
    try search.keep(last & 0xFFFF, in: environment.emulator.memory)
    for step in 0..<400 {
      _ = try environment.step(buttons(step))
      let score = environment.values["score"] ?? 0
      if score != last {
        last = score
        try search.keep(score & 0xFFFF, in: environment.emulator.memory)
      }
    }
    // The low word of the four bytes at 16712270.
    #expect(search.found.contains { $0.address == 16_712_272 })
    #expect(search.found.count < 20)
  }

  @Test("what isn't a core, a game, a state or a button is told by name")
  func bad() throws {
    let folder = try TemporaryFolder()
    let program = try RetroFolder.program
    let rom = try GameIntegration(folder: RetroFolder.game).rom()
    func words(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing was thrown"
    }
    let file = try folder.write("core.so", "no library")
    #expect(words { _ = try Emulator(core: file, rom: rom, program: program) }.contains("core.so"))
    #expect(words { _ = try Emulator(core: "missing.so", rom: rom, program: program) }.contains("missing.so"))
    #expect(words { _ = try Emulator(core: RetroFolder.core, rom: "gone.md", program: program) }.contains("gone.md"))
    let environment = try environment()
    #expect(words { _ = try environment.step([]) }.contains("reset"))
    try environment.reset()
    #expect(words { _ = try environment.step(["FIRE"]) }.contains("MODE"))
    #expect(words { _ = try GameIntegration(folder: RetroFolder.game).state("Level2") }.contains("Level1"))
  }
}
