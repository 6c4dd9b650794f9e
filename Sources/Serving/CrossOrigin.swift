import Foundation
import HTTPTypes
import Hummingbird

/// Lets pages of other origins read answers in a browser, as the settings say.
struct CrossOrigin: RouterMiddleware {
  let settings: ModelServer.Settings

  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    guard let origin = request.headers[.origin] else { return try await next(request, context) }
    let allowed = allowed(origin)
    // A browser asks beforehand, without a key; it must not be told about the paths that there are.
    if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
      var response = Response(status: allowed == nil ? .forbidden : .noContent)
      if let allowed {
        response.headers = [
          .accessControlAllowOrigin: allowed, .accessControlAllowMethods: "GET, HEAD, POST",
          .accessControlAllowHeaders: request.headers[.accessControlRequestHeaders] ?? "Authorization, Content-Type",
          .accessControlMaxAge: "600",
        ]
      }
      response.headers[.vary] = "Origin, Access-Control-Request-Headers"
      return response
    }
    var response = try await next(request, context)
    if let allowed { response.headers[.accessControlAllowOrigin] = allowed }
    response.headers[.vary] = "Origin"
    return response
  }

  /// The header's value for an origin; nil where its pages may not read.
  private func allowed(_ origin: String) -> String? {
    if let origins = settings.origins {
      return origins.contains("*") ? "*" : origins.contains(origin) ? origin : nil
    }
    return settings.isLoopback && Self.isOfThisMachine(origin) ? origin : nil
  }

  private static func isOfThisMachine(_ origin: String) -> Bool {
    guard let url = URL(string: origin), let host = url.host else { return false }
    return ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host) && ["http", "https"].contains(url.scheme ?? "")
  }
}
