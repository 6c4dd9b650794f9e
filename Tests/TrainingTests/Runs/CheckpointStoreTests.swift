import Foundation
import TestSupport
import Testing
import Training

@Suite("Checkpoints")
struct CheckpointStoreTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Trouble: Error {}

  private func names(_ store: CheckpointStore) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: store.path).sorted()
  }

  private func fill(_ text: String) -> (String) throws -> Void {
    { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/nested", withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/nested/weights"))
    }
  }

  private func content(_ checkpoint: CheckpointStore.Checkpoint?) throws -> String {
    try String(contentsOfFile: #require(checkpoint).path + "/nested/weights", encoding: .utf8)
  }

  @Test("saved under a padded name, listed in order, the latest last")
  func order() throws {
    let store = CheckpointStore(folder.path("c"))
    #expect(try store.latest() == nil)
    for step in [9, 100, 1_234_567, 20] { try store.save(step: step, fill("\(step)")) }
    #expect(try store.all().map(\.step) == [9, 20, 100, 1_234_567])
    #expect(
      try names(store) == ["step-000009", "step-000020", "step-000100", "step-1234567"])
    #expect(try content(store.latest()) == "1234567")
  }

  @Test("a save that fails leaves nothing, and the checkpoint before it untouched")
  func failure() throws {
    let store = CheckpointStore(folder.path("c"))
    try store.save(step: 1, fill("good"))
    #expect(throws: Trouble.self) {
      try store.save(step: 2) { folder in
        try fill("half")(folder)
        throw Trouble()
      }
    }
    #expect(throws: Trouble.self) {
      try store.save(step: 1) { _ in throw Trouble() }
    }
    #expect(try names(store) == ["step-000001"])
    #expect(try content(store.latest()) == "good")
  }

  @Test("saving a step again replaces it")
  func replace() throws {
    let store = CheckpointStore(folder.path("c"))
    try store.save(step: 1, fill("old"))
    try store.save(step: 1, fill("new"))
    #expect(try names(store) == ["step-000001"])
    #expect(try content(store.latest()) == "new")
  }

  @Test("looking at checkpoints touches nothing, also while another process saves")
  func looking() throws {
    let store = CheckpointStore(folder.path("c"))
    #expect(try store.all().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: store.path))
    try store.save(step: 1) { partial in
      try fill("slow")(partial)
      #expect(try CheckpointStore(store.path).latest() == nil)
    }
    #expect(try content(CheckpointStore(store.path).latest()) == "slow")
  }

  @Test("what a killed save left behind is cleared up; a checkpoint being replaced comes back")
  func interrupted() throws {
    let manifest = RunManifest(command: "train", configuration: [:], seed: 1)
    let path = folder.path("run")
    let store = CheckpointStore(path + "/checkpoints")
    do {
      let run = try RunFolder(path, manifest: manifest)
      try run.checkpoints.save(step: 1, fill("kept"))
    }
    // As after a kill between the two renames of a replacement, and in the middle of a save.
    try FileManager.default.moveItem(
      atPath: store.path + "/step-000001", toPath: store.path + "/.partial-outdated-step-000001")
    try FileManager.default.createDirectory(
      atPath: store.path + "/.partial-step-000002", withIntermediateDirectories: true)
    let reopened = try RunFolder(path, manifest: manifest).checkpoints
    #expect(try names(reopened) == ["step-000001"])
    #expect(try content(reopened.latest()) == "kept")
  }

  @Test("pruning keeps the last few and the best")
  func prune() throws {
    let store = CheckpointStore(folder.path("c"))
    for step in 1...6 { try store.save(step: step, fill("\(step)")) }
    try store.setBest(.init(step: 2, metric: "eval_loss", value: 0.5))
    try store.prune(keepLast: 2)
    #expect(try store.all().map(\.step) == [2, 5, 6])
    #expect(try store.best() == .init(step: 2, metric: "eval_loss", value: 0.5))
    try store.prune(keepLast: 0)
    #expect(try store.all().map(\.step) == [2, 6])
  }
}
