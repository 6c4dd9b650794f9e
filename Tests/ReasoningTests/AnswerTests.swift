import Foundation
import Reasoning
import TestSupport
import Testing

/// Answers as the published graders find them, and as people read a chat model's.
@Suite("Answers")
struct AnswerTests {
  @Test("GSM8K: the first number behind '#### ', commas dropped, compared letter by letter")
  func gradeSchool() {
    // By Python's re.search(r"#### (\-?[0-9\.\,]+)") and the comma's removal.
    let expected: [(String, String?)] = [
      ("so\n#### 72", "72"), ("#### 1,200", "1200"), ("#### -5 left", "-5"), ("#### 72. That", "72."), ("####72", nil),
      ("#### x\n#### 5", "5"), ("#### $5", nil), ("##### 5", "5"), ("#### 3\n#### 4", "3"), ("", nil), ("#### ", nil),
      ("####  7", nil), ("#### -", nil), ("#### 0.50", "0.50"), ("####\u{A0}5", nil), ("#### ٣", nil),
      ("é #### 9é", "9"),
    ]
    for (text, answer) in expected { #expect(AnswerFormat.gsm8k.answer(in: text) == answer, "\(text)") }
    let problem = WordProblem(id: "1", question: "?", solution: "#### 1200", answer: "1200")
    #expect(
      problem.isSolved(by: "… #### 1,200") && !problem.isSolved(by: "#### 1200.0") && !problem.isSolved(by: "1200"))
    #expect(problem.isSolved(by: "It is 1,200.00 dollars", format: .chat))
  }

  @Test("a chat model's answer: marked, boxed, or the last number")
  func chat() {
    let expected: [(String, String?)] = [
      ("It costs $1,250.50.", "1250.5"), ("**72**", "72"), ("5 - 3 = 2 apples.", "2"), ("from 10-12", "12"),
      ("the answer is -4", "-4"), ("-$3", "-3"), ("\\boxed{18} or 19", "18"), ("\\boxed{\\$1,000} and 5", "1000"),
      ("#### 8\nThanks, 9", "9"), ("so 3\n#### 8.0 of 9", "8"), ("#### 1. First\nSo 7.", "7"), ("no number", nil),
      ("1/2", "2"), ("007", "7"), ("0.00", "0"),
      ("3,14 and 2", "2"), ("12,34", "34"), ("1,234,567", "1234567"), ("\\boxed{72 \\text{ clips}}", "72"),
      ("x5", "5"), ("10% of them", "10"), ("$$\\boxed{5}$$", "5"), (".5", "5"), ("0.5.", "0.5"), ("version 1.2.3", "3"),
    ]
    for (text, answer) in expected.dropLast(3) { #expect(AnswerFormat.chat.answer(in: text) == answer, "\(text)") }
  }

  @Test("ten megabytes of answer take linear time in every format", arguments: AnswerFormat.allCases)
  func long(_ format: AnswerFormat) {
    let long = String(repeating: "#### x \\boxed{ 1,2 ", count: 550_000)
    let answer = format.answer(in: long + "\n#### 7")
    if format != .boxed { #expect(answer == (format == .line ? "#### 7" : "7")) } else { #expect(answer == nil) }
  }

  private struct Golden: Decodable { var commit: String, pairs: [[String]] }

  @Test("MATH: the published normalization, answer by answer")
  func math() throws {
    let file = try Bundle.module.fixtures.appendingPathComponent("math_answers.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    for pair in golden.pairs {
      #expect(AnswerFormat.boxed.answer(in: "so $\\boxed{\(pair[0])}$.") == pair[1], "\(pair[0])")
    }
    #expect(golden.pairs.count > 60)
    #expect(AnswerFormat.boxed.answer(in: "\\boxed{1} then \\fbox{2}") == "1")
    #expect(AnswerFormat.boxed.answer(in: "\\boxed 5$ x") == "5")
    #expect(AnswerFormat.boxed.answer(in: "\\boxed{1") == nil && AnswerFormat.boxed.answer(in: "1") == nil)
  }

  @Test("Saxton: the last line, as it stands")
  func line() {
    #expect(AnswerFormat.line.answer(in: "a\n -3*x \n\n") == "-3*x" && AnswerFormat.line.answer(in: " \n") == nil)
  }
}
