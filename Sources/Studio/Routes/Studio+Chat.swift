import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird

extension Studio {
  /// Talking to the models; what people think of a reply becomes feedback.
  func addChat(to router: Router<BasicRequestContext>) {
    route(router, .get, "chat") { visit in
      pages.response(
        "chat", visit.values("Chat", ["onChat": true]),
        data: ["csrf": .string(visit.signIn.formToken), "models": .array(modelNames.map { .string($0) })])
    }
    route(router, .post, "api/chat/feedback") { visit in
      let body = try visit.document()
      guard let id = body["id"]?.string, (8...80).contains(id.utf8.count), let messages = body["messages"],
        let reply = body["reply"]?.string, let model = body["model"]?.string
      else { throw ProjectError(.invalid, "Feedback on a reply needs 'id', 'messages', 'reply' and 'model'.") }
      let prompt: Prompt
      do { prompt = try messages.decoded(as: Prompt.self) } catch {
        throw ProjectError(.invalid, "'messages' is no conversation: \(error)")
      }
      let provenance = Provenance(labeller: visit.account.name, date: .now, batch: "chat")
      let response = Feedback.Response(reply, policy: PolicyVersion(model))
      let item: FeedbackItem
      if let edited = body["edited"]?.string {
        // An edit is a preference for what was made of the reply.
        item = .comparison(
          Comparison(
            id: id, prompt: prompt, first: Feedback.Response(edited), second: response, preferred: .first,
            provenance: provenance))
      } else if let value = body["rating"]?.double, value == 0 || value == 1 {
        item = .rating(
          Rating(
            id: id, prompt: prompt, response: response, axis: "thumbs", value: value, scale: 0...1,
            provenance: provenance))
      } else {
        throw ProjectError(.invalid, "Feedback is a 'rating' of 0 or 1, or an 'edited' reply.")
      }
      let isNew = try await visit.queue.write { store in
        if try store.item(id: id) != nil { return false }
        return try store.add(item)
      }
      return Response.document(["isNew": .bool(isNew)])
    }
  }
}
