import Foundation

/// Runs an actor's jobs on one thread of its own, in order.
final class ThreadExecutor: SerialExecutor {
  /// The queue that both sides see; the thread holds only this, so that it does not keep its executor alive.
  private final class Queue: @unchecked Sendable {
    // Sendable: every access holds the condition's lock.
    let condition = NSCondition()
    var work: [@Sendable () -> Void] = []
    var isStopped = false
    var thread: pthread_t?

    func run() {
      condition.withLock { thread = pthread_self() }
      while true {
        condition.lock()
        while work.isEmpty && !isStopped { condition.wait() }
        let batch = work
        work = []
        condition.unlock()
        if batch.isEmpty { return }
        for item in batch { item() }
      }
    }

    func add(_ item: @escaping @Sendable () -> Void) {
      condition.withLock {
        work.append(item)
        condition.signal()
      }
    }
  }

  private let queue = Queue()

  init(name: String) {
    let queue = queue
    let thread = Thread { queue.run() }
    thread.name = name
    // The backward pass of a deep graph recurses.
    thread.stackSize = 16 << 20
    thread.start()
  }

  deinit { stop() }

  /// Lets the thread end after the work that it has.
  func stop() {
    queue.condition.withLock {
      queue.isStopped = true
      queue.condition.signal()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    // The job runs on this executor, so it must outlive the job.
    queue.add { [self] in
      withExtendedLifetime(self) { job.runSynchronously(on: executor) }
    }
  }

  func checkIsolated() {
    let isHere = queue.condition.withLock {
      queue.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
    }
    precondition(isHere, "this is not the actor's tensor thread")
  }

  /// Runs `body` on the thread before any actor lives on it.
  func perform<Result>(
    _ body: @escaping @Sendable () throws -> sending Result
  ) async throws -> sending Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.add { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}
