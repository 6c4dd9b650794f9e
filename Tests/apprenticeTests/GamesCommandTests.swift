import Foundation
import TestSupport
import Testing

/// `apprentice games`, by the built tool.
@Suite("Games")
struct GamesCommandTests {
  private func tool(_ arguments: String, expecting status: Int32 = 0, in folder: TemporaryFolder? = nil) throws
    -> Tool.Result
  {
    let result = try Tool.run(arguments: arguments.split(separator: " ").map(String.init), in: folder?.path)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    return result
  }

  @Test("the list names sixteen games and their modes")
  func list() throws {
    let games = try #require(try tool("games list --json").json()["games"] as? [[String: Any]])
    #expect(games.count == 16)
    let maze = try #require(games.first { $0["name"] as? String == "maze" })
    #expect(maze["modes"] as? [String] == ["easy", "hard", "memory", "exploration"])
    #expect(maze["time_limit"] as? Int == 500)
    #expect(try tool("games list").output.contains("coinrun"))
  }

  @Test("sheets and animations are written whole or not at all")
  func record() throws {
    let folder = try TemporaryFolder()
    _ = try tool("games record maze --levels 4 --steps 2 --size 64 --out maze.png", in: folder)
    let png = try Data(contentsOf: folder.file("maze.png"))
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    // Two by two pictures of 64 pixels, with gaps of four about them.
    #expect(png[16..<24].elementsEqual([0, 0, 0, 140, 0, 0, 0, 140]))
    _ = try tool("games record jumper --levels 1 --steps 3 --size 64 --out jumper.gif", in: folder)
    #expect(try Data(contentsOf: folder.file("jumper.gif")).starts(with: Array("GIF89a".utf8)))
    #expect(folder.contents == ["jumper.gif", "maze.png"])
    #expect(try tool("games record maze --out a.bmp", expecting: 64, in: folder).errors.contains(".png"))
    #expect(
      try tool("games record maze --levels 0 --out a.png", expecting: 64, in: folder).errors.contains("one level"))
    #expect(try tool("games record maz --out a.png", expecting: 64, in: folder).errors.contains("Did you mean 'maze'?"))
    #expect(
      try tool("games record maze --mode extreme --out a.png", expecting: 64, in: folder).errors.contains("no mode"))
    #expect(
      try tool("games record maze --out missing/a.png", expecting: 66, in: folder).errors.contains("missing/a.png"))
    #expect(folder.contents == ["jumper.gif", "maze.png"])
  }

  @Test("bench times the games that are named")
  func bench() throws {
    let document = try tool("games bench maze heist --envs 4 --threads 2 --seconds 0.05 --json").json()
    let rates = try #require(document["steps_per_second"] as? [String: Double])
    #expect(Set(rates.keys) == ["maze", "heist"])
    #expect(rates.values.allSatisfy { $0 > 0 })
    #expect(try tool("games bench --seconds 0", expecting: 64).errors.contains("--seconds"))
    #expect(try tool("games bench --envs 0", expecting: 64).errors.contains("at least one environment"))
  }

  @Test("play asks for a terminal")
  func play() throws {
    #expect(try tool("games play maze", expecting: 64).errors.contains("terminal"))
  }
}
