import Documents
import Feedback
import Foundation
import Serving
import Studio
import Synchronization
import Testing
import TestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A studio on a port of its own, with a store in a folder that goes with it.
struct StudioSite: Sendable {
  let store: FeedbackStore
  let port: Int
  let link: String

  var address: String { "http://127.0.0.1:\(port)" }

  /// A small chat model that another room's fixtures hold.
  static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("EvaluationTests/Fixtures/harness/model").path

  /// Runs a studio while the body runs.
  ///
  /// - Parameter hasModel: whether a small random model is served, which takes libtorch.
  static func with(
    hasModel: Bool = false, port: Int = 0, store path: String? = nil,
    _ change: (inout Studio.Settings) -> Void = { _ in },
    _ body: @escaping @Sendable (StudioSite) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let store = try FeedbackStore(path: path ?? folder.path("feedback.sqlite"))
    var settings = Studio.Settings()
    (settings.port, settings.owner, settings.runs) = (port, "ana", folder.path("runs"))
    change(&settings)
    var models: ModelServer?
    if hasModel {
      var limits = ModelHost.Settings()
      limits.cacheTokens = 4096
      models = try await ModelServer(
        source: ServedModels.Source(model: model), limits: limits, settings: ModelServer.Settings())
    }
    let studio = try Studio(store: store, models: models, settings: settings)
    let (links, listening) = AsyncStream.makeStream(of: (Int, String).self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await studio.run(untilSignal: false) { listening.yield(($0, $1)) }
      }
      var iterator = links.makeAsyncIterator()
      let (port, link) = try #require(await iterator.next())
      do { try await body(StudioSite(store: store, port: port, link: link)) } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
      while let result = await group.nextResult() { _ = result }
    }
    withExtendedLifetime(folder) {}
  }

  /// A project of the owner's with tasks.
  func project(
    _ kind: Project.Kind, tasks: [TaskDraft], name: String = "study",
    _ change: (inout Project.Settings) -> Void = { _ in }
  ) throws -> Project {
    var draft = Project.Draft(name: name, kind: kind, guidelines: "Prefer what is **true**, then what is short.")
    change(&draft.settings)
    let owner = try #require(try store.ownerAccount())
    let project = try store.addProject(draft, by: owner.id)
    try store.addTasks(tasks, to: project.id)
    return project
  }

  static func pairs(_ count: Int) -> [TaskDraft] {
    (0..<count).map {
      TaskDraft(prompt: .text("Question \($0)"), responses: [.init("good \($0)"), .init("bad \($0)")])
    }
  }

  /// An HTTP client with cookies of its own, which follows no redirection.
  final class Client: Sendable {
    struct Answer {
      let status: Int
      let headers: [String: String]
      let text: String
      func json() throws -> JSONValue { try JSONValue(parsing: text) }
    }
    private let address: String
    private let cookie = Mutex<String?>(nil)
    private let formToken = Mutex("")

    init(_ site: StudioSite) { address = site.address }

    /// Signs in by the link that the studio printed.
    func open(_ site: StudioSite) async throws {
      let answer = try await send("GET", String(site.link.dropFirst(address.count)))
      #expect(answer.status == 303)
      let page = try await send("GET", "/account")
      let token = page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.1
      formToken.withLock { $0 = String(token ?? "") }
    }

    func send(
      _ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:], isForm: Bool = false,
      hasFormToken: Bool = true
    ) async throws -> Answer {
      var request = URLRequest(url: try #require(URL(string: address + path)))
      request.httpMethod = method
      request.httpShouldHandleCookies = false
      request.httpBody = body.map { Data($0.utf8) }
      if body != nil {
        request.setValue(
          isForm ? "application/x-www-form-urlencoded" : "application/json", forHTTPHeaderField: "Content-Type")
      }
      if let cookie = cookie.withLock({ $0 }) { request.setValue(cookie, forHTTPHeaderField: "Cookie") }
      if hasFormToken { request.setValue(formToken.withLock { $0 }, forHTTPHeaderField: "X-CSRF-Token") }
      for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
      let (http, data) = try await Exchange().run(request)
      let headers = Dictionary(http.allHeaderFields.map { ("\($0)".lowercased(), "\($1)") }) { a, _ in a }
      if let set = headers["set-cookie"] { cookie.withLock { $0 = String(set.prefix { $0 != ";" }) } }
      return Answer(status: http.statusCode, headers: headers, text: String(decoding: data, as: UTF8.self))
    }
  }

  /// One request and its answer, redirections not followed: only tasks with a delegate let it say so on every platform.
  private final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    // A session calls its delegate from one queue.
    private var data = Data()
    private var continuation: CheckedContinuation<(HTTPURLResponse, Data), any Error>?

    func run(_ request: URLRequest) async throws -> (HTTPURLResponse, Data) {
      let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
      defer { session.finishTasksAndInvalidate() }
      return try await withCheckedThrowingContinuation {
        continuation = $0
        session.dataTask(with: request).resume()
      }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) { self.data += data }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
      if let response = task.response as? HTTPURLResponse, error == nil {
        continuation?.resume(returning: (response, data))
      } else {
        continuation?.resume(throwing: error ?? CocoaError(.fileReadUnknown))
      }
      continuation = nil
    }

    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }
  }
}
