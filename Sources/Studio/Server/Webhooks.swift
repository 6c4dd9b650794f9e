import Documents
import Feedback
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Tells other programs of a project's answers, in their order, until each has arrived.
///
/// What was told is kept in the store, so that a studio that was killed goes on where it stopped. An answer may arrive twice where
/// the receiver's own answer was lost; its number says so.
final class Webhooks: Sendable {
  /// An attempt that failed, for the project's page.
  struct Failure: Sendable {
    var problem: String
    var attempts: Int
    var next: Date
  }

  private let queue: StoreQueue
  private let session: URLSession
  private let failures = Mutex<[Int: Failure]>([:])
  private let wishes: AsyncStream<Void>
  private let wish: AsyncStream<Void>.Continuation
  /// The longest time between two attempts, in seconds.
  private static let longestPause = 600.0

  init(queue: StoreQueue) {
    self.queue = queue
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 20
    session = URLSession(configuration: configuration)
    (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Says that there may be something to tell.
  func wake() { wish.yield() }

  /// The last failure of a project's address; nil where all has arrived.
  func failure(of project: Int) -> Failure? { failures.withLock { $0[project] } }

  /// Forgets a project's failures, so that a new address is tried at once.
  func forget(_ project: Int) {
    failures.withLock { $0[project] = nil }
    wake()
  }

  /// Tells what is due for as long as the task isn't cancelled.
  func run() async {
    wake()
    let clock = Task { [wish] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(1))
        wish.yield()
      }
    }
    defer { clock.cancel() }
    for await _ in wishes {
      if Task.isCancelled { return }
      var isMore = true
      while isMore, !Task.isCancelled { isMore = await tell() }
    }
  }

  /// Tells each project's next answer; whether there may be more.
  private func tell() async -> Bool {
    guard let due = try? await queue.write({ try $0.dueDeliveries() }) else { return false }
    let now = Date.now
    let ready = due.filter { delivery in failure(of: delivery.project.id).map { $0.next <= now } ?? true }
    let arrived = await withTaskGroup(of: Bool.self) { group in
      for delivery in ready { group.addTask { await self.tell(delivery) } }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    return arrived > 0
  }

  private func tell(_ delivery: FeedbackStore.Delivery) async -> Bool {
    let project = delivery.project.id
    do {
      try await send(delivery)
      try await queue.write { try $0.setDelivered(delivery) }
      failures.withLock { $0[project] = nil }
      return true
    } catch {
      failures.withLock { all in
        let attempts = (all[project]?.attempts ?? 0) + 1
        all[project] = Failure(
          problem: (error as? ProjectError)?.description ?? error.localizedDescription, attempts: attempts,
          next: .now.addingTimeInterval(min(pow(2, Double(attempts - 1)), Self.longestPause)))
      }
      return false
    }
  }

  private func send(_ delivery: FeedbackStore.Delivery) async throws {
    guard let address = delivery.project.settings.webhook.flatMap(URL.init(string:)) else { return }
    let body = Data(try Self.document(delivery).serialized().utf8)
    var request = URLRequest(url: address)
    request.httpMethod = "POST"
    request.httpBody = body
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.setValue("apprentice-studio", forHTTPHeaderField: "User-Agent")
    request.setValue("\(delivery.event.id)", forHTTPHeaderField: "X-Apprentice-Delivery")
    if let secret = delivery.project.settings.webhookSecret {
      let code = SHA256Digest(authenticating: body, key: Data(secret.utf8))
      request.setValue("sha256=\(code.hexadecimal)", forHTTPHeaderField: "X-Apprentice-Signature")
    }
    let (_, response) = try await session.data(for: request)
    guard let status = (response as? HTTPURLResponse)?.statusCode, (200..<300).contains(status) else {
      throw ProjectError(.invalid, "it answered with status \((response as? HTTPURLResponse)?.statusCode ?? 0)")
    }
  }

  /// What is sent of an answer: the line of the log, the project, and the answer as its raw record has it.
  private static func document(_ delivery: FeedbackStore.Delivery) throws -> JSONValue {
    let project = delivery.project
    return [
      "id": .int(delivery.event.id), "event": .string(delivery.event.kind), "date": .string(delivery.event.date),
      "project": [
        "id": .int(project.id), "name": .string(project.name), "kind": .string(project.kind.rawValue),
      ],
      "submission": try Studio.document(delivery.submission),
    ]
  }
}
