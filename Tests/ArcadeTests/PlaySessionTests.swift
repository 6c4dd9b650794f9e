import Arcade
import Documents
import Foundation
import TestSupport
import Testing

/// What a person plays is kept, whatever happens to the disk.
@Suite struct PlaySessionTests {
  private func session(_ path: String?) throws -> PlaySession {
    try PlaySession(.maze, GameOptions(mode: .easy), seed: 1, recording: path)
  }

  @Test func demonstrationsBringTheSameScoresAgain() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("bigfish.jsonl")
    var scores: [Float] = []
    let session = try PlaySession(.bigfish, GameOptions(mode: .easy), seed: 4, recording: path)
    var stream = ActionStream(seed: 5)
    while scores.count < 3 {
      let before = session.score
      let result = session.step(try #require(GameAction(rawValue: Int(stream.next()))))
      if result.isDone { scores.append(before + result.reward) }
    }
    // A level that is given up half-way counts too.
    for _ in 0..<20 { session.step(.right) }
    scores.append(session.score)
    try session.finish()
    let replays = try Replay.read(path)
    #expect(try replays.map { try $0.play() } == scores)
    #expect(replays.last?.actions.count == 20)
    #expect(session.demonstrations == (try String(contentsOfFile: path, encoding: .utf8)))
  }

  @Test func aRecordingIsAddedTo() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("maze.jsonl")
    for steps in [3, 5] {
      let session = try session(path)
      for _ in 0..<steps { session.step(.up) }
      session.restart()
      session.step(.left)
      try session.finish()
    }
    #expect(try Replay.read(path).map(\.actions) == [[5, 5, 5], [1], [5, 5, 5, 5, 5], [1]])
  }

  @Test func aFileOfAnotherKindIsNotWrittenOver() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("letter.txt")
    try "Dear Ada,\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: DataError.self) { try session(path) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "Dear Ada,\n")
    let missing = folder.path("missing/maze.jsonl")
    do {
      _ = try session(missing)
      Issue.record("a missing folder is told before anybody plays")
    } catch { #expect("\(error)".contains(missing)) }
  }

  @Test func nothingIsLostWhileTheDiskTakesNothing() throws {
    let folder = try TemporaryFolder()
    let inner = folder.path("inner")
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    let path = folder.path("inner/maze.jsonl")
    let session = try session(path)
    session.step(.up)
    try FileManager.default.removeItem(atPath: inner)
    session.next()
    #expect(session.problem?.contains(path) == true)
    // The game goes on.
    session.step(.down)
    #expect(throws: DataError.self) { try session.finish() }
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    try session.finish()
    #expect(session.problem == nil)
    #expect(try Replay.read(path).map(\.actions) == [[5], [3]])
  }

  @Test func theTerminalSaysWhatCouldNotBeWritten() throws {
    let folder = try TemporaryFolder()
    let inner = folder.path("inner")
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    let play = try TerminalPlay(
      .maze, GameOptions(mode: .easy), seed: 1, columns: 64, rows: 34, recording: folder.path("inner/maze.jsonl"))
    #expect(try play.step(Array("\u{1B}[A".utf8)))
    try FileManager.default.removeItem(atPath: inner)
    #expect(try play.step(Array("n".utf8)))
    #expect(play.frame().contains("inner/maze.jsonl"))
    #expect(throws: DataError.self) { try play.step(Array("x".utf8)) }
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    #expect(try !play.step(Array("x".utf8)))
    #expect(try Replay.read(folder.path("inner/maze.jsonl")).first?.actions == [5])
  }

  @Test func keysAreOneAction() {
    #expect(GameAction(held: ["LEFT", "UP"]) == .leftUp)
    #expect(GameAction(held: []) == .none)
    #expect(GameAction(held: ["D", "Z"]) == .buttonD)
  }
}
