import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

extension Studio {
  private static let cookie = "apprentice"
  private static let lasting = 30 * 86_400.0

  /// The names of the models that can be talked to.
  var modelNames: [String] { models.names }

  /// The sign-in that a request's cookie or token belongs to.
  func signIn(of request: Request) async throws -> SignIn? {
    guard let secret = Self.token(of: request) ?? request.cookies[Self.cookie]?.value else { return nil }
    let digest = Secret.digest(secret)
    return try await queue.read { try $0.signIn(digest: digest) }
  }

  private static func token(of request: Request) -> String? {
    guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else { return nil }
    return String(header.dropFirst(7))
  }

  /// Signs somebody in and leads them on.
  func welcome(_ account: Account, to path: String = "/") async throws -> Response {
    let (secret, formToken) = (Secret(), Secret().text)
    let expires = Date.now.addingTimeInterval(Self.lasting)
    try await queue.write {
      try $0.addSignIn(account.id, digest: secret.digest, formToken: formToken, expires: expires)
    }
    var response = Self.redirect(path)
    response.setCookie(
      Cookie(
        name: Self.cookie, value: secret.text, maxAge: Int(Self.lasting), path: "/", secure: false, httpOnly: true,
        sameSite: .lax))
    return response
  }

  /// Signs somebody out.
  func farewell(_ request: Request) async throws -> Response {
    if let secret = request.cookies[Self.cookie]?.value {
      let digest = Secret.digest(secret)
      try await queue.write { try $0.removeSignIn(digest: digest) }
    }
    var response = Self.redirect("/sign-in")
    response.setCookie(Cookie(name: Self.cookie, value: "", maxAge: 0, path: "/", httpOnly: true, sameSite: .lax))
    return response
  }

  static func redirect(_ path: String) -> Response {
    Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
  }

  /// A route for those who are signed in; what changes something carries the secret of forms.
  ///
  /// - Parameter needs: what they must be allowed in the project that the path names.
  func route(
    _ router: Router<BasicRequestContext>, _ method: HTTPRequest.Method, _ path: String, needs: Role = .labeller,
    largestBody: Int = 8 << 20, _ handler: @escaping @Sendable (Visit) async throws -> Response
  ) {
    let namesProject = path.contains(":project")
    router.on(RouterPath(path), method: method) { request, context in
      guard let signIn = try await signIn(of: request) else { throw SignInNeeded() }
      var body = ByteBuffer()
      if method != .get {
        try checkOrigin(request)
        body = try await request.body.collect(upTo: largestBody)
        try Self.checkFormToken(request, body, signIn)
      }
      var visit = Visit(
        studio: self, request: request, parameters: context.parameters, signIn: signIn, body: body, place: nil)
      if namesProject {
        let number = try visit.number("project")
        let (project, role) = try await queue.read {
          (try $0.project(number), try $0.role(of: signIn.account, in: number))
        }
        guard let role else { throw ProjectError(.notFound, "There is no such project; it may have been removed.") }
        guard role >= needs else {
          throw ProjectError(.forbidden, "This needs the role “\(needs.rawValue)” in the project.")
        }
        visit.place = (project, role)
      }
      return try await handler(visit)
    }
  }

  /// Refuses a change whose sender didn't read the page: only it knows the secret.
  ///
  /// A token is a secret of its own.
  private static func checkFormToken(_ request: Request, _ body: ByteBuffer, _ signIn: SignIn) throws {
    guard token(of: request) == nil else { return }
    let isForm = request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true
    let given =
      HTTPField.Name("X-CSRF-Token").flatMap { request.headers[$0] } ?? (isForm ? Visit.fields(of: body)["csrf"] : nil)
    guard let given, Secret.equal(given, signIn.formToken) else {
      throw ProjectError(.forbidden, "This page is out of date: load it again, then repeat what you did.")
    }
  }

  /// An error as a page, or as JSON for scripts and programs.
  func refusal(_ error: any Error, of request: Request, asDocument: Bool) async -> Response {
    if error is SignInNeeded, !asDocument {
      let path = request.uri.path
      let onward = path == "/" ? "" : "?to=" + (path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
      return Self.redirect("/sign-in\(onward)")
    }
    let (status, message): (HTTPResponse.Status, String) =
      switch error {
      case is SignInNeeded:
        (.unauthorized, "You are signed out. Sign in in another tab, then try again; nothing here is lost.")
      case let error as ProjectError:
        switch error.kind {
        case .notFound: (.notFound, error.description)
        case .forbidden: (.forbidden, error.description)
        case .invalid: (.unprocessableContent, error.description)
        case .conflict: (.conflict, error.description)
        case .gone: (.gone, error.description)
        }
      case let error as HTTPError where error.status == .notFound: (.notFound, "There is no such page.")
      case let error as HTTPError where error.status == .contentTooLarge:
        (.contentTooLarge, "That is more than is taken at once; divide the file.")
      case let error as HTTPError: (error.status, error.body ?? error.status.reasonPhrase)
      case let error as FeedbackStoreError:
        (error.kind == .busy || error.kind == .diskFull ? .serviceUnavailable : .internalServerError, error.description)
      case let error as any UserFacingError: (.unprocessableContent, error.description)
      default: (.internalServerError, "Something went wrong here: \(error)")
      }
    if asDocument { return Response.document(["error": ["message": .string(message)]], status: status) }
    let signIn = try? await signIn(of: request)
    var values: [String: Any] = ["title": status.reasonPhrase, "code": status.code, "message": message]
    if let signIn { values["account"] = signIn.account.name }
    return pages.response("error", values, status: status)
  }
}

/// Somebody must sign in first.
struct SignInNeeded: Error {}

extension Response {
  /// JSON as an answer.
  static func document(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: .init(string: value.serialized(separators: (",", ":")))))
  }
}
