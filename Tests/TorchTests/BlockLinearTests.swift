import Foundation
import Testing
import Torch

/// Products on ggml's blocks against products with the numbers that the blocks stand for.
@Suite struct BlockLinearTests {
  private static let kept: Set<String> = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]

  private func type(_ name: String) throws -> BlockType {
    try #require((UInt32(0)..<64).compactMap(BlockType.init(number:)).first { $0.description == name })
  }

  /// Random blocks whose halves are ordinary numbers.
  private func blocks(_ type: BlockType, rows: Int, inputs: Int, seed: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: rows * inputs / type.length * type.bytes)
    var state = seed
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    for i in bytes.indices { bytes[i] = UInt8(truncatingIfNeeded: next()) }
    // Where each type keeps its halves: 0.006 to 0.03 with either sign.
    let places = ["Q6_K": [208], "Q3_K": [108], "Q4_1": [0, 2], "Q5_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2]]
    for block in stride(from: 0, to: bytes.count, by: type.bytes) {
      for place in places[type.description] ?? [0] {
        bytes[block + place] = UInt8(truncatingIfNeeded: next())
        bytes[block + place + 1] = 0x1E + UInt8(next() % 9) / 4 | (next() % 2 == 0 ? 0x80 : 0)
      }
    }
    return bytes
  }

  private func layer(
    _ parts: [(BlockType, rows: Int, heads: Int)], inputs: Int, bias: Tensor? = nil
  ) throws -> (layer: PackedLinear, weight: Tensor) {
    var rows: [PackedLinear.BlockRows] = [], weights: [Tensor] = []
    var memory: [UnsafeMutableRawBufferPointer] = []
    defer { for piece in memory { piece.deallocate() } }
    for (i, part) in parts.enumerated() {
      let bytes = blocks(part.0, rows: part.rows, inputs: inputs, seed: UInt64(i + 1))
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
      piece.copyBytes(from: bytes)
      memory.append(piece)
      rows.append(
        .init(type: part.0, rows: part.rows, bytes: UnsafeRawBufferPointer(piece), pairedHeads: part.heads))
      var weight = part.0.restored(UnsafeRawBufferPointer(piece), shape: [part.rows, inputs])
      if part.heads > 0 {
        let half = part.rows / part.heads / 2
        weight = weight.reshaped([part.heads, half, 2, inputs]).transposed(1, 2).reshaped([part.rows, inputs])
      }
      weights.append(weight)
    }
    return (try PackedLinear(blocks: rows, inputs: inputs, bias: bias), .concatenated(weights))
  }

  /// The rows of x as the product reads them: 8 bits with a unit for each 32.
  private func rounded(_ x: Tensor) -> Tensor {
    let groups = x.reshaped([x.size(0), -1, 32])
    let unit = (groups.abs().max(axis: 2, keepAxes: true) / 127).clamped(1e-30)
    return ((groups / unit).round() * unit).reshaped(x.shape)
  }

  @Test(arguments: ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "Q3_K", "IQ4_NL"])
  func productsAreThoseOfTheNumbersThatBlocksStandFor(_ name: String) throws {
    let type = try type(name)
    for (rows, inputs) in [(1, 256), (16, 512), (50, 768)] {
      let bias = randn([rows], seed: 2)
      let (layer, weight) = try layer([(type, rows, 0)], inputs: inputs, bias: bias)
      #expect(layer.shape == [rows, inputs] && layer.format == nil)
      if Self.kept.contains(name) {
        #expect(worst(layer.weight, weight) <= 1e-6 * weight.abs().max().item())
      } else {
        // As Q8_0: half a step of the group's largest, and the step's own rounding to half precision.
        #expect(worst(layer.weight, weight) <= 0.005 * weight.abs().max().item())
      }
      let x = randn([21, inputs], seed: 3)
      let exact = rounded(x).linear(layer.weight, bias)
      let size = exact.abs().max().item()
      let all = withoutGradients { layer(x) }
      // A number half way between two steps may go to either side.
      #expect(worst(all, exact) < 1e-3 * size, "\(worst(all, exact)) of \(size)")
      // Rounded inputs, and not the exact product.
      #expect(worst(all, x.linear(layer.weight, bias)) < 0.03 * size)
      for count in [1, 2, 3, 4, 7, 8, 9, 20] {
        let some = withoutGradients { layer(x.slice(0..<count)) }
        #expect(some.array() == Array(all.array().prefix(count * rows)), "\(count) rows")
      }
    }
  }

  @Test func partsOfSeveralTypesFollowEachOther() throws {
    let (q4, q6, q5) = (try type("Q4_K"), try type("Q6_K"), try type("Q5_0"))
    let (layer, weight) = try layer([(q4, 40, 2), (q6, 20, 1), (q5, 9, 0)], inputs: 512)
    #expect(layer.shape == [69, 512])
    #expect(worst(layer.weight, weight) <= 1e-6 * weight.abs().max().item())
    let ids = Tensor(ids: [0, 39, 40, 59, 60, 68, 3])
    #expect(layer.rows(ids).array() == layer.weight.indexSelect(ids, axis: 0).array())
    let x = randn([5, 512], seed: 4), residual = randn([5, 69], seed: 5)
    withoutGradients {
      #expect(worst(layer(x, adding: residual), layer(x) + residual) < 1e-5)
      #expect(worst(layer(x), rounded(x).linear(weight)) < 1e-3 * weight.abs().max().item() * 512)
    }
    // Gradients of inputs are those of the weight, and what they are of is the same product.
    let upstream = randn([5, 69], seed: 6), asked = x.clone().requiringGrad()
    let trained = layer(asked)
    let gradient = Tensor.gradients(of: [trained], for: [asked], upstream: [upstream])[0]
    #expect(worst(gradient, upstream.matmul(layer.weight)) < 1e-3)
    #expect(trained.array() == withoutGradients { layer(x) }.array())
    // In bfloat16 the weight is restored to as much.
    let half = withAutocast(.bfloat16) { layer(asked) }
    #expect(half.dtype == .bfloat16 && worst(half.to(.float32), trained) < 0.02 * trained.abs().max().item())
    let coarse = Tensor.gradients(of: [half], for: [asked], upstream: [upstream.to(.bfloat16)])[0]
    #expect(worst(coarse, gradient) < 0.02 * (gradient?.abs().max().item() ?? 0))
  }

  /// Products with updates of low rank against the sums that they stand for, and their gradients against autograd's of those sums.
  @Test func updatesAreAddedInTheProduct() throws {
    let (q4, q6) = (try type("Q4_K"), try type("Q6_K"))
    // Boundaries inside of panels, an output without an update, and two updates of the same outputs.
    let (layer, _) = try layer([(q4, 40, 0), (q6, 23, 0)], inputs: 512)
    let places = [(start: 0, count: 40, rank: 3), (start: 41, count: 20, rank: 5), (start: 5, count: 50, rank: 2)]
    func leaves() -> [Tensor] {
      places.enumerated().flatMap { i, place in
        [randn([place.rank, 512], seed: UInt64(10 + i)), randn([place.count, place.rank], seed: UInt64(20 + i))]
      }.map { $0.requiringGrad() }
    }
    func updates(_ leaves: [Tensor]) -> [PackedLinear.Update] {
      places.enumerated().map { i, place in
        .init(start: place.start, down: leaves[2 * i], up: leaves[2 * i + 1], factor: 0.1 * Double(i + 1))
      }
    }
    func composed(_ x: Tensor, _ own: [Tensor]) -> Tensor {
      updates(own).enumerated().reduce(layer(x)) { sum, entry in
        let (i, update) = entry
        let added = x.linear(update.down).linear(update.up) * update.factor
        let before = Tensor.zeros([x.size(0), update.start])
        let after = Tensor.zeros([x.size(0), 63 - update.start - places[i].count])
        return sum + Tensor.concatenated([before, added, after], axis: 1)
      }
    }
    let x = randn([37, 512], seed: 4).requiringGrad(), upstream = randn([37, 63], seed: 6)
    let (mine, theirs) = (leaves(), leaves())
    let made = layer(x, updates: updates(mine)), expected = composed(x, theirs)
    #expect(worst(made, expected) < 1e-4 * expected.abs().max().item())
    #expect(worst(made, layer(x)) > 0.1)
    withoutGradients { #expect(layer(x, updates: updates(mine)).array() == made.array()) }
    let own = Tensor.gradients(of: [made], for: [x] + mine, upstream: [upstream])
    let plain = Tensor.gradients(of: [expected], for: [x] + theirs, upstream: [upstream])
    for (a, b) in zip(own, plain) { #expect(worst(a, b) < 1e-4 * (b?.abs().max().item() ?? 0)) }
    // Frozen ones get none.
    let frozen = leaves().map { $0.detached() }
    #expect(
      worst(
        Tensor.gradients(of: [layer(x, updates: updates(frozen))], for: [x], upstream: [upstream])[0], plain[0]) < 1e-2)
    #expect(throws: TorchError.self) {
      try withTensorErrors { layer(x, updates: [.init(start: 60, down: mine[0], up: mine[1], factor: 1)]) }
    }
  }

  /// Losses over a table in blocks against those over its numbers; hidden vectors are rounded as the product reads them.
  @Test(arguments: [nil, 20.0]) func lossesOverATableInBlocksAreThoseOverItsNumbers(_ cap: Double?) throws {
    let (layer, _) = try layer([(try type("Q5_0"), 5000, 0)], inputs: 96)
    let hidden = rounded(randn([130, 96], seed: 3)), targets = Tensor.arange(0, 130) * 37
    let weights = randn([130], seed: 5).abs()
    func both(_ table: OutputTable) -> (losses: [Tensor], gradients: [Tensor?]) {
      let asked = hidden.clone().requiringGrad(), again = hidden.clone().requiringGrad()
      let loss = Tensor.linearCrossEntropy(asked, table, targets: targets, weights: weights, chunk: 50, softCap: cap)
      let (found, entropy) = Tensor.linearLogProbabilities(
        again, table, targets: targets, temperature: 0.7, withEntropy: true, softCap: cap)
      return (
        [loss.sum, loss.each, found, entropy ?? found],
        Tensor.gradients(of: [loss.sum], for: [asked])
          + Tensor.gradients(of: [found], for: [again], upstream: [weights])
      )
    }
    let packed = both(.packed(layer)), plain = both(.plain(layer.weight))
    for (a, b) in zip(packed.losses, plain.losses) { #expect(worst(a, b) < 1e-3 * max(1, b.abs().max().item())) }
    for (a, b) in zip(packed.gradients, plain.gradients) {
      #expect(worst(a, b) < 1e-3 * (b?.abs().max().item() ?? 0), "\(worst(a, b))")
    }
    #expect(throws: TorchError.self) {
      try withTensorErrors { Tensor.linearCrossEntropy(hidden, .packed(layer), targets: Tensor.arange(4900, 5030)).sum }
    }
  }

  @Test func whatIsNoWeightIsRefused() throws {
    let type = try type("Q4_K")
    let bytes = [UInt8](repeating: 0, count: 144)
    try bytes.withUnsafeBytes { bytes in
      #expect(throws: TorchError.self) { try PackedLinear(blocks: [], inputs: 256) }
      #expect(throws: TorchError.self) {
        try PackedLinear(blocks: [.init(type: type, rows: 1, bytes: bytes)], inputs: 256, bias: Tensor.ones([2]))
      }
      #expect(throws: TorchError.self) {
        try PackedLinear(blocks: [.init(type: type, rows: 1, bytes: bytes, pairedHeads: 1)], inputs: 256)
      }
      let layer = try PackedLinear(blocks: [.init(type: type, rows: 1, bytes: bytes)], inputs: 256)
      #expect(throws: TorchError.self) { try withTensorErrors { layer.rows(Tensor(ids: [1])) } }
    }
  }
}
