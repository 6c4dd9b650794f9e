import Foundation
import Reasoning
import Testing

private enum Published {
  /// GSM8K's training problems; they aren't shipped.
  static let path = ProcessInfo.processInfo.environment["APPRENTICE_DATA"].map { "\($0)/gsm8k/train.jsonl" }
}

/// The published set, where APPRENTICE_DATA says that it is.
@Suite(
  "Published problems",
  .enabled(if: Published.path != nil, "APPRENTICE_DATA doesn't name the folder with gsm8k/train.jsonl"))
struct PublishedProblemTests {
  @Test("GSM8K's 7,473 problems: every answer is found, and the calculator agrees with all 23,716 annotations")
  func gradeSchool() throws {
    let problems = try WordProblem.read(contentsOf: [try #require(Published.path)])
    #expect(problems.count == 7473 && problems.allSatisfy { $0.format == .gsm8k && $0.isSolved(by: $0.solution) })
    #expect(problems.allSatisfy { $0.isSolved(by: $0.solution, format: .chat) })
    var (count, wrong) = (0, [String]())
    for problem in problems {
      for found in problem.solution.matches(of: /<<([^<>=]*)=([^<>]*)>>/) {
        count += 1
        // The set writes .5 and 144.00 besides; as numbers they are the same.
        if Calculator.number(of: String(found.1)) != Double(found.2) { wrong.append(String(found.0)) }
      }
    }
    #expect(count == 23_716 && wrong.isEmpty, "\(wrong.prefix(5))")
  }
}
