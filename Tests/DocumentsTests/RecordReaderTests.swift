import Documents
import Foundation
import TestSupport
import Testing

@Suite("Record reader")
struct RecordReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(
    _ content: String, as name: String, _ options: RecordReader.Options = .init()
  ) throws -> [Record] {
    try RecordReader(paths: [folder.write(name, content)], options: options).readAll()
  }

  @Test("JSON Lines: objects and strings, blank lines, CR LF, a byte-order mark, no last line end")
  func jsonLines() throws {
    let records = try read(
      "\u{FEFF}{\"text\": \"a\"}\r\n\n  \n\"b\\nc\"\n{\"prompt\": 1}", as: "x.jsonl")
    #expect(records.map(\.origin.line) == [1, 4, 5])
    #expect(records[0].fields == ["text": "a"])
    #expect(records[1].fields == ["text": "b\nc"])
    #expect(records[2].fields == ["prompt": 1])
  }

  @Test("a record longer than the read buffer")
  func longLine() throws {
    let long = String(repeating: "x", count: 1_000_000)
    let records = try read("{\"text\":\"a\"}\n{\"text\":\"\(long)\"}\n\"b\"\n", as: "x.jsonl")
    #expect(records.map { $0["text"]?.string?.count } == [1, 1_000_000, 1])
  }

  @Test("a JSON file: array, single record, one record a line")
  func jsonFile() throws {
    let array = try read("[\n {\"a\": 1},\n\n {\"a\": 2}, \"x\"]\n", as: "x.json")
    #expect(array.map(\.origin.line) == [2, 4, 4])
    #expect(array.map(\.fields) == [["a": 1], ["a": 2], ["text": "x"]])
    #expect(try read("{\n \"a\": 1\n}\n", as: "y.json").map(\.fields) == [["a": 1]])
    #expect(try read("{\"a\": 1}\n{\"a\": 2}\n", as: "z.json").count == 2)
    #expect(try read("[]", as: "e.json").isEmpty)
  }

  @Test("CSV: quotes, doubled quotes, separators and line breaks in fields, unnamed columns")
  func csv() throws {
    let records = try read(
      ",name,note\r\n0,\"a, b\",\"say \"\"hi\"\"\nand go\"\r\n1,c,\n\n2,\"\",\"x\"", as: "x.csv")
    #expect(records.map(\.origin.line) == [2, 4, 6])
    #expect(
      records.map(\.fields) == [
        ["Unnamed: 0": "0", "name": "a, b", "note": "say \"hi\"\nand go"],
        ["Unnamed: 0": "1", "name": "c", "note": ""],
        ["Unnamed: 0": "2", "name": "", "note": "x"],
      ])
    #expect(try read("a\tb\n1\t2,3\n", as: "x.tsv").map(\.fields) == [["a": "1", "b": "2,3"]])
  }

  @Test("text is cut as asked")
  func text() throws {
    let content = "one\ntwo\n\n  \nthree<|endoftext|>four\n<|endoftext|>\n\n  five  \n\n"
    func texts(_ division: TextDivision) throws -> [String?] {
      try read(content, as: "x.txt", .init(textDivision: division)).map { $0["text"]?.string }
    }
    #expect(try texts(.endOfText) == ["one\ntwo\n\n  \nthree", "four", "  five  "])
    #expect(
      try texts(.paragraphs) == [
        "one\ntwo", "three<|endoftext|>four\n<|endoftext|>", "  five  ",
      ])
    #expect(
      try texts(.lines) == [
        "one", "two", "three<|endoftext|>four", "<|endoftext|>", "  five  ",
      ])
    #expect(try texts(.file).count == 1)
  }

  @Test("the lines that text documents start on")
  func textLines() throws {
    let records = try read("a\nb\n\nc\n", as: "x.txt", .init(textDivision: .paragraphs))
    #expect(records.map(\.origin.line) == [1, 4])
  }

  @Test("gzip: by content, in several members; cut off and damaged files are refused")
  func gzip() throws {
    let lines = (0..<50_000).map { "{\"n\": \($0)}\n" }
    let first = try gzipped(lines[..<20_000].joined())
    let second = try gzipped(lines[20_000...].joined())
    let whole = try folder.write("x.jsonl.gz", first + second)
    let numbers = try RecordReader(paths: [whole]).readAll().map { $0["n"]?.int }
    #expect(numbers == Array(0..<50_000))

    let misnamed = try folder.write("y.jsonl", first)
    #expect(try RecordReader(paths: [misnamed]).readAll().count == 20_000)

    let cut = try folder.write("cut.jsonl.gz", first.dropLast(500))
    let error = #expect(throws: DataError.self) {
      try RecordReader(paths: [cut], options: .init(skipBadLines: true)).readAll()
    }
    #expect(error?.kind == .badData)
    #expect(error?.description.contains("cut.jsonl.gz: the gzip file is cut off") == true)

    var broken = first
    for index in 1000..<1100 { broken[index] ^= 0x5A }
    let damaged = try folder.write("damaged.jsonl.gz", broken)
    #expect(throws: DataError.self) { try RecordReader(paths: [damaged]).readAll() }
  }

  @Test("folders are read in the order of their paths' bytes, hidden and unknown files left out")
  func folders() throws {
    try folder.write("d/b.jsonl", "\"2\"\n")
    try folder.write("d/a/z.txt", "1")
    try folder.write("d/B.csv", "text\n0\n")
    try folder.write("d/.hidden.jsonl", "\"no\"\n")
    try folder.write("d/.cache/x.jsonl", "\"no\"\n")
    try folder.write("d/model.bin", "no")
    let records = try RecordReader(paths: [folder.path("d")]).readAll()
    #expect(records.map { $0["text"] } == ["0", "1", "2"])
  }

  @Test("what isn't there is an error of kind noInput before anything is read")
  func missing() throws {
    try folder.write("empty/readme", "x")
    for path in ["nowhere.jsonl", "empty"] {
      let error = #expect(throws: DataError.self) {
        try RecordReader(paths: [folder.path(path)])
      }
      #expect(error?.kind == .noInput)
      #expect(error?.path == folder.path(path))
    }
    let unknown = try folder.write("data.xyz", "x")
    let error = #expect(throws: DataError.self) { try RecordReader(paths: [unknown]) }
    #expect(error?.kind == .badData)
    #expect(
      try RecordReader(paths: [unknown], options: .init(format: .text)).readAll().count == 1)
  }

  @Test(
    "bad content names its line",
    arguments: [
      ("x.jsonl", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n", 2),
      ("x.jsonl", "{\"a\":1}\n17\n", 2),
      ("x.json", "[{\"a\":1},\n 17]\n", 2),
      ("x.json", "[{\"a\":1},\n {\"a\" 2}]\n", 2),
      ("x.json", "[{\"a\":1}\n", 2),
      ("x.csv", "a,b\n1,2\n3\n", 3),
      ("x.csv", "a,b\n1,2\n3,\"x\n\n", 3),
      ("x.csv", "a,b\n\"1\"x,2\n", 2),
    ] as [(String, String, Int)])
  func badContent(name: String, content: String, line: Int) {
    let error = #expect(throws: DataError.self) { try read(content, as: name) }
    #expect(error?.kind == .badData)
    #expect(error?.line == line)
    #expect(error?.description.contains("\(name):\(line): ") == true)
  }

  @Test("text that is not UTF-8 names its line")
  func latin1() throws {
    for name in ["x.txt", "x.csv", "x.jsonl"] {
      let path = try folder.write(name, Data("\"ok\"\n\"caf".utf8) + [0xE9] + Data("\"\n".utf8))
      let error = #expect(throws: DataError.self) { try RecordReader(paths: [path]).readAll() }
      #expect(error?.line == 2)
    }
  }

  @Test("bad lines are skipped and counted where that is asked for")
  func skipping() throws {
    let json = try folder.write("x.jsonl", "{\"a\":1}\noops\n{\"a\":3}\n[]\n{\"a\":5}\n")
    let csv = try folder.write("y.csv", "a,b\n1,2\n3\n\"4\"x,5\n6,7\n")
    let reader = try RecordReader(paths: [json, csv], options: .init(skipBadLines: true))
    let records = try reader.readAll()
    #expect(records.count == 5)
    #expect(reader.recordCount == 5)
    #expect(reader.badLineCount == 4)
    #expect(reader.badLines.map(\.line) == [2, 4, 3, 4])
  }

  /// What the system's own `gzip` makes of the text.
  private func gzipped(_ text: String) throws -> Data {
    let plain = try folder.write("plain-\(UUID().uuidString)", text)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-k", plain]
    try process.run()
    process.waitUntilExit()
    return try Data(contentsOf: URL(fileURLWithPath: plain + ".gz"))
  }
}
