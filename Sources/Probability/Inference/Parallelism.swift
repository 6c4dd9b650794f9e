import Dispatch
import Synchronization

/// Runs numbered pieces of work over the cores, and gives the results in order.
///
/// The pieces must not depend on how many cores there are: each takes its random stream from its own
/// number. That is what makes results the same on every machine.
func inParallel<Result: Sendable>(
  _ count: Int, _ work: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
  if count == 1 { return [try work(0)] }
  let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = Swift.Result { try work(index) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { slots in
    try slots.compactMap { try $0?.get() }
  }
}
