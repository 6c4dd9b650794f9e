import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird

extension Studio {
  /// Who has a part in a project, and invitations.
  func addPeople(to router: Router<BasicRequestContext>) {
    route(router, .get, "projects/:project/people", needs: .owner) { visit in
      let project = try visit.project
      let members = try await visit.queue.read { try $0.members(of: project.id) }
      return pages.response(
        "people",
        visit.values(
          "People of \(project.name)",
          ["members": members.map { ["name": $0.name, "role": $0.role.rawValue] }, "inPeople": true]))
    }
    route(router, .post, "api/projects/:project/invitations", needs: .owner) { visit in
      let project = try visit.project
      guard let role = Role(rawValue: try visit.document()["role"]?.string ?? "labeller"), role != .owner else {
        throw ProjectError(.invalid, "An invitation is for a labeller or a reviewer.")
      }
      let secret = Secret()
      try await visit.queue.write {
        try $0.addInvitation(
          to: project.id, role: role, digest: secret.digest, expires: .now.addingTimeInterval(14 * 86_400),
          by: visit.account.id)
      }
      return Response.document(["path": .string("/join/\(secret.text)"), "role": .string(role.rawValue)])
    }
  }
}
