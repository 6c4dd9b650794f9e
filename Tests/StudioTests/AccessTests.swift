import Documents
import Feedback
import Foundation
import Studio
import Testing
import TestSupport

/// Who gets in, and what other sites can't do.
@Suite struct AccessTests {
  @Test(
    "Nothing is shown without signing in; the printed link signs its owner in; every answer carries a strict policy")
  func signIn() async throws {
    try await StudioSite.with { site in
      let client = StudioSite.Client(site)
      for path in ["/", "/projects/1", "/chat", "/runs", "/account"] {
        let answer = try await client.send("GET", path)
        #expect(answer.status == 303)
        #expect(answer.headers["location"]?.hasPrefix("/sign-in") == true)
      }
      #expect(try await client.send("GET", "/api/projects/1/next").status == 401)
      #expect(try await client.send("GET", "/open/wrong").status == 410)
      try await client.open(site)
      let home = try await client.send("GET", "/")
      #expect(home.status == 200)
      let policy = try #require(home.headers["content-security-policy"])
      #expect(policy.contains("default-src 'none'"))
      #expect(policy.contains("script-src 'self';"))
      #expect(!policy.contains("unsafe"))
      #expect(home.headers["x-content-type-options"] == "nosniff")
    }
  }

  @Test("What changes something needs the page's secret, and no other site's page can send it")
  func forgery() async throws {
    try await StudioSite.with { site in
      let client = StudioSite.Client(site)
      try await client.open(site)
      let form = "name=x&kind=comparison"
      #expect(try await client.send("POST", "/new", body: form, isForm: true, hasFormToken: false).status == 403)
      #expect(
        try await client.send("POST", "/new", body: form, headers: ["Origin": "http://evil.example"], isForm: true)
          .status == 403)
      #expect(
        try await client.send("POST", "/v1/chat/completions", body: "{}", headers: ["Origin": "http://evil.example"])
          .status
          == 403)
      #expect(try await client.send("GET", "/", headers: ["Host": "evil.example"]).status == 403)
      #expect(try site.store.projects(of: #require(try site.store.ownerAccount())).isEmpty)
      #expect(try await client.send("POST", "/new", body: form, isForm: true).status == 303)
    }
  }

  @Test("Passwords are kept as scrypt, wrong ones are answered alike, and the sixth try waits")
  func passwords() async throws {
    try await StudioSite.with { site in
      let owner = StudioSite.Client(site)
      try await owner.open(site)
      #expect(try await owner.send("POST", "/account/password", body: "new=short", isForm: true).status == 422)
      #expect(
        try await owner.send("POST", "/account/password", body: "new=a%20good%20secret", isForm: true).status == 200)
      let kept = try #require(try site.store.account(named: "ana")?.password)
      #expect(kept.hasPrefix("$scrypt$32768$8$1$"))
      #expect(!kept.contains("secret"))
      let other = StudioSite.Client(site)
      func attempt(_ name: String, _ password: String) async throws -> StudioSite.Client.Answer {
        try await other.send("POST", "/sign-in", body: "name=\(name)&password=\(password)", isForm: true)
      }
      #expect(try await attempt("ana", "a%20good%20secret").status == 303)
      let wrong = try await attempt("ana", "another")
      let unknown = try await attempt("nobody", "another")
      #expect(wrong.status == 401)
      #expect(unknown.status == 401)
      #expect(wrong.text.replacing("ana", with: "nobody") == unknown.text)
      for _ in 0..<4 { _ = try await attempt("ana", "another") }
      // Even the right one waits now.
      #expect(try await attempt("ana", "a%20good%20secret").status == 429)
      // With a password, programs need a token too.
      let program = StudioSite.Client(site)
      #expect(try await program.send("GET", "/v1/models").status == 403)
      let token = try #require(try await owner.send("POST", "/api/token", body: "{}").json()["token"]?.string)
      #expect(try await program.send("GET", "/v1/models", headers: ["Authorization": "Bearer \(token)"]).status == 200)
    }
  }

  @Test("scrypt is RFC 7914's: hashlib derives the same key", .needsTestPython)
  func scrypt() async throws {
    try await StudioSite.with({ $0.password = "pleaseletmein ü" }) { site in
      let kept = try #require(try site.store.account(named: "ana")?.password)
      let process = Process()
      process.executableURL = TestPython.url
      process.arguments = [
        "-c",
        """
        import base64, hashlib, sys
        _, kind, n, r, p, salt, key = sys.argv[1].split("$")
        made = hashlib.scrypt("pleaseletmein ü".encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p), maxmem=1 << 28, dklen=32)
        sys.exit(base64.b64encode(made).decode() != key)
        """, kept,
      ]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
  }

  @Test("An address that others can reach is refused while the owner has no password")
  func openAddress() async throws {
    let store = try FeedbackStore.inMemory()
    var settings = Studio.Settings()
    settings.address = "0.0.0.0"
    #expect(throws: ProjectError.self) { try Studio(store: store, settings: settings) }
    settings.password = "long enough"
    _ = try Studio(store: store, settings: settings)
  }

  @Test("Labellers see neither who wrote what, nor others' projects, nor what only owners and reviewers may")
  func roles() async throws {
    try await StudioSite.with { site in
      var tasks = StudioSite.pairs(2)
      for i in tasks.indices { tasks[i].responses[0].policy = PolicyVersion("secret-model") }
      let project = try site.project(.comparison, tasks: tasks)
      let owner = StudioSite.Client(site)
      try await owner.open(site)
      let invited = try await owner.send(
        "POST", "/api/projects/\(project.id)/invitations", body: #"{"role": "labeller"}"#)
      let path = try #require(try invited.json()["path"]?.string)
      let labeller = StudioSite.Client(site)
      #expect(try await labeller.send("POST", path, body: "name=bo", isForm: true).status == 303)
      let again = try await StudioSite.Client(site).send("POST", path, body: "name=cy", isForm: true)
      #expect(again.status == 410)
      #expect(again.text.contains("used already"))
      let page = try await labeller.send("GET", "/projects/\(project.id)/label")
      #expect(page.status == 200)
      #expect(page.text.contains("good"))
      #expect(!page.text.contains("secret-model"))
      for path in ["tasks", "people", "settings", "log", "decide", "export/native", "export-log"] {
        #expect(try await labeller.send("GET", "/projects/\(project.id)/\(path)").status == 403)
      }
      let other = try site.project(.comparison, tasks: [], name: "other")
      #expect(try await labeller.send("GET", "/projects/\(other.id)").status == 404)
      #expect(try await labeller.send("GET", "/runs").status == 403)
      #expect(try await owner.send("GET", "/runs/..%2F..%2Fetc").status == 404)
    }
  }
}
