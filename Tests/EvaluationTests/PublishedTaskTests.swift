import Documents
import Evaluation
import Foundation
import TestSupport
import Testing

/// The tasks that come with the package, on small samples of our own in the formats that the sets' authors publish.
@Suite("Published formats")
struct PublishedTaskTests {
  /// An answer-giver that is told what to say.
  private final class Scripted: EvaluatedModel {
    let name = "scripted"
    let identity = "scripted"
    let facts: JSONObject = [:]
    let say: (ModelRequest) -> ModelResponse
    init(_ say: @escaping (ModelRequest) -> ModelResponse) { self.say = say }
    func answer(_ requests: [ModelRequest], answered: (Int, ModelResponse, Int) throws -> Bool) throws {
      for (place, request) in requests.enumerated() where try !answered(place, say(request), 1) { return }
    }
    func tokenization(of request: ModelRequest) -> String { "" }
    func chatPrompting(isMultiturn: Bool) throws -> ChatPrompting { throw EvaluationError("no chat") }
  }

  private func folder() throws -> String { try Bundle.module.fixtures.appendingPathComponent("published").path }

  private func evaluation(_ task: String, shots: Int? = nil) throws -> TaskEvaluation {
    try TaskEvaluation(
      TaskLibrary().nodes(named: [task]), options: EvaluationOptions(shots: shots), dataFolder: folder())
  }

  private func metrics(_ task: String, _ say: @escaping (ModelRequest) -> ModelResponse) throws -> JSONObject {
    let ending = try evaluation(task).run(Scripted(say))
    return try #require(HarnessFixture.finished(ending).metrics[task]?.object)
  }

  /// Likes the continuations that stand in a list.
  private func liking(_ texts: [String]) -> (ModelRequest) -> ModelResponse {
    { request in
      guard case .logLikelihood(let context, let continuation) = request else { return .text("") }
      let isLiked = texts.contains { continuation.hasSuffix($0) || context.hasSuffix($0) }
      return .score(isLiked && !context.isEmpty && context != "Answer:" ? -1 : -9, isGreedy: isLiked, tokens: 2)
    }
  }

  @Test(
    "multiple choice: the first request is what the harness would ask, and the right choice scores",
    arguments: [
      (
        "hellaswag", "Baking bread: A woman kneads dough. She", " puts it into the oven.",
        ["puts it into the oven.", "closes the lid."], ["flies away.", "melts."]
      ),
      (
        "piqa", "Question: To open a jar,\nAnswer:", " turn the lid.", ["turn the lid.", "with a broom."],
        ["sing to it.", "with a spoon."]
      ),
      ("arc_easy", "Question: Which is a planet?\nAnswer:", " Mars", ["Mars", "ice"], ["a spoon", "steam"]),
      (
        "winogrande", "The cup didn't fit the shelf because the cup", " was too large.",
        ["because the cup", "since the dog"], ["because the shelf", "since the cat"]
      ),
      ("boolq", "Snow is frozen water.\nQuestion: is snow frozen?\nAnswer:", " no", [" yes"], [" no"]),
      ("truthfulqa_mc1", "Q: Can pigs fly?\nA:", " Pigs can't fly.", ["Pigs can't fly."], ["Pigs fly at night."]),
      (
        "mmlu_anatomy", "Which bone is in the leg?\nA. Femur\nB. Ulna\nC. Skull\nD. Rib\nAnswer:", " A", [" A"], [" B"]
      ),
    ])
  func choices(_ task: String, _ prompt: String, _ first: String, _ right: [String], _ wrong: [String]) throws {
    guard case .logLikelihood(let context, let continuation)? = try evaluation(task).requests.first else {
      Issue.record("no likelihood")
      return
    }
    #expect(context.hasSuffix(prompt), "\(context)")
    #expect(continuation == first)
    #expect(try metrics(task, liking(right))["acc,none"]?.double == 1)
    #expect(try metrics(task, liking(wrong))["acc,none"]?.double == 0)
  }

  @Test("examples of MMLU are the first of its dev set, with their letters")
  func examples() throws {
    guard case .logLikelihood(let context, _)? = try evaluation("mmlu_anatomy", shots: 2).requests.first else { return }
    #expect(context.hasPrefix("The following are multiple choice questions (with answers) about anatomy.\n\nWhere is"))
    #expect(context.contains("Answer: B\n\n"))
  }

  @Test("truthfulqa_mc2 is the probability of the true answers")
  func truthMass() throws {
    let values = try metrics("truthfulqa_mc2", liking(["Pigs can't fly.", "No pig flies."]))
    // Two true answers at e⁻¹ and two false ones at e⁻⁹.
    #expect(abs((values["acc,none"]?.double ?? 0) - 1 / (1 + exp(-8))) < 1e-12)
  }

  @Test(
    "answers are marked as the sets' authors mark them",
    arguments: [
      ("lambada_openai", "", ["acc,none": 1.0]),
      ("triviaqa", " The Nile! ", ["exact_match,remove_whitespace": 1.0]),
      ("triviaqa", " Rhine", ["exact_match,remove_whitespace": 0.0]),
      ("gsm8k", " 2 + 3 = 5.\n#### 5", ["exact_match,strict-match": 1.0, "exact_match,flexible-extract": 1.0]),
      ("gsm8k", " So it is 5", ["exact_match,strict-match": 0.0, "exact_match,flexible-extract": 1.0]),
      ("drop", " Red Lions", ["em,none": 0.5, "f1,none": 0.5]),
      ("drop", " the red Lions and 3", ["em,none": 0.0, "f1,none": 0.535]),
      ("squadv2", " the old bridge", ["exact,none": 50.0, "f1,none": 50.0]),
      ("squadv2", " unanswerable", ["exact,none": 50.0, "f1,none": 50.0]),
      ("squadv2", " old stone bridge", ["exact,none": 0.0, "f1,none": 40.0]),
    ])
  func answers(_ task: String, _ answer: String, _ expected: [String: Double]) throws {
    let values = try metrics(task) { request in
      if case .logLikelihood = request { return .score(-1, isGreedy: true, tokens: 1) }
      return .text(answer)
    }
    for (metric, value) in expected {
      #expect(abs((values[metric]?.double ?? .nan) - value) < 1e-9, "\(metric) \(values[metric]?.double ?? .nan)")
    }
  }

  @Test("instructions are checked one by one, strictly and loosely")
  func instructions() throws {
    let good = "Note\n* one\n* two\nHAPPY rain is here and rain stays"
    let values = try metrics("ifeval") { _ in .text(good) }
    #expect(values["prompt_level_strict_acc,none"]?.double == 0.5)
    #expect(values["inst_level_strict_acc,none"]?.double == 0.8)
    let none = try metrics("ifeval") { _ in .text("") }
    #expect(none["inst_level_loose_acc,none"]?.double == 0)
  }

  @Test("the published files of GPT-3's tasks are asked as they stand, with examples from the same file")
  func arithmetic() throws {
    let evaluation = try evaluation("gpt3_two_digit_addition", shots: 2)
    guard case .generation(let context, let settings, _)? = evaluation.requests.first else { return }
    #expect(context.components(separatedBy: "\n\nQ: What is ").count == 4)
    #expect(context.hasSuffix("Q: What is 98 plus 45?\n\nA:"))
    #expect(settings.stops == ["\n"])
    #expect(try metrics("gpt3_two_digit_addition") { _ in .text(" 143") }["exact_match,none"]?.double == 1.0 / 3)
  }

  @Test("a set that isn't at hand is asked for by name")
  func missing() throws {
    let error = #expect(throws: DataError.self) {
      try TaskEvaluation(
        TaskLibrary().nodes(named: ["hellaswag"]), options: EvaluationOptions(), dataFolder: "/nowhere")
    }
    #expect(error?.description.contains("hellaswag_val.jsonl") == true)
    #expect(error?.description.contains("--data-dir") == true)
  }
}
