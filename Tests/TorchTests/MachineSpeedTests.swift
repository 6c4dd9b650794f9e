import Foundation
import TestSupport
import Testing
import Torch

@Suite struct MachineSpeedTests {
  @Test func measuresOnceAndRemembers() throws {
    let scratch = try TemporaryFolder()
    let cache = scratch.file("deep/machine-speed.json")
    let first = try MachineSpeed.measured(cache: cache)
    // Any machine that runs this does at least a hundred million of each a second.
    #expect(first.float32 > 1e8 && first.bfloat16 > 1e8 && first.memory > 1e8)
    #expect(first.machine.contains(TorchLibrary.version))
    #expect(first.productFlops(.float32) == first.float32)
    #expect(first.productFlops(.float16) == first.bfloat16)
    #expect(try MachineSpeed.measured(cache: cache) == first)

    // What is remembered is believed: a changed file shows in the answer.
    var text = try String(contentsOf: cache, encoding: .utf8)
    text.replace(/"memory" : [-+.0-9eE]+/, with: "\"memory\" : 123456789")
    try text.write(to: cache, atomically: true, encoding: .utf8)
    #expect(try MachineSpeed.measured(cache: cache).memory == 123_456_789)
    // Measuring again keeps the better of both.
    let again = try MachineSpeed.measured(again: true, cache: cache)
    #expect(again.memory > 123_456_789 && again.float32 >= first.float32)
    #expect(try MachineSpeed.measured(cache: cache) == again)
  }

  @Test func aBrokenCacheIsMeasuredOver() throws {
    let scratch = try TemporaryFolder()
    let cache = try scratch.write(Array("{\"x\": nonsense".utf8), "speed.json")
    let speed = try MachineSpeed.measured(cache: cache)
    #expect(try MachineSpeed.measured(cache: cache) == speed)
    var text = try String(contentsOf: cache, encoding: .utf8)
    text.replace(/"float32" : [-+.0-9eE]+/, with: "\"float32\" : 0")
    try text.write(to: cache, atomically: true, encoding: .utf8)
    #expect(try MachineSpeed.measured(cache: cache).float32 > 1e8)
  }

  @Test func theCacheLiesWhereTheSystemKeepsCaches() {
    #expect(MachineSpeed.cacheFile.path.hasSuffix("apprentice/machine-speed.json"))
  }
}
