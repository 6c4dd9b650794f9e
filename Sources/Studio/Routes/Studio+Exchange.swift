import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Studio {
  /// Tasks in, feedback and the raw log out.
  func addExchange(to router: Router<BasicRequestContext>) {
    route(router, .post, "api/projects/:project/tasks", needs: .owner, largestBody: settings.largestUpload) { visit in
      try await takeTasks(visit)
    }
    route(router, .get, "projects/:project/export/:shape", needs: .reviewer) { visit in
      let project = try visit.project
      guard let shape = FeedbackWriter.Shape(rawValue: visit.parameters.get("shape") ?? "") else {
        throw ProjectError(.notFound, "There is no such shape.")
      }
      let ties: FeedbackWriter.Ties = visit.query("ties") == "soft" ? .softLabel : .drop
      let path = Self.temporary(".jsonl")
      _ = try await visit.queue.read {
        try $0.export(FeedbackQuery(batch: project.name), to: path, as: shape, ties: ties)
      }
      return Self.download(path, named: "\(Self.fileName(project.name))-\(shape.rawValue).jsonl")
    }
    route(router, .get, "projects/:project/export-log", needs: .reviewer) { visit in
      let project = try visit.project
      return Self.lines(named: "\(Self.fileName(project.name))-events.jsonl") { last in
        let events = try await visit.queue.read { try $0.events(of: project.id, before: last ?? .max, limit: 1_000) }
        return (events.map(\.document), events.last?.id)
      }
    }
    route(router, .get, "projects/:project/export-answers", needs: .reviewer) { visit in
      let project = try visit.project
      return Self.lines(named: "\(Self.fileName(project.name))-answers.jsonl") { last in
        let found = try await visit.queue.read { try $0.submissions(of: project.id, after: last) }
        return (try found.map(Self.document), found.last?.id)
      }
    }
  }

  private func takeTasks(_ visit: Visit) async throws -> Response {
    let project = try visit.project
    let given = visit.query("name") ?? "tasks.jsonl"
    // The ending tells the format; the rest of the name is the sender's and stays out of paths.
    let ending = [".jsonl.gz", ".json.gz", ".csv.gz", ".jsonl", ".json", ".csv", ".tsv", ".txt"].first {
      given.lowercased().hasSuffix($0)
    }
    let path = Self.temporary(ending ?? ".jsonl")
    defer { try? FileManager.default.removeItem(atPath: path) }
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(visit.body.readableBytesView), attributes: [.posixPermissions: 0o600])
    else {
      throw ProjectError(.invalid, "The file can't be kept: \(FileManager.default.temporaryDirectory.path) is full.")
    }
    do {
      let added = try await Self.addTasks(of: path, to: project, by: visit.account.id, visit.queue)
      return Response.document(["added": .int(added.added), "alreadyPresent": .int(added.alreadyPresent)])
    } catch var error as DataError {
      error.path = given
      throw ProjectError(.invalid, error.description)
    }
  }

  /// Makes tasks of a file's records: all of them, or, where one can't be, none.
  static func addTasks(
    of path: String, to project: Project, by account: Int, _ queue: StoreQueue
  ) async throws -> FeedbackStore.TaskImport {
    try await queue.write { store in
      let reader = try RecordReader(paths: [path])
      var tasks: [TaskDraft] = []
      while let record = try reader.next() { tasks.append(try TaskDraft(record, for: project.kind)) }
      return try store.addTasks(tasks, to: project.id, by: account)
    }
  }

  static func temporary(_ ending: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(newIdentifier())\(ending)").path
  }

  static func fileName(_ name: String) -> String {
    let letters = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    return String(letters.prefix(60))
  }

  /// A file that is sent and then removed.
  private static func download(_ path: String, named name: String) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "application/jsonl; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name)\"",
        .cacheControl: "no-store",
      ],
      body: .init { writer in
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        while let data = try file.read(upToCount: 1 << 18), !data.isEmpty {
          try await writer.write(ByteBuffer(bytes: data))
        }
        try await writer.finish(nil)
      })
  }

  /// Lines that are read a page at a time while they are sent.
  private static func lines<Place: Sendable>(
    named name: String, _ page: @escaping @Sendable (Place?) async throws -> ([JSONValue], Place?)
  ) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "application/jsonl; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name)\"",
        .cacheControl: "no-store",
      ],
      body: .init { writer in
        var last: Place?
        while true {
          let (documents, end) = try await page(last)
          guard !documents.isEmpty, let end else { break }
          last = end
          try await writer.write(ByteBuffer(string: documents.map { $0.serialized() + "\n" }.joined()))
        }
        try await writer.finish(nil)
      })
  }

  static func document(_ submission: Submission) throws -> JSONValue {
    [
      "id": .string(submission.id), "task": .int(submission.task), "labeller": .string(submission.labeller),
      "guidelines": .int(submission.guidelines), "shown": .array(submission.shown.map { .int($0) }),
      "answer": try JSONValue(parsing: submission.answer.json), "seconds": .double(submission.seconds),
      "date": .string(submission.date.formatted(.iso8601)),
    ]
  }
}
