import Competition
import Foundation
import Sandbox
import TestSupport
import Testing

/// A competition of a few steps, with submissions written on the spot.
struct SmallFolder {
  let temporary: TemporaryFolder
  let folder: CompetitionFolder

  static let description = """
    protocol: 1
    title: Tiny
    budget: {environments: 2, training_steps: 40, training_seconds: 20, rollout_episodes: 2, rollout_seconds: 30,
      memory_mib: 128, processes: 16, scratch_mib: 8}
    tracks:
      generalization: {training_levels: 3}
    games:
      slalom: {weight: 1, min: 0, blind: 8.5, max: 20}
    """

  init(_ description: String = SmallFolder.description, secret: UInt64 = 7) throws {
    temporary = try TemporaryFolder()
    try CompetitionFolder.make(temporary.path("contest"), description: description, secret: secret)
    folder = try CompetitionFolder(temporary.path("contest"))
  }

  /// Hands in a Python program, with the client beside it.
  @discardableResult
  func submit(_ name: String, _ program: String, observations: String = "inline") throws -> Submission {
    let own = try Starter.copy("blind", into: temporary.path("agents-\(name)"))
    try Data(program.utf8).write(to: URL(fileURLWithPath: "\(own)/agent.py"))
    let manifest =
      #"{"protocol": 1, "name": "\#(name)", "run": ["python3", "-u", "agent.py"], "observations": "\#(observations)"}"#
    try Data(manifest.utf8).write(to: URL(fileURLWithPath: "\(own)/submission.json"))
    return try folder.submit(own)
  }

  /// Evaluates everything that was handed in, and gives the results by name.
  func evaluate() throws -> [String: JobResult] {
    let submissions = try folder.submissions()
    try CompetitionEvaluator(folder).run(submissions)
    var results: [String: JobResult] = [:]
    for job in folder.jobs(of: submissions) { results[job.submission] = try folder.result(of: job) }
    return results
  }

  func log(of name: String) throws -> String {
    let jobs = folder.jobs(of: try folder.submissions())
    let job = try #require(jobs.first { $0.submission == name })
    return try String(contentsOfFile: folder.logPath(of: job), encoding: .utf8)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test with a reason where programs can't be isolated.
  static var needsSandbox: Self {
    let problem: String
    do {
      _ = try Isolation.available()
      problem = ""
    } catch { problem = error.description }
    return .enabled(if: problem.isEmpty, "\(problem)")
  }
}
