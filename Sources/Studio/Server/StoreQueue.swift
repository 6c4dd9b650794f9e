import Dispatch
import Feedback

/// A store for callers that must not wait: changes go one after the other, reading goes beside them.
struct StoreQueue: Sendable {
  let store: FeedbackStore
  private let writing = DispatchQueue(label: "studio.write")
  private let reading = DispatchQueue(label: "studio.read", attributes: .concurrent)

  init(_ store: FeedbackStore) { self.store = store }

  func read<Result: Sendable>(_ body: @escaping @Sendable (FeedbackStore) throws -> Result) async throws -> Result {
    try await run(reading, body)
  }

  func write<Result: Sendable>(_ body: @escaping @Sendable (FeedbackStore) throws -> Result) async throws -> Result {
    try await run(writing, body)
  }

  private func run<Result: Sendable>(
    _ queue: DispatchQueue, _ body: @escaping @Sendable (FeedbackStore) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try body(store) }) }
    }
  }
}
