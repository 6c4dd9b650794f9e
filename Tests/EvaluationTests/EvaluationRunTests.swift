import Documents
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite("Evaluations that are stopped, compared and read")
struct EvaluationRunTests {
  @Test("a stopped evaluation goes on with what it knows, to the same results")
  func resume() throws {
    let folder = try TemporaryFolder()
    let model = try HarnessFixture.model(limits: .init(passTokens: 64, batch: 4))
    let evaluation = try HarnessFixture.evaluation(["cloze", "sums"], EvaluationOptions(limit: .count(6)))
    let whole = try HarnessFixture.finished(evaluation.run(model))
    let path = folder.path("answers.jsonl")
    let first = try evaluation.run(model, journal: ResponseJournal(path: path, identity: "a")) { done, _, _ in done < 5
    }
    guard case .stopped(let answered, let total) = first else {
      Issue.record("it wasn't stopped")
      return
    }
    #expect(answered == 5 && total == 12)
    // A crash in the middle of a line loses that line only.
    try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(9).write(to: URL(fileURLWithPath: path))
    let journal = try ResponseJournal(path: path, identity: "a")
    #expect(journal.count == 4)
    var asked: [Int] = []
    let rest = try HarnessFixture.finished(
      evaluation.run(model, journal: journal) { done, _, _ in
        asked.append(done)
        return true
      })
    #expect(asked == Array(5...12))
    #expect(rest.table() == whole.table())
    // What is finished is taken out, what another evaluation asked stays.
    try journal.remove(Array(evaluation.requests.dropFirst(2)))
    #expect(try ResponseJournal(path: path, identity: "a").count == 2)
    try ResponseJournal(path: path, identity: "a").remove(evaluation.requests)
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try ResponseJournal(path: path, identity: "another model").count == 0)
  }

  @Test("several numbers of examples side by side: each one's own results, in a table, a document and plots")
  func shots() throws {
    let model = try HarnessFixture.model()
    let results = try [0, 2, 3].map { shots in
      try HarnessFixture.finished(
        HarnessFixture.evaluation(["cloze", "sums"], EvaluationOptions(shots: shots, limit: .count(6))).run(model))
    }
    let curves = ShotCurves(results)
    let document = JSONValue.object(curves.document())
    let runs = try #require(document["runs"]?.array)
    #expect(runs.map { $0["n-shot"]?["sums"] } == [0, 2, 3])
    for curve in try #require(document["curves"]?.array) {
      let points = try #require(curve["points"]?.array)
      let key = "\(curve["metric"]?.string ?? ""),\(curve["filter"]?.string ?? "")"
      for point in points {
        let run = try #require(
          runs.first { $0["n-shot"]?["sums"] == point["shots"] || $0["n-shot"]?["cloze"] == point["shots"] })
        let own = run["results"]?.object?.members.first { $0.value["alias"] == curve["task"] }?.value
        #expect(own?[key]?.double == point["value"]?.double, "\(key) \(point)")
      }
    }
    let lines = curves.table().split(separator: "\n")
    #expect(
      lines[0] == "|Tasks|Filter|Metric|0-shot|2-shot|3-shot|"
        && lines.count == 2 + (document["curves"]?.array?.count ?? 0))
    let html = curves.report().html()
    #expect(html.contains("<svg") && html.contains("exact_match"))
  }

  @Test("two models are compared document by document, with the interval and the test of pairs")
  func comparison() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String, _ marks: [Int], hash: String = "h") throws -> String {
      try folder.write("\(name)/results_2026-01-01.json", #"{"model_name": "\#(name)"}"#)
      let lines = marks.enumerated().map {
        #"{"doc_id": \#($0.offset), "filter": "none", "metrics": ["acc", "f1"], "acc": \#($0.element), "f1": 0.\#($0.element + 1), "doc_hash": "\#(hash)"}"#
      }
      try folder.write("\(name)/samples_task_2026-01-01.jsonl", lines.joined(separator: "\n"))
      return folder.path(name)
    }
    let a = try write("a", [1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    let b = try write("b", [1, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    let comparison = try EvaluationComparison(folders: [a, b])
    let row = try #require(comparison.rows.first { $0.metric == "acc,none" })
    #expect(row.values.first == 0.2 && row.values.second == 0.9)
    #expect(abs(row.difference.value - 0.7) < 1e-12 && row.difference.low > 0)
    // Seven discordant pairs, all one way: 2 / 2⁷.
    #expect(abs(row.pValue - 0.015625) < 1e-12)
    let f1 = try #require(comparison.rows.first { $0.metric == "f1,none" })
    #expect(abs(f1.pValue - 0.015625) < 1e-12)
    let other = try write("c", [1, 1], hash: "other")
    let error = #expect(throws: DataError.self) { try EvaluationComparison(folders: [a, other]) }
    #expect(error?.description.contains("0 documents are the same") == true)
  }

  @Test("the page shows every prompt, answer and mark, and no markup of theirs")
  func page() throws {
    let model = try HarnessFixture.model()
    let evaluation = try HarnessFixture.evaluation(["colours", "sums"], EvaluationOptions(limit: .count(3)))
    let results = try HarnessFixture.finished(evaluation.run(model))
    let html = results.report().html()
    for request in evaluation.requests {
      if case .generation(let context, _, _) = request { #expect(html.contains(context)) }
      if case .logLikelihood(_, let continuation) = request { #expect(html.contains(continuation)) }
    }
    #expect(html.contains("expected calibration error"))
    #expect(html.components(separatedBy: "document 2").count - 1 == 3)
    let document = JSONValue.object(results.document())
    #expect(document["config"]?["adds_bos"] == true)
    #expect(document["tokenization"]?["colours"]?.string?.contains("\"<s>\"=0") == true)
  }
}

@Suite("GPT-3's generated tasks")
struct GeneratedTaskTests {
  private func items(_ name: String, count: Int = 200, seed: UInt64 = 3) throws -> [GeneratedTask.Item] {
    let kind = try #require(GeneratedTask.kinds.first { $0.name == name }?.kind)
    return GeneratedTask(kind).items(count: count, seed: seed)
  }

  @Test("sums are right, differ, and are the same for the same seed")
  func arithmetic() throws {
    for (name, sign) in [
      ("six_digit_addition", "plus"), ("three_digit_subtraction", "minus"), ("two_digit_multiplication", "times"),
    ] {
      let items = try items(name)
      #expect(Set(items.map(\.context)).count == 200)
      for item in items {
        let numbers = item.context.split { !$0.isNumber }.compactMap { Int($0) }
        let value =
          sign == "plus" ? numbers[0] + numbers[1] : sign == "minus" ? numbers[0] - numbers[1] : numbers[0] * numbers[1]
        #expect(
          item == .init(context: "\n\nQ: What is \(numbers[0]) \(sign) \(numbers[1])?\n\nA:", completion: " \(value)"))
      }
      #expect(try items == self.items(name))
      #expect(try items != self.items(name, seed: 4))
    }
    let largest = try items("six_digit_addition").compactMap { Int($0.context.split { !$0.isNumber }[0]) }.max() ?? 0
    #expect(largest > 900_000)
  }

  @Test("a composite of three numbers has the value of its parentheses")
  func composites() throws {
    for item in try items("single_digit_three_ops") {
      let text = item.context.dropFirst("\n\nQ: What is ".count).dropLast("?\n\nA:".count)
      let expression = Composite.value(String(text))
      #expect(item.completion == " \(expression)", "\(text)")
    }
    for item in try items("sum_of_digits") {
      let sum = item.context.compactMap(\.wholeNumberValue).reduce(0, +)
      #expect(item.completion == " \(sum)")
    }
  }

  @Test("scrambles hold the word's letters, and what the kind keeps stays")
  func scrambles() throws {
    for (name, kept) in [
      ("cycle_letters_in_word", 0), ("mid_word_1_anagrams", 1), ("mid_word_2_anagrams", 2), ("reversed_words", 0),
    ] {
      for item in try items(name) {
        let made = item.context.dropFirst().dropLast(2)
        let word = item.completion.dropFirst()
        #expect(made.sorted() == word.sorted() && made != word, "\(item)")
        #expect(made.prefix(kept) == word.prefix(kept) && made.suffix(kept) == word.suffix(kept), "\(item)")
        if name == "reversed_words" { #expect(String(made.reversed()) == word) }
        if name == "cycle_letters_in_word" { #expect("\(word)\(word)".contains(made)) }
      }
    }
    for item in try items("random_insertion_in_word") {
      let letters = item.context.dropFirst().dropLast(2).enumerated()
      #expect(String(letters.filter { $0.offset % 2 == 0 }.map(\.element)) == item.completion.dropFirst())
      #expect(letters.allSatisfy { $0.offset % 2 == 0 || " .,!?/".contains($0.element) })
    }
  }

  @Test("symbols follow the item's own key")
  func symbols() throws {
    for item in try items("symbols") {
      let lines = item.context.split(separator: "\n")
      let key = Dictionary(
        uniqueKeysWithValues: lines[0].components(separatedBy: ", ").map { ($0.first ?? " ", $0.last ?? " ") })
      let word = lines[1].dropLast(2).filter { $0 != " " }
      #expect(word.compactMap { key[$0] } == item.completion.filter { $0 != " " }.map { $0 })
    }
  }
}

/// The value of `(a + b) * c` and `a + (b * c)`, read without the code under test.
private enum Composite {
  static func value(_ text: String) -> Int {
    let parts = text.split(separator: " ").map(String.init)
    func apply(_ a: Int, _ sign: String, _ b: Int) -> Int { sign == "+" ? a + b : sign == "-" ? a - b : a * b }
    let numbers = parts.compactMap { Int($0.filter(\.isNumber)) }
    return text.hasPrefix("(")
      ? apply(apply(numbers[0], parts[1], numbers[1]), parts[3], numbers[2])
      : apply(numbers[0], parts[1], apply(numbers[1], parts[3], numbers[2]))
  }
}

@Suite("Contamination")
struct ContaminationTests {
  private let documents = [
    "The quick brown fox jumps over the lazy dog while seven wizards look on in silence.",
    "Nobody in this town has ever seen a heron carry a blue umbrella across the frozen river.",
    "Too short to tell.",
  ]

  @Test("runs of words are found whatever their case and marks, common phrases are not")
  func runs() {
    var check = ContaminationCheck(.wordRuns, documents: documents)
    #expect(check.runLength == 8 && check.tooShort == 1)
    check.read("He wrote: \"the QUICK brown fox, jumps over the lazy dog!\" and left.")
    check.read("Nobody in this town has ever seen this heron.")
    #expect(check.dirty == [0])
    for _ in 0..<10 { check.read("the quick brown fox jumps over the lazy dog") }
    #expect(check.dirty.isEmpty)
  }

  @Test("substrings are found whatever stands between their letters, short documents as a whole")
  func substrings() {
    var check = ContaminationCheck(.substrings, documents: documents, seed: 2)
    check.read("Nobody... in this town has ever seen a heron carry a BLUE umbrella")
    #expect(check.dirty.isEmpty)
    check.read("x " + documents[1].replacingOccurrences(of: " ", with: "\n") + " y; it was too short: tooshorttotell")
    #expect(check.dirty == [1])
    check.read("Tooshort totell")
    #expect(check.dirty == [1, 2])
  }

  @Test("metrics on clean and dirty documents")
  func subsets() {
    let subset = CleanSubset(metric: "acc", values: (0..<10).map { ($0, $0 < 5 ? 1 : 0) }, dirty: [0, 1, 2])
    #expect(subset.all.value == 0.5 && subset.clean.n == 7 && subset.dirty.n == 3)
    #expect(abs(subset.clean.value - 2.0 / 7) < 1e-12 && subset.dirty.value == 1)
  }
}
