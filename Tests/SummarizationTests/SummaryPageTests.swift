import Documents
import Foundation
import Pages
import Summarization
import TestSupport
import Testing

/// `summary.html` in a browser.
@Suite("The summary's page", .enabled(if: Browser.program != nil), .serialized)
struct SummaryPageTests {
  @Test("from a sentence of the whole down to the words it came from; edits and ratings come out as files")
  func aPersonLooksIntoASummary() async throws {
    let folder = try TemporaryFolder()
    let book = BookSummarizerTests.book(chapters: 3, paragraphs: 4)
    var settings = SummarySettings()
    (settings.leafTokens, settings.nodeTokens, settings.leafCap, settings.cap) = (45, 120, 30, 40)
    let tree = try BookSummarizer(
      StubModel(StubModel.people), count: BookSummarizerTests.words, context: 2000, settings: settings
    ).summarize(book, source: "doors.txt")
    try SummaryFolder(folder.path).write(tree, book)
    let page = try await Browser().page()
    try await page.open("file://\(folder.path("summary.html"))")
    #expect(try await page.run("document.querySelectorAll('#tree rect').length").int == tree.nodes.count)
    #expect(try await page.text("#name").contains("the whole"))
    // Down: sentence, source, sentence, source, until the passage is reached.
    for _ in 0..<tree.height {
      try await page.click(".sentence")
      try await page.click(".source button")
    }
    #expect(try await page.text("#name").hasPrefix("passage h0-0"))
    #expect(try await page.text("#passage mark") == "Person1x1 opened door1x1.")
    try await page.run("document.getElementById('editing').open = true")
    try await page.fill("#edit", "Nobody opened <b>any</b> door.")
    try await page.click("#keep")
    #expect(try await page.text("#text").contains("Nobody opened <b>any</b> door."))
    try await page.run(
      "(() => { const r = document.getElementById('rating'); r.value = '6'; r.dispatchEvent(new Event('change')); })()")
    let edits = try JSONValue(parsing: Array((try await page.run("editsFile()").string ?? "").utf8))
    #expect(
      edits["edits"]?[0]?["id"]?.string == "h0-0"
        && edits["edits"]?[0]?["text"]?.string == "Nobody opened <b>any</b> door.")
    let lines = (try await page.run("feedbackLines()").string ?? "").split(separator: "\n")
    let records = try lines.map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(
      records.count == 2 && records[0]["completion"]?.string == " Nobody opened <b>any</b> door."
        && records[1]["label"]?.bool == true)
    #expect(try await page.run("document.querySelectorAll('#tree rect.edited').length").int == 1)
    try await page.click("#top")
    #expect(try await page.text("#name").contains("the whole"))
  }
}
