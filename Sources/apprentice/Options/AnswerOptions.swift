import Alignment
import ArgumentParser
import Documents

/// Options by which completions are checked against their records' answers, the same wherever answers are rewarded or counted.
struct AnswerOptions: ParsableArguments {
  @Option(help: .init("The field that holds the right answer.", valueName: "name"))
  var answerColumn: String?

  @Option(help: .init("Where in a completion its answer stands.", valueName: "regex"))
  var answerPattern: String?

  func validate() throws {
    guard answerColumn != nil || answerPattern == nil else {
      throw ValidationError("--answer-pattern finds the answer that --answer-column is compared with: give both.")
    }
    do { _ = try AnswerPattern(answerPattern) } catch {
      throw ValidationError("--answer-pattern \(answerPattern ?? ""): \(error)")
    }
  }

  /// A verifier of the records' answers; nil where no field holds them.
  func verifier(of records: [Record]) throws -> AnswerVerifier? {
    guard let answerColumn else { return nil }
    return AnswerVerifier(
      answers: try records.map { record in
        guard let value = record[answerColumn] else {
          throw record.error("there is no answer in the field \"\(answerColumn)\"")
        }
        guard let answer = ReferenceAnswer(value) else {
          throw record.error("\"\(answerColumn)\" holds \(value.kind), not an answer as text or number")
        }
        return answer
      }, finder: try AnswerPattern(answerPattern))
  }
}
