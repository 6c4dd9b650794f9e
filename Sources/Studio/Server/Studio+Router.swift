import Feedback
import Foundation
import HTTPTypes
import Hummingbird

extension Studio {
  /// All routes of the studio itself.
  func router() -> Router<BasicRequestContext> {
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.add(middleware: Refusals(studio: self))
    router.get("static/:version/**") { request, context in
      let name = context.parameters.getCatchAll().joined(separator: "/")
      guard let response = files.response(name, version: context.parameters.get("version") ?? "") else {
        throw HTTPError(.notFound)
      }
      return response
    }
    addSignIn(to: router)
    addProjects(to: router)
    addPeople(to: router)
    addExchange(to: router)
    addLabelling(to: router)
    addDecisions(to: router)
    addChat(to: router)
    addRuns(to: router)
    addSamples(to: router)
    return router
  }
}

/// Gives errors of routes their page, or their document: left to the router, they would be bare statuses.
private struct Refusals: RouterMiddleware {
  let studio: Studio

  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    do { return try await next(request, context) } catch {
      return await studio.refusal(error, of: request, asDocument: request.uri.path.hasPrefix("/api/"))
    }
  }
}
