import Arcade
public import Documents
import Evaluation
import Foundation
import Statistics

/// The leaderboard of a competition: for the terminal, for programs, and as a page with curves, replays and logs.
public struct Leaderboard: Sendable {
  /// The rankings: over all tracks, where there are several, and of each track.
  public let rankings: [Ranking]
  private let folder: CompetitionFolder
  private let jobs: [CompetitionJob]

  /// The leaderboard of the results that a folder has.
  ///
  /// - Throws: `DataError` for a result that can't be read.
  public init(_ folder: CompetitionFolder, _ submissions: [Submission]) throws {
    self.folder = folder
    jobs = folder.jobs(of: submissions)
    rankings = try Ranking.all(folder.competition, jobs: jobs) { try folder.result(of: $0) }
  }

  /// The names of the games that may be told, in their order; private games are told by number.
  private func label(_ entry: Competition.Entry) -> String {
    guard entry.isPrivate else { return entry.game.rawValue }
    let hidden = folder.competition.games.filter(\.isPrivate)
    return "private \((hidden.firstIndex { $0.game == entry.game } ?? 0) + 1)"
  }

  /// The columns of a ranking: key of the scores, and what stands above.
  private func columns(_ ranking: Ranking) -> [(key: String, label: String)] {
    ranking.track == Ranking.overall
      ? folder.competition.tracks.map { ($0.name, $0.name) }
      : folder.competition.games.map { ($0.game.rawValue, label($0)) }
  }

  /// The rankings as a document.
  public var document: JSONValue {
    get throws {
      [
        "title": .string(folder.competition.title), "protocol": .int(Competition.protocolVersion),
        "jobs": .int(jobs.count),
        "rankings": .array(
          try rankings.map { ["track": .string($0.track), "rows": try JSONValue(encoding: $0.rows)] }),
      ]
    }
  }

  /// The rankings as tables for people.
  public var text: String {
    rankings.map { ranking in
      let columns = columns(ranking)
      var lines = [["place", "submission", "score"] + columns.map(\.label)]
      for row in ranking.rows {
        let (low, high) = (row.places.lowerBound, row.places.upperBound)
        lines.append(
          [
            low == high ? "\(row.place)" : "\(row.place) (\(low)–\(high))", row.submission,
            "\(fixed(row.score.value, 3)) [\(fixed(row.score.low, 3)), \(fixed(row.score.high, 3))]",
          ]
            + columns.map { column in
              (row.games[column.key].map { fixed($0, 3) } ?? "–") + (row.failures[column.key] == nil ? "" : "!")
            })
      }
      let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
      let table = lines.map { line in
        zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
          .trimmingCharacters(in: .whitespaces)
      }
      let failures = ranking.track == Ranking.overall && rankings.count > 1 ? [] : failureLines(ranking)
      return ([ranking.track] + table.map { "  \($0)" } + failures).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private func failureLines(_ ranking: Ranking) -> [String] {
    ranking.rows.flatMap { row in
      row.failures.sorted { $0.key < $1.key }.map { "  ! \(row.submission), \(shown($0.key)): \($0.value)" }
    }
  }

  /// A game's name as it may be told.
  private func shown(_ game: String) -> String {
    folder.competition.games.first { $0.game.rawValue == game }.map(label) ?? game
  }

  /// Writes `leaderboard.json` and `leaderboard.html`.
  ///
  /// - Throws: `DataError` where they can't be written.
  public func write() throws {
    try DurableFile.write(document.serialized(indent: 2) + "\n", to: "\(folder.path)/leaderboard.json")
    try page().write(to: URL(fileURLWithPath: "\(folder.path)/leaderboard.html"))
  }

  // MARK: The page

  private func page() throws -> Report {
    let competition = folder.competition
    var page = Report(
      title: competition.title,
      subtitle: "\(Set(jobs.map(\.submission)).count) submissions, \(competition.games.count) games, "
        + "\(competition.tracks.count) tracks")
    let budget = competition.budget
    page.paragraph(
      "Each submission was trained for \(budget.trainingSteps) steps or \(Int(budget.trainingSeconds)) s in every game, and then "
        + "played \(budget.rolloutEpisodes) episodes on levels that nobody had seen. Scores are normalised: 0 is the best "
        + "policy that sees nothing, 1 the best possible return; a submission that breaks the rules or the limits gets the "
        + "game's least return.")
    for ranking in rankings {
      page.figure(
        IntervalPlot(title: ranking.track, rows: ranking.rows.map { ($0.submission, $0.score) }, isPercentage: false))
    }
    for ranking in rankings {
      page.heading(ranking.track)
      let columns = columns(ranking)
      page.table(
        header: ["place", "submission", "score (95% interval)"] + columns.map(\.label),
        rows: ranking.rows.map { row in
          [
            .text(
              row.places.lowerBound == row.places.upperBound
                ? "\(row.place)" : "\(row.place) (\(row.places.lowerBound)–\(row.places.upperBound))"),
            .text(row.submission), .estimate(row.score, isPercentage: false),
          ] + columns.map { row.games[$0.key].map { .number($0, decimals: 3) } ?? "–" }
        }, caption: "In brackets the places that the scores' intervals allow.")
      for line in failureLines(ranking) where ranking.track != Ranking.overall { page.note(line, kind: .caution) }
    }
    page.heading("Weights")
    page.table(
      header: ["game", "weight", "least", "blind", "best"],
      rows: competition.games.map { entry in
        [
          .text(label(entry)), .number(entry.weight, decimals: 3), .number(entry.constants.least, decimals: 1),
          .number(entry.constants.blind, decimals: 1), .number(entry.constants.best, decimals: 1),
        ]
      }, caption: "Returns that a track's scores are normalised with, and each game's share in them.")
    try addJobs(&page)
    return page
  }

  private func addJobs(_ page: inout Report) throws {
    page.heading("Training")
    for track in folder.competition.tracks {
      let plots = try folder.competition.games.map { entry in
        var plot = Plot(title: "\(label(entry)), \(track.name)", x: "steps", y: "return")
        for job in jobs where job.track == track.name && job.game == entry.game.rawValue && job.repetition == 0 {
          guard let curve = try folder.result(of: job)?.curve, !curve.isEmpty else { continue }
          plot.add(job.submission, points: curve.map { .init(x: Double($0.step), y: $0.mean) }, smoothing: 0.5)
        }
        return plot
      }
      page.figure(plots)
    }
    page.heading("Logs and replays")
    page.table(
      header: ["submission", "game", "track", "episodes", "training", "rollout", "log", "replay"],
      rows: try jobs.compactMap { job in
        guard let result = try folder.result(of: job) else { return nil }
        return [
          .text(job.submission), .text(shown(job.game)), .text(job.track),
          .number(Double(result.returns.count), decimals: 0),
          .text("\(result.trainingSteps) steps, \(fixed(result.trainingSeconds, 1)) s"),
          .text("\(fixed(result.rolloutSeconds, 1)) s"), .text("logs/\(job.name).log"),
          .text(result.status == .scored ? "replays/\(job.name).gif" : result.reason ?? ""),
        ]
      }, caption: "Files beside this page.")
  }
}
