import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import Serving

/// Hands a request to the pages or to the models' routes, and gives every answer the headers of a careful site.
struct StudioResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let studio: Studio
  private let pages: RouterResponder<BasicRequestContext>
  private let models: RouterResponder<BasicRequestContext>

  /// Nothing but what this origin serves runs, is shown or is asked, and no other site may frame or open it.
  private static let headers = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
  ]

  init(studio: Studio) {
    self.studio = studio
    pages = studio.router().buildResponder()
    models = studio.models.responder()
  }

  func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
    var response = try await answer(to: request, context: context)
    for (name, value) in Self.headers { if let name = HTTPField.Name(name) { response.headers[name] = value } }
    return response
  }

  private func answer(to request: Request, context: BasicRequestContext) async throws -> Response {
    let isProgram = Self.isOfModels(request.uri.path)
    do {
      try studio.checkHost(request)
      if isProgram {
        try await studio.admitToModels(request)
        return try await models.respond(to: request, context: context)
      }
      return try await pages.respond(to: request, context: context)
    } catch {
      let isDocument = isProgram || request.uri.path.hasPrefix("/api/")
      return await studio.refusal(error, of: request, asDocument: isDocument)
    }
  }

  /// Whether a path belongs to the models' interface.
  private static func isOfModels(_ path: String) -> Bool {
    if path.hasPrefix("/v1/") { return true }
    return [
      "/health", "/version", "/metrics", "/slots", "/openapi.json", "/tokenize", "/detokenize", "/tokenizer_info",
    ].contains(path)
  }
}

extension Studio {
  /// Refuses names under which a page of another site could reach this machine (DNS rebinding).
  func checkHost(_ request: Request) throws {
    guard settings.isLoopback else { return }
    let name = request.head.authority ?? ""
    let host = name.hasPrefix("[") ? name.prefix { $0 != "]" } + "]" : name.prefix { $0 != ":" }
    guard ["127.0.0.1", "localhost", "[::1]"].contains(String(host)) || host.hasPrefix("127.") else {
      throw ProjectError(.forbidden, "This studio answers to 127.0.0.1 and localhost only, not to “\(host)”.")
    }
  }

  /// Lets in who is signed in; on this machine and without a password, programs too.
  func admitToModels(_ request: Request) async throws {
    if try await signIn(of: request) != nil {
      try checkOrigin(request)
      return
    }
    let hasPassword = try await queue.read { try $0.ownerAccount()?.password != nil }
    guard settings.isLoopback, !hasPassword else {
      throw ProjectError(.forbidden, "Sign in, or give a token: Authorization: Bearer TOKEN.")
    }
    try checkOrigin(request)
  }

  /// Refuses what another site's page sends.
  func checkOrigin(_ request: Request) throws {
    guard let origin = request.headers[.origin], request.method != .get, request.method != .head else { return }
    let authority = request.head.authority ?? ""
    guard origin == "http://\(authority)" || origin == "https://\(authority)" else {
      throw ProjectError(.forbidden, "This was sent by a page of another site.")
    }
  }
}
