public import Arcade
import Documents
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// A game in a page of this machine's browsers: a canvas, the keyboard or a finger, 15 steps a second.
///
/// ```swift
/// import Arcade
///
/// let page = try GamePage(.coinrun, GameOptions(mode: .easy), seed: 1, recording: "coinrun.jsonl")
/// try await page.run { print("http://127.0.0.1:\($0)") }          // until SIGTERM or SIGINT
/// ```
///
/// It listens on the loopback address alone and answers pages of its own only. What is played is kept as `Replay`s, in the file that is
/// named and for the page to save. One window plays at a time: the last that was opened.
public struct GamePage: Sendable {
  /// The address that it listens on.
  public static let address = "127.0.0.1"
  /// No request has a body as large as this, in bytes.
  private static let largestBody = 4096

  private let port: Int
  private let table: GameTable
  private let files: [String: (type: String, bytes: ByteBuffer)]

  /// A game to be served.
  ///
  /// - Parameters:
  ///   - game: the game.
  ///   - options: its options.
  ///   - seed: the seed of the levels' order.
  ///   - recording: the file to which the levels that are played are added as replays; none by default.
  ///   - port: the port to listen on; 0 takes a free one.
  /// - Throws: `ArcadeError` for options that the game lacks, `DataError` for a recording that is there and isn't one or can't be written.
  public init(
    _ game: Game, _ options: GameOptions, seed: UInt64, recording: String? = nil, port: Int = 0
  ) throws {
    self.port = port
    table = try GameTable(game, options, seed: seed, recording: recording)
    guard let folder = Bundle.module.url(forResource: "Web", withExtension: nil) else {
      throw DataError(
        .noInput, path: Bundle.module.bundlePath, problem: "the page isn't there", advice: "Build the program anew.")
    }
    let types = [
      "index.html": "text/html; charset=utf-8", "play.js": "text/javascript; charset=utf-8",
      "play.css": "text/css; charset=utf-8",
    ]
    var files: [String: (type: String, bytes: ByteBuffer)] = [:]
    for (name, type) in types {
      files[name] = (type, ByteBuffer(bytes: try Data(contentsOf: folder.appendingPathComponent(name))))
    }
    self.files = files
  }

  /// Serves until SIGTERM or SIGINT, or until the task is cancelled, and keeps what was played.
  ///
  /// - Parameters:
  ///   - untilSignal: whether signals end it.
  ///   - onListening: called with the port once the page can be opened.
  /// - Throws: `ListeningError` where the port can't be listened on, `DataError` where what was played can't be written.
  public func run(
    untilSignal: Bool = true, onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws {
    do {
      try await ModelServer(host: nil).run(
        responder: GateResponder(routes: router().buildResponder()), address: Self.address, port: port,
        largestBody: Self.largestBody, untilSignal: untilSignal, onListening: onListening)
    } catch {
      try await table.finish()
      throw error
    }
    try await table.finish()
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router()
    for (path, name) in [("/", "index.html"), ("play.js", "play.js"), ("play.css", "play.css")] {
      router.get(RouterPath(path)) { [files] _, _ in
        guard let file = files[name] else { throw HTTPError(.notFound) }
        return Response(
          status: .ok, headers: [.contentType: file.type, .cacheControl: "no-store"],
          body: .init(byteBuffer: file.bytes))
      }
    }
    // A page sits down and gets the number of its seat, which it shows with every step.
    router.post("sit") { [table] _, _ in await table.sit().response }
    router.post("step") { [table] request, _ in
      let asked = try await Asked(request)
      return try await table.step(asked.keys, seat: asked.seat).response
    }
    router.post("restart") { [table] request, _ in try await table.restart(seat: Asked(request).seat).response }
    router.post("next") { [table] request, _ in try await table.next(seat: Asked(request).seat).response }
    router.post("leave") { [table] request, _ in
      let seat = try await Asked(request).seat
      try await table.leave(seat: seat)
      return Response(status: .noContent)
    }
    router.get("demonstrations.jsonl") { [table] _, _ in
      Response(
        status: .ok,
        headers: [
          .contentType: "application/x-ndjson", .contentDisposition: "attachment; filename=demonstrations.jsonl",
        ], body: .init(byteBuffer: ByteBuffer(string: await table.demonstrations)))
    }
    return router
  }
}

/// What a page asks for: `{"seat": 1, "keys": ["LEFT", "UP"]}`.
private struct Asked {
  let seat: Int
  let keys: Set<String>

  private static let known = Set(GameAction.allCases.flatMap(\.keys))

  init(_ request: Request) async throws {
    let body = try await request.body.collect(upTo: 4096)
    guard let document = try? JSONValue(parsing: String(buffer: body)), let seat = document["seat"]?.int else {
      throw PageProblem(.badRequest, "A request is a JSON object with the number of a seat.")
    }
    let keys = document["keys"]?.array ?? []
    let names = keys.compactMap(\.string)
    if let wrong = names.first(where: { !Self.known.contains($0) }) {
      throw PageProblem(
        .badRequest, "There is no key '\(wrong)'; there are \(Self.known.sorted().joined(separator: ", ")).")
    }
    guard names.count == keys.count else { throw PageProblem(.badRequest, "Keys are names, such as LEFT.") }
    self.seat = seat
    self.keys = Set(names)
  }
}

/// What can't be done for a page, and why.
struct PageProblem: Error {
  let status: HTTPResponse.Status
  let message: String

  init(_ status: HTTPResponse.Status, _ message: String) { (self.status, self.message) = (status, message) }
}

/// Lets in this machine's own page alone, and gives every answer the headers of a careful site.
private struct GateResponder: HTTPResponder {
  let routes: RouterResponder<BasicRequestContext>

  func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
    var response: Response
    do {
      try check(request)
      response = try await routes.respond(to: request, context: context)
    } catch {
      let (status, message) = Self.told(error)
      response = Response(
        status: status, headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(string: JSONValue.object(["error": .string(message)]).serialized())))
    }
    let careful = [
      "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
      "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
    ]
    for (name, value) in careful { if let name = HTTPField.Name(name) { response.headers[name] = value } }
    return response
  }

  /// Refuses names under which a page of another site could reach this machine, and what such a page sends.
  private func check(_ request: Request) throws {
    let authority = request.head.authority ?? ""
    let host = authority.prefix { $0 != ":" }
    guard host == "127.0.0.1" || host == "localhost" else {
      throw PageProblem(.forbidden, "This game answers to 127.0.0.1 and localhost only.")
    }
    guard request.method != .get, let origin = request.headers[.origin] else { return }
    guard origin == "http://\(authority)" else {
      throw PageProblem(.forbidden, "This was sent by a page of another site.")
    }
  }

  private static func told(_ error: any Error) -> (HTTPResponse.Status, String) {
    switch error {
    case let problem as PageProblem: (problem.status, problem.message)
    case let problem as HTTPError: (problem.status, problem.status.reasonPhrase)
    case let problem as any UserFacingError: (.internalServerError, problem.description)
    default: (.internalServerError, "\(error)")
    }
  }
}
