import Documents
import Foundation
import Pages
import Summarization
import TestSupport
import Testing

/// The tree, what it costs, and what is asked again when something changed.
@Suite("Book summaries")
struct BookSummarizerTests {
  /// A book of chapters whose every paragraph begins with a sentence of its own.
  static func book(chapters: Int, paragraphs: Int) -> Book {
    Book(
      plainText: (1...chapters).map { chapter in
        "Chapter \(chapter)\n\n"
          + (1...paragraphs).map { paragraph in
            "Person\(chapter)x\(paragraph) opened door\(chapter)x\(paragraph). "
              + (1...4).map {
                "Then nothing else happened at hour\(chapter)x\(paragraph)x\($0), and everybody there waited. "
              }.joined()
          }.joined(separator: "\n\n")
      }.joined(separator: "\n\n"), name: "doors")
  }

  static func words(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  private var settings: SummarySettings {
    var made = SummarySettings()
    (made.leafTokens, made.nodeTokens, made.leafCap, made.cap) = (45, 120, 30, 40)
    return made
  }

  private func open(_ model: StubModel, _ folder: String? = nil, _ settings: SummarySettings? = nil) throws
    -> BookSummarizer
  {
    try BookSummarizer(model, count: Self.words, context: 2000, settings: settings ?? self.settings, folder: folder)
  }

  @Test("every node is there once, covers what its children cover, and the plan's calls are those that are made")
  func whole() throws {
    let book = Self.book(chapters: 4, paragraphs: 5)
    let model = StubModel(StubModel.people)
    let summarizer = try open(model)
    let plan = try summarizer.plan(book)
    let tree = try summarizer.summarize(book, source: "doors.txt")
    #expect(plan.passages.count == 20 && plan.calls == model.asked.count && tree.nodes.count == plan.shape.places.count)
    #expect(
      tree.nodes.count { $0.id == tree.root } == 1 && tree.node(tree.root)?.start == plan.passages[0].range.lowerBound)
    var covered: [String: Range<Int>] = [:]
    for node in tree.nodes {
      covered[node.id] = node.start..<node.end
      guard let first = node.children.first, let last = node.children.last else { continue }
      #expect(covered[first]?.lowerBound == node.start)
      #expect(covered[last]?.upperBound == node.end)
    }
    let isChild = tree.nodes.flatMap(\.children)
    #expect(Set(isChild).count == isChild.count && isChild.count == tree.nodes.count - 1)
  }

  @Test("a sentence leads down to the words of the book that it came from")
  func provenance() throws {
    let book = Self.book(chapters: 3, paragraphs: 4)
    let tree = try open(StubModel(StubModel.people)).summarize(book, source: "doors.txt")
    let nodes = Dictionary(uniqueKeysWithValues: tree.nodes.map { ($0.id, $0) })
    var followed = 0
    for node in tree.nodes {
      for sentence in node.sentences {
        var (current, place) = (node, sentence)
        while let source = place.sources.first, let number = source.sentence, let child = nodes[source.node] {
          (current, place) = (child, child.sentences[number])
        }
        let end = try #require(place.sources.first)
        #expect(end.node == current.id && current.height == 0)
        #expect(book[end.start..<end.end] == sentence.text)
        followed += 1
      }
    }
    #expect(followed > 20)
  }

  @Test("siblings see what came before them, and nodes of different parents are asked together")
  func previous() throws {
    let book = Self.book(chapters: 4, paragraphs: 3)
    let model = StubModel(StubModel.people)
    _ = try open(model).summarize(book, source: "doors.txt")
    // Twelve passages in four groups of three: three rounds of four.
    #expect(model.batches.prefix(3) == [4, 4, 4])
    let second = try #require(model.asked.first { StubModel.source($0).hasPrefix("Person2x2 ") })
    #expect(second.contains("only for your orientation:\nPerson2x1 opened door2x1."))
    let first = try #require(model.asked.first { StubModel.source($0).hasPrefix("Person2x1 ") })
    #expect(!first.contains("orientation") && !first.contains("Person1x3"))
    var alone = settings
    alone.previousContext = 0
    let other = StubModel(StubModel.people)
    _ = try open(other, nil, alone).summarize(book, source: "doors.txt")
    #expect(other.batches[0] == 12 && !other.asked.contains { $0.contains("orientation") })
  }

  @Test("work that failed half-way goes on to the same tree, and asks nothing twice")
  func resumed() throws {
    let folder = try TemporaryFolder()
    let book = Self.book(chapters: 4, paragraphs: 5)
    let whole = try open(StubModel(StubModel.people)).summarize(book, source: "doors.txt")
    let failing = StubModel(StubModel.people)
    failing.failsAfter = 7
    #expect(throws: StubModel.Failure.self) {
      try open(failing, folder.url.path).summarize(book, source: "doors.txt")
    }
    let rest = StubModel(StubModel.people)
    let summarizer = try open(rest, folder.url.path)
    #expect(summarizer.known == 7)
    var done: [Int] = []
    let tree = try summarizer.summarize(book, source: "doors.txt") { count, _ in
      done.append(count)
      return true
    }
    #expect(tree == whole && failing.asked.count + rest.asked.count == whole.nodes.count)
    #expect(Set(failing.asked).isDisjoint(with: rest.asked) && done.last == whole.nodes.count)
  }

  @Test("after an edit only what depends on it is asked again, and it stays")
  func edited() throws {
    let folder = try TemporaryFolder()
    let book = Self.book(chapters: 4, paragraphs: 5)
    let before = try open(StubModel(StubModel.people), folder.url.path).summarize(
      book, source: "doors.txt")
    let files = try SummaryFolder(folder.path("out"))
    try #"{"edits": [{"id": "h0-19", "text": "The last door stayed shut."}], "ratings": []}"#
      .write(toFile: folder.path("edits.json"), atomically: true, encoding: .utf8)
    let edits = try files.add(folder.path("edits.json"))
    let model = StubModel(StubModel.people)
    let after = try open(model, folder.url.path).summarize(book, source: "doors.txt", edits: edits)
    // The last passage has no sibling after it: its line of ancestors is all.
    let depth = before.height
    #expect(model.asked.count == depth && after.node("h0-19")?.edited == true)
    #expect(after.node("h0-19")?.text == "The last door stayed shut." && after.node("h0-18") == before.node("h0-18"))
    #expect(after.nodes.count { $0 != before.node($0.id) } == depth + 1)
    #expect(try SummaryFolder(folder.path("out")).edits() == ["h0-19": "The last door stayed shut."])
    #expect(throws: SummaryError.self) {
      try open(model).summarize(book, source: "doors.txt", edits: ["h9-0": "x"])
    }
    try #"{"edits": [{"id": "h0-19", "text": ""}]}"#.write(
      toFile: folder.path("edits.json"), atomically: true, encoding: .utf8)
    #expect(try files.add(folder.path("edits.json")).isEmpty)
  }

  @Test("silence, repetition and summaries that are too long are told")
  func caveats() throws {
    let book = Self.book(chapters: 1, paragraphs: 3)
    let silent = try open(StubModel { _ in " \n" }).summarize(book, source: "x")
    #expect(
      silent.nodes.allSatisfy { $0.caveats.contains { $0.hasPrefix("the model wrote nothing") } && !$0.text.isEmpty })
    let loud = try open(StubModel { StubModel.source($0) + " And more was said." }).summarize(book, source: "x")
    #expect(
      loud.nodes.filter { $0.height == 0 }.allSatisfy {
        $0.caveats.contains("the summary is no shorter than what it summarises")
      })
    let stuck = try open(StubModel { _ in "It rained. It rained. He left. It rained." }).summarize(
      book, source: "x")
    #expect(
      stuck.nodes.allSatisfy {
        $0.text == "It rained. He left." && $0.caveats.contains("2 repeated sentences were left out")
      })
  }

  @Test("a model's frame around its summary comes off, an unfinished sentence too")
  func cleaned() throws {
    let book = Self.book(chapters: 1, paragraphs: 1)
    let tree = try open(
      StubModel { _ in "<think>Hm.</think>\n\"\"\"\nHere is the summary: She went. He stayed.\n\"\"\"" }
    )
    .summarize(book, source: "x")
    #expect(tree.summary == "She went. He stayed.")
    let long = (1...40).map { "Word\($0)" }.joined(separator: " ")
    #expect(try open(StubModel { _ in "She went. \(long)" }).summarize(book, source: "x").summary == "She went.")
  }

  @Test("a small context makes passages smaller, and one that holds nothing is refused")
  func smallContext() throws {
    let book = Self.book(chapters: 2, paragraphs: 20)
    let model = StubModel(StubModel.people)
    let small = try BookSummarizer(model, count: Self.words, context: 330)
    let plan = try small.plan(book)
    #expect(plan.settings.leafTokens < 250 && plan.remarks.contains { $0.contains("is small") })
    let tree = try small.summarize(book, source: "x")
    #expect(!tree.summary.isEmpty)
    for (request, node) in zip(model.asked, tree.nodes) { #expect(Self.words(request) + 40 <= 330, "\(node.id)") }
    let none = try BookSummarizer(model, count: Self.words, context: 120)
    #expect(throws: SummaryError.self) { try none.plan(book) }
    let empty = try open(model)
    #expect(throws: SummaryError.self) { try empty.plan(Book(plainText: " \n\n ")) }
  }

  @Test(
    "a book in one line, without chapters or spaces: no passage is much longer than asked for, and none of it is lost")
  func oneLine() throws {
    for text in [
      String(repeating: "He went on and on. ", count: 800), String(repeating: "word ", count: 3000),
      String(repeating: "山", count: 8000),
    ] {
      let book = Book(plainText: text)
      let passages = PassageCutter(tokens: 100) { $0.unicodeScalars.count / 4 }.passages(of: book)
      #expect(passages.count > 10 && passages.allSatisfy { $0.tokens <= 160 })
      let kept = passages.map { book[$0.range].filter { !$0.isWhitespace } }.joined()
      #expect(kept == text.filter { !$0.isWhitespace })
    }
  }

  @Test("files: the tree reads back, its positions lie in text.txt, and nothing of a book ends the page's script")
  func files() throws {
    let folder = try TemporaryFolder()
    let book = Book(
      plainText:
        "Chapter 1\n\nShe said </script> and {{tree}} & left. \(String(repeating: "It was late then. ", count: 20))\n\nChapter 2\n\nHe stayed. \(String(repeating: "It was early then. ", count: 20))"
    )
    let tree = try open(StubModel(StubModel.firstSentences)).summarize(book, source: "x.txt")
    let paths = try SummaryFolder(folder.path("out")).write(tree, book)
    #expect(
      paths.map { ($0 as NSString).lastPathComponent } == [
        "text.txt", "summary.json", "summary.txt", "summary.md", "summary.html",
      ])
    let document = try JSONValue(contentsOf: folder.path("out/summary.json"))
    #expect(try document.decoded(as: SummaryTree.self) == tree)
    let text = Array(try String(contentsOfFile: folder.path("out/text.txt"), encoding: .utf8).unicodeScalars)
    let leaf = try #require(tree.node("h0-0")?.sentences.first?.sources.first)
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text[leaf.start..<leaf.end])
    #expect(String(view) == "She said </script> and {{tree}} & left.")
    let page = try String(contentsOfFile: folder.path("out/summary.html"), encoding: .utf8)
    #expect(page.components(separatedBy: "</script>").count == 4 && page.contains(#"\u003c/script> and {{tree}}"#))
    let markdown = try String(contentsOfFile: folder.path("out/summary.md"), encoding: .utf8)
    #expect(markdown.contains("## Chapter 1\n") && markdown.contains("## Chapter 2\n"))
  }

  @Test("questions: the passages that say it are shown and quoted")
  func questions() throws {
    let book = Self.book(chapters: 4, paragraphs: 5)
    let model = StubModel { $0.contains("Question:") ? "Person3x4 opened door3x4 [1]." : StubModel.people($0) }
    let summarizer = try open(model)
    let tree = try summarizer.summarize(book, source: "doors.txt")
    let answer = try summarizer.ask(["Who opened door3x4?"], of: book, tree, excerptTokens: 120)[0]
    let quoted = answer.references.flatMap(\.quotes)
    #expect(quoted.map(\.text) == ["Person3x4 opened door3x4."])
    #expect(book[quoted[0].start..<quoted[0].end] == "Person3x4 opened door3x4.")
    #expect(answer.references.contains { $0.cited } && answer.references.contains { $0.chapter == "Chapter 3" })
    let beginning = try summarizer.ask(
      ["Who opened door3x4?"], of: book, tree, reading: .beginning, excerptTokens: 120)[0]
    #expect(beginning.references.allSatisfy { $0.chapter == "Chapter 1" } && !beginning.references.isEmpty)
    #expect(try summarizer.ask(["Who?"], of: book, tree, reading: .nothing)[0].references.isEmpty)
  }
}
