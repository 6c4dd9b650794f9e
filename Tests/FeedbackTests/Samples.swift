import Documents
import Feedback
import Foundation

/// Items of every kind with every field set, and a folder that goes away again.
enum Samples {
  static let sft = PolicyVersion("sft", version: "step-000400")
  static let ppo = PolicyVersion("ppo")

  static func provenance(
    _ labeller: String = "ana", at seconds: Double = 1_000.1234567, took: Double? = 12.5
  ) -> Provenance {
    Provenance(
      labeller: labeller, date: Date(timeIntervalSince1970: 1_790_000_000 + seconds), seconds: took,
      batch: "batch1", split: "train")
  }

  static func demonstration(_ id: String, labeller: String = "ana") -> FeedbackItem {
    .demonstration(
      Demonstration(
        id: id,
        prompt: .conversation([
          .init(role: "system", content: "Be kind."), .init(role: "user", content: "Hi\n\"you\""),
        ]), completion: Response("Hello 🙂", policy: sft), provenance: provenance(labeller)))
  }

  static func comparison(
    _ id: String, labeller: String = "ana", preferred: Comparison.Side? = .second,
    at seconds: Double = 1_000
  ) -> FeedbackItem {
    .comparison(
      Comparison(
        id: id, prompt: "Why?", first: Response("a", policy: sft),
        second: Response("b", policy: ppo),
        preferred: preferred, strength: preferred == nil ? nil : 0.25, confidence: 8,
        shownFirst: .second, provenance: provenance(labeller, at: seconds)))
  }

  static func ranking(_ id: String, ranks: [Int] = [2, 1, 2]) -> FeedbackItem {
    .ranking(
      Ranking(
        id: id, prompt: "Why?", responses: ranks.indices.map { Response("r\($0)") }, ranks: ranks,
        shownOrder: Array(ranks.indices.reversed()), provenance: provenance("bo", took: nil)))
  }

  static func critique(_ id: String) -> FeedbackItem {
    .critique(
      Critique(
        id: id, prompt: "Why?", response: "a", text: "Too short.", axis: "coverage", severity: 0.5,
        refinement: "aa", provenance: provenance("cy")))
  }

  static func rating(_ id: String, value: Double = 6) -> FeedbackItem {
    .rating(
      Rating(
        id: id, prompt: "Why?", response: Response("a", policy: ppo), axis: "accuracy",
        value: value,
        provenance: provenance("cy")))
  }

  static var all: [FeedbackItem] {
    [demonstration("d1"), comparison("c1"), ranking("r1"), critique("k1"), rating("m1")]
  }
}

/// A folder for one test.
final class Folder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "feedback-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}
