import Competition
import Documents
import Foundation
import Statistics
import Synchronization
import TestSupport
import Testing

/// Rankings of simulated results.
@Suite("Rankings")
struct RankingTests {
  private static let description = """
    protocol: 1
    tracks:
      sample_efficiency: {training_levels: 0, weight: 3}
      generalization: {training_levels: 3, weight: 1}
    games:
      slalom: {weight: 3, min: 0, blind: 2, max: 12}
      bigfish: {weight: 1, min: -1, blind: 1, max: 41}
    """

  private func results(_ folder: CompetitionFolder, _ job: CompetitionJob, _ returns: [Double]) -> JobResult {
    var result = JobResult(job)
    (result.returns, result.lengths) = (returns, returns.map { _ in 1 })
    return result
  }

  @Test("a score is the weighted mean of normalised returns, and its interval is the normal one")
  func arithmetic() throws {
    let small = try SmallFolder(Self.description)
    try small.submit("a", "pass")
    try small.submit("b", "pass # b")
    let folder = small.folder
    let jobs = folder.jobs(of: try folder.submissions())
    #expect(jobs.count == 8)
    let rankings = Ranking.all(folder.competition, jobs: jobs) { job in
      if job.submission == "b" { return job.game == "slalom" ? JobResult(job, failed: "it broke") : nil }
      return results(folder, job, job.game == "slalom" ? [7, 9] : [21, 21])
    }
    #expect(rankings.map(\.track) == ["overall", "sample_efficiency", "generalization"])
    let row = try #require(rankings[1].rows.first { $0.submission == "a" })
    // ¾·(8 − 2)/10 + ¼·(21 − 1)/40
    #expect(abs(row.score.value - 0.575) < 1e-12 && row.games["slalom"] == 0.6 && row.games["bigfish"] == 0.5)
    // The variance of the mean of 0.5 and 0.7 is 0.01.
    #expect(abs(row.score.high - row.score.value - 1.959964 * 0.75 * 0.1) < 1e-6)
    #expect(row.place == 1 && row.places == 1...1 && row.missing == 0)
    let other = try #require(rankings[1].rows.first { $0.submission == "b" })
    // What fails gets the least return, what is missing the blind policy's.
    #expect(abs(other.score.value + 0.15) < 1e-12 && other.failures == ["slalom": "it broke"] && other.missing == 1)
    let overall = try #require(rankings[0].rows.first { $0.submission == "a" })
    #expect(abs(overall.score.value - 0.575) < 1e-12 && overall.score.n == 16 - 8)
  }

  @Test("scores that can't be told apart share their places")
  func ties() throws {
    let small = try SmallFolder(Self.description)
    for name in ["a", "b", "c"] { try small.submit(name, "pass # \(name)") }
    let folder = small.folder
    let jobs = folder.jobs(of: try folder.submissions())
    let rankings = Ranking.all(folder.competition, jobs: jobs) { job in
      results(folder, job, job.submission == "c" ? [11, 11.1] : [4, 8, 6, job.submission == "a" ? 6.1 : 6])
    }
    let rows = rankings[1].rows
    #expect(rows.map(\.submission) == ["c", "a", "b"])
    #expect(rows.map(\.places) == [1...1, 2...3, 2...3])
  }

  /// A simulated submission's episodes: its skill and noise, the same whenever it is played.
  private static func simulated(_ job: CompetitionJob) -> JobResult {
    var result = JobResult(job)
    let skill = Double(Int(job.submission.dropFirst(1)) ?? 0) / 100
    var draw = SeededGenerator(seed: DerivedSeed(run: 1, for: job.name).value)
    result.returns = (0..<20).map { _ in skill + draw.uniform() }
    result.lengths = result.returns.map { _ in 10 }
    return result
  }

  @Test("an evaluation that is killed ten times ends with the same table, and nothing is scored twice")
  func killed() throws {
    struct Killed: Error {}
    var tables: [String] = []
    var draw = SeededGenerator(seed: 3)
    for kills in [0, 10] {
      let small = try SmallFolder(Self.description)
      for n in 0..<12 { try small.submit("s\(n)", "pass # \(n)") }
      let folder = small.folder
      let submissions = try folder.submissions()
      let scored = Mutex([String: Int]())
      for attempt in 0...kills {
        // Killed within some job: what it had measured is lost, what was written stays.
        let fuel = Mutex(attempt == kills ? Int.max : draw.index(below: 8))
        var evaluator = CompetitionEvaluator(folder) { job, _, _ in
          try fuel.withLock { fuel in
            fuel -= 1
            if fuel < 0 { throw Killed() }
          }
          scored.withLock { $0[job.name, default: 0] += 1 }
          return Self.simulated(job)
        }
        evaluator.workers = 2
        do { try evaluator.run(submissions) } catch is Killed { #expect(attempt < kills) }
      }
      #expect(scored.withLock { $0.count == 48 && $0.values.allSatisfy { $0 == 1 } })
      let board = try Leaderboard(folder, submissions)
      try board.write()
      tables.append(board.text)
      let page = try String(contentsOfFile: "\(folder.path)/leaderboard.html", encoding: .utf8)
      #expect(page.contains("s11") && page.contains("<svg"))
    }
    #expect(tables[0] == tables[1] && tables[0].contains("s11"))
  }

  @Test("a thousand submissions are scheduled and ranked")
  func thousand() throws {
    let small = try SmallFolder(Self.description)
    let submissions = (0..<1000).map { n in
      var submission = try? Submission(folder: (try? small.submit("s0", "pass").folder) ?? "")
      submission?.name = "s\(n)"
      return submission
    }.compactMap { $0 }
    #expect(submissions.count == 1000)
    var evaluator = CompetitionEvaluator(small.folder) { job, _, _ in Self.simulated(job) }
    evaluator.workers = 2
    #expect(try evaluator.run(submissions) == .init(done: 4000, found: 0, left: 0))
    #expect(try evaluator.run(submissions) == .init(done: 0, found: 4000, left: 0))
    let board = try Leaderboard(small.folder, submissions)
    let rows = try #require(board.rankings.first).rows
    // Skill grows with the number, by a hundredth of a return each: neighbours may change places, far ones not.
    #expect(rows.count == 1000 && rows.prefix(100).allSatisfy { (Int($0.submission.dropFirst()) ?? 0) > 800 })
    #expect(rows.allSatisfy { $0.places.contains($0.place) })
  }

  @Test("another submission under an old name is scored anew, and only it")
  func replaced() throws {
    let small = try SmallFolder(Self.description)
    try small.submit("a", "pass")
    try small.submit("b", "pass # b")
    let evaluator = CompetitionEvaluator(small.folder) { job, _, _ in Self.simulated(job) }
    #expect(try evaluator.run(small.folder.submissions()).done == 8)
    try small.submit("a", "pass # better")
    #expect(try evaluator.run(small.folder.submissions()) == .init(done: 4, found: 4, left: 0))
  }

  @Test("a result that can't be read stops the evaluation with its name, and isn't written over")
  func damaged() throws {
    let small = try SmallFolder(Self.description)
    try small.submit("a", "pass")
    let submissions = try small.folder.submissions()
    let evaluator = CompetitionEvaluator(small.folder) { job, _, _ in Self.simulated(job) }
    try evaluator.run(submissions)
    let file = small.folder.resultPath(of: small.folder.jobs(of: submissions)[0])
    try Data("{\"half\":".utf8).write(to: URL(fileURLWithPath: file))
    let error = #expect(throws: DataError.self) { try evaluator.run(submissions) }
    #expect(error?.path == file)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "{\"half\":")
  }
}
