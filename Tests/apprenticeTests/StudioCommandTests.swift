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

  private func start(_ more: String...) throws -> (process: Process, address: String, link: String) {
    let studio = Process()
    studio.executableURL = URL(fileURLWithPath: try Tool.path)
    studio.arguments = ["studio", "--port", "0", "--store", "store.sqlite", "--owner", "ana"] + more
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

  @Test(
    "One prompt is answered by a run's checkpoints beside each other, and what two of them answer becomes a project's tasks",
    .needsBrowser)
  func samples() async throws {
    try folder.write("text.txt", String(repeating: "ant bee cat ant\nbee cat ant bee\n", count: 20))
    try tool("tokenizer train --data text.txt --text-division lines --vocabulary 270 --out words")
    try tool(
      "train pretrain --data text.txt --text-division lines --tokenizer words --layers 1 --hidden-size 32 --heads 2 "
        + "--context 64 --batch-size 8 --max-steps 6 --save-steps 2 --save-total-limit 5 --run runs/base")
    try folder.write("prompts.jsonl", "{\"prompt\": \"ant\"}\n{\"prompt\": \"bee\"}\n")
    let models = "--model runs/base/checkpoints/step-000002 --model runs/base/checkpoints/step-000006"
    try tool("sample \(models) --data prompts.jsonl --out pairs.jsonl --max-tokens 4 --seed 3")
    let lines = try String(contentsOfFile: folder.path("pairs.jsonl"), encoding: .utf8).split(separator: "\n")
    let record = try JSONValue(parsing: String(lines[0]))
    #expect(lines.count == 2 && record["prompt"]?.string == "ant")
    #expect(record["responses"]?.array?.compactMap { $0["model"]?.string.map { $0.suffix(4) } } == ["0002", "0006"])
    try tool("sample \(models) --prompt ant", expecting: 64)
    try tool("sample --model runs/base --data prompts.jsonl", expecting: 64)

    let (studio, address, link) = try start("--runs", "runs")
    defer { studio.terminate() }
    let page = try await Browser().page()
    try await page.open(link)
    try await page.open("\(address)/runs/base")
    try await page.fill(".sampling textarea", "ant bee")
    try await page.fill(".sampling input[name=tokens]", "4")
    try await page.click(".sampling button")
    try await page.wait("document.querySelectorAll('.drawn .panel').length === 3")
    #expect(try await page.text(".drawn .panel h2").contains("step-000002"))

    do {
      let store = try FeedbackStore(path: folder.path("store.sqlite"))
      try store.addProject(.init(name: "p", kind: .comparison), by: try #require(try store.ownerAccount()).id)
    }
    try await page.open("\(address)/projects/1/tasks")
    try await page.fill(".sampling textarea", "ant\nbee\n\nant bee")
    try await page.fill(".sampling input[name=tokens]", "8")
    try await page.click(".sampling input[value$='step-000002']")
    try await page.click(".sampling button")
    try await page.wait("document.querySelector('.sampling .said.problem') !== null")
    #expect(try await page.text(".sampling .said").contains("2 models"))
    try await page.click(".sampling input[value$='step-000006']")
    try await page.click(".sampling button")
    try await page.wait("document.querySelectorAll('tbody tr').length > 0")
    let store = try FeedbackStore(path: folder.path("store.sqlite"), isReadOnly: true)
    #expect(try store.progress(of: 1).tasks == 3)
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
