import Documents
import Foundation
import TestSupport
import Testing

@Suite("Fingerprints")
struct FingerprintTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the same bytes have the same, another byte, name or file has not; a missing file has none")
  func files() throws {
    try folder.write("a.jsonl", "one\ntwo\n")
    try folder.write("b.jsonl", "one\ntwo\n")
    let print = try #require(Fingerprint.of(folder.path("a.jsonl")))
    #expect(print.hasPrefix("8 bytes, "))
    #expect(print == Fingerprint.of(folder.path("b.jsonl")))
    try folder.write("b.jsonl", "one\ntwp\n")
    #expect(print != Fingerprint.of(folder.path("b.jsonl")))
    #expect(Fingerprint.of(folder.path("c.jsonl")) == nil)
    let all = try #require(Fingerprint.of(folder.path))
    #expect(all == Fingerprint.of(folder.path))
    try FileManager.default.moveItem(atPath: folder.path("b.jsonl"), toPath: folder.path("c.jsonl"))
    #expect(all != Fingerprint.of(folder.path))
  }

  @Test("of a model, moments don't count, weights do, wherever they differ")
  func models() throws {
    var weights = Data(count: 40 << 20)
    let file = folder.url.appendingPathComponent("model.safetensors")
    try weights.write(to: file)
    try folder.write("optimizer.safetensors", "moments")
    let before = try #require(Fingerprint.ofModel(folder.path))
    try folder.write("optimizer.safetensors", "other moments")
    #expect(Fingerprint.ofModel(folder.path) == before)
    // Training moves every weight: a thirty-second of the file has changed somewhere else than in its head.
    weights.replaceSubrange((20 << 20)..<(24 << 20), with: Data(repeating: 1, count: 4 << 20))
    try weights.write(to: file)
    #expect(Fingerprint.ofModel(folder.path) != before)
  }
}
