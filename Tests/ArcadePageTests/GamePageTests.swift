import Arcade
import ArcadePage
import Documents
import Foundation
import Media
import TestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A game behind its page, asked as the page asks and played in a browser.
@Suite struct GamePageTests {
  private struct Answer {
    var status: Int
    var words: JSONValue
    var bytes: [UInt8]
  }

  private static func ask(
    _ port: Int, _ path: String, _ body: String? = "{}", headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/\(path)")))
    request.httpMethod = body == nil ? "GET" : "POST"
    request.httpBody = body.map { Data($0.utf8) }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    let words = http.value(forHTTPHeaderField: "X-Game") ?? String(decoding: data, as: UTF8.self)
    return Answer(status: http.statusCode, words: (try? JSONValue(parsing: words)) ?? nil, bytes: Array(data))
  }

  private static func serve(
    _ game: Game, recording: String? = nil, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    let page = try GamePage(game, GameOptions(mode: .easy), seed: 1, recording: recording)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await page.run(untilSignal: false) { listening.yield($0) }
      }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      try await body(port)
      group.cancelAll()
      // Cancelling is how the service ends here.
      while let result = await group.nextResult() { _ = result }
    }
  }

  @Test func thePageIsShownWhatTheGameIs() async throws {
    try await Self.serve(.jumper) { port in
      let environment = try Environment(.jumper, GameOptions(mode: .easy), seed: 1)
      let first = try await Self.ask(port, "sit")
      #expect(first.status == 200)
      #expect(first.bytes == environment.largePicture().bytes)
      #expect(first.words["level"]?.int == Int(environment.level))
      for keys in [["RIGHT"], ["RIGHT", "UP"], []] {
        let answer = try await Self.ask(
          port, "step", JSONValue.object(["seat": 1, "keys": .array(keys.map { .string($0) })]).serialized())
        _ = try environment.step(GameAction(held: Set(keys)).rawValue)
        #expect(answer.bytes == environment.largePicture().bytes)
        #expect(answer.words["time"]?.int == environment.time)
      }
    }
  }

  @Test func whatIsNotThePagesIsRefused() async throws {
    try await Self.serve(.maze) { port in
      let step = #"{"seat": 1, "keys": ["UP"]}"#
      #expect(try await Self.ask(port, "step", step).status == 409)
      #expect(try await Self.ask(port, "sit").words["seat"]?.int == 1)
      #expect(try await Self.ask(port, "step", step).words["time"]?.int == 1)
      // Another site's page, and this machine under another site's name.
      let foreign = try await Self.ask(port, "step", step, headers: ["Origin": "http://evil.example"])
      #expect(foreign.status == 403)
      #expect(foreign.words["error"]?.string?.contains("another site") == true)
      #expect(try await Self.ask(port, "", nil, headers: ["Host": "evil.example"]).status == 403)
      #expect(try await Self.ask(port, "step", step, headers: ["Origin": "http://127.0.0.1:\(port)"]).status == 200)
      let wrong = try await Self.ask(port, "step", #"{"seat": 1, "keys": ["JUMP"]}"#)
      #expect(wrong.status == 400)
      #expect(wrong.words["error"]?.string?.contains("no key 'JUMP'; there are A, D, DOWN") == true)
      for body in ["", "[]", "{", #"{"keys": []}"#, #"{"seat": "1"}"#, #"{"seat": 1, "keys": [3]}"#] {
        #expect(try await Self.ask(port, "step", body).status == 400, "\(body)")
      }
      #expect(try await Self.ask(port, "step", String(repeating: " ", count: 9000)).status == 413)
      #expect(try await Self.ask(port, "elsewhere", nil).status == 404)
      // None of these was a step.
      #expect(try await Self.ask(port, "step", step).words["time"]?.int == 3)
      // A window that is opened later takes the seat.
      #expect(try await Self.ask(port, "sit").words["seat"]?.int == 2)
      let sentAway = try await Self.ask(port, "step", step)
      #expect(sentAway.status == 409)
      #expect(sentAway.words["error"]?.string?.contains("another window") == true)
    }
  }

  @Test func whatIsPlayedIsKeptWhenThePageOrTheServerGoes() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("maze.jsonl")
    try await Self.serve(.maze, recording: path) { port in
      _ = try await Self.ask(port, "sit")
      for _ in 0..<4 { _ = try await Self.ask(port, "step", #"{"seat": 1, "keys": ["UP"]}"#) }
      // A window that was sent away has nothing to keep.
      _ = try await Self.ask(port, "leave", #"{"seat": 0}"#)
      #expect(try Replay.read(path).isEmpty)
      _ = try await Self.ask(port, "leave", #"{"seat": 1}"#)
      #expect(try Replay.read(path).map(\.actions) == [[5, 5, 5, 5]])
      _ = try await Self.ask(port, "step", #"{"seat": 1, "keys": ["LEFT"]}"#)
      _ = try await Self.ask(port, "restart", #"{"seat": 1}"#)
      let saved = try await Self.ask(port, "demonstrations.jsonl", nil)
      #expect(String(decoding: saved.bytes, as: UTF8.self) == (try String(contentsOfFile: path, encoding: .utf8)))
      _ = try await Self.ask(port, "step", #"{"seat": 1, "keys": ["RIGHT"]}"#)
    }
    #expect(try Replay.read(path).map(\.actions) == [[5, 5, 5, 5], [1], [7]])
  }

  @Test(.needsBrowser) func aPersonPlaysInABrowser() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("coinrun.jsonl")
    try await Self.serve(.coinrun, recording: path) { port in
      let browser = try Browser()
      let page = try await browser.page(width: 800, height: 900)
      try await page.open("http://127.0.0.1:\(port)/")
      let step = "Number(document.getElementById('words').textContent.match(/step (\\d+)/)?.[1])"
      try await page.wait("\(step) > 3")
      #expect(try await page.text("#game").lowercased() == "coinrun (easy)")
      // The scene is on the canvas: colours, not one.
      let colours = try await page.run(
        """
        (() => { const d = document.getElementById('scene').getContext('2d').getImageData(0, 0, 512, 512).data;
          const s = new Set(); for (let i = 0; i < d.length; i += 400) s.add(d[i] * 65536 + d[i + 1] * 256 + d[i + 2]);
          return s.size; })()
        """)
      #expect((colours.int ?? 0) > 20)
      // A key that stays down, and a tap that is shorter than a step.
      for (kind, key) in [("keyDown", "ArrowRight"), ("keyUp", "ArrowRight")] {
        try await page.send("Input.dispatchKeyEvent", ["type": .string(kind), "key": .string(key)])
        if kind == "keyDown" {
          let before = try await page.run(step).int ?? 0
          try await page.wait("\(step) > \(before + 4) || \(step) < \(before)")
        }
      }
      try await page.press("ArrowUp")
      try await page.wait("performance.now() > 0")
      let now = try await page.run(step).int ?? 0
      try await page.wait("\(step) > \(now + 2) || \(step) < \(now)")
      // Paused, nothing happens.
      try await page.press("p")
      try await page.wait("document.getElementById('pause').textContent.startsWith('Go on')")
      let stopped = try await page.run("new Promise(r => setTimeout(() => r(\(step)), 150))")
      #expect(try await page.run("new Promise(r => setTimeout(() => r(\(step)), 300))") == stopped)
      try await page.press("p")
      try await page.press("n")
      try await page.wait("\(step) > 1 && \(step) !== \(stopped.int ?? 0)")
      // Leaving the page keeps what was played.
      try await page.open("about:blank#left")
      let end = ContinuousClock.now + .seconds(30)
      while try Replay.read(path).count < 2, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(30)) }
    }
    let first = try #require(try Replay.read(path).first)
    #expect(first.actions.filter { $0 == GameAction.right.rawValue }.count >= 3)
    #expect(first.actions.contains { $0 == GameAction.up.rawValue || $0 == GameAction.rightUp.rawValue })
  }

  @Test(.needsBrowser) func fingersPlayOnAPhone() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("starpilot.jsonl")
    try await Self.serve(.starpilot, recording: path) { port in
      let browser = try Browser()
      let page = try await browser.page(width: 390, height: 844, isPhone: true)
      try await page.open("http://127.0.0.1:\(port)/")
      let step = "Number(document.getElementById('words').textContent.match(/step (\\d+)/)?.[1])"
      try await page.wait("\(step) > 1 && getComputedStyle(document.getElementById('pad')).display === 'flex'")
      // Nothing is wider than the phone, and the stick can be reached without scrolling away from the scene.
      #expect(try await page.run("document.documentElement.scrollWidth <= innerWidth") == .bool(true))
      func middle(_ selector: String, dx: Double = 0) async throws -> JSONValue {
        try await page.run(
          """
          (() => { const b = document.querySelector('\(selector)').getBoundingClientRect();
            return {x: b.left + b.width * (0.5 + \(dx)), y: b.top + b.height / 2}; })()
          """)
      }
      for (selector, dx) in [("#stick", 0.4), ("#buttons button:last-child", 0)] {
        try await page.run("document.querySelector('\(selector)').scrollIntoView({block: 'center'})")
        let point = try await middle(selector, dx: dx)
        try await page.send("Input.dispatchTouchEvent", ["type": "touchStart", "touchPoints": [point]])
        let before = try await page.run(step).int ?? 0
        try await page.wait("\(step) > \(before + 3) || \(step) < \(before)")
        try await page.send("Input.dispatchTouchEvent", ["type": "touchEnd", "touchPoints": []])
      }
      try await page.run("document.getElementById('next').click()")
      let end = ContinuousClock.now + .seconds(30)
      while try Replay.read(path).isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(30)) }
    }
    let played = try Replay.read(path).flatMap(\.actions)
    #expect(played.filter { $0 == GameAction.right.rawValue }.count >= 2)
    #expect(played.filter { $0 == GameAction.buttonD.rawValue }.count >= 2)
  }
}
