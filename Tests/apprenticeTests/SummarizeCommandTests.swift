import Documents
import Foundation
import TestSupport
import Testing

/// `apprentice summarize` and `critique`, by the built tool and a server that answers.
@Suite("Summaries by command")
struct SummarizeCommandTests: ToolSuite {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func answer(_ text: String) -> StubServer.Answer {
    .init(
      JSONValue.object([
        "choices": [["message": ["content": .string(text)], "text": .string(text)]], "usage": ["completion_tokens": 7],
      ]).serialized())
  }

  private func book() throws {
    let text = (1...3).map { chapter in
      "Chapter \(chapter)\n\n"
        + (1...4).map {
          "Anna opened door \(chapter).\($0). "
            + String(repeating: "Nothing happened for a while after that. ", count: 8)
        }
        .joined(separator: "\n\n")
    }.joined(separator: "\n\n")
    try text.write(toFile: folder.path("book.txt"), atomically: true, encoding: .utf8)
  }

  @Test(
    "the plan is told first; the folder holds all; the same command again asks nothing; one chapter's edit asks little")
  func summarize() throws {
    try book()
    let server = StubServer([answer("Anna opened a door. Nothing else happened.")])
    let command =
      "summarize book.txt --model http://127.0.0.1:\(server.port) --served-model m --leaf-tokens 120 --out out"
    let planned = try tool("\(command) --plan --json").json()
    #expect(server.requests.isEmpty && (planned["plan"] as? [String: Any])?["passages"] as? Int == 12)
    let made = try tool("\(command) --json")
    #expect(made.errors.contains("12 passages") && made.errors.contains("about "))
    #expect(try made.json()["summary"] as? String == "Anna opened a door. Nothing else happened.")
    for name in ["summary.json", "summary.md", "summary.txt", "summary.html", "text.txt"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("out/\(name)")), "\(name)")
    }
    let count = server.requests.count
    let again = try tool(command)
    #expect(
      server.requests.count == count && again.output.contains("Anna opened a door.")
        && again.errors.contains("answers are known"))
    try #"{"edits": [{"id": "h0-11", "text": "The last door stayed shut."}]}"#
      .write(toFile: folder.path("edits.json"), atomically: true, encoding: .utf8)
    try tool("\(command) --edits edits.json")
    let asked = server.requests.count - count
    #expect(
      (1...3).contains(asked) && server.requests.suffix(asked).contains { $0.contains("The last door stayed shut.") })
    let before = server.requests.count
    let answered = try tool("\(command) --ask who?")
    #expect(server.requests.count == before + 1 && answered.output.contains("who?"))
  }

  @Test("a server that fails half-way loses nothing: the command says so, and goes on")
  func failing() throws {
    try book()
    let bad = StubServer.Answer("{\"error\": \"broken\"}", status: 400)
    let server = StubServer([answer("A."), answer("Anna opened a door."), answer("Anna opened a door."), bad])
    let failed = try tool(
      "summarize book.txt --model http://127.0.0.1:\(server.port) --served-model m --concurrency 1 --leaf-tokens 120 --out out",
      expecting: 65)
    #expect(failed.errors.contains("answers are kept in out") && failed.errors.contains("status 400"))
    let good = StubServer([answer("Anna opened a door.")])
    // Another address is another model: its answers are its own.
    let other = try tool(
      "summarize book.txt --model http://127.0.0.1:\(good.port) --served-model m --leaf-tokens 120 --out out --json")
    #expect(try other.json()["summary"] as? String == "Anna opened a door.")
  }

  @Test("what can't be summarised is told by name")
  func refused() throws {
    let server = StubServer([answer("x")])
    let model = "--model http://127.0.0.1:\(server.port) --served-model m"
    try tool("summarize nowhere.txt \(model)", expecting: 66)
    try "".write(toFile: folder.path("empty.txt"), atomically: true, encoding: .utf8)
    try tool("summarize empty.txt \(model)", expecting: 66)
    try book()
    #expect(try tool("summarize book.txt \(model) --max-length 100", expecting: 65).errors.contains("leaves no room"))
    try "[]".write(toFile: folder.path("edits.json"), atomically: true, encoding: .utf8)
    #expect(
      try tool("summarize book.txt \(model) --edits edits.json", expecting: 65).errors.contains("no list 'edits'"))
    try tool("summarize book.txt book.txt \(model) --edits edits.json", expecting: 64)
    #expect(server.requests.isEmpty)
  }

  @Test("critiques: quotes that aren't there are thrown away; lines, suggestions and GitHub's shape are right")
  func critique() throws {
    try "# Notes\n\nThe moon is made of cheese,\nas everybody knows. Water boils at 100 degrees.\n"
      .write(toFile: folder.path("notes.md"), atomically: true, encoding: .utf8)
    let good =
      "Quote: “made of cheese, as everybody”\nProblem: It is rock.\nSeverity: critical\nSuggestion: made of rock,\nas geologists"
    let server = StubServer([
      answer(good), answer("Quote: \"the sun is cold\"\nProblem: No.\nSeverity: minor"), answer("Quote: none"),
      answer("No idea."),
    ])
    let command = "critique notes.md --model http://127.0.0.1:\(server.port) --served-model m --concurrency 1"
    let found = try tool("\(command) --json").json()
    let flaws = try #require(found["flaws"] as? [[String: Any]])
    #expect(flaws.count == 1 && found["misquoted"] as? Int == 1 && found["empty"] as? Int == 2)
    #expect(
      flaws[0]["quote"] as? String == "made of cheese,\nas everybody" && flaws[0]["severity"] as? String == "critical")
    #expect(flaws[0]["line"] as? Int == 3 && flaws[0]["last_line"] as? Int == 4)
    let text = Array(try String(contentsOfFile: folder.path("notes.md"), encoding: .utf8).unicodeScalars)
    let (start, end) = (try #require(flaws[0]["start"] as? Int), try #require(flaws[0]["end"] as? Int))
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text[start..<end])
    #expect(String(view) == "made of cheese,\nas everybody")
    let other = StubServer([answer(good)])
    let review = try tool(
      "critique notes.md --model http://127.0.0.1:\(other.port) --served-model m --format github --best-of 1"
    ).json()
    let comment = try #require((review["comments"] as? [[String: Any]])?.first)
    #expect(review["event"] as? String == "COMMENT" && comment["path"] as? String == "notes.md")
    #expect(comment["line"] as? Int == 4 && comment["start_line"] as? Int == 3 && comment["side"] as? String == "RIGHT")
    let body = comment["body"] as? String ?? ""
    #expect(
      body.contains("```suggestion\nThe moon is made of rock,\nas geologists knows. Water boils at 100 degrees.\n```"))
  }
}
