import Arcade
import Documents
import Foundation
import Media
import Sandbox

/// Trains and rolls out one submission in one game and track, in a sandbox.
struct JobRunner {
  let folder: CompetitionFolder
  /// What the agents that come with this program need to see.
  let ownProgram: OwnProgram

  /// What came of a job; nil where it was stopped, and is as if it had never begun.
  ///
  /// - Throws: what isn't the submission's fault: no isolation, no memory, a full disk.
  func run(_ job: CompetitionJob, _ submission: Submission, isStopped: () -> Bool) throws -> JobResult? {
    let competition = folder.competition
    guard let entry = competition.games.first(where: { $0.game.rawValue == job.game }),
      let track = competition.tracks.first(where: { $0.name == job.track })
    else { throw CompetitionError("There is no game '\(job.game)' or track '\(job.track)' in \(folder.path).") }
    let budget = competition.budget
    let levels = Levels(secret: folder.secret, mode: competition.mode)
    func environments(_ options: GameOptions, _ purpose: String) throws -> VectorEnvironment {
      try VectorEnvironment(
        entry.game, options, count: budget.environments,
        seed: levels.seed("\(purpose) \(job.track) \(job.game)", repetition: job.repetition))
    }
    let training = try environments(levels.options(entry.game, training: track.trainingLevels), "training")
    let test = try environments(levels.testOptions(), "test")
    let terms = CompetitionTerms(
      version: Competition.protocolVersion, environments: budget.environments,
      observation: [Environment.observationSize, Environment.observationSize, 3], actions: GameAction.count,
      trainingSteps: budget.trainingSteps, trainingSeconds: budget.trainingSeconds,
      rolloutEpisodes: budget.rolloutEpisodes, rolloutSeconds: budget.rolloutSeconds,
      observations: submission.observations.rawValue, seed: levels.seed("submission", repetition: job.repetition) >> 11)
    let shared =
      submission.observations == .shared ? try SharedBytes(count: training.observations.count) : nil
    let session = try start(submission, shared)
    defer { session.end() }
    let referee = Referee(session, shared: shared, terms: terms)
    var result = JobResult(job)
    do {
      guard let measured = try referee.run(training: training, test: test, isStopped: isStopped) else { return nil }
      (result.returns, result.lengths, result.curve) = (measured.returns, measured.lengths, measured.curve)
      result.trainingSteps = measured.trainingSteps
      result.trainingSeconds = measured.trainingSeconds
      result.rolloutSeconds = measured.rolloutSeconds
      // Who has played its episodes may still write to its log what it made of them.
      session.end(patience: 5)
      try write(measured.frames, to: folder.replayPath(of: job))
    } catch let violation as Referee.Violation {
      session.end()
      result = JobResult(job, failed: violation.words)
    } catch let broken as SandboxSession.Break {
      let isOutOfMemory = session.isOutOfMemory
      // Who has closed its end is about to go, and says why by its status.
      session.end(patience: broken == .closed ? 1 : 0)
      result = JobResult(job, failed: Self.words(broken, session, isOutOfMemory, budget))
    }
    try CompetitionFolder.write(Data(session.log.utf8), to: folder.logPath(of: job))
    return result
  }

  private func start(_ submission: Submission, _ shared: SharedBytes?) throws -> SandboxSession {
    let budget = folder.competition.budget
    var limits = SandboxLimits()
    limits.memory = budget.memory << 20
    limits.processes = budget.processes
    limits.scratchSize = budget.scratch << 20
    limits.fileSize = budget.scratch << 20
    limits.outputSize = 1 << 20
    limits.openFiles = 1024
    let place = "/submission"
    var words = submission.run
    var shown = [SandboxSession.Shown(submission.folder, at: place)]
    var environment = ["PYTHONDONTWRITEBYTECODE": "1"]
    if words[0] == Submission.ownProgram {
      words[0] = ownProgram.path
      shown += ownProgram.needs.map { .init($0) }
      environment.merge(ownProgram.environment) { $1 }
    } else if words[0].hasPrefix("./") {
      words[0] = "\(place)/\(words[0].dropFirst(2))"
    }
    return try SandboxSession(
      words, showing: shown, in: place, environment: environment, memory: shared, limits: limits)
  }

  private static func words(
    _ broken: SandboxSession.Break, _ session: SandboxSession, _ isOutOfMemory: Bool, _ budget: Competition.Budget
  ) -> String {
    if isOutOfMemory { return "it took more than \(budget.memory) MiB of memory" }
    switch broken {
    case .late: return "it didn't answer within its time"
    case .flooded: return "it wrote more than 1 MiB to its log"
    case .closed:
      let last = session.log.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
      let status = session.status ?? 0
      let end = status < 0 ? "by signal \(-status)" : "with status \(status)"
      return "it ended \(end) before its episodes were played" + (last.map { ": \($0.prefix(200))" } ?? "")
    }
  }

  private func write(_ frames: [RGBImage], to path: String) throws {
    guard !frames.isEmpty else { return }
    // 15 steps a second are seven hundredths each.
    try CompetitionFolder.write(GIFFile.data(of: frames.map { $0.enlarged(by: 2) }, delay: 7), to: path)
  }
}
