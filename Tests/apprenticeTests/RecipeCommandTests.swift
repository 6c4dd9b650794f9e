import Foundation
import Sandbox
import TestSupport
import Testing

/// Recipes in their short form, by the built tool.
@Suite("Recipes")
struct RecipeCommandTests: ToolSuite {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A report that keeps the contract.
  @discardableResult
  private func report(_ run: String, _ recipe: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: folder.url.appendingPathComponent("\(run)/report.json"))
    let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(report["recipe"] as? String == recipe && report["quick"] as? Bool == true)
    #expect(report["paper"] is String && report["machine"] is String && report["seed"] is Int)
    #expect((report["command"] as? String)?.contains("--quick") == true && report["seconds"] is Double)
    let effects = try #require(report["effects"] as? [[String: Any]])
    #expect(!effects.isEmpty)
    for effect in effects {
      #expect(effect["name"] is String && effect["goal"] is String && effect["met"] is Bool && effect["n"] is Int)
      for key in ["value", "low", "high", "published"] {
        #expect(effect[key] is Double || effect[key] is NSNull, "\(key) of \(effect)")
      }
    }
    let page = try String(contentsOfFile: folder.path("\(run)/report.html"), encoding: .utf8)
    #expect(page.contains("the short form") && page.contains("<svg") && !page.contains("<script"))
    return effects
  }

  @Test("without a name they are listed")
  func list() throws {
    let text = try tool("recipe").output
    let listed = try JSONSerialization.jsonObject(with: Data(try tool("recipe --json").output.utf8))
    let names = try #require(listed as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(
      names == [
        "quickstart", "regex", "pedagogy", "oed", "gpt3", "codex", "gsm8k", "procgen", "chatbot", "scaling", "books",
        "competition", "sonic", "painters", "omni",
      ])
    for name in names { #expect(text.contains("  \(name)\n")) }
    #expect(try tool("recipe quickstar", expecting: 64).errors.contains("'quickstart'"))
    try tool("recipe oed --seeds 0", expecting: 64)
    try tool("recipe oed --data .", expecting: 64)
    try tool("recipe regex --quick --data nowhere", expecting: 66)
  }

  @Test(
    "those that need no tensors keep the contract, and a second run reads back what the first found",
    arguments: ["regex", "pedagogy", "oed"])
  func short(_ name: String) throws {
    let first = try tool("recipe \(name) --quick --run run")
    #expect(first.errors.contains("[1/"))
    let effects = try report("run", name)
    let again = try tool("recipe \(name) --quick --run run")
    #expect(!again.errors.contains("[1/"))
    #expect(try report("run", name) as NSArray == effects as NSArray)
    // A folder is one experiment's: not another seed's, nor the long form's.
    try tool("recipe \(name) --quick --run run --seed 2", expecting: 64)
  }

  @Test("learning in context and code from scratch keep the contract; a folder goes on to what it found")
  func shortWithTensors() throws {
    try tool("recipe gpt3 --quick --run gpt3")
    let effects = try report("gpt3", "gpt3")
    #expect(effects.count == 11)
    let again = try tool("recipe gpt3 --quick --run gpt3")
    #expect(!again.errors.contains("small …"))
    #expect(try report("gpt3", "gpt3") as NSArray == effects as NSArray)
    guard (try? Isolation.available()) != nil else { return }
    try tool("recipe codex --quick --run codex")
    #expect(try report("codex", "codex").count == 12)
    try tool("recipe codex --quick --run codex --model nowhere", expecting: 64)
  }

  @Test("a chatbot: the short form trains each way, writes page and form; a second run reads back what was found")
  func chatbot() throws {
    try tool("recipe chatbot --quick --run run")
    let effects = try report("run", "chatbot")
    #expect(effects.count == 7)
    for file in ["site/index.html", "site/model.bin", "raters.csv", "raters-key.json", "attention/metrics.jsonl"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("run/\(file)")), "\(file)")
    }
    let again = try tool("recipe chatbot --quick --run run")
    #expect(!again.errors.contains("-judged …"))
    #expect(try report("run", "chatbot") as NSArray == effects as NSArray)
    #expect(try tool("chatbot ratings run/raters.csv --key run/raters-key.json").output.contains("attention"))
  }

  @Test("books: the short form keeps the contract, reads stories in every way, and a folder goes on to what it found")
  func books() throws {
    try tool("recipe books --quick --run books")
    let effects = try report("books", "books")
    #expect(effects.count == 8)
    let data = try Data(contentsOf: folder.url.appendingPathComponent("books/report.json"))
    let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let readings = try #require(report["readings"] as? [[String: Any]])
    #expect(readings.count == 8 && readings.allSatisfy { $0["kept"] is [String: Any] })
    // By the reference writer recursion keeps most of what matters, whatever the models are.
    let reference = readings.first { $0["name"] as? String == "recursion, reference writer" }
    #expect(((reference?["kept"] as? [String: Any])?["value"] as? Double ?? 0) > 0.6)
    let again = try tool("recipe books --quick --run books")
    #expect(!again.errors.contains("evaluation …"))
    #expect(try self.report("books", "books") as NSArray == effects as NSArray)
  }

  @Test("several seeds: a folder each and one report over them")
  func seeds() throws {
    try tool("recipe pedagogy --quick --run run --seed 5 --seeds 2")
    let all = try report("run", "pedagogy")
    let each = try ["run/seed-5", "run/seed-6"].map { try report($0, "pedagogy") }
    let values = each.compactMap { $0[0]["value"] as? Double }
    #expect(abs((all[0]["value"] as? Double ?? 0) - values.reduce(0, +) / 2) < 1e-9)
  }

  @Test("the quickstart is killed in the middle and goes on to what it would have found")
  func killed() throws {
    try tool("recipe quickstart --quick --run whole")
    let whole = try report("whole", "quickstart")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Tool.path)
    process.arguments = ["recipe", "quickstart", "--quick", "--run", "cut"]
    process.currentDirectoryURL = folder.url
    process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: folder.path("cut/sft/metrics.jsonl")) {
      usleep(1000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(!FileManager.default.fileExists(atPath: folder.path("cut/report.json")))
    try tool("recipe quickstart --quick --run cut")
    #expect(try report("cut", "quickstart") as NSArray == whole as NSArray)
    for stage in ["pretrain", "sft", "reward", "ppo"] {
      let losses = try ["whole", "cut"].map { run in
        try String(contentsOfFile: folder.path("\(run)/\(stage)/metrics.jsonl"), encoding: .utf8)
          .split(separator: "\n").compactMap {
            (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["loss"] as? Double
          }
      }
      #expect(!losses[0].isEmpty && losses[0] == losses[1], "\(stage)")
    }
  }

  @Test("agents: the short form goes on with more minutes, and what can't be is refused by name")
  func procgen() throws {
    let command = "recipe procgen --game bigfish --quick --num-levels 2"
    let first = try tool("\(command) --run run --minutes 5")
    #expect(first.errors.contains("[1/5] random-bigfish") && first.errors.contains("[5/5] bigfish-2-w1-scores"))
    let effects = try report("run", "procgen")
    #expect(effects.count == 4)
    let report = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.url.appendingPathComponent("run/report.json")))
    let runs = try #require((report as? [String: Any])?["runs"] as? [[String: Any]])
    #expect(runs.count == 1 && runs[0]["game"] as? String == "bigfish" && runs[0]["steps"] as? Int == 1024)
    // Minutes bound a run and are none of its settings; another number of levels is another experiment.
    try tool("\(command) --run run --minutes 6")
    #expect(try self.report("run", "procgen") as NSArray == effects as NSArray)
    try tool("\(command) --run run --minutes 5 --num-levels 3", expecting: 64)
    #expect(try tool("recipe procgen --game coinrum --quick", expecting: 64).errors.contains("coinrun"))
    for words in [
      "--mode nowhere", "--num-levels -1", "--steps 0", "--minutes 0", "--width 0", "--network large",
      "--num-minibatches 7",
      "--game coinrun coinrun", "--gamma 2",
    ] {
      try tool("recipe procgen --quick --run other \(words)", expecting: 64)
    }
    // bigfish has no such mode; the files of published curves aren't there; other recipes have no games.
    #expect(
      try tool("recipe procgen --quick --run other --game bigfish --mode memory", expecting: 64).errors.contains(
        "memory"))
    try tool("recipe procgen --quick --run other --num-levels 200 --data nowhere", expecting: 66)
    try tool("recipe oed --quick --run other --game maze", expecting: 64)
    #expect(!FileManager.default.fileExists(atPath: folder.path("other")))
  }

  @Test(
    "laws of a domain: foretold before the largest run, whose manifest has the digest, and read back the second time")
  func scaling() throws {
    let first = try tool("recipe scaling --quick --run run")
    #expect(first.errors.contains("small") && first.errors.contains("s left"))
    let effects = try report("run", "scaling")
    // Prediction and error at least; what such short runs tell of exponents and constants is left to them.
    #expect(effects.count >= 2)
    let record = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appendingPathComponent("run/prediction.json")))
        as? [String: Any])
    let largest = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path("run/largest/runs")).first)
    let manifest = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.url.appendingPathComponent("run/largest/runs/\(largest)/run.json")))
        as? [String: Any])
    let digest = try #require(record["sha256"] as? String)
    #expect(digest.count == 64 && (manifest["inputs"] as? [String: String])?["prediction"] == digest)
    let (foretold, begun) = (record["created"] as? String ?? "?", manifest["created"] as? String ?? "")
    #expect(foretold <= begun)
    // The points are what 'apprentice scaling fit' reads, and the record what 'score' does.
    try tool("scaling score --prediction run/prediction.json --points run/points.csv")
    #expect(try String(contentsOfFile: folder.path("run/plots.svg"), encoding: .utf8).contains("entropy"))
    let again = try tool("recipe scaling --quick --run run")
    #expect(!again.errors.contains("done, loss"))
    #expect(try report("run", "scaling") as NSArray == effects as NSArray)
    #expect(try tool("recipe scaling --quick --run other --domain image-9", expecting: 65).errors.contains("image-8"))
    try tool("recipe oed --quick --run other --domain grammar", expecting: 64)
  }
}
