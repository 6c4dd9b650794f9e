import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import Training

extension Studio {
  /// Samples of one prompt across a run's checkpoints, and comparisons made of what two models answer.
  func addSamples(to router: Router<BasicRequestContext>) {
    route(router, .post, "api/runs/:run/samples") { visit in
      try checkRuns(visit)
      let (run, body) = (try Self.runName(visit), try visit.document())
      let prompt = (body["prompt"]?.string ?? "").trimmingCharacters(in: .newlines)
      guard !prompt.isEmpty else { throw ProjectError(.invalid, "Write a prompt first.") }
      let models = try await visit.queue.read { [settings] _ in
        Self.spread(try RunHistory(path: "\(settings.runs)/\(run)").checkpoints().map(\.path))
      }
      guard !models.isEmpty else { throw ProjectError(.invalid, "The run has no checkpoint yet.") }
      try trainings.sample(
        [.text(prompt)], by: models, as: Self.samplesName(run), tokens: body["tokens"]?.int ?? 128,
        temperature: body["temperature"]?.double)
      return Response.document(["models": .int(models.count)])
    }
    route(router, .get, "api/runs/:run/samples") { visit in
      try checkRuns(visit)
      let name = Self.samplesName(try Self.runName(visit))
      return Response.document(try samples(name))
    }
    route(router, .post, "api/projects/:project/pairs", needs: .owner) { visit in
      try checkRuns(visit)
      let (project, body) = (try visit.project, try visit.document())
      let models = (body["models"]?.array ?? []).compactMap(\.string)
      let known = Set(try await choices(visit).map(\.path))
      let prompts = (body["prompts"]?.string ?? "").split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      guard project.kind.responses.contains(models.count) else {
        throw ProjectError(.invalid, "A \(project.kind.rawValue) needs \(Self.words(project.kind.responses)) models.")
      }
      guard Set(models).count == models.count else {
        throw ProjectError(.invalid, "Choose models that differ: answers of one and the same can't be told apart.")
      }
      guard known.isSuperset(of: models) else { throw ProjectError(.invalid, "Choose models of the list.") }
      guard !prompts.isEmpty else { throw ProjectError(.invalid, "Write at least one prompt, each on a line.") }
      let (account, queue) = (visit.account.id, visit.queue)
      try trainings.sample(
        prompts.map { .text($0) }, by: models, as: Self.pairsName(project.id), tokens: body["tokens"]?.int ?? 128,
        temperature: body["temperature"]?.double
      ) { records in
        // What the project can't take is told on the page; nothing that is there is touched.
        _ = try await Self.addTasks(of: records, to: project, by: account, queue)
      }
      return Response.document(["prompts": .int(prompts.count)])
    }
    route(router, .get, "api/projects/:project/pairs", needs: .owner) { visit in
      Response.document(try samples(Self.pairsName(try visit.project.id)))
    }
  }

  private static func samplesName(_ run: String) -> String { "/samples \(run)" }
  private static func pairsName(_ project: Int) -> String { "/pairs \(project)" }

  private static func words(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  /// At most eight of them, the first and the last among them.
  private static func spread(_ paths: [String]) -> [String] {
    guard paths.count > 8 else { return paths }
    return (0..<8).map { paths[$0 * (paths.count - 1) / 7] }
  }

  /// How a drawing of samples stands, and what came of it.
  private func samples(_ name: String) throws -> JSONValue {
    guard let state = trainings.state(name) else { return ["state": "none"] }
    let failed = !state.isRunning && state.status != 0
    var document: JSONObject = [
      "state": .string(state.isRunning ? "running" : failed ? "failed" : "finished"), "words": .string(state.words),
    ]
    if let path = trainings.records(name), !state.isRunning, !failed {
      let reader = try RecordReader(paths: [path])
      var records: [JSONValue] = []
      while let record = try reader.next() { records.append(.object(record.fields)) }
      document["records"] = .array(records)
    }
    return .object(document)
  }

  /// The models that can be asked: the one that is served, and each run's result and checkpoints.
  func choices(_ visit: Visit) async throws -> [(path: String, text: String)] {
    let (served, folder) = (settings.model, settings.runs)
    return try await visit.queue.read { _ in
      let runs = try RunHistory.all(in: folder).flatMap { run in
        try run.checkpoints().reversed().map {
          (path: $0.path, text: "\(run.name), step \($0.step)")
        }
      }
      return (served.map { [(path: $0, text: "\($0) (the one that is served)")] } ?? []) + runs
    }
  }
}
