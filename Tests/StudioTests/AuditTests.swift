import Documents
import Feedback
import Foundation
import Studio
import Testing
import TestSupport

/// Every page in both themes: axe-core's rules, no layout shift, no error of a script; pictures where they are asked for.
@Suite(.serialized, .needsBrowser) struct AuditTests {
  /// axe-core, as a package of PyPI brings it along.
  private static let axe: String? = {
    guard let python = TestPython.url else { return nil }
    let library = python.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("lib")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: library.path)) ?? []
    return names.lazy.compactMap {
      try? String(
        contentsOf: library.appendingPathComponent("\($0)/site-packages/axe_playwright_python/axe.min.js"),
        encoding: .utf8)
    }.first
  }()

  private static let answer = """
    The sky is blue because **air scatters short waves more** than long ones (Rayleigh scattering). Blue light is spread over \
    the whole sky, while red passes nearly straight through.

    1. Sunlight holds all colours.
    2. Molecules of air are much smaller than its waves.
    3. The scattered share grows as $1/\\lambda^4$.
    """

  /// A project of each kind with something in it, two labellers and a run.
  private static func fill(_ site: StudioSite, runs: String) throws -> [(name: String, path: String)] {
    let prompt: Prompt = "Why is the sky blue, and why is it red in the evening? Explain it to a curious child of ten."
    let other = Response(
      "Because of the sea. The sky mirrors the sea, and in the evening the sun goes under and heats it.")
    let tasks: [Project.Kind: [TaskDraft]] = [
      .comparison: (0..<12).map {
        TaskDraft(
          prompt: $0 == 0 ? prompt : .text("Question \($0): what is a good name for a cat?"),
          responses: [.init(answer), other])
      },
      .ranking: [
        TaskDraft(prompt: prompt, responses: [.init(answer), other, "It is complicated.", "Blue light scatters most."])
      ],
      .rating: [TaskDraft(prompt: prompt, responses: [.init(answer)])],
      .critique: [TaskDraft(prompt: prompt, responses: [other])], .demonstration: [TaskDraft(prompt: prompt)],
      .conversation: [TaskDraft(prompt: "Help somebody plan a weekend in the mountains.")],
    ]
    var pages: [(String, String)] = [
      ("home", "/"), ("new", "/new"), ("account", "/account"), ("chat", "/chat"), ("runs", "/runs"),
      ("run", "/runs/reward"), ("error", "/nowhere"),
    ]
    let people = try ["Bo", "Chidi"].map { try site.store.addAccount($0) }
    for kind in Project.Kind.allCases {
      let project = try site.project(kind, tasks: tasks[kind] ?? [], name: "Sky: \(kind.rawValue)") {
        $0.overlap = kind == .comparison ? 2 : 1
      }
      pages.append(("label-\(kind.rawValue)", "/projects/\(project.id)/label"))
      guard kind == .comparison else { continue }
      for (i, person) in people.enumerated() {
        for n in 0..<7 {
          guard let assignment = try site.store.nextAssignment(in: project.id, for: person.id) else { continue }
          let likesFirst = assignment.shown[0] == 0
          let score = n == 2 && i == 1 ? 2 : -3
          try site.store.submit(
            .init(
              id: newIdentifier(), assignment: assignment.id, account: person.id,
              answer: .init(score: likesFirst ? score : -score), seconds: 20))
        }
      }
      for (name, tail) in [
        ("project", ""), ("tasks", "/tasks"), ("people", "/people"), ("settings", "/settings"), ("decide", "/decide"),
        ("log", "/log"),
      ] {
        pages.append((name, "/projects/\(project.id)\(tail)"))
      }
      if let disputed = try site.store.tasks(of: project.id, disputed: true).first {
        pages.append(("decide-task", "/projects/\(project.id)/decide/\(disputed.id)"))
      }
    }
    try FileManager.default.createDirectory(atPath: runs + "/reward", withIntermediateDirectories: true)
    try BrowserTests.manifest.write(toFile: runs + "/reward/run.json", atomically: true, encoding: .utf8)
    let lines = (1...200).map { step -> String in
      let x = Double(step)
      let wave = sin(x * 1.7) * 0.03
      return
        #"{"step": \#(step), "loss": \#(0.35 + 0.35 / (1 + x / 30) + wave), "accuracy": \#(0.5 + 0.25 * (1 - 1 / (1 + x / 40)) + wave), "learning_rate": \#(1e-4 * min(1, x / 20) * (1 - x / 220)), "tokens_per_second": \#(4200 + 300 * sin(x))}"#
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: runs + "/reward/metrics.jsonl", atomically: true, encoding: .utf8)
    return pages
  }

  @Test("Every page in both themes passes axe-core's rules, doesn't shift, and no script of it fails")
  func pages() async throws {
    let browser = try Browser()
    let folder = try TemporaryFolder()
    let runs = folder.url.path
    let pictures = ProcessInfo.processInfo.environment["APPRENTICE_SCREENSHOTS"]
    let hasModel = pictures != nil
    try await StudioSite.with(hasModel: hasModel, { $0.runs = runs }) { site in
      let page = try await browser.page(width: 1280, height: 860)
      try await page.send(
        "Page.addScriptToEvaluateOnNewDocument",
        [
          "source": """
          window.shift = 0; window.failures = [];
          new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value; }).observe({ type: 'layout-shift', buffered: true });
          addEventListener('error', (e) => window.failures.push(e.message));
          addEventListener('unhandledrejection', (e) => window.failures.push(String(e.reason)));
          addEventListener('securitypolicyviolation', (e) => window.failures.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
          """
        ])
      try await Self.audit(page, "sign-in", site.address + "/sign-in", dark: false, pictures)
      try await page.open(site.link)
      for (name, path) in try Self.fill(site, runs: runs) {
        for isDark in [false, true] {
          try await page.setDark(isDark)
          try await Self.audit(page, name, site.address + path, dark: isDark, pictures)
        }
      }
      if let pictures { try await Self.phone(page, site, pictures) }
    }
  }

  private static func audit(
    _ page: BrowserPage, _ name: String, _ address: String, dark: Bool, _ pictures: String?
  ) async throws {
    try await page.open(address)
    try await page.wait("document.fonts.status === 'loaded'")
    // What a script draws comes within a moment of the page.
    if name.hasPrefix("label") || name == "decide-task" {
      try await page.wait("document.querySelector('#task').children.length > 0")
    }
    if name == "run" { try await page.wait("document.querySelectorAll('.curve').length > 0") }
    if name == "label-comparison" { try await page.press("3") }
    #expect(try await page.run("window.failures.join('; ')") == "", "\(name)")
    #expect(try await page.run("window.shift").double ?? 1 < 0.02, "\(name) shifts")
    if let pictures {
      try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
      try await page.screenshot().write(to: URL(fileURLWithPath: "\(pictures)/\(name)-\(dark ? "dark" : "light").png"))
    }
    guard let axe else { return }
    try await page.run(axe + "; 0")
    let faults = try await page.run(
      """
      axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) =>
        r.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')).join('\\n'))
      """)
    #expect(faults == "", "\(name), \(dark ? "dark" : "light")")
  }

  /// Pictures of a phone's screen.
  private static func phone(_ page: BrowserPage, _ site: StudioSite, _ pictures: String) async throws {
    try await page.resize(width: 390, height: 844, isPhone: true)
    for (name, path) in [
      ("home", "/"), ("label", "/projects/1/label"), ("rating", "/projects/4/label"), ("project", "/projects/2"),
      ("chat", "/chat"),
    ] {
      for isDark in [false, true] {
        try await page.setDark(isDark)
        try await page.open(site.address + path)
        try await page.wait("document.fonts.status === 'loaded'")
        try await page.screenshot().write(
          to: URL(fileURLWithPath: "\(pictures)/phone-\(name)-\(isDark ? "dark" : "light").png"))
      }
    }
  }
}
