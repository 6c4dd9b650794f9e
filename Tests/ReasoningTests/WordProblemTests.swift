import Alignment
import Documents
import Foundation
import Reasoning
import TestSupport
import Testing

/// Problems of files in the published shapes, and what is refused.
@Suite("Word problems")
struct WordProblemTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ name: String, _ text: String) throws -> [WordProblem] {
    try WordProblem.read(contentsOf: [try folder.write(name, text)])
  }

  @Test("GSM8K's records")
  func gradeSchool() throws {
    let problems = try read(
      "train.jsonl",
      #"""
      {"question": "Natalia sold 48 clips, then half as many. How many?", "answer": "48/2 = <<48/2=24>>24\n48+24 = <<48+24=72>>72\n#### 72"}
      {"question": "How far?", "answer": "Far.\n#### 1,200"}

      """#)
    #expect(problems.map(\.answer) == ["72", "1200"] && problems.map(\.format) == [.gsm8k, .gsm8k])
    #expect(problems.map(\.id) == ["train.jsonl:1", "train.jsonl:2"])
    #expect(problems[0].solution.hasPrefix("48/2 = <<48/2=24>>24\n"))
    let verifier = WordProblem.verifier(of: problems)
    let candidates =
      ["#### 72", "#### 1200", "72"].map { Candidate(task: 0, text: $0) } + [Candidate(task: 1, text: "#### 1,200")]
    #expect(verifier.scores(of: candidates) == [1, 0, 0, 1])
    // The same answers, as a chat model gives them.
    let chat = WordProblem.verifier(of: problems, format: .chat)
    #expect(
      chat.scores(of: [Candidate(task: 1, text: "It is $1,200.00."), Candidate(task: 1, text: "It is 120.")]) == [1, 0])
  }

  @Test("MATH's records, in lines and in files of their own; Saxton's pairs of lines")
  func others() throws {
    let math = try read(
      "math.jsonl",
      #"{"problem": "Half?", "solution": "So $\\boxed{\\frac12}$.", "level": "Level 1", "type": "Algebra", "unique_id": "a/1"}"#
    )
    #expect(math[0].answer == "\\frac{1}{2}" && math[0].id == "a/1" && math[0].isSolved(by: "$\\boxed{\\dfrac{1}{2}}$"))
    try folder.write("test/algebra/1.json", #"{"problem": "One?", "solution": "$\\boxed{1}$"}"#)
    try folder.write("test/algebra/2.json", #"{"problem": "Two?", "solution": "$\\boxed{2}$"}"#)
    #expect(try WordProblem.read(contentsOf: [folder.path("test")]).map(\.answer) == ["1", "2"])
    let saxton = try read("arithmetic.txt", "What is 3 + 4?\n7\nSolve 2*x = 8 for x.\n4\n")
    #expect(
      saxton.map(\.answer) == ["7", "4"] && saxton.map(\.question) == ["What is 3 + 4?", "Solve 2*x = 8 for x."])
    #expect(saxton[0].isSolved(by: "…\n7") && !saxton[0].isSolved(by: "7.0"))
    let bare = try read("bare.jsonl", #"{"question": "3+4?", "answer": 7}"#)
    #expect(bare[0].answer == "7" && bare[0].format == .line)
  }

  @Test(
    "what is no problem is refused by file and line",
    arguments: [
      (#"{"question": "a", "answer": "MARK 1\nMARK 2"}"#, "'####' 2 times"),
      (#"{"question": "a", "answer": "MARK none"}"#, "no number follows"),
      (#"{"question": "a", "answer": " "}"#, "the answer is empty"),
      (#"{"question": " ", "answer": "MARK 1"}"#, "the question is empty"),
      (#"{"question": "a"}"#, "no field 'answer'"),
      (#"{"problem": "a", "solution": "no box"}"#, "no answer in"),
      (
        #"{"id": 1, "question": "a", "answer": "MARK 1"}"# + "\n"
          + #"{"id": "1", "question": "b", "answer": "MARK 2"}"#,
        "stands in"
      ),
      ("", "no"),
    ])
  func refused(_ text: String, _ problem: String) throws {
    let error = #expect(throws: DataError.self) { try read("bad.jsonl", text.replacing("MARK", with: "####")) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    if text.contains("\n{") { #expect(error?.line == 2 && error?.description.contains("bad.jsonl:1") == true) }
  }

  @Test("a question without its line of answer")
  func unanswered() throws {
    let error = #expect(throws: DataError.self) { try read("odd.txt", "What is 3 + 4?\n7\nAnd then?\n") }
    #expect(error?.line == 3)
    try folder.write("two/a.txt", "What?\n")
    try folder.write("two/b.txt", "7\n")
    #expect(throws: DataError.self) { try WordProblem.read(contentsOf: [folder.path("two")]) }
  }
}
