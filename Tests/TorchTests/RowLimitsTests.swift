import Foundation
import Statistics
import TestSupport
import Testing
import Torch

@Suite struct RowLimitsTests {
  @Test func areWrittenAndReadAsFourNumbers() throws {
    let limits = RowLimits(float32Few: 2, float32Many: 128, bfloat16Few: 8, bfloat16Many: 512)
    #expect(limits.description == "2,128,8,512")
    #expect(RowLimits("2,128,8,512") == limits)
    #expect(RowLimits(" 2, 128,8 ,512") == limits)
    for text in ["", "2,128,8", "2,128,8,512,1", "2,128,8,x", "2,,8,512", "-1,2,3,4", "1,2,3,99999999"] {
      #expect(RowLimits(text) == nil, "\(text)")
    }
  }

  @Test func areMeasuredOnceAndRemembered() throws {
    let scratch = try TemporaryFolder()
    let cache = scratch.file("deep/row-limits.json")
    let found = try RowLimits.measured(cache: cache, evenIfBusy: true)
    #expect([0, 1, 2, 4, 8, 16].contains(found.float32Few))
    #expect([0, 64, 128, 256, 512].contains(found.float32Many))
    // What is remembered is believed: a changed file shows in the answer.
    var text = try String(contentsOf: cache, encoding: .utf8)
    text.replace(/"float32Few" : [0-9]+/, with: "\"float32Few\" : 3")
    try text.write(to: cache, atomically: true, encoding: .utf8)
    #expect(try RowLimits.measured(cache: cache).float32Few == 3)
    #expect(RowLimits.cacheFile.path.hasSuffix("apprentice/row-limits.json"))
  }

  /// The limit moves only while the kernel beyond it is clearly faster.
  @Test func aLimitMovesByAMarginOnly() {
    let steps = [1, 2, 4, 8, 16]
    func limit(_ below: @escaping (Int) -> Double, _ above: @escaping (Int) -> Double) -> Int {
      RowLimits.limit(from: 4, over: steps, below: below, above: above)
    }
    #expect(limit({ _ in 1 }, { _ in 1 }) == 4)
    #expect(limit({ _ in 1 }, { _ in 1.1 }) == 4)
    #expect(limit({ _ in 1.1 }, { _ in 1 }) == 4)
    #expect(limit({ _ in 1 }, { $0 <= 8 ? 2 : 1 }) == 8)
    #expect(limit({ _ in 1 }, { _ in 2 }) == 16)
    #expect(limit({ $0 > 2 ? 2 : 1 }, { _ in 1 }) == 2)
    #expect(limit({ _ in 2 }, { _ in 1 }) == 0)
  }

  /// Kernels that are equally fast keep the limit where any timing may come out several times too long.
  ///
  /// One that is clearly faster is found all the same in many cases.
  @Test func loadMovesNoLimit() {
    let steps = [1, 2, 4, 8, 16]
    var generator = SeededGenerator(seed: 7)
    func loaded(_ seconds: Double) -> Double {
      let chance = Double.random(in: 0..<1, using: &generator)
      return seconds * Double.random(in: 1...(chance < 0.5 ? 1.05 : 6), using: &generator)
    }
    let equal = (0..<500).map { _ in
      RowLimits.limit(from: 4, over: steps, below: { _ in loaded(1) }, above: { _ in loaded(1.05) })
    }
    #expect(equal.count(where: { $0 != 4 }) <= 15)
    let faster = (0..<500).map { _ in
      RowLimits.limit(from: 4, over: steps, below: { _ in loaded(1) }, above: { loaded($0 == 8 ? 4 : 0.5) })
    }
    #expect(faster.count(where: { $0 == 8 }) >= 150)
  }

  /// Whatever the limits, the product is the same up to the order of summation, and to the bit where the kernel is.
  @Test(arguments: [PackedLinear.Format.float32, .bfloat16]) func chooseTheKernelAndNotTheResult(
    _ format: PackedLinear.Format
  ) throws {
    let weight = randn([70, 130], seed: 1), x = randn([40, 130], seed: 2)
    func product(_ limits: String) throws -> Tensor {
      let chosen: RowLimits = try #require(RowLimits(limits))
      let layer = try PackedLinear(weight: weight, format: format, limits: chosen)
      return withoutGradients { layer(x) }
    }
    let lying = try product("40,40,40,40"), ordered = try product("39,40,39,40"), general = try product("0,39,39,39")
    let tolerance = format == .float32 ? 1e-4 : 0.3
    let exact = x.linear(weight)
    for found in [lying, ordered, general] { #expect(worst(found, exact) < tolerance) }
    #expect(try product("40,99,40,99").array() == lying.array())
    #expect(try product("12,99,39,40").array() == ordered.array())
    if format == .float32 {
      #expect(lying.array() != ordered.array() || ordered.array() != general.array())
    }
  }
}
