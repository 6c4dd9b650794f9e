import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A request of somebody who is signed in, with what its path and body name.
struct Visit: Sendable {
  let studio: Studio
  let request: Request
  let parameters: Parameters
  let signIn: SignIn
  /// The body, where there is one.
  let body: ByteBuffer
  /// The project that the path names, and what the visitor may do in it.
  var place: (project: Project, role: Role)?

  var account: Account { signIn.account }
  var queue: StoreQueue { studio.queue }

  /// The project of the path; a route that names one has checked that there is.
  var project: Project {
    get throws {
      guard let place else { throw ProjectError(.notFound, "There is no such project.") }
      return place.project
    }
  }

  /// A number of the path.
  func number(_ name: String) throws -> Int {
    guard let number = parameters.get(name, as: Int.self) else {
      throw ProjectError(.notFound, "There is no such page.")
    }
    return number
  }

  /// The query's value of that name.
  func query(_ name: String) -> String? {
    request.uri.queryParameters[name[...]].flatMap { String($0).removingPercentEncoding }
  }

  /// The body as JSON.
  func document() throws -> JSONValue {
    do { return try JSONValue(parsing: String(buffer: body)) } catch {
      throw ProjectError(.invalid, "What was sent is not JSON: \(error)")
    }
  }

  /// The fields of a form.
  var fields: [String: String] { Self.fields(of: body) }

  static func fields(of body: ByteBuffer) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(buffer: body).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let (name, value) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
      fields[name] = value.replacing("+", with: " ").removingPercentEncoding ?? ""
    }
    return fields
  }

  /// What all pages show: who is signed in, and the secret of forms.
  func values(_ title: String, _ others: [String: Any] = [:]) -> [String: Any] {
    var values: [String: Any] = [
      "title": title, "account": account.name, "isOwner": account.isOwner, "csrf": signIn.formToken,
      "hasModels": !studio.modelNames.isEmpty,
    ]
    if let place {
      values["project"] =
        ["id": place.project.id, "name": place.project.name, "kind": place.project.kind.rawValue] as [String: Any]
      values["mayReview"] = place.role >= .reviewer
      values["mayChange"] = place.role == .owner
    }
    return values.merging(others) { $1 }
  }
}
