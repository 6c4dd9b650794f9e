import Foundation
import TestSupport
import Testing

@Suite("data import and export")
struct FeedbackExchangeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let pairs = """
    {"prompt": "p", "chosen": "a", "rejected": "b"}
    {"prompt": "q", "chosen": "c", "rejected": "d"}

    """

  private func lines(_ name: String) throws -> Set<[String: String]> {
    let text = try String(contentsOfFile: folder.path(name), encoding: .utf8)
    return Set(
      try text.split(separator: "\n").map {
        try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
      })
  }

  @Test("preferences come out as they went in, and importing again adds nothing")
  func roundTrip() throws {
    try folder.write("pairs.jsonl", pairs)
    for added in [2, 0] {
      let result = try Tool.run(
        "data", "import", "--data", "pairs.jsonl", "--store", "f.sqlite", "--labeller", "ana",
        "--json", in: folder.path)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try result.json()["added"] as? Int == added)
      #expect(try result.json()["records"] as? Int == 2)
    }
    let exported = try Tool.run(
      "data", "export", "--store", "f.sqlite", "--out", "out.jsonl", "--json", in: folder.path)
    #expect(try exported.json()["lines"] as? Int == 2)
    #expect(try lines("out.jsonl") == lines("pairs.jsonl"))

    let others = try Tool.run(
      "data", "export", "--store", "f.sqlite", "--out", "none.jsonl", "--labellers", "bob",
      "--json", in: folder.path)
    #expect(try others.json()["lines"] as? Int == 0)
  }

  @Test("one bad line, and nothing is imported; skipped, and the rest is")
  func badLine() throws {
    try folder.write("pairs.jsonl", pairs + "{\"prompt\": \"r\", \"chosen\": 1}\n")
    let strict = try Tool.run(
      "data", "import", "--data", "pairs.jsonl", "--store", "f.sqlite", in: folder.path)
    #expect(strict.status == 65)
    #expect(strict.errors.contains("pairs.jsonl:3: "))
    let lenient = try Tool.run(
      "data", "import", "--data", "pairs.jsonl", "--store", "f.sqlite", "--skip-bad-lines",
      "--json", in: folder.path)
    #expect(lenient.status == 0)
    #expect(try lenient.json()["added"] as? Int == 2)
    #expect(try lenient.json()["bad_lines"] as? Int == 1)
    #expect(lenient.errors.contains("pairs.jsonl:3: "))
  }

  @Test("a missing file leaves no store behind; a missing store and a wrong file are told apart")
  func missing() throws {
    let noData = try Tool.run(
      "data", "import", "--data", "nowhere.jsonl", "--store", "f.sqlite", in: folder.path)
    #expect(noData.status == 66)
    #expect(!FileManager.default.fileExists(atPath: folder.path("f.sqlite")))
    let noStore = try Tool.run(
      "data", "export", "--store", "f.sqlite", "--out", "o.jsonl", in: folder.path)
    #expect(noStore.status == 66)
    try folder.write("text.sqlite", String(repeating: "no database ", count: 100))
    let noDatabase = try Tool.run(
      "data", "export", "--store", "text.sqlite", "--out", "o.jsonl", in: folder.path)
    #expect(noDatabase.status == 65)
    #expect(!FileManager.default.fileExists(atPath: folder.path("o.jsonl")))
  }
}
