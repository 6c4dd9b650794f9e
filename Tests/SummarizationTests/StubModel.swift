import Documents
import Foundation
import Evaluation
import Summarization

/// A model whose answers a closure gives, and which counts what it is asked.
final class StubModel: EvaluatedModel {
  let name = "stub"
  let identity = "stub"
  let facts: JSONObject = [:]
  /// The contexts of all requests, in their order.
  private(set) var asked: [String] = []
  /// The number of requests of each call.
  private(set) var batches: [Int] = []
  /// Ends the process of answering with an error after so many answers.
  var failsAfter = Int.max
  private let reply: (String) -> String

  struct Failure: Error {}

  init(_ reply: @escaping (String) -> String) { self.reply = reply }

  func answer(_ requests: [ModelRequest], answered: (Int, ModelResponse, Int) throws -> Bool) throws {
    batches.append(requests.count)
    for (place, request) in requests.enumerated() {
      if asked.count >= failsAfter { throw Failure() }
      asked.append(request.context)
      guard try answered(place, .text(reply(request.context)), 5) else { return }
    }
  }

  func tokenization(of request: ModelRequest) -> String { "" }
  func chatPrompting(isMultiturn: Bool) throws -> ChatPrompting { throw Failure() }

  /// The text between the quotes of a request.
  static func source(_ context: String) -> String {
    let parts = context.split(separator: "\"\"\"", omittingEmptySubsequences: false)
    return parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespacesAndNewlines) : ""
  }

  /// Summarises by all that people did.
  static func people(_ context: String) -> String {
    Sentences.texts(of: source(context)).filter { !$0.hasPrefix("Then ") }.joined(separator: " ")
  }

  /// Summarises by the first sentence of each paragraph.
  static func firstSentences(_ context: String) -> String {
    source(context).components(separatedBy: "\n\n").compactMap { $0.components(separatedBy: ". ").first }
      .map { $0.hasSuffix(".") ? $0 : $0 + "." }.joined(separator: " ")
  }
}
