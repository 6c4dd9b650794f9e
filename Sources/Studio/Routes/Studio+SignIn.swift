import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird

extension Studio {
  /// Signing in and out, invitations, one's own account.
  func addSignIn(to router: Router<BasicRequestContext>) {
    // The link that the program prints: it is good for as long as the program runs.
    router.get("open/:secret") { _, context in
      guard Secret.equal(context.parameters.get("secret") ?? "", ownerSecret.text),
        let owner = try await queue.read({ try $0.ownerAccount() })
      else {
        throw ProjectError(
          .gone, "This link is of an earlier start of the studio. Take the link that it printed this time, or sign in.")
      }
      return try await welcome(owner)
    }
    router.get("sign-in") { request, _ in
      let onward = request.uri.queryParameters["to"].map { String($0).removingPercentEncoding ?? "/" }
      return pages.response("sign-in", ["title": "Sign in", "to": onward ?? "/"])
    }
    router.post("sign-in") { request, _ in
      try checkOrigin(request)
      return try await trySignIn(Visit.fields(of: try await request.body.collect(upTo: 65_536)))
    }
    router.get("join/:secret") { request, context in
      let digest = Secret.digest(context.parameters.get("secret") ?? "")
      let (_, name, role) = try await queue.read { try $0.invitation(digest: digest) }
      let account = try await signIn(of: request)?.account
      var values: [String: Any] = [
        "title": "Join \(name)", "name": name, "role": role.rawValue, "secret": context.parameters.get("secret") ?? "",
      ]
      if let account { values["account"] = account.name }
      return pages.response("join", values)
    }
    router.post("join/:secret") { request, context in
      try checkOrigin(request)
      let secret = context.parameters.get("secret") ?? ""
      return try await join(
        secret, Visit.fields(of: try await request.body.collect(upTo: 65_536)),
        as: try await signIn(of: request)?.account)
    }
    route(router, .post, "sign-out") { try await farewell($0.request) }
    route(router, .get, "account") { visit in
      pages.response(
        "account", visit.values("Your account", ["hasPassword": visit.account.password != nil]))
    }
    route(router, .post, "account/password") { try await setPassword($0) }
    route(router, .post, "api/token") { visit in
      let secret = Secret()
      try await visit.queue.write {
        try $0.addSignIn(
          visit.account.id, digest: secret.digest, formToken: Secret().text,
          expires: .now.addingTimeInterval(365 * 86_400))
      }
      return Response.document(["token": .string(secret.text)])
    }
  }

  private func trySignIn(_ fields: [String: String]) async throws -> Response {
    let (name, password) = (fields["name"] ?? "", fields["password"] ?? "")
    let onward = fields["to"] ?? "/"
    func again(_ problem: String, _ status: HTTPResponse.Status) -> Response {
      pages.response("sign-in", ["title": "Sign in", "name": name, "problem": problem, "to": onward], status: status)
    }
    let tried = name.lowercased()
    let wait = patience.wait(for: tried)
    guard wait == 0 else {
      return again("Too many tries for this name. Wait \(wait) seconds, then try again.", .tooManyRequests)
    }
    // Counted before the slow part, so that many tries at once are many tries.
    patience.note(tried, isRight: false)
    let account = try await queue.read { try $0.account(named: name) }
    // Names that nobody has take as long as wrong passwords.
    let kept = account?.password ?? Self.nobody
    let isRight = await Self.slowly { PasswordHash.matches(password, kept) }
    guard let account, account.password != nil, isRight else {
      return again("That name and password don't belong together.", .unauthorized)
    }
    patience.note(tried, isRight: true)
    // Only paths of this site: "//elsewhere" is a path to browsers, and another host.
    let isHere = onward.hasPrefix("/") && !onward.hasPrefix("//") && !onward.contains("\\")
    return try await welcome(account, to: isHere ? onward : "/")
  }

  private static let nobody = PasswordHash.make(Secret().text) ?? ""

  /// Passwords take a tenth of a second of a processor each: one after the other, beside the requests.
  private static func slowly<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      hashing.async { continuation.resume(returning: body()) }
    }
  }

  private static let hashing = DispatchQueue(label: "studio.passwords")

  private func join(_ secret: String, _ fields: [String: String], as account: Account?) async throws -> Response {
    let digest = Secret.digest(secret)
    let (_, name, role) = try await queue.read { try $0.invitation(digest: digest) }
    var hash: String?
    if account == nil, let password = fields["password"], !password.isEmpty {
      guard password.count >= 8 else {
        return pages.response(
          "join",
          [
            "title": "Join \(name)", "name": name, "role": role.rawValue, "secret": secret,
            "given": fields["name"] ?? "",
            "problem": "A password has at least 8 letters.",
          ], status: .unprocessableContent)
      }
      hash = await Self.slowly { PasswordHash.make(password) }
    }
    let kept = hash
    do {
      let (joined, project) = try await queue.write {
        try $0.join(digest: digest, as: account, name: fields["name"] ?? "", password: kept)
      }
      return try await welcome(joined, to: "/projects/\(project)/label")
    } catch let error as ProjectError where error.kind == .conflict || error.kind == .invalid {
      return pages.response(
        "join",
        [
          "title": "Join \(name)", "name": name, "role": role.rawValue, "secret": secret, "given": fields["name"] ?? "",
          "problem": error.description,
        ], status: .unprocessableContent)
    }
  }

  private func setPassword(_ visit: Visit) async throws -> Response {
    let fields = visit.fields
    func again(_ values: [String: Any], _ status: HTTPResponse.Status) -> Response {
      pages.response(
        "account", visit.values("Your account", ["hasPassword": visit.account.password != nil].merging(values) { $1 }),
        status: status)
    }
    let tried = visit.account.name.lowercased()
    if let kept = visit.account.password {
      let old = fields["old"] ?? ""
      guard patience.wait(for: tried) == 0 else {
        return again(["problem": "Too many tries; wait a little."], .tooManyRequests)
      }
      let isRight = await Self.slowly { PasswordHash.matches(old, kept) }
      patience.note(tried, isRight: isRight)
      guard isRight else { return again(["problem": "The old password is another one."], .unprocessableContent) }
    }
    let new = fields["new"] ?? ""
    guard new.count >= 8 else { return again(["problem": "A password has at least 8 letters."], .unprocessableContent) }
    guard let hash = await Self.slowly({ PasswordHash.make(new) }) else {
      throw ProjectError(.invalid, "This machine's libcrypto makes no scrypt.")
    }
    let digest = visit.request.cookies["apprentice"].map { Secret.digest($0.value) }
    try await visit.queue.write { try $0.setPassword(hash, of: visit.account.id, keeping: digest) }
    return again(["done": "The password is set; other places where you were signed in are signed out."], .ok)
  }
}
