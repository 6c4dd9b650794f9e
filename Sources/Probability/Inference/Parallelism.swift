import Dispatch
import Foundation
import Synchronization

/// The spreading of inference over the cores.
public enum Parallelism {
  /// The most pieces of work that run at a time; `nil` for as many as there are cores.
  ///
  /// Results don't depend on it. Bind it to leave cores to others:
  ///
  /// ```swift
  /// let posterior = try Parallelism.$maximumCores.withValue(1) {
  ///   try infer(.importanceSampling()) { s in try s.flip(0.3) }
  /// }
  /// ```
  @TaskLocal public static var maximumCores: Int?
}

/// Runs numbered pieces of work over the cores, and gives the results in order.
///
/// The pieces must not depend on how many cores there are: each takes its random stream from its
/// own number. That is what makes results the same on every machine.
package func inParallel<Result: Sendable>(
  _ count: Int, _ work: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
  let cores = Parallelism.maximumCores ?? ProcessInfo.processInfo.activeProcessorCount
  let lanes = min(max(cores, 1), count)
  if lanes <= 1 { return try (0..<count).map(work) }
  let next = Atomic(0)
  let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: lanes) { _ in
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      if index >= count { break }
      let result = Swift.Result { try work(index) }
      results.withLock { $0[index] = result }
    }
  }
  return try results.withLock { slots in
    try slots.compactMap { try $0?.get() }
  }
}
