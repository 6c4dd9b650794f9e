import Documents
import Feedback
import Foundation
import Testing

/// Exports of Label Studio and Argilla.
@Suite("Exports of labelling tools")
struct LabellingToolTests {
  private func read(_ text: String, name: String = "export.json") throws -> [FeedbackItem] {
    let folder = try Folder()
    return try FeedbackReader(paths: [try folder.write(name, text)]).readAll()
  }

  /// Label Studio's export is one array; its templates have the names that are used here.
  @Test("Label Studio: pairs, rankings, choices, stars and texts of several people, each under their name")
  func labelStudio() throws {
    let items = try read(
      #"""
      [
        {"id": 1, "data": {"prompt": "Why?", "answer1": "a", "answer2": "b"}, "project": 3, "predictions": [],
         "annotations": [
          {"id": 9, "completed_by": 7, "was_cancelled": false, "lead_time": 4.25, "updated_at": "2026-03-09T22:16:08.728378Z",
           "result": [{"id": "x", "from_name": "pw", "to_name": "answer1,answer2", "type": "pairwise", "value": {"selected": "right"}}]},
          {"id": 10, "completed_by": {"id": 8, "email": "ana@example.org"}, "was_cancelled": false,
           "result": [{"from_name": "pick", "to_name": "answer1", "type": "choices", "value": {"choices": ["Tie"]}}]},
          {"id": 11, "completed_by": 9, "was_cancelled": true,
           "result": [{"from_name": "pw", "to_name": "answer1,answer2", "type": "pairwise", "value": {"selected": "left"}}]}]},
        {"id": 2, "data": {"question": "How?", "items": [{"id": "m1", "title": "t", "body": "x"}, {"id": "m2", "body": "y"}, {"id": "m3", "body": "z"}]},
         "annotations": [{"completed_by": 7, "result": [
          {"from_name": "rank", "to_name": "results", "type": "ranker", "value": {"ranker": {"rank": ["m3", "m1", "m2"]}}}]}]},
        {"id": 3, "data": {"text": "Say hello."}, "annotations": [{"completed_by": 7, "result": [
          {"from_name": "response", "to_name": "text", "type": "textarea", "value": {"text": ["Hello."]}}]}]},
        {"id": 4, "data": {"instruction": "Sum up.", "summary": "It is."}, "annotations": [{"completed_by": 7, "result": [
          {"from_name": "quality", "to_name": "summary", "type": "rating", "value": {"rating": 4}},
          {"from_name": "accuracy", "to_name": "summary", "type": "number", "value": {"number": 6}}]}]}
      ]
      """#)
    #expect(items.map(\.kind) == [.comparison, .comparison, .ranking, .demonstration, .rating, .rating])
    guard case .comparison(let pair) = items[0], case .comparison(let tie) = items[1],
      case .ranking(let order) = items[2],
      case .rating(let stars) = items[4], case .rating(let number) = items[5]
    else { throw DataError(.badData, path: "", problem: "other kinds") }
    #expect(pair.prompt == "Why?" && pair.preferred == .second && pair.first.text == "a" && pair.second.text == "b")
    #expect(pair.provenance.labeller == "label-studio-7" && pair.provenance.seconds == 4.25)
    #expect(pair.provenance.date == Date(timeIntervalSince1970: 1_773_094_568))
    #expect(tie.isTie && tie.provenance.labeller == "ana@example.org")
    #expect(order.prompt == "How?" && order.responses.map(\.text) == ["x", "y", "z"] && order.ranks == [2, 3, 1])
    #expect(items[3].prompt == "Say hello." && items[3].responses == ["Hello."])
    #expect(stars.axis == "quality" && stars.value == 4 && stars.highest == 5 && stars.response.text == "It is.")
    #expect(number.axis == "accuracy" && number.highest == 7)
  }

  @Test("Argilla's second interface: an answer for each question and person, discarded ones left out")
  func argilla() throws {
    let items = try read(
      #"""
      [{"id": "r1", "status": "completed", "fields": {"prompt": "P", "response_1": "one", "response_2": "two", "response_10": "ten"},
        "metadata": {}, "suggestions": {"ranking": {"value": ["response_1"], "score": null, "agent": "m"}}, "vectors": {},
        "responses": {"ranking": [{"value": ["response_10", "response_1", "response_2"], "user_id": "u1"},
                                  {"value": ["response_2", "response_10", "response_1"], "user_id": "u2", "status": "discarded"}]}},
       {"id": "r2", "fields": {"instruction": "Q", "response-a": "A", "response-b": "B"},
        "responses": {"preference": [{"value": "response-b", "user_id": "u2"}, {"value": "Left is better", "user_id": "u1"}],
                      "response-a quality": [{"value": 3, "user_id": "u1"}]}},
       {"id": "r3", "fields": {"chat": [{"role": "user", "content": "hi"}]},
        "responses": {"corrected_response": [{"value": "hello", "user_id": "u1"}]}}]
      """#)
    #expect(items.map(\.kind) == [.ranking, .comparison, .rating, .comparison, .demonstration])
    guard case .ranking(let order) = items[0], case .comparison(let left) = items[1],
      case .rating(let rating) = items[2],
      case .comparison(let second) = items[3]
    else { throw DataError(.badData, path: "", problem: "other kinds") }
    // Ten comes after two.
    #expect(order.responses.map(\.text) == ["one", "two", "ten"] && order.ranks == [2, 3, 1])
    #expect(left.preferred == .first && left.provenance.labeller == "u1" && second.preferred == .second)
    #expect(rating.value == 3 && rating.response.text == "A")
    #expect(items[4].prompt == .conversation([.init(role: "user", content: "hi")]))
  }

  @Test("Argilla's first interface has a list of people")
  func argillaFirst() throws {
    let items = try read(
      #"{"fields":{"prompt":"P","response-1":"x","response-2":"y"},"responses":[{"user_id":"u","status":"submitted","values":{"ranking":{"value":[{"rank":1,"value":"response-2"},{"rank":1,"value":"response-1"}]},"text":{"value":"why not"}}},{"user_id":"v","status":"discarded","values":{"ranking":{"value":[{"rank":1,"value":"response-2"},{"rank":2,"value":"response-1"}]}}}]}"#
        + "\n", name: "export.jsonl")
    guard case .ranking(let order)? = items.first, items.count == 1 else {
      throw DataError(.badData, path: "", problem: "\(items)")
    }
    #expect(order.ranks == [1, 1] && order.provenance.labeller == "u")
  }

  @Test(
    "what can't be understood is told by its line",
    arguments: [
      (#"{"data":{"image":7},"annotations":[]}"#, "'data' has no text"),
      (#"{"fields":{"alpha":"x","beta":"y"},"responses":{}}"#, "'fields' has no text"),
      (
        #"{"fields":{"prompt":"P","response_1":"a","response_2":"b"},"responses":{"r":[{"value":["response_1","response_3"]}]}}"#,
        "names 'response_3'"
      ),
    ])
  func bad(_ line: String, _ problem: String) throws {
    let error = #expect(throws: DataError.self) { try read(line + "\n", name: "bad.jsonl") }
    #expect(error?.description.contains(problem) == true && error?.line == 1, "\(String(describing: error))")
  }
}
