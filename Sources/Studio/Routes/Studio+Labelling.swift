import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird

extension Studio {
  /// The page on which people label, and what its script asks.
  func addLabelling(to router: Router<BasicRequestContext>) {
    route(router, .get, "projects/:project/label") { visit in
      let project = try visit.project
      let (assignment, guidelines) = try await visit.queue.write { store in
        (try store.nextAssignment(in: project.id, for: visit.account.id), try store.guidelines(of: project.id))
      }
      return pages.response(
        "label",
        visit.values(
          project.name,
          ["kindName": Self.kinds.first { $0["value"] as? String == project.kind.rawValue }?["about"] ?? ""]),
        data: try data(of: project, assignment, guidelines, visit))
    }
    route(router, .get, "api/projects/:project/next") { visit in
      let project = try visit.project.id
      let next = try await visit.queue.write { try $0.nextAssignment(in: project, for: visit.account.id) }
      return Response.document(["next": try Self.document(next)])
    }
    route(router, .post, "api/projects/:project/submit") { visit in
      let handing = try Self.handing(visit)
      let (isNew, next) = try await visit.queue.write { try $0.submitAndContinue(handing) }
      if try visit.project.settings.webhook != nil { webhooks.wake() }
      return Response.document(["isNew": .bool(isNew), "next": try Self.document(next)])
    }
    route(router, .post, "api/projects/:project/skip") { visit in
      let (project, body) = (try visit.project.id, try visit.document())
      guard let assignment = body["assignment"]?.int else { throw ProjectError(.invalid, "Say which task.") }
      let reason = String((body["reason"]?.string ?? "").prefix(500))
      let next = try await visit.queue.write { store in
        try store.skip(assignment, reason: reason, by: visit.account.id)
        return try store.nextAssignment(in: project, for: visit.account.id)
      }
      return Response.document(["next": try Self.document(next)])
    }
    route(router, .post, "api/projects/:project/undo") { visit in
      guard let submission = try visit.document()["submission"]?.string else {
        throw ProjectError(.invalid, "Say which answer.")
      }
      let assignment = try await visit.queue.write { try $0.withdraw(submission, by: visit.account.id) }
      return Response.document(["next": try Self.document(assignment)])
    }
    route(router, .put, "api/assignments/:assignment/draft") { visit in
      let (assignment, draft) = (try visit.number("assignment"), try visit.document().serialized())
      guard draft.utf8.count < 1 << 20 else { throw ProjectError(.invalid, "This draft is too long to be kept.") }
      try await visit.queue.write { try $0.setDraft(draft, of: assignment, by: visit.account.id) }
      return Response.document(["saved": true])
    }
  }

  static func handing(_ visit: Visit) throws -> FeedbackStore.Handing {
    let body = try visit.document()
    guard let id = body["id"]?.string, let assignment = body["assignment"]?.int, let answer = body["answer"] else {
      throw ProjectError(.invalid, "An answer needs 'id', 'assignment' and 'answer'.")
    }
    return FeedbackStore.Handing(
      id: id, assignment: assignment, account: visit.account.id, answer: try Answer(json: answer.serialized()),
      seconds: body["seconds"]?.double ?? 0, guidelines: body["guidelines"]?.int)
  }

  /// What the labelling script needs to begin.
  func data(
    of project: Project, _ assignment: Assignment?, _ guidelines: Guidelines, _ visit: Visit
  ) throws -> JSONValue {
    [
      "project": ["id": .int(project.id), "name": .string(project.name), "kind": .string(project.kind.rawValue)],
      "csrf": .string(visit.signIn.formToken), "assignment": try Self.document(assignment),
      "guidelines": ["version": .int(guidelines.version), "text": .string(guidelines.text)],
      "readsFirst": .bool(project.settings.readsFirst && project.kind != .rating),
      "form": project.kind == .rating ? .array(try project.form.questions.map(Self.document)) : nil,
      "model": project.settings.offersSamples || project.kind == .conversation
        ? modelNames.first.map { .string($0) } ?? nil : nil,
    ]
  }

  /// A task as its labeller may see it: in the order shown, and without who wrote what.
  static func document(_ assignment: Assignment?) throws -> JSONValue {
    guard let assignment else { return nil }
    return [
      "id": .int(assignment.id), "prompt": try JSONValue(encoding: assignment.prompt),
      "responses": .array(assignment.shownResponses.map { .string($0.text) }),
      "draft": try assignment.draft.map { try JSONValue(parsing: $0) } ?? nil,
    ]
  }

  private static func document(_ question: LabellingForm.Question) -> JSONValue {
    var range: JSONValue = nil
    var kind = "text"
    switch question.answering {
    case .scale(let scale): (range, kind) = ([.int(scale.lowerBound), .int(scale.upperBound)], "scale")
    case .yesNo: kind = "yes-no"
    case .text: break
    }
    return [
      "name": .string(question.name), "text": .string(question.text), "kind": .string(kind), "scale": range,
      "low": question.low.map { .string($0) } ?? nil, "high": question.high.map { .string($0) } ?? nil,
      "help": question.help.map { .string($0) } ?? nil, "required": .bool(question.isRequired),
    ]
  }
}
