import Documents
import Feedback
import Foundation
import Statistics
import Synchronization

/// The benchmark's three measurements of a studio in a process of its own.
struct StudioBenchmark: Sendable {
  /// The built program.
  let program: String
  /// Where stores may be made.
  let folder: URL
  /// What was asked for.
  let arguments: [String]

  private func number(_ place: Int, _ standard: Double) -> Double {
    arguments.indices.contains(place) ? Double(arguments[place]) ?? standard : standard
  }

  /// Labellers with tokens of their own, and a project with enough tasks for them.
  func prepare(_ path: String, labellers: Int, tasks: Int) throws -> (project: Int, tokens: [String]) {
    let store = try FeedbackStore(path: path)
    let owner = try store.addAccount("owner", isOwner: true)
    let project = try store.addProject(.init(name: "load", kind: .comparison, guidelines: "Choose."), by: owner.id)
    let text = String(repeating: "A sentence of an answer that people compare. ", count: 12)
    try store.addTasks(
      (0..<tasks).map {
        TaskDraft(prompt: .text("Question \($0)"), responses: [.init("a \($0) \(text)"), .init("b \($0) \(text)")])
      },
      to: project.id)
    let tokens = try (0..<labellers).map { i in
      let account = i == 0 ? owner : try store.addAccount("labeller \(i)")
      try store.addInvitation(
        to: project.id, role: .labeller, digest: "invitation \(i)", expires: .now + 3600, by: owner.id)
      _ = try store.join(digest: "invitation \(i)", as: account)
      let token = newIdentifier()
      try store.addSignIn(
        account.id, digest: SHA256Digest(of: Data(token.utf8)).hexadecimal, formToken: newIdentifier(),
        expires: .now + 86_400)
      return token
    }
    return (project.id, tokens)
  }

  /// A label as a labeller's page hands it in.
  func submission(_ id: String, _ assignment: Int, _ score: Int) -> JSONValue {
    [
      "id": .string(id), "assignment": .int(assignment), "answer": ["score": .int(score)], "seconds": 4.5,
      "guidelines": 1,
    ]
  }

  func load() throws {
    let (labellers, seconds, thinking) = (Int(number(2, 200)), number(3, 20), number(4, 1))
    let path = folder.appendingPathComponent("feedback.sqlite").path
    let most = thinking > 0 ? Int(Double(labellers) * seconds / thinking * 1.5) : 60_000
    let (project, tokens) = try prepare(path, labellers: labellers, tasks: max(1_000, most))
    let server = try StudioProcess(program, store: path)
    defer { server.kill() }
    let end = ContinuousClock.now + .seconds(seconds)
    let times = Mutex<[Double]>([])
    let failures = Mutex<[String]>([])
    let group = DispatchGroup()
    for (i, token) in tokens.enumerated() {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        var generator = SeededGenerator(seed: UInt64(i))
        do {
          let client = try PlainClient(port: server.port, token: token)
          var next = try client.send("GET", "/api/projects/\(project)/next").document["next"]?["id"]?.int
          while let assignment = next, ContinuousClock.now < end {
            if thinking > 0 {
              Thread.sleep(forTimeInterval: -log(Double.random(in: 0.0001..<1, using: &generator)) * thinking)
            }
            let start = ContinuousClock.now
            let answer = try client.send(
              "POST", "/api/projects/\(project)/submit",
              submission(newIdentifier(), assignment, Int.random(in: -4...4, using: &generator)))
            let took = ContinuousClock.now - start
            guard answer.status == 200 else {
              throw PlainClient.Failure(description: "\(answer.status): \(answer.document)")
            }
            times.withLock {
              $0.append(Double(took.components.seconds) * 1000 + Double(took.components.attoseconds) * 1e-15)
            }
            next = answer.document["next"]?["id"]?.int
          }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
      thread.stackSize = 1 << 19
      thread.start()
    }
    group.wait()
    let sorted = times.withLock { $0.sorted() }
    func quantile(_ share: Double) -> JSONValue {
      sorted.isEmpty
        ? nil : .double((sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] * 10).rounded() / 10)
    }
    server.kill()
    let stored = try FeedbackStore(path: path).count()
    let line: JSONValue = [
      "labellers": .int(labellers), "seconds": .double(seconds), "thinking": .double(thinking),
      "answers": .int(sorted.count),
      "stored": .int(stored), "per_second": .double((Double(sorted.count) / seconds).rounded()),
      "p50_ms": quantile(0.5),
      "p95_ms": quantile(0.95), "p99_ms": quantile(0.99), "most_ms": sorted.last.map { .double($0.rounded()) } ?? nil,
      "failures": .int(failures.withLock { $0.count }),
    ]
    print(line.serialized())
    for failure in failures.withLock({ $0.prefix(3) }) { print(failure) }
  }

  /// Kills the server at random moments while labellers hand in; each tries again under the same identifier until it is told that
  /// the label is stored.
  func kills() throws {
    let count = Int(number(2, 100))
    let path = folder.appendingPathComponent("feedback.sqlite").path
    let labellers = 8
    let (project, tokens) = try prepare(path, labellers: labellers, tasks: 200_000)
    let server = Mutex(try StudioProcess(program, store: path))
    let port = server.withLock { $0.port }
    let isOver = Mutex(false)
    let told = Mutex<[String]>([])
    let group = DispatchGroup()
    for token in tokens {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        var (client, next): (PlainClient?, Int?) = (nil, nil)
        var waiting: (id: String, assignment: Int)?
        while !isOver.withLock({ $0 }) || waiting != nil {
          do {
            let open = try client ?? PlainClient(port: port, token: token)
            client = open
            guard let assignment = next else {
              next = try open.send("GET", "/api/projects/\(project)/next").document["next"]?["id"]?.int
              if next == nil { return }
              continue
            }
            let label = waiting ?? (newIdentifier(), assignment)
            waiting = label
            let answer = try open.send(
              "POST", "/api/projects/\(project)/submit", submission(label.id, label.assignment, 2))
            guard answer.status == 200 else {
              throw PlainClient.Failure(description: "\(answer.status): \(answer.document)")
            }
            told.withLock { $0.append(label.id) }
            waiting = nil
            next = answer.document["next"]?["id"]?.int
          } catch {
            client = nil
            Thread.sleep(forTimeInterval: 0.01)
          }
        }
      }
      thread.start()
    }
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<count {
      Thread.sleep(forTimeInterval: Double.random(in: 0.02..<0.4, using: &generator))
      let old = server.withLock { $0 }
      old.kill()
      let new = try StudioProcess(program, store: path, port: port)
      server.withLock { $0 = new }
    }
    isOver.withLock { $0 = true }
    group.wait()
    server.withLock { $0.kill() }
    let store = try FeedbackStore(path: path)
    try store.verify()
    var stored: [String: Int] = [:]
    try store.forEach { stored[$0.id, default: 0] += 1 }
    let ids = told.withLock { $0 }
    let answers = try store.progress(of: project).done
    let line: JSONValue = [
      "kills": .int(count), "labels_told_stored": .int(ids.count), "lost": .int(ids.count { stored[$0] == nil }),
      "stored_without_being_told": .int(stored.count - Set(ids).count), "told_twice": .int(ids.count - Set(ids).count),
      "answers_counted": .int(answers), "feedback": .int(stored.count),
    ]
    print(line.serialized())
  }

  /// The time of every page over a large store.
  func pages(_ path: String) throws {
    let store = try FeedbackStore(path: path)
    guard let owner = try store.ownerAccount() else {
      print("the store has no owner: fill it with Benchmarks/studio/fill.py")
      exit(65)
    }
    let token = newIdentifier()
    try store.addSignIn(
      owner.id, digest: SHA256Digest(of: Data(token.utf8)).hexadecimal, formToken: newIdentifier(),
      expires: .now + 86_400
    )
    let labels = try store.count()
    let server = try StudioProcess(program, store: path)
    defer { server.kill() }
    let client = try PlainClient(port: server.port, token: token)
    var times: [(key: String, value: JSONValue)] = []
    for page in [
      "/", "/projects/1", "/projects/1/label", "/projects/1/tasks", "/projects/1/people", "/projects/1/settings",
      "/projects/1/decide", "/projects/1/log",
    ] {
      var took: [Double] = []
      for _ in 0..<5 {
        let start = ContinuousClock.now
        let answer = try client.send("GET", page)
        guard answer.status == 200 else { throw PlainClient.Failure(description: "\(page): \(answer.status)") }
        let time = ContinuousClock.now - start
        took.append(Double(time.components.attoseconds) * 1e-15 + Double(time.components.seconds) * 1000)
      }
      // The first is with nothing in memory, the greatest of all is what counts.
      times.append((page, .array(took.map { .double($0.rounded()) })))
    }
    print(JSONValue.object(["labels": .int(labels), "milliseconds": .object(JSONObject(times))]).serialized())
  }
}
