import Documents
import Foundation
import TestSupport
import Testing

/// Files of JSON lines that grow by whole groups.
@Suite("Files that grow by groups")
struct GroupedLinesTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func open(_ name: String, names: [String] = ["a", "b", "c"], size: Int = 2) throws -> GroupedLines<String> {
    try GroupedLines(
      folder.path(name), names: names, size: size, words: .init(line: "answer", group: "question"),
      read: { value in
        let group = try #require(value["group"]?.string)
        return (group, try #require(value["text"]?.string))
      }, write: { ["group": .string(String($0.prefix(1))), "text": .string($0)] })
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path(name), encoding: .utf8)
  }

  @Test("what was added is there when it is opened again, in any order, and can be put into order")
  func growing() throws {
    let file = try open("x")
    #expect(file.groups.isEmpty)
    try file.append([("c", ["c1", "c\u{2028}2"])])
    try file.append([("a", ["a1", "a2"])])
    let again = try open("x")
    #expect(again.groups == ["a": ["a1", "a2"], "c": ["c1", "c\u{2028}2"]])
    #expect(try text("x").hasPrefix("{\"group\": \"c\""))
    try again.writeInOrder()
    #expect(try text("x").hasPrefix("{\"group\": \"a\"") && open("x").groups == again.groups)
  }

  @Test("cut anywhere, it keeps the groups that are whole and goes on")
  func cut() throws {
    let file = try open("whole")
    try file.append([("a", ["a1", "a2"]), ("b", ["b1", "b2"])])
    let bytes = Array(try text("whole").utf8)
    let first = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).prefix(2)
      .reduce(0) { $0 + $1.count + 1 }
    for count in 0...bytes.count {
      try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: folder.path("cut")))
      let opened = try open("cut")
      // A line is whole without the end of the line too.
      let whole = count >= bytes.count - 1 ? 2 : count >= first - 1 ? 1 : 0
      #expect(opened.groups.count == whole, "\(count) of \(bytes.count) bytes")
      try opened.append([("c", ["c1", "c2"])])
      #expect(try open("cut").groups.count == whole + 1, "\(count) of \(bytes.count) bytes")
    }
  }

  @Test("what was drawn by other settings or for others is refused by its line, and stays as it is")
  func refused() throws {
    try open("two").append([("a", ["a1", "a2"]), ("b", ["b1", "b2"])])
    let before = try text("two")
    for (names, size, words) in [
      (["a", "b"], 3, "2 answers of 'a' and 3 are to be drawn"), (["a", "b"], 1, "2 answers of"),
      (["a", "bb"], 2, "two:3: there is no question 'b'; the nearest one is"),
    ] {
      let error = #expect(throws: DataError.self) { try open("two", names: names, size: size) }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      #expect(try text("two") == before)
    }
    _ = try folder.write("odd", "{\"group\":\"a\",\"text\":\"a1\"}\nnonsense\n{\"group\":\"a\",\"text\":\"a2\"}\n")
    let error = #expect(throws: DataError.self) { try open("odd") }
    #expect(error?.description.contains("line 2") == true || error?.description.contains(":2") == true)
  }
}
