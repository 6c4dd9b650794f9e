import Documents
import Hummingbird
import HTTPTypes
import LanguageModels
import NIOCore

/// Server-sent events: one JSON document each, a comment now and then so that nobody takes silence for death.
enum EventStream {
  /// The longest silence.
  ///
  /// That a client has gone is noticed by writing to it, so what waits in the queue for one that has gone leaves it
  /// after two of these.
  static let silence = Duration.seconds(2)

  private enum Item: Sendable {
    case event(GenerationEvent)
    case silence
  }

  /// An answer that says what `state` makes of each event, then `[DONE]` unless its chunks have names.
  ///
  /// The request is cancelled when the answer can't be written: its events' stream ends with this closure.
  static func response(
    _ generation: ModelHost.Generation, _ state: some ChunkMaker & Sendable
  ) -> Response {
    Response(
      status: .ok,
      headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"],
      body: .init { writer in
        var state = state
        var out = writer
        try await withThrowingTaskGroup(of: Void.self) { group in
          let (items, continuation) = AsyncStream.makeStream(of: Item.self)
          group.addTask {
            for await event in generation.events { continuation.yield(.event(event)) }
            continuation.finish()
          }
          group.addTask {
            while !Task.isCancelled {
              try? await Task.sleep(for: silence)
              continuation.yield(.silence)
            }
          }
          func send(_ chunks: [JSONValue]) async throws {
            for chunk in chunks {
              let name = state.namesChunks ? chunk["type"]?.string.map { "event: \($0)\n" } : nil
              let data = chunk.serialized(separators: (",", ":"))
              try await out.write(ByteBuffer(string: "\(name ?? "")data: \(data)\n\n"))
            }
          }
          try await send(state.opening())
          for await item in items {
            switch item {
            case .silence: try await out.write(ByteBuffer(string: ": keep-alive\n\n"))
            case .event(let event): try await send(state.chunks(for: event))
            }
          }
          try await send(state.closing())
          if !state.namesChunks { try await out.write(ByteBuffer(string: "data: [DONE]\n\n")) }
          group.cancelAll()
        }
        try await out.finish(nil)
      })
  }
}

/// Turns events into the chunks of a streamed answer.
protocol ChunkMaker {
  /// Whether a chunk's `type` is its event's name too, and the last one says that it is the last.
  var namesChunks: Bool { get }
  /// The chunks before the first event.
  mutating func opening() -> [JSONValue]
  /// The chunks that an event becomes.
  mutating func chunks(for event: GenerationEvent) -> [JSONValue]
  /// The chunks at the end.
  mutating func closing() -> [JSONValue]
}

extension ChunkMaker {
  var namesChunks: Bool { false }
}
