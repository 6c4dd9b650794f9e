import Documents
import Feedback
import Foundation
import Testing
import TestSupport

/// Tasks in and feedback out over HTTP, and text that would be markup.
@Suite struct ExchangeTests {
  @Test(
    "A file of tasks becomes tasks once; a bad line is named and takes nothing in; feedback comes out in TRL's columns")
  func files() async throws {
    try await StudioSite.with { site in
      let project = try site.project(.comparison, tasks: [])
      let client = StudioSite.Client(site)
      try await client.open(site)
      let path = "/api/projects/\(project.id)/tasks?name="
      let lines =
        #"{"prompt": "a", "responses": ["x", "y"]}"# + "\n" + #"{"prompt": "b", "chosen": "p", "rejected": "q"}"# + "\n"
      #expect(try await client.send("POST", path + "a.jsonl", body: lines).json()["added"] == 2)
      #expect(try await client.send("POST", path + "a.jsonl", body: lines).json()["alreadyPresent"] == 2)
      let bad = try await client.send("POST", path + "b.jsonl", body: lines + #"{"prompt": "c", "responses": ["x"]}"#)
      #expect(bad.status == 422)
      #expect(bad.text.contains("b.jsonl:3"))
      let csv = try await client.send("POST", path + "c.csv", body: "prompt,chosen,rejected\nd,good,bad\n")
      #expect(try csv.json()["added"] == 1)
      let owner = try #require(try site.store.ownerAccount())
      for _ in 0..<3 {
        let assignment = try #require(try site.store.nextAssignment(in: project.id, for: owner.id))
        try site.store.submit(
          .init(id: newIdentifier(), assignment: assignment.id, account: owner.id, answer: .init(score: -1)))
      }
      let out = try await client.send("GET", "/projects/\(project.id)/export/preferences")
      #expect(out.headers["content-disposition"]?.contains("study-preferences.jsonl") == true)
      let rows = try out.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      #expect(rows.count == 3)
      #expect(rows.allSatisfy { $0["prompt"] != nil && $0["chosen"] != nil && $0["rejected"] != nil })
      let log = try await client.send("GET", "/projects/\(project.id)/export-log").text.split(separator: "\n")
      #expect(log.count { $0.contains(#""event": "answered""#) } == 3)
      let answers = try await client.send("GET", "/projects/\(project.id)/export-answers").text.split(separator: "\n")
      #expect(answers.count == 3)
      #expect(answers.allSatisfy { $0.contains(#""shown""#) && $0.contains(#""score": -1"#) })
    }
  }

  @Test("Markup in names, prompts and guidelines is text on every page")
  func markup() async throws {
    try await StudioSite.with { site in
      let evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{csrf}}"
      let project = try site.project(
        .comparison, tasks: [TaskDraft(prompt: .text(evil), responses: [.init(evil), "b"])], name: evil)
      let owner = try #require(try site.store.ownerAccount())
      try site.store.setGuidelines(evil, of: project.id, by: owner.id)
      let client = StudioSite.Client(site)
      try await client.open(site)
      for path in [
        "/", "/projects/1", "/projects/1/label", "/projects/1/tasks", "/projects/1/settings", "/projects/1/log",
      ] {
        let page = try await client.send("GET", path)
        #expect(page.status == 200)
        #expect(page.text.contains("alert(1)"), "\(path)")
        #expect(!page.text.contains("<script>alert"), "\(path)")
        #expect(!page.text.contains("<img src=x"), "\(path)")
      }
    }
  }

  @Test("All scripts together stay under 100 kB, and no page asks another host for anything")
  func weight() async throws {
    try await StudioSite.with { site in
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/Studio/Web")
      var bytes = 0
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
        let url = folder.appendingPathComponent(name)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
        if name.hasSuffix(".js") { bytes += text.utf8.count }
        if name.hasSuffix(".mustache") || name.hasSuffix(".css") {
          #expect(text.firstMatch(of: /(src|href)="(https?:)?\/\/|url\(\s*['"]?(https?:)?\/\//) == nil, "\(name)")
        }
      }
      #expect(bytes > 10_000)
      #expect(bytes < 100_000)
    }
  }
}
