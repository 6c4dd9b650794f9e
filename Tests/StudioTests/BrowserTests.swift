import Documents
import Feedback
import Foundation
import Studio
import Testing
import TestSupport

/// Each kind of task as people do it: in headless Chromium, with the mouse, the keyboard and a phone's screen.
@Suite(.serialized, .needsBrowser) struct BrowserTests {
  /// A studio and a page that is signed in as its owner.
  private static func open(
    hasModel: Bool = false, _ body: @escaping @Sendable (StudioSite, BrowserPage, Browser) async throws -> Void
  ) async throws {
    let browser = try Browser()
    try await StudioSite.with(hasModel: hasModel) { site in
      let page = try await browser.page()
      try await page.open(site.link)
      try await body(site, page, browser)
    }
  }

  private static func label(_ page: BrowserPage, _ site: StudioSite, _ project: Project) async throws {
    try await page.open("\(site.address)/projects/\(project.id)/label")
    try await page.wait("document.querySelector('#task').children.length > 0")
  }

  private static func finished(_ page: BrowserPage) async throws {
    try await page.wait("document.querySelector('.finished') !== null")
  }

  @Test("A comparison is made with the mouse, undone and made again; each is stored as it was shown")
  func comparing() async throws {
    try await Self.open { site, page, _ in
      let project = try site.project(.comparison, tasks: StudioSite.pairs(3))
      try await Self.label(page, site, project)
      for _ in 0..<3 {
        let isFirst = try await page.text(".answers .panel:first-child .prose").hasPrefix("good")
        try await page.click("input[name=score][value='\(isFirst ? -3 : 3)']")
        try await page.click("#submit")
        try await page.wait("document.querySelector('input[name=score]:checked') === null")
      }
      try await Self.finished(page)
      var stored = try site.store.comparisons()
      #expect(stored.count == 3)
      #expect(stored.allSatisfy { $0.preferred == .first && $0.strength == 0.75 })
      #expect(stored.allSatisfy { ($0.provenance.seconds ?? 0) > 0 })
      try await page.click("#undo")
      try await page.wait("document.querySelector('input[name=score]:checked') !== null")
      #expect(try site.store.comparisons().count == 2)
      try await page.press("5")
      try await page.press("Enter")
      try await Self.finished(page)
      stored = try site.store.comparisons()
      #expect(stored.count == 3)
      #expect(stored.count { $0.isTie } == 1)
    }
  }

  @Test("A reload in the middle finds what was said; a double click, a lost answer and a retry store one label")
  func once() async throws {
    try await Self.open { site, page, _ in
      let project = try site.project(.rating, tasks: [TaskDraft(prompt: "p", responses: ["r"])]) {
        $0.form =
          "questions:\n  - {name: overall, text: How good?}\n  - {name: rude, text: Is it rude?, kind: yes-no}\n"
      }
      try await Self.label(page, site, project)
      try await page.press("6")
      try await page.wait("document.querySelector('#saved').textContent === 'kept'")
      try await page.reload()
      try await page.wait("document.querySelector('input[name=overall]:checked')?.value === '6'")
      try await page.press("ArrowDown")
      try await page.press("n")
      // The server stores the answer and its reply is lost, twice; the page tries again by itself.
      try await page.run(
        """
        (() => { const real = window.fetch; let lost = 0; window.sent = 0;
          window.fetch = async (...given) => { const answer = await real(...given);
            if (given[0].endsWith('/submit')) { window.sent++; if (lost++ < 2) throw new TypeError('lost'); } return answer; }; })()
        """)
      try await page.run("document.querySelector('#submit').click(); document.querySelector('#submit').click()")
      try await Self.finished(page)
      #expect(try await page.run("window.sent") == 3)
      #expect(try site.store.ratings().count == 2)
      #expect(try site.store.tallies(of: project.id).first?.labels == 1)
    }
  }

  @Test("The server ends with an answer on its way and another begins at the same port: the label is there once")
  func restarted() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("feedback.sqlite")
    let browser = try Browser()
    let page = try await browser.page()
    let port = Port.free()
    try await StudioSite.with(port: port, store: path) { site in
      let project = try site.project(.comparison, tasks: StudioSite.pairs(1))
      try await page.open(site.link)
      try await Self.label(page, site, project)
      try await page.press("2")
      try await page.wait("document.querySelector('#saved').textContent === 'kept'")
    }
    // Nobody listens now: the answer waits in the page.
    try await page.press("Enter")
    try await page.wait("document.querySelector('#status').textContent.includes('kept here')")
    try await StudioSite.with(port: port, store: path) { site in
      try await Self.finished(page)
      #expect(try site.store.comparisons().count == 1)
      #expect(try site.store.comparisons().first?.strength == 0.75)
    }
  }

  @Test("Two people at once get different tasks, and each sees only their own progress")
  func two() async throws {
    try await Self.open { site, page, browser in
      let project = try site.project(.comparison, tasks: StudioSite.pairs(4))
      try await page.open("\(site.address)/projects/\(project.id)/people")
      try await page.click("[data-role=labeller]")
      try await page.wait("document.querySelector('#invited code') !== null")
      let link = try await page.text("#invited code")
      let other = try await browser.page()
      try await other.open(link)
      try await other.fill("input[name=name]", "bo")
      try await other.press("Enter")
      try await other.wait("document.querySelector('#task')?.children.length > 0")
      try await Self.label(page, site, project)
      #expect(try await page.text(".prompt") != other.text(".prompt"))
      for _ in 0..<2 {
        for labeller in [page, other] {
          let prompt = try await labeller.text(".prompt")
          try await labeller.press("3")
          try await labeller.press("Enter")
          try await labeller.wait(
            "document.querySelector('.prompt')?.innerText !== \(JSONValue.string(prompt).serialized())")
        }
      }
      try await Self.finished(page)
      try await Self.finished(other)
      #expect(try site.store.comparisons().count == 4)
      #expect(Set(try site.store.tallies(of: project.id).map(\.labels)) == [2])
    }
  }

  @Test("A ranking with a tie is made by keys alone")
  func ranking() async throws {
    try await Self.open { site, page, _ in
      let project = try site.project(.ranking, tasks: [TaskDraft(prompt: "p", responses: ["one", "two", "three"])])
      try await Self.label(page, site, project)
      // Brings each to its place from wherever it lies.
      for (place, word) in ["one", "two", "three"].enumerated() {
        while try await page.run(
          "[...document.querySelectorAll('.ranks li')].findIndex((e) => e.innerText.includes('\(word)'))"
        ).int != place {
          try await page.run(
            "[...document.querySelectorAll('.ranks li')].find((e) => e.innerText.includes('\(word)')).focus()")
          try await page.press("ArrowUp", shift: true)
        }
      }
      try await page.press("c")
      try await page.run("document.querySelectorAll('.ranks li')[2].focus()")
      try await page.press("=")
      try await page.press("Enter")
      try await Self.finished(page)
      let ranking = try #require(try site.store.rankings().first)
      #expect(ranking.ranks == [1, 2, 2])
    }
  }

  @Test("A passage is marked by selecting it; emoji and accents don't shift it")
  func critique() async throws {
    try await Self.open { site, page, _ in
      let text = "Grüße 🧀🧀 the moon is made of cheese."
      let project = try site.project(
        .critique, tasks: [TaskDraft(prompt: "What is the moon?", responses: [.init(text)])])
      try await Self.label(page, site, project)
      try await page.run(
        """
        (() => { const node = document.querySelector('.markable').firstChild; const at = node.data.indexOf('cheese');
          getSelection().setBaseAndExtent(node, at, node, at + 6); })()
        """)
      try await page.press("m")
      try await page.write("It is rock")
      try await page.fill(".fault label:last-of-type textarea", "rock")
      try await page.click(".severity input[aria-label=grave]")
      try await page.press("Enter")
      try await Self.finished(page)
      let critique = try #require(try site.store.critiques().first)
      #expect(critique.passage?.text == "cheese")
      #expect(critique.severity == 1)
      #expect(critique.text == "It is rock")
      #expect(critique.refinement == text.replacing("cheese", with: "rock"))
    }
  }

  @Test("Skipping asks for a reason and shows the next task; guidelines and keys are one key away")
  func skipping() async throws {
    try await Self.open { site, page, _ in
      let project = try site.project(.comparison, tasks: StudioSite.pairs(2))
      try await Self.label(page, site, project)
      try await page.press("g")
      try await page.wait("document.querySelector('#guidelines').open")
      #expect(try await page.run("document.querySelector('#guidelines strong')?.textContent") == "true")
      try await page.press("Escape")
      try await page.wait("!document.querySelector('#guidelines').open")
      try await page.press("?")
      try await page.wait("document.querySelector('#keys').open")
      try await page.press("Escape")
      try await page.wait("!document.querySelector('#keys').open")
      let prompt = try await page.text(".prompt")
      try await page.press("s")
      try await page.wait("document.querySelector('#skipping').open")
      try await page.click("#skipping input[value=expertise]")
      try await page.click("#skipping button[value=skip]")
      try await page.wait("document.querySelector('.prompt')?.innerText !== \(JSONValue.string(prompt).serialized())")
      #expect(
        try site.store.events(of: project.id).contains { $0.kind == "skipped" && $0.content["reason"] == "expertise" })
    }
  }

  @Test("Text that would be markup or a script stays text, links lead out safely, code and tables are shown")
  func rendering() async throws {
    try await Self.open { site, page, _ in
      let text = """
        <img src=x onerror="window.hit=1"><script>window.hit=2</script> [x](javascript:window.hit=3) **bold** `a<b`

        | a | b |
        |---|---|
        | 1 | 2 |

        $x_i^2 \\le \\alpha$ and https://example.org/p.
        """
      let project = try site.project(.comparison, tasks: [TaskDraft(prompt: .text(text), responses: ["a", "b"])])
      try await Self.label(page, site, project)
      #expect(try await page.run("window.hit === undefined") == true)
      #expect(try await page.run("document.querySelectorAll('.prompt img, .prompt script').length") == 0)
      #expect(
        try await page.run("[...document.querySelectorAll('.prompt a')].map((a) => a.protocol + a.rel).join()")
          == "https:noopener noreferrer nofollow")
      #expect(try await page.text(".prompt strong") == "bold")
      #expect(try await page.text(".prompt code") == "a<b")
      #expect(try await page.run("document.querySelectorAll('.prompt td').length") == 2)
      #expect(try await page.run("document.querySelector('.math').textContent") == "xi2 ≤ α")
    }
  }

  @Test("A demonstration begins with the model's sample and is edited; the model that it came from is kept")
  func demonstration() async throws {
    try await Self.open(hasModel: true) { site, page, _ in
      let project = try site.project(.demonstration, tasks: [TaskDraft(prompt: "Say something.")])
      try await Self.label(page, site, project)
      try await page.press("Escape")
      try await page.press("d")
      try await page.wait("document.querySelector('.sample .prose')?.textContent.length > 3")
      try await page.click(".sample button")
      try await page.press("End")
      try await page.run("document.querySelector('.panel textarea').setSelectionRange(0, 0)")
      try await page.write("My words: ")
      try await page.press("Enter", control: true)
      try await Self.finished(page)
      let item = try #require(try site.store.demonstrations().first)
      #expect(item.completion.text.hasPrefix("My words: "))
      #expect(item.completion.text.count > 12)
      #expect(item.completion.policy?.name == "model")
    }
  }

  @Test("A conversation goes on from the better of two replies; chat's thumbs and edits become feedback")
  func talking() async throws {
    try await Self.open(hasModel: true) { site, page, _ in
      let project = try site.project(.conversation, tasks: [TaskDraft(prompt: "Be brief.")])
      try await Self.label(page, site, project)
      for (i, key) in ["2", "8"].enumerated() {
        try await page.fill(".composer textarea", "Message \(i)")
        try await page.press("Enter")
        try await page.wait("document.querySelectorAll('.dialogue input[name=score]').length === 9")
        try await page.press(key)
        try await page.wait(
          "document.querySelectorAll('.bubble.user').length === \(i + 1) && !document.querySelector('.dialogue .scale')"
        )
      }
      try await page.press("Enter", control: true)
      try await Self.finished(page)
      let turns = try site.store.comparisons()
      #expect(turns.map(\.preferred) == [.first, .second])
      guard case .conversation(let messages, _) = turns[1].prompt else {
        Issue.record("no conversation")
        return
      }
      #expect(messages[2].content == turns[0].first.text)

      try await page.open("\(site.address)/chat")
      try await page.run("document.querySelector('#most').value = 24")
      try await page.fill("#text", "Hello")
      try await page.press("Enter")
      try await page.wait("document.querySelector('[aria-label=\"Good reply\"]') !== null")
      try await page.click("[aria-label='Good reply']")
      try await page.wait("document.querySelector('[aria-label=\"Good reply\"]').ariaPressed === 'true'")
      let rating = try #require(try site.store.ratings(FeedbackQuery(batch: "chat")).first)
      #expect(rating.axis == "thumbs")
      #expect(rating.value == 1)
      try await page.click("#probabilities")
      try await page.wait("document.querySelectorAll('.tokens span').length > 0")
      try await page.run("document.querySelector('.tokens span').focus()")
      try await page.wait("document.querySelectorAll('.tip td').length >= 10")
      try await page.click("[aria-label^='Edit the reply']")
      try await page.fill(".message.assistant textarea", "Better words")
      try await page.click(".message.assistant .primary")
      try await page.wait("document.querySelector('.message.assistant small')?.textContent === '2/2'")
      let edit = try #require(try site.store.comparisons(FeedbackQuery(batch: "chat")).first)
      #expect(edit.chosenAndRejected?.chosen.text == "Better words")
      #expect(edit.second.text == rating.response.text)
    }
  }

  @Test("On a phone nothing is wider than the screen, and a comparison can be made by touch")
  func phone() async throws {
    try await Self.open { site, page, _ in
      let project = try site.project(.comparison, tasks: StudioSite.pairs(1))
      try await page.resize(width: 360, height: 740, isPhone: true)
      for path in [
        "/", "/new", "/projects/1", "/projects/1/tasks", "/projects/1/settings", "/projects/1/people", "/chat", "/runs",
        "/account",
      ] {
        try await page.open(site.address + path)
        #expect(try await page.run("document.documentElement.scrollWidth").int ?? 999 <= 360, "\(path)")
      }
      try await Self.label(page, site, project)
      #expect(try await page.run("document.documentElement.scrollWidth").int ?? 999 <= 360)
      #expect(
        try await page.run(
          "Math.min(...[...document.querySelectorAll('.scale span')].map((e) => e.offsetHeight)) >= 24") == true)
      try await page.click(".scale label:nth-child(1)")
      try await page.click("#submit")
      try await Self.finished(page)
      #expect(try site.store.comparisons().count == 1)
    }
  }

  @Test("A run's curves are drawn from its metrics, and grow while it goes on")
  func curves() async throws {
    let browser = try Browser()
    let folder = try TemporaryFolder()
    try folder.write("sft/run.json", try Self.manifest)
    try folder.write(
      "sft/metrics.jsonl",
      (1...50).map { #"{"step": \#($0), "loss": \#(3.0 / Double($0))}"# + "\n" }.joined() + #"{"step": 51, "lo"#)
    let runs = folder.url.path
    try await StudioSite.with({ $0.runs = runs }) { site in
      let page = try await browser.page()
      try await page.open(site.link)
      try await page.open("\(site.address)/runs/sft")
      try await page.wait("document.querySelector('#step').textContent === '50'")
      #expect(try await page.run("document.querySelectorAll('.curve').length") == 1)
      let file = try #require(FileHandle(forWritingAtPath: runs + "/sft/metrics.jsonl"))
      try file.seekToEnd()
      try file.write(contentsOf: Data((#"ss": 0.05, "accuracy": 0.7}"# + "\n").utf8))
      try file.close()
      try await page.wait(
        "document.querySelector('#step').textContent === '51' && document.querySelectorAll('.curve').length === 2")
    }
  }

  static var manifest: String {
    get throws {
      // What a run writes when it begins, without what only a training needs.
      #"{"command": "train sft", "name": "sft", "created": "2026-01-01T00:00:00Z", "seed": 1, "configuration": {}, "versions": {}, "machine": "m"}"#
    }
  }
}
