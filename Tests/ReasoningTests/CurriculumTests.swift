import Foundation
import Reasoning
import Testing

/// Generated problems: true in every step, and apart where they should be.
@Suite("Curriculum")
struct CurriculumTests {
  private let curriculum = Curriculum(seed: 7)

  private func annotations(_ problem: WordProblem) -> [(expression: String, result: String)] {
    problem.solution.matches(of: /<<([^=>]*)=([^>]*)>>/).map { (String($0.1), String($0.2)) }
  }

  @Test(
    "every annotation is what the calculator says, and the last one is the answer", arguments: Curriculum.Part.allCases)
  func steps(_ part: Curriculum.Part) {
    var lengths: [Int: Int] = [:]
    var wrong: [String] = []
    for problem in curriculum.problems(0..<400, in: part) {
      let steps = annotations(problem)
      lengths[problem.solution.split(separator: "\n").count - 1, default: 0] += 1
      for (expression, result) in steps where Calculator.result(of: expression) != result {
        wrong.append("\(expression) = \(result)")
      }
      if steps.last?.result != problem.answer || AnswerFormat.gsm8k.answer(in: problem.solution) != problem.answer {
        wrong.append(problem.solution)
      }
      // What a step works with was told or found before: every number of an expression stands in the text or an earlier result.
      var known = Set(problem.question.matches(of: /[0-9]+/).map { String($0.0) } + ["2"])
      for (expression, result) in steps {
        for number in expression.matches(of: /[0-9]+/) where !known.contains(String(number.0)) {
          wrong.append("\(number.0) of \(problem.question)")
        }
        known.insert(result)
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    switch part {
    case .reading: #expect(lengths.keys.allSatisfy { $0 <= 4 })
    case .training, .heldOut: #expect(lengths.keys.min() ?? 0 >= 2 && (2...8).allSatisfy { lengths[$0] ?? 0 > 0 })
    }
  }

  @Test("a problem is a function of seed, part and number")
  func same() {
    #expect(curriculum.problem(5, in: .training) == Curriculum(seed: 7).problem(5, in: .training))
    #expect(curriculum.problem(5, in: .training) != Curriculum(seed: 8).problem(5, in: .training))
    #expect(curriculum.problem(5, in: .training).question != curriculum.problem(6, in: .training).question)
    let questions = curriculum.problems(0..<500, in: .training).map(\.question)
    #expect(Set(questions).count == questions.count)
  }

  @Test("names, things and quantities of held-out problems are in no other part's")
  func apart() {
    func words(_ part: Curriculum.Part) -> Set<String> {
      Set(
        curriculum.problems(0..<400, in: part).flatMap { problem in
          problem.question.split { !$0.isLetter }.map(String.init)
        })
    }
    let known = words(.training).union(words(.reading)), held = words(.heldOut)
    for word in ["Amir", "Bella", "lemons", "buttons"] {
      #expect(held.contains(word) && !known.contains(word), "\(word)")
    }
    for word in ["Anna", "apples"] { #expect(known.contains(word) && !held.contains(word), "\(word)") }
    // Quantities of which a seventh is held out: 11, 18, 25 … are told in held-out problems only.
    func told(_ part: Curriculum.Part) -> Set<String> {
      Set(curriculum.problems(0..<400, in: part).flatMap { $0.question.matches(of: /[0-9]+/).map { String($0.0) } })
    }
    for number in ["4", "11", "18", "25"] {
      #expect(told(.heldOut).contains(number) && !told(.training).contains(number), "\(number)")
    }
  }
}
