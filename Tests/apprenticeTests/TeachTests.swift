import Foundation
import Testing

@Suite("Teach")
struct TeachTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("teach regex prints the document that scripts read")
  func regexDocument() throws {
    try folder.write("yes.txt", "90210\n10001\r\n33109\n")
    try folder.write("no.txt", "9021\n9021a\n")
    try folder.write("test.txt", "60614\nhello\n")
    let result = try Tool.run(
      "teach", "regex", "--positive", "yes.txt", "--negative", "no.txt", "--test", "test.txt",
      "--json", in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let document = try result.json()
    #expect(document["regex"] as? String == "[0-9]{5}")
    #expect(document["anchored"] as? String == "^[0-9]{5}$")
    let posterior = try #require(document["posterior"] as? [[String: Any]])
    let first = try #require(posterior.first)
    #expect(first["regex"] as? String == "[0-9]{5}")
    let probabilities = posterior.compactMap { $0["probability"] as? Double }
    #expect(probabilities.count == posterior.count && probabilities == probabilities.sorted(by: >))
    let tests = try #require(document["test"] as? [[String: Any]])
    #expect(tests.map { $0["string"] as? String } == ["60614", "hello"])
    #expect((tests[0]["probability"] as? Double ?? 0) > 0.9)
    #expect((tests[1]["probability"] as? Double ?? 1) < 0.1)
    #expect((document["questions"] as? [[String: Any]])?.isEmpty == false)
  }

  @Test("teach regex says what is wrong with its input, and contradictions are a caveat")
  func badInput() throws {
    try folder.write("empty.txt", "")
    try folder.write("yes.txt", "abc\nabd\n\nabe\n")
    try folder.write("bad.txt", Data([0x61, 0x0A, 0xFF, 0xFE, 0x0A]))
    let empty = try Tool.run("teach", "regex", "--positive", "empty.txt", in: folder.path)
    #expect(empty.status == 65 && empty.errors.contains("empty.txt"), "\(empty.errors)")
    let missing = try Tool.run("teach", "regex", "--positive", "none.txt", in: folder.path)
    #expect(missing.status == 66 && missing.errors.contains("none.txt"), "\(missing.errors)")
    let bytes = try Tool.run("teach", "regex", "--positive", "bad.txt", in: folder.path)
    #expect(bytes.status == 65 && bytes.errors.contains("bad.txt:2"), "\(bytes.errors)")
    let usage = try Tool.run(
      "teach", "regex", "--positive", "yes.txt", "--noise", "0.7", in: folder.path)
    #expect(usage.status == 64)
    let both = try Tool.run(
      "teach", "regex", "--positive", "yes.txt", "--negative", "yes.txt", "--json", in: folder.path)
    #expect(both.status == 0 && both.errors.contains("skipped 1 blank"))
    let caveats = try both.json()["caveats"] as? [String] ?? []
    #expect(caveats.contains { $0.contains("both as positive and as negative") }, "\(caveats)")
  }

  @Test("teach regex takes answers until the person quits")
  func conversation() throws {
    try folder.write("yes.txt", "cats\ndogs\n")
    try folder.write("answers.txt", "-cat\n+pens\n\nwhat\nq\n")
    let result = try Tool.run(
      arguments: [
        "teach", "regex", "--positive", folder.path("yes.txt"), "--interactive",
      ], input: folder.path("answers.txt"))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("Does \""))
    #expect(result.output.contains("That is none of y, n, s"))
    #expect(result.output.contains("matches 3 of 3 positive examples and rejects 1 of 1 negative"))
  }

  @Test("teach teaching-study reports the clusters of a file of corpora")
  func teachingStudy() throws {
    let header =
      "assignment.id,worker.id,trial.num,rule.id,rule.desc,example.num,polarity,string,time\n"
    var rows = ""
    for worker in 1...4 {
      rows += "\(worker),\(worker),1,zip-code,x,1,positive,1234\(worker),1\n"
      rows += "\(worker),\(worker),1,zip-code,x,2,negative,1234,2\n"
    }
    try folder.write("corpora.csv", header + rows)
    let result = try Tool.run(
      "teach", "teaching-study", "--data", "corpora.csv", "--permutations", "10", "--depth", "1",
      "--json", in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let document = try result.json()
    let clusters = try #require(document["clusters"] as? [String: Any])
    #expect(clusters["corpora"] as? Int == 4 && clusters["observed"] as? Double == 1)
    #expect((document["lessons"] as? [Any])?.count == 4)
    let bad = try Tool.run(
      "teach", "teaching-study", "--data", "corpora.csv", "--depth", "9", in: folder.path)
    #expect(bad.status == 64)
  }
}
