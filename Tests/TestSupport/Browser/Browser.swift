import Dispatch
package import Documents
import Foundation
import Synchronization
package import Testing

/// Headless Chromium, driven by its DevTools protocol over a pipe: no port, no driver program, no WebSocket.
///
/// Chromium reads commands from descriptor 3 and writes to 4, each a JSON document that ends in a zero byte.
package final class Browser: Sendable {
  /// The program; nil where none is installed.
  package static let program: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// A failure of the browser or of a script in it.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private struct State {
    var next = 1
    var waiting: [Int: CheckedContinuation<JSONValue, any Error>] = [:]
    var hasEnded = false
  }
  private let state = Mutex(State())
  private let process: pid_t
  private let input: FileHandle
  private let output: FileHandle
  private let profile: URL

  /// Starts a browser with a profile of its own.
  package init() throws {
    guard let program = Self.program else { throw Failure(description: "there is no Chromium") }
    profile = FileManager.default.temporaryDirectory.appendingPathComponent("apprentice-browser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: profile, withIntermediateDirectories: true)
    var (toBrowser, fromBrowser): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard pipe(&toBrowser) == 0, pipe(&fromBrowser) == 0 else { throw Failure(description: "no pipe can be made") }
    // Above the descriptors 3 and 4, which are theirs in the child.
    let ends = (toBrowser + fromBrowser).map { descriptor in
      defer { close(descriptor) }
      return fcntl(descriptor, F_DUPFD_CLOEXEC, 60)
    }
    var arguments = [
      program, "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe",
      "--disable-background-networking", "--disable-component-update", "--disable-extensions",
      "--force-color-profile=srgb",
      "--user-data-dir=\(profile.path)", "about:blank",
    ]
    // Its own sandbox refuses to run as root.
    if getuid() == 0 { arguments.insert("--no-sandbox", at: 1) }
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[0], 3)
    posix_spawn_file_actions_adddup2(&actions, ends[3], 4)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var environment = ProcessInfo.processInfo.environment
    environment["HOME"] = profile.path
    let words = arguments.map { strdup($0) } + [nil]
    let values = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + values { free(text) } }
    var child: pid_t = 0
    guard posix_spawn(&child, program, &actions, nil, words, values) == 0 else {
      throw Failure(description: "\(program) can't be started")
    }
    close(ends[0])
    close(ends[3])
    process = child
    input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    output = FileHandle(fileDescriptor: ends[2], closeOnDealloc: true)
    Thread.detachNewThread { [weak self, output] in
      var rest = Data()
      while true {
        let data = output.availableData
        if data.isEmpty { break }
        rest += data
        while let end = rest.firstIndex(of: 0) {
          self?.take(rest[rest.startIndex..<end])
          rest = Data(rest[(end + 1)...])
        }
      }
      self?.end()
    }
  }

  deinit {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    try? FileManager.default.removeItem(at: profile)
  }

  private func take(_ message: Data) {
    guard let document = try? JSONValue(parsing: String(decoding: message, as: UTF8.self)), let id = document["id"]?.int
    else { return }
    let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
    if let error = document["error"]?["message"]?.string {
      waiting?.resume(throwing: Failure(description: error))
    } else {
      waiting?.resume(returning: document["result"] ?? nil)
    }
  }

  private func end() {
    let waiting = state.withLock { state in
      state.hasEnded = true
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(throwing: Failure(description: "the browser has ended")) }
  }

  /// Gives a command and waits for its result.
  package func send(_ method: String, _ parameters: JSONValue = [:], session: String? = nil) async throws -> JSONValue {
    try await withCheckedThrowingContinuation { continuation in
      let text = state.withLock { state -> String? in
        guard !state.hasEnded else { return nil }
        let id = state.next
        state.next += 1
        state.waiting[id] = continuation
        var command: JSONObject = ["id": .int(id), "method": .string(method), "params": parameters]
        if let session { command["sessionId"] = .string(session) }
        return JSONValue.object(command).serialized()
      }
      guard let text else {
        continuation.resume(throwing: Failure(description: "the browser has ended"))
        return
      }
      input.write(Data(text.utf8) + [0])
    }
  }

  /// A page in a context of its own: other cookies, other storage.
  package func page(width: Int = 1280, height: Int = 860, isPhone: Bool = false) async throws -> BrowserPage {
    let context = try await send("Target.createBrowserContext")["browserContextId"] ?? nil
    let target =
      try await send(
        "Target.createTarget", ["url": "about:blank", "browserContextId": context])["targetId"] ?? nil
    guard
      let session = try await send("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"]?.string
    else { throw Failure(description: "no page can be opened") }
    let page = BrowserPage(browser: self, session: session)
    for domain in ["Page", "Runtime"] { _ = try await page.send("\(domain).enable") }
    try await page.resize(width: width, height: height, isPhone: isPhone)
    return page
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test with a reason where there is no browser.
  package static var needsBrowser: Self {
    .enabled(
      if: Browser.program != nil, "no Chromium: Scripts/bootstrap installs it where Debian's packages can be reached")
  }
}
