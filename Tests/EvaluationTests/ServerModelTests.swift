import Documents
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite("Models behind HTTP")
struct ServerModelTests {
  private static let question = ModelRequest.logLikelihood(context: "Is it", continuation: " so")

  /// A server's answer that scores "Is it so" and one token more.
  private static func scored(_ text: String = "Is it so.", offsets: String = "[0, 2, 5, 8]", likely: String = "-0.5")
    -> String
  {
    """
    {"choices": [{"index": 0, "text": "\(text)", "logprobs": {"tokens": ["Is", " it", " so", "."], \
    "token_logprobs": [null, -1.0, -0.5, -2.0], "text_offset": \(offsets), \
    "top_logprobs": [null, {" it": -1.0}, {" so": \(likely)}, {".": -2.0}]}}]}
    """
  }

  /// What comes of one request to a server with these answers.
  private static func ask(
    _ answers: [StubServer.Answer], _ request: ModelRequest = question, retries: Int = 3
  ) async throws -> (response: ModelResponse?, bodies: [String]) {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            let server = StubServer(answers)
            let model = try CompletionsServer(url: "http://127.0.0.1:\(server.port)", model: "m", retries: retries)
            var response: ModelResponse?
            try model.answer([request]) { _, answer, _ in
              response = answer
              return true
            }
            return (response, server.requests)
          })
      }
    }
  }

  @Test("a continuation's tokens are those behind its context, the drawn token is left out")
  func scores() async throws {
    let (response, bodies) = try await Self.ask([.init(Self.scored())])
    #expect(response == .score(-0.5, isGreedy: true, tokens: 1))
    let body = try JSONValue(parsing: Array(try #require(bodies.first).utf8))
    #expect(body["prompt"] == "Is it so")
    #expect(body["echo"] == true)
    let other = try await Self.ask([.init(Self.scored(likely: "-0.2"))])
    #expect(other.response == .score(-0.5, isGreedy: false, tokens: 1))
  }

  @Test("a busy server is asked again, and no longer than was said")
  func busy() async throws {
    let busy = StubServer.Answer("slow down", status: 429, headers: ["Retry-After: 0"])
    let (response, bodies) = try await Self.ask([busy, busy, .init(Self.scored())])
    #expect(response?.logLikelihood == -0.5)
    #expect(bodies.count == 3)
    let error = await #expect(throws: EvaluationError.self) { try await Self.ask([busy], retries: 1) }
    #expect(error?.description.contains("still answers 429 after 2 tries") == true)
    #expect(error?.exitStatus == .unavailable)
  }

  @Test(
    "what isn't understood is an error and never a score",
    arguments: [
      ("garbage", 200, "what is no JSON"), ("{}", 200, "no log-probabilities of the prompt"),
      (scored(offsets: "[0]"), 200, "without text_offset"), (scored("It is so."), 200, "doesn't begin with the prompt"),
      (scored(offsets: "[0, 5, 2, 8]"), 200, "text_offset isn't in order"),
      ("no such model", 404, "refuses with status 404"),
      (
        #"{"choices": [{"text": "Is it so", "logprobs": {"token_logprobs": [null, "x", 3.0], "text_offset": [0, 2, 5], "top_logprobs": [null, null, null]}}]}"#,
        200, "no log-probability, or one that can't be"
      ),
    ])
  func garbage(_ body: String, _ status: Int, _ problem: String) async throws {
    let error = await #expect(throws: EvaluationError.self) { try await Self.ask([.init(body, status: status)]) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }

  @Test("answers are cut at stops that the interface has no room for")
  func generation() async throws {
    let settings = GenerationSettings(stops: ["1", "2", "3", "4", "END"], maxTokens: 8)
    let (response, bodies) = try await Self.ask(
      [.init(#"{"choices": [{"text": "fine END more"}]}"#)], .generation(context: "Go", settings, sample: 0))
    #expect(response == .text("fine "))
    #expect(try JSONValue(parsing: Array(try #require(bodies.first).utf8))["stop"]?.array?.count == 4)
    let none = await #expect(throws: EvaluationError.self) {
      try await Self.ask([.init(#"{"choices": []}"#)], .generation(context: "Go", settings, sample: 0))
    }
    #expect(none?.description.contains("there is no choices[0].text") == true)
  }

  @Test("a server that isn't there is named")
  func missing() async throws {
    let error = #expect(throws: EvaluationError.self) {
      _ = try CompletionsServer(url: "http://127.0.0.1:\(Port.free())", retries: 0)
    }
    #expect(error?.description.contains("can't be reached") == true)
    #expect(throws: EvaluationError.self) { _ = try CompletionsServer(url: "nonsense", model: "m") }
  }
}
