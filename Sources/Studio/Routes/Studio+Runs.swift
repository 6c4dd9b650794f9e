import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import Training

extension Studio {
  /// Runs with their curves, and trainings that begin here.
  func addRuns(to router: Router<BasicRequestContext>) {
    route(router, .get, "runs") { visit in
      try checkRuns(visit)
      let runs = try await visit.queue.read { [settings] _ in try RunHistory.all(in: settings.runs) }
      return pages.response(
        "runs",
        visit.values(
          "Runs",
          [
            "runs": runs.map { run in
              [
                "name": run.name, "command": run.manifest.command,
                "created": run.manifest.created.prefix(16).replacing("T", with: " "),
                "state": trainings.isRunning(run.name) ? "running" : run.state,
                "step": run.lastStep.map(String.init) ?? "",
                "loss": run.metrics["loss"].map { String(format: "%.3f", $0.last) } ?? "",
              ] as [String: Any]
            }, "none": runs.isEmpty, "folder": settings.runs, "onRuns": true,
          ]))
    }
    route(router, .get, "runs/:run") { visit in
      try checkRuns(visit)
      let name = try Self.runName(visit)
      let run = try? await visit.queue.read { [settings] _ in try RunHistory(path: "\(settings.runs)/\(name)") }
      guard run != nil || trainings.state(name) != nil else {
        throw ProjectError(.notFound, "There is no run “\(name)”.")
      }
      let choices = run?.manifest.configuration.sorted { $0.key < $1.key } ?? []
      return pages.response(
        "run",
        visit.values(
          name,
          [
            "name": name, "command": run?.manifest.command ?? "starting", "onRuns": true, "folder": settings.runs,
            "hasCheckpoints": settings.program != nil && (try? run?.checkpoints())?.isEmpty == false,
            "settings": choices.map { ["key": $0.key, "value": $0.value.string ?? $0.value.serialized()] },
          ]), data: ["run": .string(name)])
    }
    route(router, .get, "api/runs/:run/metrics") { visit in
      try checkRuns(visit)
      let name = try Self.runName(visit)
      let offset = visit.query("from").flatMap { Int($0) } ?? 0
      return Response.document(try await metrics(of: name, from: offset, visit))
    }
    route(router, .post, "projects/:project/train", needs: .owner) { try await train($0) }
  }

  func checkRuns(_ visit: Visit) throws {
    guard visit.account.isOwner else { throw ProjectError(.forbidden, "Runs are the studio owner's.") }
  }

  /// The run of the path, which must be a name and nothing that leads elsewhere.
  static func runName(_ visit: Visit) throws -> String {
    let name = visit.parameters.get("run")?.removingPercentEncoding ?? ""
    guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/"), !name.contains("\0") else {
      throw ProjectError(.notFound, "There is no such run.")
    }
    return name
  }

  /// The lines of metrics from a byte on, whole ones only, and where the next begins.
  private func metrics(of name: String, from offset: Int, _ visit: Visit) async throws -> JSONValue {
    let path = "\(settings.runs)/\(name)/metrics.jsonl"
    let training = trainings.state(name)
    let (lines, next) = try await visit.queue.read { _ -> ([JSONValue], Int) in
      guard let file = FileHandle(forReadingAtPath: path) else { return ([], offset) }
      defer { try? file.close() }
      try file.seek(toOffset: UInt64(max(0, offset)))
      guard let data = try file.read(upToCount: 4 << 20), let end = data.lastIndex(of: 10) else { return ([], offset) }
      let lines = data[...end].split(separator: 10).compactMap {
        try? JSONValue(parsing: String(decoding: $0, as: UTF8.self))
      }
      return (lines, offset + end - data.startIndex + 1)
    }
    let isFinished = (try? RunFolder.manifest(of: "\(settings.runs)/\(name)"))??.finished != nil
    return [
      "lines": .array(lines), "next": .int(next),
      "state": .string(training?.isRunning == true ? "running" : isFinished ? "finished" : "unfinished"),
      "words": training.map { .string($0.words) } ?? nil,
      "failed": .bool(training.map { !$0.isRunning && $0.status != 0 } ?? false),
    ]
  }

  /// Writes a project's feedback beside its run and begins to learn from it.
  private func train(_ visit: Visit) async throws -> Response {
    let project = try visit.project
    let (verb, shape): (String, FeedbackWriter.Shape) =
      project.kind == .demonstration ? ("sft", .demonstrations) : ("reward", .preferences)
    let stamp = Date.now.formatted(
      .verbatim(
        "\(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)-\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\(second: .twoDigits)",
        timeZone: .gmt, calendar: .init(identifier: .gregorian)))
    let run = "\(Self.fileName(project.name))-\(verb)-\(stamp)"
    try FileManager.default.createDirectory(atPath: settings.runs, withIntermediateDirectories: true)
    let data = "\(settings.runs)/\(run).jsonl"
    let report = try await visit.queue.read { try $0.export(FeedbackQuery(batch: project.name), to: data, as: shape) }
    guard report.lines > 0 else {
      throw ProjectError(.invalid, "There is nothing to learn from yet: \(report).")
    }
    try trainings.start(verb, run: run, data: data)
    return Self.redirect("/runs/\(run)")
  }
}
