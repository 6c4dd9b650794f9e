import Documents
import Feedback
import Foundation
import Testing

@Suite struct FeedbackReaderTests {
  private func read(
    _ text: String, name: String = "data.jsonl", options: FeedbackReader.Options = .init()
  ) throws -> [FeedbackItem] {
    let folder = try Folder()
    return try FeedbackReader(paths: [try folder.write(name, text)], options: options).readAll()
  }

  private func comparison(_ text: String) throws -> Comparison {
    let items = try read(text)
    guard case .comparison(let item) = try #require(items.first), items.count == 1 else {
      throw DataError(.badData, path: "", problem: "not one comparison")
    }
    return item
  }

  @Test func readsTRLsShapes() throws {
    let items = try read(
      #"""
      {"prompt":"p ","completion":"c"}
      {"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}
      {"prompt":"p","chosen":"good","rejected":"bad"}
      {"prompt":"p","completions":["x","y","z"],"ranking":[2,1,2]}
      {"prompt":"p","completion":"c","label":true}
      {"prompt":[{"role":"user","content":"u"}],"chosen":[{"role":"assistant","content":"g"}],"rejected":[{"role":"assistant","content":"b"}]}
      {"chosen":[{"role":"user","content":"u"},{"role":"assistant","content":"g"}],"rejected":[{"role":"user","content":"u"},{"role":"assistant","content":"b"}]}
      {"prompt":"p","chosen":"s","rejected":"t","label":0.5}
      """#, options: .init(labeller: "team", batch: "b7"))
    #expect(
      items.map(\.kind) == [
        .demonstration, .demonstration, .comparison, .ranking, .rating, .comparison, .comparison,
        .comparison,
      ])
    #expect(items[0].prompt == "p " && items[0].responses == ["c"])
    let user = Prompt.conversation([.init(role: "user", content: "u")])
    #expect(items[1].prompt == user && items[1].responses == ["a"])
    guard case .comparison(let pair) = items[2], case .ranking(let ranking) = items[3],
      case .rating(let rating) = items[4], case .comparison(let turns) = items[5],
      case .comparison(let implicit) = items[6], case .comparison(let tie) = items[7]
    else { throw DataError(.badData, path: "", problem: "other kinds of items than \(items.map(\.kind))") }
    #expect(pair.first.text == "good" && pair.preferred == .first)
    #expect(ranking.ranks == [2, 1, 2] && ranking.responses.map(\.text) == ["x", "y", "z"])
    #expect(rating.isDesirable == true && rating.axis == "desirable")
    #expect(turns.prompt == user && turns.first.text == "g" && turns.second.text == "b")
    #expect(implicit.prompt == user && implicit.first.text == "g")
    #expect(tie.isTie)
    #expect(items.allSatisfy { $0.provenance.labeller == "team" && $0.provenance.batch == "b7" })
  }

  @Test("a prompt as text with whole conversations, and conversations that part before their last turn")
  func wholeConversations() throws {
    let user = #"{"role":"user","content":"Why?"}"#
    func says(_ text: String) -> String { #"{"role":"assistant","content":"\#(text)"}"# }
    let ultra = try comparison(
      #"{"prompt":"Why? ","chosen":[\#(user),\#(says("a"))],"rejected":[\#(user),\#(says("b"))],"score_chosen":8}"#)
    #expect(ultra.prompt == .conversation([.init(role: "user", content: "Why?")]))
    #expect(ultra.first == "a" && ultra.second == "b")
    let early = try comparison(
      #"{"chosen":[\#(user),\#(says("a")),\#(user),\#(says("b"))],"rejected":[\#(user),\#(says("c"))]}"#)
    #expect(early.prompt == .conversation([.init(role: "user", content: "Why?")]))
    #expect(early.first.turns.map(\.content) == ["a", "Why?", "b"] && early.second == "c")
    let given = try comparison(
      #"{"prompt":[\#(user)],"chosen":[\#(user),\#(says("a"))],"rejected":[\#(user),\#(says("b"))]}"#)
    #expect(given.prompt == ultra.prompt && given.first == "a")
    let text = try comparison(#"{"chosen":"The sky is blue.","rejected":"The sky is black."}"#)
    #expect(text.prompt == "The sky is" && text.first == " blue." && text.second == " black.")
  }

  @Test(
    "a label is the probability that 'chosen' is better, however it is written",
    arguments: [
      ("0", 0.0), ("0.5", 0.5), ("1", 1), ("0.8", 0.8), ("true", 1), ("false", 0), (#""True""#, 1), (#""0""#, 0),
      (#""0.5""#, 0.5),
      ("null", 1), (#""""#, 1),
    ])
  func labels(written: String, probability: Double) throws {
    let item = try comparison(#"{"prompt":"p","chosen":"c","rejected":"r","ranking":null,"label":\#(written)}"#)
    #expect(item.label == probability && item.isTie == (probability == 0.5))
    #expect(item.preferred == (probability == 0.5 ? nil : probability > 0.5 ? .first : .second))
    // Out of a store and in again it is the same judgement.
    let folder = try Folder()
    try FeedbackWriter(shape: .preferences, ties: .softLabel).write([.comparison(item)], to: folder.path("out.jsonl"))
    guard case .comparison(let again)? = try FeedbackReader(paths: [folder.path("out.jsonl")]).readAll().first else {
      throw DataError(.badData, path: "", problem: "no comparison")
    }
    let isTurned = again.first == "r"
    #expect(abs((isTurned ? 1 - again.label : again.label) - probability) < 1e-12)
  }

  @Test("a table's cells are texts: labels of completions and of answers are read all the same")
  func cells() throws {
    let rated = try read("prompt,completion,label\np,c,True\np,d,0\n", name: "kto.csv")
    let values = rated.map { item -> Double? in if case .rating(let item) = item { item.value } else { nil } }
    #expect(values == [1, 0])
    let web = try read("question,answer_0,answer_1,score_0\nq,a,b,-0.5\n", name: "web.csv")
    guard case .comparison(let item)? = web.first else { throw DataError(.badData, path: "", problem: "no comparison") }
    #expect(item.preferred == .second && item.strength == 0.5)
  }

  @Test("Alpaca's inputs follow their instructions, UltraFeedback's scores are ranks")
  func instructions() throws {
    let items = try read(
      #"""
      {"instruction":"Say hi","input":"to Bob","output":"Hi Bob"}
      {"instruction":"Say hi","input":"","output":"Hi"}
      {"source":"x","instruction":"Q","models":["a","b","c"],"completions":[{"model":"a","response":"A","overall_score":7.5,"annotations":{}},{"model":"b","response":"B","overall_score":8},{"model":"c","response":"C","overall_score":"7.5"}]}
      """#)
    #expect(items[0].prompt == "Say hi\n\nto Bob" && items[0].responses == ["Hi Bob"] && items[1].prompt == "Say hi")
    guard case .ranking(let order) = items[2] else { throw DataError(.badData, path: "", problem: "no ranking") }
    #expect(order.ranks == [2, 1, 2] && order.responses.map(\.policy?.name) == ["a", "b", "c"])
    #expect(throws: DataError.self) {
      try read(#"{"instruction":"Q","completions":[{"response":"A"},{"response":"B","overall_score":1}]}"#)
    }
  }

  @Test("tools and calls go through a store and come out")
  func tools() throws {
    let line =
      #"{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}],"tools":[{"type":"function"}]}"#
    let items = try read(line)
    let folder = try Folder()
    let store = try FeedbackStore(path: folder.path("f.sqlite"))
    _ = try store.add(items)
    _ = try store.export(to: folder.path("out.jsonl"), as: .demonstrations)
    let written = try JSONValue(contentsOf: folder.path("out.jsonl"))
    #expect(written == (try JSONValue(parsing: Array(line.utf8))))
  }

  @Test func readsSummarizationComparisons() throws {
    let item = try comparison(
      #"""
      {"info":{"id":"t3_1","post":"Long.","title":"T","subreddit":"advice"},"summaries":[{"text":" one","policy":"sup4_ppo_rm3_kl10","note":"n"},{"text":" two","policy":"ref","note":null}],"choice":1,"worker":"w1","batch":"batch9","split":"train","extra":{"confidence":8}}
      """#)
    #expect(item.prompt == "SUBREDDIT: r/advice\n\nTITLE: T\n\nPOST: Long.\n\nTL;DR:")
    #expect(item.first == Response(" one", policy: PolicyVersion("sup4_ppo_rm3_kl10")))
    #expect(item.second.text == " two" && item.preferred == .second && item.confidence == 8)
    #expect(item.shownFirst == nil && item.strength == nil)
    #expect(item.provenance == Provenance(labeller: "w1", batch: "batch9", split: "train"))
  }

  @Test func readsAxisEvaluations() throws {
    let items = try read(
      #"""
      {"info":{"id":"1","site":"s","title":"T","article":"News."},"split":"test","summary":{"text":"S","policy":"ref","note":"","axes":{"overall":3,"accuracy":5,"coverage":null,"compatible":true}},"worker":"w","batch":"cnndm1"}
      """#, name: "cnndm1.json")
    #expect(items.count == 2)
    guard case .rating(let first) = items[0], case .rating(let second) = items[1] else {
      throw DataError(.badData, path: "", problem: "no ratings but \(items.map(\.kind))")
    }
    #expect(first.axis == "accuracy" && first.value == 5 && first.isDesirable == true)
    #expect(second.axis == "overall" && second.value == 3 && second.isDesirable == false)
    #expect(first.prompt == "Article:\nNews.\n\nTL;DR:\n")
    #expect(first.id != second.id)
  }

  @Test func readsWebGPTComparisons() throws {
    let question = #""question":{"dataset":"eli5","id":"x","full_text":"Why?"}"#
    func record(_ a: Double, _ b: Double) -> String {
      "{\(question),\"quotes_0\":{\"title\":[],\"extract\":[]},\"answer_0\":\"A\",\"score_0\":\(a),"
        + "\"answer_1\":\"B\",\"score_1\":\(b)}"
    }
    let first = try comparison(record(0.75, -0.75))
    #expect(first.prompt == "Why?" && first.preferred == .first && first.strength == 0.75)
    #expect(try comparison(record(-0.25, 0.25)).preferred == .second)
    let tie = try comparison(record(0, 0))
    #expect(tie.isTie && tie.strength == nil && tie.label == 0.5)
  }

  @Test func splitsDialoguesAtTheLastSharedTurn() throws {
    let item = try comparison(
      #"""
      {"chosen":"\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant: Because é.","rejected":"\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant: Becausè."}
      """#)
    #expect(item.prompt == "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant:")
    #expect(item.first.text == " Because é." && item.second.text == " Becausè.")
    // The dialogues part earlier: what both share still is the prompt.
    let early = try comparison(
      #"""
      {"chosen":"\n\nHuman: Hi\n\nAssistant: A\n\nHuman: x\n\nAssistant: B","rejected":"\n\nHuman: Hi\n\nAssistant: C"}
      """#)
    #expect(early.prompt == "\n\nHuman: Hi\n\nAssistant:")
    #expect(early.first.text == " A\n\nHuman: x\n\nAssistant: B" && early.second.text == " C")
  }

  @Test(arguments: [
    (#"{"prompt":"p","chosen":"c"}"#, "fields 'prompt', 'chosen'"),
    (#"{"prompt":"p","chosen":1,"rejected":"r"}"#, "'chosen'"),
    (#"{"prompt":"p","completions":["a","b"],"ranking":[1]}"#, "2 completions and 1 ranks"),
    (#"{"prompt":"p","completions":["a"],"ranking":[1]}"#, "at least two"),
    (#"{"messages":[{"role":"user","content":"u"}]}"#, "last message"),
    (#"{"info":{"post":"p"},"summaries":[{"text":"a"},{"text":"b"}],"choice":2}"#, "'choice'"),
    (#"{"info":{"post":"p"},"summaries":[{"text":"a"}],"choice":0}"#, "'summaries'"),
    (#"{"info":{},"summaries":[{"text":"a"},{"text":"b"}],"choice":0}"#, "'info'"),
    (#"{"question":"q","answer_0":"a","answer_1":"b","score_0":7}"#, "'score_0'"),
    (#"{"chosen":"\n\nAssistant: a","rejected":"b"}"#, "share no beginning"),
    (#"{"prompt":"p","completion":"c","label":"maybe"}"#, "'label'"),
    (#"{"kind":"rating","id":"x","provenance":{}}"#, "'prompt'"),
    (#"{"kind":"gossip","id":"x","provenance":{}}"#, "gossip"),
    (#"{"nothing":1}"#, "'nothing'"),
    (#"{"prompt""#, "column"),
  ])
  func aBadLineIsNamed(line: String, problem: String) throws {
    let folder = try Folder()
    let good = #"{"prompt":"p","chosen":"c","rejected":"r"}"#
    let path = try folder.write("bad.jsonl", "\(good)\n\n\(line)\n\(good)\n")
    let error = #expect(throws: DataError.self) {
      try FeedbackReader(paths: [path]).readAll()
    }
    #expect(error?.line == 3)
    #expect(error?.description.hasPrefix("\(path):3: ") ?? false)
    #expect(error?.description.contains(problem) ?? false, "\(String(describing: error))")
    // Skipped, the lines around it are read and it is counted.
    let reader = try FeedbackReader(
      paths: [path], options: .init(records: .init(skipBadLines: true)))
    #expect(try reader.readAll().count == 2)
    #expect(reader.records.badLineCount == 1)
  }

  @Test func identifiersFollowFromTheContent() throws {
    let line = #"{"prompt":"p","chosen":"c","rejected":"r"}"#
    let other = #"{"prompt":"p","chosen":"r","rejected":"c"}"#
    let once = try read("\(line)\n\(other)\n")
    let twice = try read("\(line)\n\(other)\n\(line)\n")
    #expect(once.map(\.id) == Array(twice.map(\.id).prefix(2)))
    #expect(Set(twice.map(\.id)).count == 3)
  }
}

@Suite struct ImportAndExportTests {
  @Test func importingAgainAddsNothing() throws {
    let folder = try Folder()
    let lines = (0..<50).map { #"{"prompt":"p\#($0)","chosen":"c","rejected":"r"}"# }
    let path = try folder.write("pairs.jsonl", lines.joined(separator: "\n"))
    let store = try FeedbackStore.inMemory()
    let first = try store.importFiles([path])
    #expect(first.records == 50 && first.added == 50 && first.alreadyPresent == 0)
    let second = try store.importFiles([path])
    #expect(second.added == 0 && second.alreadyPresent == 50)
    let longer = try folder.write(
      "pairs.jsonl", (lines + [#"{"prompt":"new","completion":"c"}"#]).joined(separator: "\n"))
    #expect(try store.importFiles([longer]).added == 1)
  }

  @Test func aBadLineUndoesTheImport() throws {
    let folder = try Folder()
    let good = #"{"prompt":"p","chosen":"c","rejected":"r"}"#
    let path = try folder.write("pairs.jsonl", "\(good)\n{\n\(good)\n")
    let store = try FeedbackStore.inMemory()
    let error = #expect(throws: DataError.self) { try store.importFiles([path]) }
    #expect(error?.line == 2)
    #expect(try store.count() == 0)
    let result = try store.importFiles(
      [path], options: .init(records: .init(skipBadLines: true)))
    #expect(result.added == 2 && result.badLines == 1)
    #expect(result.firstBadLines.first?.line == 2)
    let missing = #expect(throws: DataError.self) { try store.importFiles([folder.path("no.csv")]) }
    #expect(missing?.kind == .noInput)
  }

  @Test func theNativeShapeLosesNothing() throws {
    let folder = try Folder()
    let store = try FeedbackStore.inMemory()
    try store.add(Samples.all)
    let report = try store.export(to: folder.path("all.jsonl"), as: .native)
    #expect(report.lines == 5 && report.leftOut.isEmpty && report.tiesDropped == 0)
    let copy = try FeedbackStore.inMemory()
    try copy.importFiles([folder.path("all.jsonl")])
    #expect(try copy.items() == Samples.all)
  }

  private func lines(
    _ items: [FeedbackItem], _ shape: FeedbackWriter.Shape, ties: FeedbackWriter.Ties = .drop
  ) throws -> (lines: [JSONValue], report: FeedbackWriter.Report) {
    let folder = try Folder()
    let path = folder.path("out.jsonl")
    let report = try FeedbackWriter(shape: shape, ties: ties).write(items, to: path)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out.jsonl"])
    return (try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }, report)
  }

  @Test func rankingsAndTiesBecomePairs() throws {
    let items = Samples.all + [Samples.comparison("c2", preferred: nil)]
    let (dropped, report) = try lines(items, .preferences)
    #expect(
      dropped == [
        ["prompt": "Why?", "chosen": "b", "rejected": "a"],
        ["prompt": "Why?", "chosen": "r1", "rejected": "r0"],
        ["prompt": "Why?", "chosen": "r1", "rejected": "r2"],
      ])
    #expect(report.lines == 3 && report.tiesDropped == 2 && report.rankingsAsPairs == 1)
    #expect(report.leftOut == [.demonstration: 1, .critique: 1, .rating: 1])
    #expect(report.description.contains("2 ties left out"))

    let (soft, softReport) = try lines(items, .preferences, ties: .softLabel)
    #expect(soft.count == 5 && softReport.tiesKept == 2 && softReport.tiesDropped == 0)
    #expect(soft.map { $0["label"]?.double } == [1, 1, 0.5, 1, 0.5])
  }

  @Test func demonstrationsKeepConversations() throws {
    let plain = FeedbackItem.demonstration(
      Demonstration(id: "d2", prompt: "p", completion: "c", provenance: Samples.provenance()))
    let (lines, _) = try lines([Samples.demonstration("d1"), plain], .demonstrations)
    #expect(lines[0]["messages"]?.array?.count == 3)
    #expect(lines[0]["messages"]?.array?.last == ["role": "assistant", "content": "Hello 🙂"])
    #expect(lines[1] == ["prompt": "p", "completion": "c"])
  }

  @Test func rankingsHoldComparisonsToo() throws {
    let items = [
      Samples.ranking("r1"), Samples.comparison("c1"), Samples.comparison("c2", preferred: nil),
    ]
    let (lines, report) = try lines(items, .rankings)
    #expect(lines.map { $0["ranking"] } == [[2, 1, 2], [2, 1], [1, 1]])
    #expect(report.tiesKept == 1 && report.leftOut.isEmpty)
  }

  @Test func ratingsBecomeLabels() throws {
    let items = [
      Samples.rating("a", value: 6), Samples.rating("b", value: 2), Samples.rating("c", value: 4),
    ]
    let (lines, report) = try lines(items, .labels)
    #expect(lines.map { $0["label"]?.bool } == [true, false])
    #expect(report.tiesDropped == 1)
  }

  @Test(arguments: [FeedbackWriter.Shape.preferences, .rankings, .demonstrations, .labels])
  func whatIsWrittenIsReadAgain(shape: FeedbackWriter.Shape) throws {
    let folder = try Folder()
    let path = folder.path("out.jsonl")
    try FeedbackWriter(shape: shape, ties: .softLabel).write(Samples.all, to: path)
    let items = try FeedbackReader(paths: [path]).readAll()
    let second = folder.path("again.jsonl")
    try FeedbackWriter(shape: shape, ties: .softLabel).write(items, to: second)
    #expect(!items.isEmpty)
    #expect(
      try String(contentsOfFile: path, encoding: .utf8)
        == String(contentsOfFile: second, encoding: .utf8))
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    let error = #expect(throws: DataError.self) {
      try FeedbackWriter(shape: .native).write(Samples.all, to: "/no/such/folder/out.jsonl")
    }
    #expect(error?.path == "/no/such/folder/out.jsonl")
  }
}
