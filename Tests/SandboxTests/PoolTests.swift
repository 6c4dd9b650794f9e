import Documents
import Foundation
import Sandbox
import TestSupport
import Testing

/// Many programs at once.
@Suite("Pool", .needsSandbox)
struct PoolTests {
  @Test("results come in order, whatever ends first, and equal programs run once")
  func order() throws {
    let programs = (0..<12).map {
      SandboxedProgram("import time, os\ntime.sleep(\(0.05 * Double(11 - $0)))\nprint(\($0 % 4), os.urandom(4).hex())")
    }
    let again = programs + [programs[0]]
    var seen: [Int] = []
    let results = try SandboxPool(try Sandbox(.python), workers: 4).run(again) { done, _ in seen.append(done) }
    #expect(seen == Array(1...13))
    for (i, result) in results.enumerated() {
      #expect(result?.output.hasPrefix("\(i == 12 ? 0 : i % 4) ") == true, "\(i): \(String(describing: result))")
    }
    #expect(results[0]?.output == results[12]?.output)
  }

  @Test("a file of results outlives the process, but for what a busy machine could change, and a cut line does no harm")
  func cache() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("cache/results.jsonl")
    var limits = SandboxLimits()
    limits.seconds = 0.5
    let sandbox = try Sandbox(.python, limits: limits)
    let programs = [SandboxedProgram("import os; print(os.urandom(8).hex())"), SandboxedProgram("while True: pass")]
    let first = try SandboxPool(sandbox, cache: ResultCache(path: path)).run(programs)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try (text + "{\"key\": \"ab").write(toFile: path, atomically: true, encoding: .utf8)
    let cache = try ResultCache(path: path)
    #expect(cache.count == 1)
    let second = try SandboxPool(sandbox, cache: cache).run(programs)
    #expect(second[0] == first[0] && second[1]?.verdict == .timedOut)
    #expect(try ResultCache(path: path).count == 1)
    // Other limits are another question.
    limits.seconds = 0.6
    let other = try Sandbox(.python, limits: limits)
    #expect(ResultCache.key(of: programs[0], in: sandbox) != ResultCache.key(of: programs[0], in: other))
  }

  @Test("a stop lets what runs end and leaves the rest")
  func stop() throws {
    let programs = (0..<40).map { SandboxedProgram("import time; time.sleep(0.1); print(\($0))") }
    var done = 0
    let results = try SandboxPool(try Sandbox(.python), workers: 2).run(
      programs, progress: { count, _ in done = count }, isStopped: { done >= 2 })
    let known = results.compactMap { $0 }.count
    #expect(known >= 2 && known < 40)
  }

  @Test("nothing is left behind: no process, no descriptor, no control group with members")
  func clean() throws {
    // A pool opens pipes, files and folders; the sockets and event queues of other tests' servers stay open as long as they like.
    func open() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { descriptor in
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) ?? ""
        return !target.hasPrefix("socket:") && !target.hasPrefix("anon_inode:")
      }
    }
    let before = try open()
    let programs = (0..<20).map {
      SandboxedProgram("import os\nif os.fork() == 0:\n  import time; time.sleep(1000)\nprint(\($0))")
    }
    let results = try SandboxPool(try Sandbox(.python)).run(programs)
    #expect(results.allSatisfy { $0?.isPassed == true })
    // Other tests' pipes come and go, too; what a pool left would stay.
    for _ in 0..<600 where try open() > before + 2 { usleep(50_000) }
    #expect(try open() <= before + 2)
  }
}
