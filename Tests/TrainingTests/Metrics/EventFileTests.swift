import Foundation
import TestSupport
import Testing
import Training

@Suite("TensorBoard events")
struct EventFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "the bytes are those that TensorBoard's own writer makes",
    arguments: [("events.new", nil), ("events.resumed", 41)] as [(String, Int?)])
  func golden(name: String, resumedAfter: Int?) throws {
    let start = 1_700_000_000.25
    let writer = try EventFileWriter(
      folder: folder.path, resumingAfter: resumedAfter, at: start)
    try writer.write(step: 1, ["loss": 2.3125, "learning_rate": 3e-4], at: start + 1)
    try writer.write(
      step: 2, ["loss": 1e-3, "objective/kl": -0.125, "tokens_per_second": 123456],
      at: start + 2.5)
    try writer.write(step: 300, ["grad_norm": 0.1], at: start + 1e6)
    try writer.synchronize()

    let written = try Data(contentsOf: URL(fileURLWithPath: writer.path))
    let fixtures = try Bundle.module.fixtures
    #expect(written == (try Data(contentsOf: fixtures.appendingPathComponent(name))))
    #expect(writer.path.contains("/events.out.tfevents.1700000000."))
  }

  @Test("two writers in one folder never share a file")
  func names() throws {
    let first = try EventFileWriter(folder: folder.path, at: 5)
    let second = try EventFileWriter(folder: folder.path, at: 5)
    #expect(first.path != second.path)
  }
}
