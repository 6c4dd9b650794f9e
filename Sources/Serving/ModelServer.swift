public import Documents
import Foundation
package import Hummingbird
import HTTPTypes
import LanguageModels
import Logging
import NIOCore
import Synchronization
import Tokenization

/// The HTTP server: OpenAI's interface and what dashboards and evaluations ask besides.
///
/// ```swift
/// let host = try await ModelHost {
///   ServedModels("tiny", try Checkpoint.load(folder).model, tokenizer: try Tokenizer(contentsOf: folder))
/// }
/// let server = try ModelServer(host: host)
/// try await server.run()                          // until SIGTERM or SIGINT
/// ```
public struct ModelServer: Sendable {
  /// The address to listen on, and the limits of what is taken on.
  public struct Settings: Sendable {
    /// The address; anything but a loopback address needs a key.
    public var address = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 8080
    /// The keys that open it; none for everybody.
    public var keys: [APIKey] = []
    /// The largest body in bytes.
    public var largestBody = 4 << 20
    /// The most completions of one prompt.
    public var mostSamples = 64
    /// The most prompts in one request.
    public var mostPrompts = 256
    /// The origins whose pages may read answers in a browser, `*` for all; nil for pages of this machine, where only it can
    /// be reached, and for none elsewhere.
    public var origins: [String]?
    /// The defaults.
    public init() {}

    /// Checks that whoever can reach the address needs a key.
    ///
    /// - Throws: `ConfigurationError` for an address that others can reach without one.
    public func validate() throws {
      guard isLoopback || !keys.isEmpty else {
        throw ConfigurationError(
          "\(address) can be reached from other machines: give --api-key or --api-keys, or stay on 127.0.0.1")
      }
    }

    var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(address) || address.hasPrefix("127.") }
  }

  /// The program's version, as `/version` tells it.
  public static let version = "0.1.0"

  let host: ModelHost?
  let embedders: EmbeddingHost?
  let settings: Settings
  let metrics = ServerMetrics()
  let keys: KeyRing

  /// A server over models that draw text, such that make vectors of texts, or both.
  ///
  /// - Throws: `ConfigurationError` for an address that others can reach without a key, or names that two models have.
  public init(host: ModelHost?, embedders: EmbeddingHost? = nil, settings: Settings = Settings()) throws {
    try settings.validate()
    self.host = host
    self.embedders = embedders
    self.settings = settings
    keys = KeyRing(settings.keys)
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw ConfigurationError("two models are called '\(twice)': give one of them another name")
    }
  }

  /// Serves until SIGTERM or SIGINT, after which running answers may end, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - untilSignal: whether signals end it; a program with other plans for them says no.
  ///   - onListening: called with the port once requests are taken.
  /// - Throws: ``ListeningError`` where the address can't be listened on.
  public func run(
    untilSignal: Bool = true, onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws {
    try await run(
      responder: responder(), address: settings.address, port: settings.port, largestBody: settings.largestBody,
      untilSignal: untilSignal, onListening: onListening)
  }

  /// The server's own routes, for a program that answers more than these at one port.
  package func responder() -> RouterResponder<BasicRequestContext> { router().buildResponder() }

  /// Serves what a responder answers, which may pass on to ``responder()``.
  package func run(
    responder: some HTTPResponder<BasicRequestContext>, address: String, port: Int, largestBody: Int, untilSignal: Bool,
    onListening: @escaping @Sendable (Int) -> Void
  ) async throws {
    var logger = Logger(label: "serve")
    logger.logLevel = .critical
    let heard = Hearing()
    let application = Application(
      responder: responder,
      server: .http1(configuration: .init(additionalChannelHandlers: [ConnectionManners(largestBody: largestBody)])),
      configuration: .init(address: .hostname(address, port: port), serverName: "apprentice"),
      onServerRunning: {
        heard.begin()
        onListening($0.localAddress?.port ?? 0)
      }, logger: logger)
    do {
      if untilSignal {
        try await application.runService()
      } else {
        try await application.runService(gracefulShutdownSignals: [])
      }
    } catch {
      await host?.stop()
      if !heard.hasBegun, !(error is CancellationError) {
        throw ListeningError(address: address, port: port, error)
      }
      throw error
    }
    await host?.stop()
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.add(middleware: CrossOrigin(settings: settings))
    router.add(middleware: Gate(server: self))
    router.get("health") { _, _ in Response(json: ["status": "ok"]) }
    router.get("version") { _, _ in Response(json: ["version": .string(Self.version)]) }
    router.get("openapi.json") { _, _ in
      Response(json: OpenAPIDocument(host: host, embedders: embedders, settings: settings).json)
    }
    router.get("metrics") { _, _ in
      Response(
        text: metrics.text(await host?.statistics() ?? .init()), type: "text/plain; version=0.0.4; charset=utf-8")
    }
    router.get("slots") { _, _ in await slots() }
    router.get("v1/models") { _, _ in
      Response(json: ["object": "list", "data": .array(names.map(model))])
    }
    router.get("v1/models/:name") { _, context in
      let name = context.parameters.get("name") ?? ""
      guard names.contains(name) else {
        throw APIError(
          status: .notFound, message: "the model '\(name)' is not served here", type: "invalid_request_error",
          parameter: "model", code: "model_not_found")
      }
      return Response(json: model(name))
    }
    let embedding = EmbeddingRoute(host: host, embedders: embedders, settings: settings)
    router.post("v1/embeddings") { request, _ in
      try await embedding.respond(try await request.body.collect(upTo: settings.largestBody))
    }
    if let host { addGeneration(to: router, host) } else { refuseGeneration(router) }
    refuseOtherMethods(router)
    return router
  }

  /// The routes of models that draw text.
  private func addGeneration(to router: Router<BasicRequestContext>, _ host: ModelHost) {
    generation(router, "v1/chat/completions") { body in
      let route = ChatRoute(host: host, metrics: metrics, settings: settings)
      let job = try route.job(body)
      return (job.isStream, { try await route.respond(job) })
    }
    generation(router, "v1/completions") { body in
      let route = CompletionRoute(host: host, metrics: metrics, settings: settings)
      let job = try route.job(body)
      return (job.isStream, { try await route.respond(job) })
    }
    generation(router, "v1/responses") { body in
      let route = ResponseRoute(host: host, metrics: metrics, settings: settings)
      let job = try route.job(body)
      return (job.isStream, { try await route.respond(job) })
    }
    let tokens = TokenRoutes(host: host, settings: settings)
    for (path, answer) in tokens.routes {
      router.post(RouterPath(path)) { request, _ in
        try await answer(try await request.body.collect(upTo: settings.largestBody))
      }
    }
    router.get("tokenizer_info") { _, _ in tokens.information }
  }

  /// Says of the paths that programs ask for text what is served in its place.
  private func refuseGeneration(_ router: Router<BasicRequestContext>) {
    let names = names.joined(separator: ", ")
    for path in ["v1/chat/completions", "v1/completions", "v1/responses"] {
      router.post(RouterPath(path)) { _, _ -> Response in
        throw APIError.invalid("\(names) makes vectors of texts and draws none: ask /v1/embeddings", parameter: "model")
      }
    }
  }

  /// A path that there is, asked by a method that it doesn't take, is no missing path: 405, and what it takes.
  private func refuseOtherMethods(_ router: Router<BasicRequestContext>) {
    for (path, routes) in Dictionary(grouping: router.routes, by: \.path.description) {
      var allowed = routes.map(\.method)
      if allowed.contains(.get) { allowed.append(.head) }
      let known =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
        + ["QUERY"].compactMap { HTTPRequest.Method(rawValue: $0) }
      for method in known as [HTTPRequest.Method] where !allowed.contains(method) {
        let refusal = APIError.wrongMethod(allowed: allowed)
        router.on(RouterPath(path), method: method) { _, _ -> Response in throw refusal }
      }
    }
  }

  /// A route that keeps the models busy: it ends when the client goes away.
  private func generation(
    _ router: Router<BasicRequestContext>, _ path: String,
    _ prepare: @escaping @Sendable (ByteBuffer) throws -> (isStream: Bool, run: @Sendable () async throws -> Response)
  ) {
    router.post(RouterPath(path)) { request, _ in
      var request = request
      let body = try await request.collectBody(upTo: settings.largestBody)
      let (isStream, run) = try prepare(body)
      // A streamed answer notices that nobody listens when it writes.
      if isStream { return try await run() }
      var response = try await request.body.consumeWithCancellationOnInboundClose { _ in try await run() }
      // Watching for the client's end uses up the connection.
      response.headers[.connection] = "close"
      return response
    }
  }

  /// The names of everything that is served.
  package var names: [String] { (host?.names ?? []) + (embedders?.models.map(\.name) ?? []) }

  private func model(_ name: String) -> JSONValue {
    let longest = embedders?.models.first { $0.name == name }?.maximumTokens ?? host?.longest ?? 0
    return [
      "id": .string(name), "object": "model", "created": .now, "owned_by": "apprentice", "max_model_len": .int(longest),
    ]
  }

  private func slots() async -> Response {
    guard let host else { return Response(json: []) }
    let now = await host.statistics()
    return Response(
      json: .array(
        (0..<host.settings.limits.batch).map {
          ["id": .int($0), "n_ctx": .int(host.longest), "is_processing": .bool($0 < now.running)]
        }))
  }
}

/// An address that can't be listened on, and why.
public struct ListeningError: UserFacingError {
  /// The reason.
  public let description: String
  /// Not this program's fault, nor its input's.
  public var exitStatus: ExitStatus { .inputOutput }

  init(address: String, port: Int, _ error: any Error) {
    let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)).lowercased() } ?? "\(error)"
    description = "\(address):\(port) can't be listened on: \(reason)"
  }
}

/// Whether a server has begun to listen.
private final class Hearing: Sendable {
  private let state = Mutex(false)

  var hasBegun: Bool { state.withLock { $0 } }

  func begin() { state.withLock { $0 = true } }
}

/// Lets in who has a key, counts answers, and gives errors their shape.
private struct Gate: RouterMiddleware {
  let server: ModelServer

  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do { response = try await pass(request, context: context, next: next) } catch is CancellationError {
      // The client went away; what is answered reaches nobody.
      response = APIError(status: .serviceUnavailable, message: "the client went away", type: "server_error").response
    } catch { response = APIError(error).response }
    server.metrics.answered(response.status.code)
    return response
  }

  private func pass(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    // A body that is announced too large isn't waited for.
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > server.settings.largestBody {
      throw HTTPError(.contentTooLarge)
    }
    if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
      throw APIError(
        status: .unsupportedMediaType, message: "bodies coded as '\(coding)' aren't taken: send the JSON itself",
        type: "invalid_request_error")
    }
    guard !server.keys.isEmpty, request.uri.path != "/health" else { return try await next(request, context) }
    // The scheme's name is free in its letters' case.
    let given = request.headers[.authorization].flatMap {
      $0.lowercased().hasPrefix("bearer ") ? String($0.dropFirst(7)) : nil
    }
    guard let index = server.keys.index(of: given ?? "") else {
      throw APIError(
        status: .unauthorized,
        message: given == nil ? "an API key is needed: Authorization: Bearer KEY" : "this API key is not known",
        type: "invalid_request_error", parameter: nil, code: "invalid_api_key")
    }
    let ticket = try server.keys.enter(index)
    var response = try await next(request, context)
    // A stream counts as running until its last byte, or until nobody is left to write it to.
    if response.headers[.contentType]?.hasPrefix("text/event-stream") == true {
      let body = response.body
      response.body = .init(contentLength: body.contentLength) { writer in
        try await body.write(writer)
        _ = ticket
      }
    }
    return withExtendedLifetime(ticket) { response }
  }
}
