import Documents
import Foundation
import TestSupport
import Testing
import Training

@Suite("Metrics")
struct MetricsWriterTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run() throws -> RunFolder {
    try RunFolder(
      folder.path("run"), manifest: RunManifest(command: "train", configuration: [:], seed: 1))
  }

  private var lines: [String] {
    get throws {
      try String(contentsOfFile: folder.path("run/metrics.jsonl"), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
  }

  @Test("metrics keep the order in which they were added; merging replaces")
  func order() {
    var metrics: Metrics = ["b": 1, "a": 2, "b": 3]
    metrics["c"] = 4
    metrics["a"] = nil
    metrics.merge(["d": 5, "b": 6])
    #expect(metrics.names == ["b", "c", "d"])
    #expect(metrics.pairs.map(\.value) == [6, 4, 5])
  }

  @Test("a line is the step and the numbers in order; what isn't finite is null")
  func line() throws {
    let writer = try MetricsWriter(folder: run(), resumingAfter: nil)
    try writer.write(step: 1, ["loss": 2.5, "tokens": 4096, "kl": .nan, "x": .infinity])
    #expect(
      try lines == [#"{"step": 1, "loss": 2.5, "tokens": 4096, "kl": null, "x": null}"#])
  }

  @Test("numbers read back to the last bit", arguments: [0.1, 1e-300, 2.0 / 3, 12_345_678.9])
  func exact(value: Double) throws {
    let writer = try MetricsWriter(folder: run(), resumingAfter: nil)
    try writer.write(step: 1, ["loss": value])
    #expect(try JSONValue(parsing: lines[0])["loss"]?.double == value)
  }

  @Test("going on after a checkpoint cuts off later lines and a torn one")
  func resume() throws {
    do {
      let writer = try MetricsWriter(folder: run(), resumingAfter: nil)
      for step in 1...5 { try writer.write(step: step, ["loss": Double(step)]) }
    }
    let path = folder.path("run/metrics.jsonl")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    // Death in the middle of a line, at every place where it can happen.
    for cut in stride(from: whole.count, through: 60, by: -7) {
      try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
      do {
        let writer = try MetricsWriter(folder: run(), resumingAfter: 2)
        try writer.write(step: 3, ["loss": 33])
      }
      #expect(
        try lines == [
          #"{"step": 1, "loss": 1}"#, #"{"step": 2, "loss": 2}"#, #"{"step": 3, "loss": 33}"#,
        ])
    }
  }

  @Test("a run that starts anew forgets the lines and event files of the one that died")
  func anew() throws {
    do {
      let writer = try MetricsWriter(folder: run(), resumingAfter: nil)
      try writer.write(step: 1, ["loss": 1])
    }
    let writer = try MetricsWriter(folder: run(), resumingAfter: nil)
    try writer.write(step: 1, ["loss": 7])
    #expect(try lines == [#"{"step": 1, "loss": 7}"#])
    let events = try FileManager.default.contentsOfDirectory(atPath: folder.path("run"))
      .filter { $0.hasPrefix("events.out.tfevents.") }
    #expect(events.count == 1)
  }

  @Test(
    "a full disk is an error that says so",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func fullDisk() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("full.jsonl"), withDestinationPath: "/dev/full")
    let error = #expect(throws: DataError.self) {
      let log = try StepLog(path: folder.path("full.jsonl"), resumingAfter: nil)
      try log.append(step: 1, [(key: "loss", value: 1)])
    }
    #expect(error?.kind == .inputOutput)
    #expect(error?.description.contains("disk is full") == true)
  }
}
