import Browsing
import Foundation
import Pages
import Testing
import TestSupport

struct PageIndexTests {
  private func write(_ text: String, _ name: String, in folder: URL) throws {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  @Test func foldersAreIndexedAndBroughtUpToDate() throws {
    let root = try TemporaryFolder()
    let folder = root.url.appendingPathComponent("site")
    try write("<title>Cats</title><p>They purr loudly; the purring of cats is well known.", "a/cats.html", in: folder)
    try write("<title>Dogs</title><p>They bark, and cats run.", "dogs.htm", in: folder)
    try write("Plain text about trees", "trees.txt", in: folder)
    try write("not a page", "image.png", in: folder)
    try write("They purr, a generator's copy", "_sources/cats.txt", in: folder)
    let path = root.url.appendingPathComponent("pages.index").path
    let index = try PageIndex(path: path, makes: true)
    let indexer = FolderIndexer()
    var last = (0, 0)
    var report = try indexer.update(index, from: [folder.path]) { last = ($0, $1) }
    #expect(report.read == 3)
    #expect(last == (3, 3))
    // The word's forms are found, the title weighs more, and the snippet has the word.
    let results = try index.search("cat", count: 5)
    #expect(results.map(\.title) == ["Cats", "Dogs"])
    #expect(try index.search("purrs", count: 1).first?.snippet.contains("purr") == true)
    #expect(try index.search("cats", count: 1).count == 1)
    let url = try #require(results.first?.url)
    #expect(url.hasSuffix("/site/a/cats.html"))
    #expect(try index.page(url)?.text.hasPrefix("They purr") == true)
    #expect(try index.page("file:///nowhere") == nil)

    report = try indexer.update(index, from: [folder.path])
    #expect(report.read == 0)
    #expect(report.unchanged == 3)
    try write("<title>Wolves</title><p>They howl at night.", "dogs.htm", in: folder)
    try FileManager.default.removeItem(at: folder.appendingPathComponent("trees.txt"))
    report = try indexer.update(index, from: [folder.path])
    #expect((report.read, report.unchanged, report.removed) == (1, 1, 1))
    #expect(try index.search("bark", count: 5).isEmpty)
    #expect(try index.search("howling", count: 5).map(\.title) == ["Wolves"])
    #expect(try index.search("trees", count: 5).isEmpty)
    #expect(try PageIndex(path: path).count == 2)
  }

  @Test func queriesInTheSyntaxOfFTSAreWords() throws {
    let root = try TemporaryFolder()
    let folder = root.url.appendingPathComponent("site")
    try write("<title>NEAR</title><p>body AND soul, json.dumps(obj)", "a.html", in: folder)
    let index = try PageIndex(path: root.url.appendingPathComponent("i").path, makes: true)
    _ = try FolderIndexer().update(index, from: [folder.path])
    for query in [
      "title:body AND", "\"", "NEAR(", "a* OR ^b", "(", "-soul", "json.dumps()", "'; DROP TABLE pages; --", "*",
    ] {
      _ = try index.search(query, count: 3)
    }
    #expect(try index.search("json.dumps", count: 3).count == 1)
    #expect(try index.search("\"unclosed soul", count: 3).count == 1)
    #expect(try index.search(String(repeating: "soul ", count: 10_000), count: 3).count == 1)
    #expect(try index.search("?? --", count: 3).isEmpty)
    #expect(try index.search("what is the", count: 3).isEmpty)
  }

  @Test func whatIsNoIndexIsRefused() throws {
    let root = try TemporaryFolder()
    let text = root.url.appendingPathComponent("notes.txt")
    try Data(
      "some notes that are no database at all, longer than a header of SQLite is, which has a hundred bytes".utf8
    )
    .write(to: text)
    #expect(throws: BrowsingError.self) { try PageIndex(path: text.path) }
    #expect(throws: BrowsingError.self) { try PageIndex(path: text.path, makes: true) }
    #expect(throws: BrowsingError.self) { try PageIndex(path: root.url.path) }
    let missing = #expect(throws: BrowsingError.self) { try PageIndex(path: root.url.path + "/none") }
    #expect(missing?.description.contains("there is no such index") == true)
    let index = try PageIndex(path: root.url.path + "/new", makes: true)
    #expect(throws: BrowsingError.self) { try FolderIndexer().update(index, from: [root.url.path + "/none"]) }
  }
}
