import Foundation
import Synchronization

/// Runs many programs, as many at a time as the machine has cores.
///
/// ```swift
/// let pool = SandboxPool(try Sandbox(.python))
/// let results = try pool.run(programs) { done, result in print(done, result.verdict) }
/// ```
/// Programs of the same content are run once.
public struct SandboxPool: Sendable {
  /// The sandbox.
  public let sandbox: Sandbox
  /// The number of programs at a time.
  public let workers: Int
  /// Results that are known, and where new ones are kept.
  public let cache: ResultCache?

  /// A pool.
  public init(_ sandbox: Sandbox, workers: Int? = nil, cache: ResultCache? = nil) {
    self.sandbox = sandbox
    self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    self.cache = cache
  }

  /// Runs all programs and returns their results in order; nil for those that a stop has left over.
  ///
  /// - Parameters:
  ///   - progress: called on the calling thread with how many are done and the result that came last.
  ///   - isStopped: asked on the calling thread; programs that run already are seen to their end.
  /// - Throws: the first ``SandboxError``, after which no further program is begun.
  public func run(
    _ programs: [SandboxedProgram], progress: (Int, RunResult) -> Void = { _, _ in }, isStopped: () -> Bool = { false }
  ) throws(SandboxError) -> [RunResult?] {
    var results = [RunResult?](repeating: nil, count: programs.count)
    var places: [String: [Int]] = [:]
    var work: [(key: String, place: Int)] = []
    var done = 0
    for (place, program) in programs.enumerated() {
      let key = ResultCache.key(of: program, in: sandbox)
      if let known = cache?[key] {
        results[place] = known
        done += 1
        progress(done, known)
      } else {
        if places[key] == nil { work.append((key, place)) }
        places[key, default: []].append(place)
      }
    }
    let desk = Desk(count: work.count)
    let number = min(workers, work.count)
    let (sandbox, cache) = (sandbox, cache)
    for _ in 0..<number {
      let (work, programs) = (work, programs)
      // Threads of our own: bubblewrap ends with the thread that started it, and those of a shared pool come and go.
      let thread = Thread {
        while let next = desk.next() {
          let item = work[next]
          do throws(SandboxError) {
            let result = try sandbox.run(programs[item.place])
            cache?.keep(result, for: item.key)
            desk.deliver(next, .success(result))
          } catch { desk.deliver(next, .failure(error)) }
        }
        desk.leave()
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
    var present = number
    var failure: SandboxError?
    while present > 0 {
      desk.wait(seconds: 0.1)
      if isStopped() { desk.close() }
      let (arrived, left) = desk.collect()
      present -= left
      for (next, outcome) in arrived {
        switch outcome {
        case .success(let result):
          for place in places[work[next].key] ?? [] {
            results[place] = result
            done += 1
            progress(done, result)
          }
        case .failure(let error):
          failure = failure ?? error
          desk.close()
        }
      }
    }
    if let failure { throw failure }
    return results
  }

  /// The place where threads take work and leave results.
  private final class Desk: Sendable {
    private struct State {
      var next = 0
      var count: Int
      var arrived: [(Int, Result<RunResult, SandboxError>)] = []
      var left = 0
    }
    private let state: Mutex<State>
    private let bell = DispatchSemaphore(value: 0)

    init(count: Int) { state = Mutex(State(count: count)) }

    func next() -> Int? {
      state.withLock { state in
        guard state.next < state.count else { return nil }
        state.next += 1
        return state.next - 1
      }
    }

    func deliver(_ place: Int, _ result: Result<RunResult, SandboxError>) {
      state.withLock { $0.arrived.append((place, result)) }
      bell.signal()
    }

    func leave() {
      state.withLock { $0.left += 1 }
      bell.signal()
    }

    func close() { state.withLock { $0.count = 0 } }
    func wait(seconds: Double) { _ = bell.wait(timeout: .now() + seconds) }

    func collect() -> (arrived: [(Int, Result<RunResult, SandboxError>)], left: Int) {
      state.withLock { state in
        defer { (state.arrived, state.left) = ([], 0) }
        return (state.arrived, state.left)
      }
    }
  }
}
