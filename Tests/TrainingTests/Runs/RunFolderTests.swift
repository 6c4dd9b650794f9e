import Documents
import Foundation
import TestSupport
import Testing
import Training

@Suite("Run folder")
struct RunFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func manifest(
    _ configuration: [String: JSONValue] = ["learning_rate": 3e-4, "max_steps": 10],
    command: String = "train sft", seed: UInt64 = 1
  ) -> RunManifest {
    RunManifest(
      command: command, configuration: configuration, seed: seed, versions: ["apprentice": "0.1"])
  }

  @Test("run.json holds the configuration, the seed, the versions and the machine")
  func manifestFile() throws {
    let run = try RunFolder(folder.path("r"), manifest: manifest())
    #expect(!run.isResumed)
    let json = try JSONValue(contentsOf: folder.path("r/run.json"))
    #expect(json["command"] == "train sft")
    #expect(json["configuration"]?["learning_rate"] == 3e-4)
    #expect(json["seed"] == 1)
    #expect(json["versions"]?["apprentice"] == "0.1")
    #expect(json["machine"]?.string?.contains("cores") == true)
    #expect(json["created"]?.string?.hasSuffix("Z") == true)
    #expect(json["finished"] == nil)
    try run.finish()
    #expect(try RunFolder.manifest(of: folder.path("r"))?.finished != nil)
  }

  @Test("the same run goes on; another configuration, seed or command is refused by name")
  func resume() throws {
    _ = try RunFolder(folder.path("r"), manifest: manifest())
    #expect(try RunFolder(folder.path("r"), manifest: manifest()).isResumed)

    let cases: [(RunManifest, String)] = [
      (manifest(["learning_rate": 1e-4, "max_steps": 10]), "learning_rate was 0.0003, is 0.0001"),
      (manifest(["learning_rate": 3e-4]), "max_steps was 10, is unset"),
      (manifest(seed: 2), "seed was 1, is 2"),
      (manifest(command: "train ppo"), "'train sft', not of 'train ppo'"),
    ]
    for (changed, words) in cases {
      let error = #expect(throws: RunFolderError.self) {
        try RunFolder(folder.path("r"), manifest: changed)
      }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    let longer = manifest(["learning_rate": 3e-4, "max_steps": 20])
    #expect(
      try RunFolder(folder.path("r"), manifest: longer, mayChange: ["max_steps"]).isResumed)
  }

  @Test("other content of what the run reads is refused by name")
  func inputs() throws {
    func made(_ inputs: [String: String]?) -> RunManifest {
      RunManifest(command: "train sft", configuration: [:], seed: 1, inputs: inputs)
    }
    _ = try RunFolder(folder.path("r"), manifest: made(["d.jsonl": "8 bytes, a", "m": "9 bytes, b"]))
    #expect(try RunFolder(folder.path("r"), manifest: made(["d.jsonl": "8 bytes, a", "m": "9 bytes, b"])).isResumed)
    // Nobody looked, so nobody knows.
    #expect(try RunFolder(folder.path("r"), manifest: made(nil)).isResumed)
    let error = #expect(throws: RunFolderError.self) {
      try RunFolder(folder.path("r"), manifest: made(["d.jsonl": "8 bytes, a", "m": "9 bytes, c"]))
    }
    #expect(error?.description.contains("what m holds has changed") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("d.jsonl") == false)
  }

  @Test("a folder in use, or of something else, is refused")
  func refusals() throws {
    let run = try RunFolder(folder.path("r"), manifest: manifest())
    #expect(throws: RunFolderError.self) {
      try RunFolder(run.path, manifest: manifest())
    }
    withExtendedLifetime(run) {}

    try folder.write("other/thesis.txt", "words")
    #expect(throws: RunFolderError.self) {
      try RunFolder(folder.path("other"), manifest: manifest())
    }
    try folder.write("broken/run.json", "{\"command\": ")
    #expect(throws: DataError.self) {
      try RunFolder(folder.path("broken"), manifest: manifest())
    }
    try folder.write("file", "x")
    #expect(throws: DataError.self) {
      try RunFolder(folder.path("file"), manifest: manifest())
    }
  }

  @Test("the git revision is the one that git itself names")
  func gitRevision() throws {
    let here = FileManager.default.currentDirectoryPath
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", here, "rev-parse", "HEAD"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let expected = process.terminationStatus == 0 ? text.trimmingCharacters(in: .newlines) : nil
    #expect(manifest().gitRevision == expected)
  }

  @Test("a run's history: steps, courses of metrics, checkpoints, half a line at the end")
  func history() throws {
    let run = try RunFolder(folder.path("runs/r"), manifest: manifest())
    let writer = try MetricsWriter(folder: run, resumingAfter: nil)
    for (step, loss) in [(1, 3.0), (2, 1.0), (3, 2.0)] {
      try writer.write(step: step, ["loss": loss, "grad_norm": 1])
    }
    try run.checkpoints.save(step: 3) { folder in
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/weights"))
    }
    let file = try #require(FileHandle(forWritingAtPath: folder.path("runs/r/metrics.jsonl")))
    try file.seekToEnd()
    file.write(Data("{\"step\": 4, \"lo".utf8))

    let history = try RunHistory(path: folder.path("runs/r"))
    #expect(history.lastStep == 3)
    #expect(history.metricNames == ["loss", "grad_norm"])
    let loss = try #require(history.metrics["loss"])
    #expect([loss.first, loss.last, loss.minimum, loss.maximum] == [3, 2, 1, 3])
    #expect(loss.count == 3)
    #expect(try history.checkpoints().map(\.step) == [3])
    #expect(try RunHistory.all(in: folder.path("runs")).map(\.name) == ["r"])
    #expect(throws: DataError.self) { try RunHistory(path: folder.path("runs")) }
  }
}
