import Console
import Foundation
import TestSupport
import Testing

/// Lines that are typed, and those that were typed at other times.
@Suite struct LineTests {
  private func typed(_ keys: String, into editor: inout LineEditor) -> LineEditor.Outcome {
    keys.utf8.reduce(.editing) { _, byte in editor.take(byte) }
  }

  @Test("the lines of other times come back with the up arrow, newest first")
  func earlier() {
    var editor = LineEditor(history: ["one", "two"])
    #expect(typed("\u{1B}[A\u{1B}[A\r", into: &editor) == .line("one"))
    #expect(typed("\u{1B}[A\u{1B}[A\r", into: &editor) == .line("two"))
    #expect(editor.history == ["one", "two", "one", "two"])
    let many = LineEditor(history: (0..<5000).map(String.init))
    #expect(many.history.count == LineEditor.mostHistory && many.history.last == "4999")
  }

  @Test("lines are kept in a file that only its owner can read, line ends and all, by several programs at once")
  func file() throws {
    let folder = try TemporaryFolder()
    let history = LineHistory(path: folder.path("state/chat-history"), most: 10)
    #expect(history.lines().isEmpty)
    let other = LineHistory(path: folder.path("state/chat-history"), most: 10)
    history.append("first")
    other.append("pasted\nover \"two\" lines\t漢")
    history.append("third")
    #expect(history.lines() == ["first", "pasted\nover \"two\" lines\t漢", "third"])
    let mode = try FileManager.default.attributesOfItem(atPath: history.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    for i in 0..<30 { history.append("line \(i)") }
    #expect(history.lines() == (20..<30).map { "line \($0)" })
    // What was dropped is gone from the file, too, and a broken line is passed over.
    #expect(try String(contentsOfFile: history.path, encoding: .utf8).split(separator: "\n").count == 10)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: history.path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("\"half\n\u{FF}\n".utf8))
    try handle.close()
    #expect(history.lines().count == 10)
    #expect(try FileManager.default.attributesOfItem(atPath: history.path)[.posixPermissions] as? Int == 0o600)
  }

  @Test("the file's usual place follows the environment, and can be none")
  func place() {
    func path(_ environment: [String: String]) -> String? {
      LineHistory.usual(of: "chat", environment: environment)?.path
    }
    #expect(path(["HOME": "/h"]) == "/h/.local/state/apprentice/chat-history")
    #expect(path(["HOME": "/h", "XDG_STATE_HOME": "/s"]) == "/s/apprentice/chat-history")
    #expect(path(["HOME": "/h", "APPRENTICE_HISTORY": "/x"]) == "/x/chat-history")
    #expect(path(["HOME": "/h", "APPRENTICE_HISTORY": ""]) == nil)
    #expect(path([:]) == nil)
  }

  @Test("a table keeps its columns")
  func table() {
    var table = Table([("name", .left), ("n", .right)])
    table.add(["a", "10"])
    table.add(["longer", "2"])
    #expect(table.text == "name     n\na       10\nlonger   2")
  }
}
