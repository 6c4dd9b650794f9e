import Foundation
import TestSupport
import Testing
import Training

@Suite("Programs run some at a time")
struct JobPoolTests {
  private func shell(_ name: String, _ script: String) -> JobPool.Job {
    JobPool.Job(name, program: "/bin/sh", arguments: ["-c", script])
  }

  @Test("all end, failures are named by their last error and the others go on, no more than the workers at a time")
  func endings() throws {
    let folder = try TemporaryFolder()
    let marks = folder.path("marks")
    try FileManager.default.createDirectory(atPath: marks, withIntermediateDirectories: true)
    // Each counts those that are at work beside it.
    let work = { (name: String) in "touch \(marks)/\(name); ls \(marks) | wc -l; sleep 0.2; rm \(marks)/\(name)" }
    let jobs = [
      shell("a", work("a")), shell("b", "echo 'error: no more paper' >&2; exit 3"), shell("c", work("c")),
      JobPool.Job("d", program: "/no/such/program"), shell("e", "kill -9 $$"), shell("f", work("f")),
    ]
    var pool = JobPool(logs: folder.path("logs"))
    pool.workers = 2
    var endings: [Int: JobPool.Ending] = [:]
    try pool.run(jobs) { endings[$0] = $1 }
    #expect(endings.count == 6)
    for place in [0, 2, 5] { #expect(endings[place] == .done) }
    #expect(endings[1] == .failed("error: no more paper"))
    #expect(endings[4] == .failed("it was ended by signal 9"))
    guard case .failed(let reason) = endings[3] else {
      Issue.record("a program that isn't there ended as \(String(describing: endings[3]))")
      return
    }
    #expect(!reason.isEmpty)
    for place in [0, 2, 5] {
      let text = try String(contentsOfFile: pool.log(of: jobs[place]), encoding: .utf8)
      #expect((1...2).contains(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0), "\(text)")
    }
  }

  @Test("the processors are shared out, and what an earlier try said stays in the log")
  func environment() throws {
    let folder = try TemporaryFolder()
    var pool = JobPool(logs: folder.path)
    pool.workers = 2
    let job = shell("threads", "echo \"<$OMP_NUM_THREADS>\"")
    for _ in 0..<2 { try pool.run([job]) { #expect($1 == .done && $0 == 0) } }
    let told = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] ?? "\(max(1, Machine.cores / 2))"
    #expect(try String(contentsOfFile: pool.log(of: job), encoding: .utf8) == "<\(told)>\n<\(told)>\n")
  }

  @Test("a job that nobody wants any more is ended, and a pool that is stopped ends all and starts none")
  func stopping() throws {
    let folder = try TemporaryFolder()
    var pool = JobPool(logs: folder.path)
    pool.workers = 2
    pool.patience = 1
    // One of them hears no signal.
    let jobs = [
      shell("long", "exec sleep 600"), shell("short", "true"), shell("other", "trap '' TERM; exec sleep 600"),
      shell("late", "true"),
    ]
    var endings: [Int: JobPool.Ending] = [:]
    try pool.run(jobs, isUnwanted: { $0 == 0 }, shouldStop: { endings[0] != nil }) { endings[$0] = $1 }
    #expect(endings[0] == .stopped && endings[1] == .done && endings[2] == .stopped && endings[3] == nil)
  }
}
