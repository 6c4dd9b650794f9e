import Documents
import TestSupport
import Testing

@Suite("Training examples")
struct TrainingExampleTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("each shape is taken from its fields")
  func shapes() throws {
    let columns = ColumnNames()
    func record(_ fields: JSONObject) -> Record {
      Record(fields: fields, origin: .init(path: "x.jsonl", line: 3))
    }
    #expect(try TextExample(record: record(["text": "a"]), columns: columns).text == "a")
    #expect(
      try RankingExample(
        record: record(["prompt": "a", "completions": ["b", "c"], "ranking": [2, 1]]),
        columns: columns) == RankingExample(prompt: "a", completions: ["b", "c"], ranking: [2, 1]))
    #expect(
      try MessagesExample(
        record: record(["messages": [["role": "user", "content": "hi"]]]), columns: columns
      )
      .messages == [.init(role: "user", content: "hi")])
  }

  @Test("a column may be called otherwise; a missing one lists those there are")
  func columns() throws {
    let path = try folder.write("x.csv", "context,ref_text\np,c\n")
    let texts = try ExampleReader<TextExample>(paths: [path], columns: ColumnNames(text: "ref_text"))
    #expect(try texts.readAll() == [TextExample(text: "c")])

    let error = #expect(throws: DataError.self) {
      try ExampleReader<TextExample>(paths: [path]).readAll()
    }
    #expect(error?.line == 2)
    let text = error?.description ?? ""
    #expect(text.contains("no field 'text'; it has 'context', 'ref_text'"))
    #expect(text.contains("--text-column"))
  }

  @Test("fields of the wrong kind are refused, or skipped and counted")
  func wrongKinds() throws {
    let path = try folder.write(
      "x.jsonl",
      """
      {"prompt": "a", "completions": ["b"], "ranking": [1, 2]}
      {"prompt": "a", "completions": ["b", 1], "ranking": [1, 2]}
      {"prompt": "a", "completions": ["b"], "ranking": ["1"]}
      {"prompt": 5, "completions": ["b"], "ranking": [1]}
      {"prompt": "a", "completions": ["b"], "ranking": [1]}
      """)
    let strict = try ExampleReader<RankingExample>(paths: [path])
    #expect(throws: DataError.self) { try strict.readAll() }
    let lenient = try ExampleReader<RankingExample>(
      paths: [path], options: .init(skipBadLines: true))
    #expect(try lenient.readAll().count == 1)
    #expect(lenient.records.badLineCount == 4)
    #expect(lenient.records.badLines.map(\.line) == [1, 2, 3, 4])
  }

  @Test("a data set without examples is an error, not a run of nothing")
  func empty() throws {
    let path = try folder.write("x.jsonl", "\n\n")
    let error = #expect(throws: DataError.self) {
      try ExampleReader<TextExample>(paths: [path]).readAll()
    }
    #expect(error?.kind == .badData)
  }
}
