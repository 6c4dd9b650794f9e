import Documents
import Emulation
import Foundation
import TestSupport
import Testing

/// gym-retro's files, read without any core.
@Suite("Integrations")
struct IntegrationTests {
  private static let cores = """
    {"Genesis": {"rambase": 100, "buttons": ["B", "A", null, "START"], "overlay": ["=", ">", 2]},
     "Nes": {"rambase": 0, "buttons": ["B", null, "SELECT"]}}
    """

  private func system(_ name: String, _ folder: TemporaryFolder) throws -> EmulatedSystem {
    try EmulatedSystem(name, in: folder.write("cores.json", Self.cores))
  }

  @Test("numbers of all types come out of memory as the console has them")
  func variables() throws {
    let folder = try TemporaryFolder()
    let (genesis, nes) = (try system("Genesis", folder), try system("Nes", folder))
    let bytes: [UInt8] = [0x12, 0x34, 0x56, 0x78, 0xFF, 0x09]
    func value(_ type: String, _ offset: Int, _ system: EmulatedSystem) throws -> Int? {
      let variable = try MemoryVariable(address: system.memoryStart + offset, type: type)
      return bytes.withUnsafeBytes { variable.value(in: $0, of: system) }
    }
    #expect(try value("|u1", 0, nes) == 0x12 && value("|i1", 4, nes) == -1)
    #expect(try value(">u2", 0, nes) == 0x1234 && value("<u2", 0, nes) == 0x3412)
    #expect(try value(">u4", 0, nes) == 0x1234_5678 && value("<i4", 1, nes) == -8_890_828)
    #expect(try value(">d2", 0, nes) == 1234 && value("<d2", 0, nes) == 3412 && value(">n2", 0, nes) == 24)
    // Words lie in the host's order: the byte of an even address is the upper one.
    #expect(try value(">u2", 0, genesis) == 0x3412 && value("|u1", 0, genesis) == 0x34)
    #expect(try value(">u4", 0, genesis) == 0x3412_7856)
    #expect(try value(">u2", 5, nes) == nil)
    #expect(throws: EmulationError.self) { try MemoryVariable(address: 0, type: "u2") }
    #expect(throws: EmulationError.self) { try MemoryVariable(address: 0, type: ">x2") }
  }

  private func scenario(_ text: String) throws -> Scenario {
    let folder = try TemporaryFolder()
    return try Scenario(contentsOf: folder.write("scenario.json", text))
  }

  @Test("rewards are of changes, penalties of losses, and conditions are any or all")
  func scenarios() throws {
    let one = try scenario(
      """
      {"reward": {"variables": {"score": {"reward": 2.0}, "lives": {"penalty": 10}}, "time": {"penalty": 0.5}},
       "done": {"condition": "all", "variables": {"lives": {"op": "zero"}, "over": {"op": "equal", "reference": 1}}}}
      """)
    #expect(one.reward(["score": 7, "lives": 3], ["score": 4, "lives": 3]) == 5.5)
    #expect(one.reward(["score": 7, "lives": 1], ["score": 7, "lives": 3]) == -20.5)
    #expect(!one.isDone(["lives": 0, "over": 0], [:]) && one.isDone(["lives": 0, "over": 1], [:]))
    let any = try scenario(
      #"{"done": {"variables": {"lives": {"op": "negative", "measurement": "delta"}}, "nodes": {"a": {"condition": "all", "variables": {"x": {"op": "greater-than", "reference": 5}}}}}}"#
    )
    #expect(any.isDone(["lives": 2, "x": 0], ["lives": 3, "x": 0]) && any.isDone(["x": 6], [:]))
    #expect(!any.isDone(["lives": 3, "x": 5], ["lives": 3]))
    #expect(throws: DataError.self) { try scenario(#"{"scripts": ["script.lua"]}"#) }
    #expect(throws: DataError.self) { try scenario(#"{"done": {"variables": {"x": {"op": "about"}}}}"#) }
  }

  @Test("progress brings 9,000 for the way, takes back what is gone back, and adds haste at the end")
  func progress() throws {
    var course = ProgressReward.Course(start: 100, end: 1_100)
    #expect(course.reward(at: 600, frames: 10) == 4_500)
    #expect(course.reward(at: 350, frames: 20) == -2_250)
    #expect(course.reward(at: 50, frames: 30) == -2_250)
    #expect(course.reward(at: 1_200, frames: 4_500) == 9_000 + 750)
    #expect(course.hasArrived)
    #expect(course.reward(at: 1_100, frames: 5_000) == 0)
  }

  @Test("people's games are recognised by their checksums")
  func importing() throws {
    let folder = try TemporaryFolder()
    // SHA-1 of "abc" and of nothing, as FIPS 180 and everybody has them.
    try folder.write("library/First-Nes-v0/rom.sha", "a9993e364706816aba3e25717850c26c9cd0d89d\n")
    try folder.write("library/Other-Nes-v0/rom.sha", "da39a3ee5e6b4b0d3255bfef95601890afd80709\n")
    try folder.write("mine/deep/some name.NES", "abc")
    try folder.write("mine/unknown.nes", "abcd")
    let found = try GameImport.run([folder.path("mine")], into: folder.path("library"))
    #expect(found.map(\.game) == ["First-Nes-v0"] && found.first?.path == folder.path("mine/deep/some name.NES"))
    #expect(try String(contentsOfFile: folder.path("library/First-Nes-v0/rom.nes"), encoding: .utf8) == "abc")
    #expect(throws: EmulationError.self) { try GameImport.run(["nowhere"], into: folder.path("library")) }
    #expect(throws: EmulationError.self) { try GameImport.run([folder.path("mine")], into: folder.path("mine")) }
  }
}
