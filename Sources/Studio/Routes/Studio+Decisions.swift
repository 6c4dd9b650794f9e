import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird

extension Studio {
  /// Where labellers disagree, a reviewer sees their answers and decides.
  func addDecisions(to router: Router<BasicRequestContext>) {
    route(router, .get, "projects/:project/decide", needs: .reviewer) { visit in
      let project = try visit.project
      let tasks = try await visit.queue.read { try $0.tasks(of: project.id, disputed: true) }
      return pages.response(
        "decide",
        visit.values(
          "Disagreements in \(project.name)", ["tasks": tasks.map(Self.row), "none": tasks.isEmpty, "inDecide": true]))
    }
    route(router, .get, "projects/:project/decide/:task", needs: .reviewer) { visit in
      let (project, task) = (try visit.project, try visit.number("task"))
      let (assignment, guidelines) = try await visit.queue.write { store in
        (
          try store.decision(on: task, of: project.id, by: visit.account.id), try store.guidelines(of: project.id)
        )
      }
      guard var data = try data(of: project, assignment, guidelines, visit).object else { throw HTTPError(.notFound) }
      data["decides"] = true
      data["others"] = .array(
        try assignment.others.map { other in
          // What others said, turned to the order in which it is shown here.
          ["labeller": .string(other.labeller), "answer": try Self.turned(other, to: assignment.shown, project.kind)]
        })
      return pages.response(
        "label", visit.values("Decide · \(project.name)", ["kindName": "Decide between the answers"]),
        data: .object(data))
    }
  }

  private static func turned(_ other: Submission, to shown: [Int], _ kind: Project.Kind) throws -> JSONValue {
    var answer = other.answer
    if kind == .comparison, other.shown.first != shown.first { answer.score = answer.score.map { -$0 } }
    if let ranks = answer.ranks, ranks.count == shown.count {
      var own = [Int](repeating: 0, count: ranks.count)
      for (place, index) in other.shown.enumerated() { own[index] = ranks[place] }
      answer.ranks = shown.map { own[$0] }
    }
    return try JSONValue(parsing: answer.json)
  }
}
