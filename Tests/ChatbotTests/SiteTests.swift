import Chatbot
import Documents
import Foundation
import TestSupport
import Testing

/// The exported page in Chromium, beside the same model in this program.
@Suite(.serialized) struct SiteTests {
  private let folder: TemporaryFolder
  private let bot: Conversation
  private let site: ChatbotSite

  init() throws {
    folder = try TemporaryFolder()
    // What it says needn't be good to be the same.
    let (chatbot, _) = try ChatbotModelTests.trained(epochs: 3, in: folder.path("run"))
    bot = try chatbot.talking()
    site = try ChatbotSite(chatbot)
    try site.write(to: folder.path("site"))
  }

  private static let questions = [
    "how are you?", "Do you like pizza", "tell me a joke, please", "", "🙂", "مرحبا", "should I become a pilot then",
    "HELLO!!!", "what is the meaning of life", "don't", "It’s… fine",
    String(repeating: "you are so mean ", count: 3000),
  ]

  @Test func thePublishedSizeFitsTwoMegabytes() throws {
    let grizzle = try Personality.grizzle.pairs(3000, seed: 1)
    let chatbot = ChatbotStudy(grizzle, ChatbotSettings(), seed: 1).learner(ChatbotSettings.training).chatbot
    let whole = try ChatbotSite(chatbot)
    #expect(whole.size < ChatbotSite.largest, "\(whole.size)")
    // Another model is another version for what a browser keeps.
    func worker(_ site: ChatbotSite) -> Data? { site.files.first { $0.name == "service-worker.js" }?.bytes }
    #expect(
      worker(whole) != worker(site) && worker(site).map { !String(decoding: $0, as: UTF8.self).contains("{{") } == true)
    #expect(throws: DataError.self) { _ = try ChatbotSite(model: [1, 2, 3]) }
  }

  /// The compiler that the kept modules were made by; another one makes others of the same source.
  private static let compiler = "6.3.1"
  private static var hasCompiler: Bool {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swiftc", "--version"]
    (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return false }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.contains("Swift version \(compiler) ")
  }

  /// The WebAssembly that is kept beside the page is what its source gives.
  @Test(.enabled(if: hasCompiler, "the modules were made by Swift \(compiler), which isn't here"))
  func theModulesAreOfThisSource()
    throws
  {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
      .standardizedFileURL
    let process = Process()
    process.executableURL = root.appendingPathComponent("Scripts/build-wasm")
    process.arguments = [folder.path("wasm")]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    for name in ["models.wasm", "models-plain.wasm"] {
      let kept = try #require(site.files.first { $0.name == name }).bytes
      #expect(
        try Data(contentsOf: folder.file("wasm/\(name)")) == kept, "\(name): run Scripts/build-wasm and commit it")
    }
  }

  @Test(.needsBrowser, arguments: [true, false])
  func theTextsAreThoseOfTheProgram(hasVectors: Bool) async throws {
    let server = FolderServer(folder.path("site"))
    let page = try await Browser().page()
    if !hasVectors {
      try await page.send(
        "Page.addScriptToEvaluateOnNewDocument", ["source": "WebAssembly.validate = () => false"])
    }
    try await page.open("http://127.0.0.1:\(server.port)/")
    try await page.run("chatbot.ready")
    #expect(server.requests.contains("/models-plain.wasm") || hasVectors)
    for question in Self.questions {
      for (temperature, seed) in [(0.0, 0), (0.5, 1), (1.0, 2), (1.5, 3)] {
        let text = JSONValue.string(question).serialized()
        let said = try await page.run("chatbot.answer(\(text), \(temperature), \(seed))").string
        #expect(said == bot.answer(question, temperature: temperature, seed: UInt64(seed)), "\(question.prefix(40))")
      }
    }
  }

  @Test(.needsBrowser) func aPersonTalksToItWithoutANetwork() async throws {
    let server = FolderServer(folder.path("site"))
    let browser = try Browser()
    let page = try await browser.page(width: 1000, height: 800)
    try await page.open("http://127.0.0.1:\(server.port)/")
    try await page.wait("document.getElementById('status').textContent.includes('offline')")
    let asked = server.requests.count
    // The field has the focus; words, Enter, an answer.
    try await page.write("How are you?")
    try await page.press("Enter")
    try await page.wait(
      "document.querySelectorAll('.bot').length === 2 && !document.getElementById('log').ariaBusy && !document.getElementById('log').hasAttribute('aria-busy')"
    )
    #expect(try await page.text(".you") == "How are you?")
    #expect(try await page.run("document.querySelectorAll('.bot')[1].textContent.length > 0") == .bool(true))
    #expect(try await page.text("#figures").contains("first word after"))
    // An empty line is nothing, a long one and one from right to left are.
    for text in ["   ", String(repeating: "word ", count: 10_000), "مرحبا 🙂"] {
      try await page.fill("#question", text)
      try await page.press("Enter")
    }
    try await page.wait(
      "document.querySelectorAll('.you').length === 3 && !document.getElementById('log').hasAttribute('aria-busy')")
    #expect(try await page.run("getComputedStyle([...document.querySelectorAll('.you')].at(-1)).direction") == "rtl")
    // The slider by keys, and without a temperature the most probable words.
    try await page.run("document.getElementById('temperature').focus()")
    for _ in 0..<5 { try await page.press("ArrowLeft") }
    #expect(try await page.text("#moodword").hasPrefix("0.0"))
    try await page.fill("#question", "tell me a joke")
    try await page.press("Enter")
    try await page.wait(
      "!document.getElementById('log').hasAttribute('aria-busy') && document.querySelectorAll('.you').length === 4")
    #expect(
      try await page.run("[...document.querySelectorAll('.bot')].at(-1).textContent").string
        == bot.answer("tell me a joke"))
    #expect(server.requests.count == asked, "\(server.requests.dropFirst(asked))")
    // Without a connection the page opens again and talks.
    try await page.send("Network.enable")
    try await page.send(
      "Network.emulateNetworkConditions",
      ["offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1])
    try await page.reload()
    try await page.run("chatbot.ready")
    #expect(try await page.run("chatbot.answer('hello')").string == bot.answer("hello"))
    #expect(server.requests.count == asked)
  }

  @Test(.needsBrowser) func manyTurnsDoNotGrowIt() async throws {
    let server = FolderServer(folder.path("site"))
    let page = try await Browser().page()
    try await page.open("http://127.0.0.1:\(server.port)/")
    try await page.run("chatbot.ready")
    let turns = ProcessInfo.processInfo.environment["APPRENTICE_TURNS"].flatMap(Int.init) ?? 10_000
    func talk(_ count: Int) async throws {
      try await page.run(
        "for (let i = 0; i < \(count); i++) chatbot.answer(`how are you ${i} do you like pizza`, 1, i)")
    }
    func heap() async throws -> Double {
      try await page.send("HeapProfiler.collectGarbage")
      return try await page.send("Runtime.getHeapUsage")["usedSize"]?.double ?? 0
    }
    try await talk(50)
    let (memory, before) = (try await page.run("chatbot.memory()").int, try await heap())
    for _ in 0..<10 { try await talk(turns / 10) }
    #expect(try await page.run("chatbot.memory()").int == memory)
    let after = try await heap()
    #expect(after < before + 300_000, "\(before) \(after)")
    // The page itself keeps the last messages only.
    try await page.run(
      """
      (async () => { for (let i = 0; i < 300; i++) { document.getElementById('question').value = 'hello ' + i;
        document.getElementById('form').requestSubmit(); } })()
      """)
    #expect((try await page.run("document.getElementById('log').childElementCount").int ?? 1000) <= 200)
  }

  @Test(.needsBrowser) func aForbiddenStorageIsNoTrouble() async throws {
    let server = FolderServer(folder.path("site"))
    let page = try await Browser().page(width: 390, height: 844, isPhone: true)
    try await page.send(
      "Page.addScriptToEvaluateOnNewDocument",
      [
        "source":
          "Object.defineProperty(navigator.serviceWorker.__proto__, 'register', {value() { throw new DOMException('no', 'SecurityError'); }})"
      ])
    try await page.open("http://127.0.0.1:\(server.port)/")
    try await page.run("chatbot.ready")
    try await page.wait("!document.getElementById('question').disabled")
    #expect(try await page.text("#status") == "Awake. Not happy about it.")
    #expect(try await page.run("chatbot.answer('hello')").string == bot.answer("hello"))
    // A phone's width holds it, and everything that is touched is large enough.
    #expect(try await page.run("document.documentElement.scrollWidth <= innerWidth") == .bool(true))
    let small = try await page.run(
      "[...document.querySelectorAll('button, input')].filter(e => e.getBoundingClientRect().height < 24).length")
    #expect(small.int == 0)
  }

  @Test(.needsBrowser) func aBrokenPageSaysSo() async throws {
    try Data("no model".utf8).write(to: folder.file("site/model.bin"))
    let server = FolderServer(folder.path("site"))
    let page = try await Browser().page()
    try await page.open("http://127.0.0.1:\(server.port)/")
    try await page.wait("document.querySelector('.note') !== null")
    #expect(try await page.text(".note").contains("model.bin"))
    #expect(try await page.run("document.getElementById('question').disabled") == .bool(true))
  }

  @Test(.needsBrowser) func everythingHasANameAndContrast() async throws {
    let server = FolderServer(folder.path("site"))
    let page = try await Browser().page()
    for isDark in [false, true] {
      try await page.setDark(isDark)
      try await page.open("http://127.0.0.1:\(server.port)/")
      try await page.run("chatbot.ready")
      let nodes = try await page.send("Accessibility.getFullAXTree")["nodes"]?.array ?? []
      let unnamed = nodes.filter { node in
        let role = node["role"]?["value"]?.string ?? ""
        return ["button", "textbox", "slider", "log", "img"].contains(role)
          && (node["name"]?["value"]?.string ?? "").isEmpty
      }
      #expect(!nodes.isEmpty && unnamed.isEmpty, "\(unnamed)")
      // Every text against what lies behind it, by WCAG's formula.
      let poor = try await page.run(
        """
        (() => {
          const rgb = c => c.match(/[\\d.]+/g).map(Number);
          const light = c => { const [r, g, b] = rgb(c).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
          const behind = e => { for (; e && e.tagName; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0) return c; } return 'rgb(255, 255, 255)'; };
          return [...document.querySelectorAll('h1, p, label, output, button, span')].filter(e => e.textContent.trim() && !e.disabled).map(e => {
            const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
            return [e.textContent.trim(), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)];
          }).filter(([, ratio]) => ratio < 4.5);
        })()
        """)
      #expect(poor.array?.isEmpty == true, "\(poor)")
    }
  }
}
