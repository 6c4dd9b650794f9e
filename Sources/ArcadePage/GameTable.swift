import Arcade
import Documents
import HTTPTypes
import Hummingbird
import NIOCore

/// The one game that is played, and who sits at it.
actor GameTable {
  private let session: PlaySession
  private var seat = 0

  init(_ game: Game, _ options: GameOptions, seed: UInt64, recording: String?) throws {
    session = try PlaySession(game, options, seed: seed, recording: recording)
  }

  /// What a page shows: the scene, and words about it.
  struct Scene: Sendable {
    let words: JSONValue
    let pixels: [UInt8]

    /// The pixels as the body, red, green and blue in turn, and the words in a header.
    var response: Response {
      var headers: HTTPFields = [.contentType: "application/octet-stream", .cacheControl: "no-store"]
      // A header has no letters beyond ASCII.
      let text = words.serialized().unicodeScalars.map { $0.isASCII ? Character($0) : "?" }
      if let name = HTTPField.Name("X-Game") { headers[name] = String(text) }
      return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: pixels)))
    }
  }

  /// The seat of a page that was opened; whoever sat there before is sent away.
  func sit() -> Scene {
    seat += 1
    return scene(nil)
  }

  func step(_ keys: Set<String>, seat: Int) throws -> Scene {
    try check(seat)
    return scene(session.step(GameAction(held: keys)))
  }

  func restart(seat: Int) throws -> Scene {
    try check(seat)
    session.restart()
    return scene(nil)
  }

  func next(seat: Int) throws -> Scene {
    try check(seat)
    session.next()
    return scene(nil)
  }

  /// Keeps what was played of the level when its page is closed; a page that was sent away has nothing to keep.
  func leave(seat: Int) throws { if seat == self.seat { try session.finish() } }

  func finish() throws { try session.finish() }

  var demonstrations: String { session.demonstrations }

  private func check(_ seat: Int) throws {
    guard seat == self.seat else { throw PageProblem(.conflict, "This game goes on in another window.") }
  }

  private func scene(_ result: StepResult?) -> Scene {
    var words: JSONObject = [
      "seat": .int(seat), "game": .string(session.game.rawValue), "mode": .string(session.options.mode.rawValue),
      "summary": .string(session.game.summary), "level": .int(Int(session.level)), "time": .int(session.time),
      "score": .string(session.scoreText), "side": .int(Environment.pictureSize),
      "reward": .double(Double(result?.reward ?? 0)), "terminated": .bool(result?.isTerminated ?? false),
      "truncated": .bool(result?.isTruncated ?? false),
    ]
    if let problem = session.problem { words["problem"] = .string(problem) }
    return Scene(words: .object(words), pixels: session.largePicture())
  }
}
