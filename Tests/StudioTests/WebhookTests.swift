import Documents
import Feedback
import Foundation
import Studio
import TestSupport
import Testing

/// Answers that other programs are told of.
@Suite struct WebhookTests {
  @Test("HMAC-SHA-256 is RFC 4231's")
  func authentication() {
    func code(_ key: Data, _ data: Data) -> String { SHA256Digest(authenticating: data, key: key).hexadecimal }
    #expect(
      code(Data("Jefe".utf8), Data("what do ya want for nothing?".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      code(Data(repeating: 0xAA, count: 131), Data("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  private func answer(_ site: StudioSite, _ client: StudioSite.Client, _ project: Int, score: Int) async throws {
    let next = try await client.send("GET", "/api/projects/\(project)/next").json()["next"]
    let assignment = try #require(next?["id"]?.int)
    let body: JSONValue = [
      "id": .string(newIdentifier()), "assignment": .int(assignment), "answer": ["score": .int(score)],
    ]
    #expect(try await client.send("POST", "/api/projects/\(project)/submit", body: body.serialized()).status == 200)
  }

  private func wait(_ what: String, _ isSo: () -> Bool) async throws {
    for _ in 0..<600 where !isSo() { try await Task.sleep(for: .milliseconds(20)) }
    #expect(isSo(), "\(what)")
  }

  @Test("Each answer arrives once and in order, also after the receiver was down; what was answered before isn't told")
  func order() async throws {
    let receiver = StubServer([.init("no", status: 503), .init("{}")])
    try await StudioSite.with { site in
      let project = try site.project(.comparison, tasks: StudioSite.pairs(4))
      let client = StudioSite.Client(site)
      try await client.open(site)
      try await answer(site, client, project.id, score: 1)
      let owner = try #require(try site.store.ownerAccount())
      var settings = project.settings
      (settings.webhook, settings.webhookSecret) = ("http://127.0.0.1:\(receiver.port)/hook", "key")
      try site.store.setSettings(settings, of: project.id, by: owner.id)
      _ = try site.store.dueDeliveries()
      for score in [-4, 2, 3] { try await answer(site, client, project.id, score: score) }
      try await wait("three answers and the one that was refused") { receiver.requests.count >= 4 }
      let told = try receiver.requests.map { try JSONValue(parsing: $0) }
      #expect(told[0] == told[1], "the one that was refused comes again, unchanged")
      let scores = told.dropFirst().map { $0["submission"]?["answer"]?["score"]?.int }
      #expect(scores == [-4, 2, 3])
      #expect(told.allSatisfy { $0["event"] == "answered" && $0["project"]?["name"] == "study" })
      // The studio notes the last one's arrival a moment after the receiver has it.
      try await wait("nothing is due") { (try? site.store.dueDeliveries().isEmpty) == true }
    }
  }

  @Test("What isn't an address is refused, and the page says so")
  func address() async throws {
    try await StudioSite.with { site in
      let project = try site.project(.comparison, tasks: [])
      var settings = project.settings
      let owner = try #require(try site.store.ownerAccount())
      for bad in ["hook", "ftp://host/x", "javascript:alert(1)", "http://"] {
        settings.webhook = bad
        #expect(throws: ProjectError.self, "\(bad)") {
          try site.store.setSettings(settings, of: project.id, by: owner.id)
        }
      }
      let client = StudioSite.Client(site)
      try await client.open(site)
      let page = try await client.send("GET", "/projects/\(project.id)/settings")
      #expect(page.text.contains("name=\"webhook\""))
    }
  }
}
