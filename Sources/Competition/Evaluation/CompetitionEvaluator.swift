import Foundation
import Sandbox
import Synchronization

/// Runs the jobs of a competition that have no result yet, some at a time.
///
/// A job's result is written once and whole; one that was stopped half-way leaves nothing and is begun anew. So the same call
/// goes on where it was stopped, however it was, and scores nothing twice; several processes may share a folder.
public struct CompetitionEvaluator: Sendable {
  /// What has come of the jobs.
  public struct Outcome: Sendable, Equatable {
    /// Jobs that got their result now.
    public var done = 0
    /// Jobs that had one.
    public var found = 0
    /// Jobs that another process is at, or that were stopped.
    public var left = 0

    /// Numbers by hand.
    public init(done: Int = 0, found: Int = 0, left: Int = 0) {
      (self.done, self.found, self.left) = (done, found, left)
    }
  }

  /// The folder.
  public let folder: CompetitionFolder
  /// How many jobs are run at a time.
  public var workers = 1
  /// Gets a line as each job ends.
  public var log: @Sendable (String) -> Void
  /// Asked often; true ends what is at work.
  public var isStopped: @Sendable () -> Bool
  /// Does one job; a sandboxed conversation unless somebody simulates.
  var perform: @Sendable (CompetitionJob, Submission, () -> Bool) throws -> JobResult?

  /// An evaluator of a folder's submissions.
  ///
  /// - Parameter program: the path of `apprentice`, for submissions that are agents of its own; the one that runs unless given.
  public init(
    _ folder: CompetitionFolder, program: String? = nil, log: @escaping @Sendable (String) -> Void = { _ in },
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    self.folder = folder
    self.log = log
    self.isStopped = isStopped
    let runner = JobRunner(folder: folder, ownProgram: OwnProgram(path: program))
    perform = { try runner.run($0, $1, isStopped: $2) }
  }

  /// An evaluator whose jobs are done by somebody else: a simulation.
  package init(
    _ folder: CompetitionFolder,
    performing perform: @escaping @Sendable (CompetitionJob, Submission, () -> Bool) throws -> JobResult?
  ) {
    self.folder = folder
    self.perform = perform
    log = { _ in }
    isStopped = { false }
  }

  /// Runs all jobs of some submissions, or those of some numbers.
  ///
  /// - Throws: the first error that is no submission's fault, once the jobs at work have ended.
  @discardableResult
  public func run(_ submissions: [Submission], only numbers: Set<Int>? = nil) throws -> Outcome {
    let byName = Dictionary(submissions.map { ($0.name, $0) }) { first, _ in first }
    let all = folder.jobs(of: submissions)
    let jobs = numbers.map { numbers in all.indices.filter(numbers.contains).map { all[$0] } } ?? all
    let state = Mutex(Progress())
    let count = jobs.count
    @Sendable func work() {
      while true {
        let index: Int? = state.withLock { state in
          guard state.error == nil, !isStopped(), state.next < count else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let index, let submission = byName[jobs[index].submission] else { return }
        do {
          let step = try one(jobs[index], submission)
          state.withLock { state in
            switch step {
            case .done: state.outcome.done += 1
            case .found: state.outcome.found += 1
            case .left: state.outcome.left += 1
            }
          }
        } catch { state.withLock { if $0.error == nil { $0.error = error } } }
      }
    }
    let group = DispatchGroup()
    for _ in 1..<max(2, min(workers, count) + 1) {
      group.enter()
      // Threads of their own: bubblewrap ends with the thread that started it.
      let thread = Thread {
        work()
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    var ended = state.withLock { $0 }
    if let error = ended.error { throw error }
    ended.outcome.left += count - ended.next
    return ended.outcome
  }

  private struct Progress {
    var next = 0
    var outcome = Outcome()
    var error: (any Error)?
  }

  private enum Step { case done, found, left }

  private func one(_ job: CompetitionJob, _ submission: Submission) throws -> Step {
    if try folder.result(of: job) != nil { return .found }
    guard let claim = try JobClaim("\(folder.path)/claims/\(job.name).lock") else { return .left }
    return try withExtendedLifetime(claim) {
      // Another process may have done it while the claim was waited for.
      if try folder.result(of: job) != nil { return .found }
      guard let result = try perform(job, submission, isStopped) else { return .left }
      try folder.write(result, of: job)
      log(Self.line(job, result))
      return .done
    }
  }

  private static func line(_ job: CompetitionJob, _ result: JobResult) -> String {
    let place = "\(job.submission) in \(job.game), \(job.track)"
    guard result.status == .scored, !result.returns.isEmpty else { return "\(place): no score: \(result.reason ?? "")" }
    let mean = result.returns.reduce(0, +) / Double(result.returns.count)
    return "\(place): \(String(format: "%.2f", mean)) over \(result.returns.count) episodes"
  }
}
