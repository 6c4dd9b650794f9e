import Documents
import Feedback
import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// `apprentice studio` as a process: its link, its refusals, and its end at the worst moment.
@Suite struct StudioCommandTests: ToolSuite {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func start() throws -> (process: Process, address: String, link: String) {
    let studio = Process()
    studio.executableURL = URL(fileURLWithPath: try Tool.path)
    studio.arguments = ["studio", "--port", "0", "--store", "store.sqlite", "--owner", "ana"]
    studio.currentDirectoryURL = folder.url
    let output = Pipe()
    studio.standardOutput = output
    try studio.run()
    var said = ""
    while !said.contains("\n") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += String(decoding: more, as: UTF8.self)
    }
    let found = try #require(said.firstMatch(of: /Open ((http:\/\/127\.0\.0\.1:\d+)\/open\/\S+)/), "\(said)")
    return (studio, String(found.2), String(found.1))
  }

  private func submit(_ id: String, _ assignment: Int, to address: String, token: String) throws -> URLRequest {
    var request = URLRequest(url: try #require(URL(string: "\(address)/api/projects/1/submit")))
    request.httpMethod = "POST"
    request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    let body: JSONValue = ["id": .string(id), "assignment": .int(assignment), "answer": ["score": 2], "seconds": 1]
    request.httpBody = Data(body.serialized().utf8)
    return request
  }

  @Test("Killed between a label's submit and its answer, the studio has the label once when it is handed in again")
  func killed() async throws {
    let path = folder.path("store.sqlite")
    let token = "a token that only this test knows"
    do {
      let store = try FeedbackStore(path: path)
      let owner = try store.addAccount("ana", isOwner: true)
      let project = try store.addProject(.init(name: "p", kind: .comparison), by: owner.id)
      try store.addTasks((0..<6).map { TaskDraft(prompt: .text("\($0)"), responses: ["a", "b"]) }, to: project.id)
      try store.addSignIn(
        owner.id, digest: SHA256Digest(of: Data(token.utf8)).hexadecimal, formToken: "f", expires: .now + 3600)
    }
    var (studio, address, _) = try start()
    for round in 0..<6 {
      let assignment: Int = try {
        let store = try FeedbackStore(path: path)
        let owner = try #require(try store.ownerAccount())
        return try #require(try store.nextAssignment(in: 1, for: owner.id)).id
      }()
      let id = "label-\(round)-of-this-test"
      // Nobody waits for this one's answer: the process is killed while it is on its way, earlier or later.
      let request = try submit(id, assignment, to: address, token: token)
      let lost = Task { _ = try? await URLSession.shared.data(for: request) }
      try await Task.sleep(for: .milliseconds([0, 2, 4, 8, 15, 60][round]))
      kill(studio.processIdentifier, SIGKILL)
      studio.waitUntilExit()
      await lost.value
      (studio, address, _) = try start()
      for _ in 0..<2 {
        let (data, response) = try await URLSession.shared.data(
          for: try submit(id, assignment, to: address, token: token))
        #expect((response as? HTTPURLResponse)?.statusCode == 200, "\(String(decoding: data, as: UTF8.self))")
      }
    }
    studio.terminate()
    studio.waitUntilExit()
    #expect(studio.terminationStatus == 0)
    let store = try FeedbackStore(path: path, isReadOnly: true)
    #expect(try store.count() == 6)
    #expect(try store.progress(of: 1).done == 6)
    try store.verify()
  }

  @Test("An address that others can reach needs a password, and a store of another program is left alone")
  func refusals() throws {
    let open = try tool("studio --host 0.0.0.0 --port 0 --store s.sqlite", expecting: 65)
    #expect(open.errors.contains("APPRENTICE_STUDIO_PASSWORD"))
    try folder.write("other.sqlite", "no database at all, but long enough to be taken for something")
    let other = try tool("studio --port 0 --store other.sqlite", expecting: 65)
    #expect(other.errors.contains("other.sqlite"))
    try tool("studio --port 70000", expecting: 64)
  }
}
