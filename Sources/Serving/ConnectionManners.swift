import Hummingbird
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// The manners of a connection beside answers: a go-ahead where one is waited for, and the end that was announced.
///
/// One handler stands in each connection, between the parser and the routes.
final class ConnectionManners: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let largestBody: Int
  /// Whether the answer that is being written says that it is the last.
  private var isLast = false
  private var hasEnded = false

  init(largestBody: Int) { self.largestBody = largestBody }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What comes after the last answer gets none.
    guard !hasEnded else { return }
    if case .head(let request) = unwrapInboundIn(data), request.headerFields[.expect]?.lowercased() == "100-continue" {
      // A body that won't be taken needn't be sent: its refusal is on the way.
      let length = request.headerFields[.contentLength].flatMap { Int($0) } ?? 0
      if length <= largestBody {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let response): isLast = response.headerFields[.connection]?.lowercased() == "close"
    case .end where isLast:
      hasEnded = true
      let written = promise ?? context.eventLoop.makePromise()
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      // A client that sent a further request meanwhile must see that it isn't answered.
      written.futureResult.whenComplete { _ in bound.value.close(mode: .all, promise: nil) }
      context.write(data, promise: written)
      return
    default: break
    }
    context.write(data, promise: promise)
  }
}
