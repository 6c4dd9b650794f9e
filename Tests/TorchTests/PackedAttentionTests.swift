import Statistics
import Testing
import Torch

@Suite struct PackedAttentionTests {
  @Test(arguments: ["packed.mixed", "packed.single", "packed.short", "packed.grouped"])
  func equalsTheDefinitionInPyTorch(_ name: String) throws {
    let golden = try Golden(name)
    let (q, k, v) = try (golden("q"), golden("k"), golden("v"))
    for x in [q, k, v] { x.requiringGrad() }
    let out = try Tensor.packedAttention(
      q, k, v, boundaries: golden("starts").array(of: Int.self),
      scale: name == "packed.grouped" ? 0.25 : nil)
    #expect(try worst(out, golden("out")) < 1e-5)
    try out.backward(gradient: golden("upstream"))
    #expect(try worst(q.grad, golden("dq")) < 1e-5)
    #expect(try worst(k.grad, golden("dk")) < 1e-5)
    #expect(try worst(v.grad, golden("dv")) < 1e-5)
  }

  /// One call over the packed row against one plain call a document, for random divisions.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func equalsPlainAttentionOfEachDocument(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let heads = Int.random(in: 1...4, using: &random)
    let width = 4 * Int.random(in: 1...9, using: &random)
    let lengths = (0..<Int.random(in: 1...20, using: &random)).map { _ in
      Int.random(in: 0...12, using: &random)
    }
    let bounds = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let total = bounds[lengths.count]
    let dtype: DType = seed % 3 == 0 ? .bfloat16 : .float32
    let leaves = (0..<3).map {
      randn([total, heads, width], seed: seed * 10 + $0).to(dtype).requiringGrad()
    }
    let upstream = randn([total, heads, width], seed: seed + 99).to(dtype)
    let packed = Tensor.packedAttention(leaves[0], leaves[1], leaves[2], boundaries: bounds)
    var parts: [Tensor] = []
    for (start, end) in zip(bounds, bounds.dropFirst()) where end > start {
      let part = leaves.map { $0[start..<end].to(.float32).transposed(0, 1).unsqueezed(0) }
      parts.append(
        Tensor.attention(part[0], part[1], part[2], causal: true).squeezed(0).transposed(0, 1))
    }
    let plain =
      parts.isEmpty ? leaves[0].to(.float32) : Tensor.concatenated(parts)
    let tolerance = dtype == .bfloat16 ? 0.03 : 1e-5
    #expect(packed.dtype == dtype)
    #expect(worst(packed, plain) < tolerance, "heads \(heads), width \(width), lengths \(lengths)")
    let ours = Tensor.gradients(of: [packed], for: leaves, upstream: [upstream])
    let theirs = Tensor.gradients(of: [plain], for: leaves, upstream: [upstream.to(.float32)])
    if total > 0 {
      for i in 0..<3 { #expect(worst(ours[i], theirs[i]) < tolerance, "gradient \(i)") }
    }
  }

  /// What continues a shared beginning against each whole sequence by itself, forwards and backwards.
  @Test(
    arguments: [(nil, nil), (100, nil), (6, nil), (2, 3), (nil, 2)] as [(Int?, Double?)])
  func documentsThatContinueAnotherSeeAllOfItAndNoSibling(_ window: Int?, _ cap: Double?) {
    for seed in 1...6 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      var (bounds, parents) = ([0], [Int]())
      func add(_ length: Int, after parent: Int) {
        bounds.append(bounds[bounds.count - 1] + length)
        parents.append(parent)
      }
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let root = parents.count
        add(Int.random(in: 1...9, using: &random), after: -1)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          add(Int.random(in: 1...3, using: &random), after: root)
        }
      }
      let total = bounds[bounds.count - 1]
      let dtype: DType = seed == 6 ? .bfloat16 : .float32
      let leaves = [4, 2, 2].enumerated().map { i, heads in
        randn([total, heads, 8], seed: seed * 10 + UInt64(i)).to(dtype).requiringGrad()
      }
      let upstream = randn([total, 4, 8], seed: seed + 99).to(dtype)
      let ours = Tensor.packedAttention(
        leaves[0], leaves[1], leaves[2], boundaries: bounds, parents: parents, window: window,
        softCap: cap)
      let parts = parents.indices.map { i -> Tensor in
        let own = bounds[i]..<bounds[i + 1]
        let before = parents[i] < 0 ? 0..<0 : bounds[parents[i]]..<bounds[parents[i] + 1]
        let whole = leaves.map { x -> Tensor in
          let pieces = before.isEmpty ? [x[own]] : [x[before], x[own]]
          return Tensor.concatenated(pieces).to(.float32)
        }
        let sequence = Tensor.packedAttention(
          whole[0], whole[1], whole[2], boundaries: [0, before.count + own.count], window: window,
          softCap: cap)
        return sequence[before.count...]
      }
      let plain = Tensor.concatenated(parts)
      let tolerance = dtype == .bfloat16 ? 0.05 : 1e-5
      #expect(worst(ours, plain) < tolerance, "\(bounds), \(parents)")
      let mine = Tensor.gradients(of: [ours], for: leaves, upstream: [upstream])
      let theirs = Tensor.gradients(of: [plain], for: leaves, upstream: [upstream.to(.float32)])
      for i in 0..<3 { #expect(worst(mine[i], theirs[i]) < tolerance, "gradient \(i) of \(bounds), \(parents)") }
    }
  }

  @Test(arguments: [[-1, 0, 1], [-1, -1, 0], [0, -1, -1], [-1, 2, -1], [-1, 0]])
  func whatCanNotContinueADocumentIsRefused(_ parents: [Int]) {
    let x = randn([6, 2, 8], seed: 1)
    #expect {
      try withTensorErrors { Tensor.packedAttention(x, x, x, boundaries: [0, 2, 4, 6], parents: parents) }
    } throws: {
      ($0 as? TorchError)?.operation == "packed_attention"
    }
  }

  @Test func aDocumentNeverSeesAnother() {
    let q = randn([10, 2, 8], seed: 1)
    let k = randn([10, 2, 8], seed: 2)
    let v = randn([10, 2, 8], seed: 3)
    let before = Tensor.packedAttention(q, k, v, boundaries: [0, 4, 10])
    k[0..<4] = Tensor(1000)
    v[0..<4] = Tensor(-1000)
    let after = Tensor.packedAttention(q, k, v, boundaries: [0, 4, 10])
    #expect(after[4...].array() == before[4...].array())
    #expect(after[0..<4].array() != before[0..<4].array())
  }

  @Test(arguments: [[0, 4], [1, 10], [0, 11], [0], [0, 6, 4, 10]])
  func boundariesThatDoNotCoverTheTokensAreRefused(_ boundaries: [Int]) {
    let x = randn([10, 2, 8], seed: 1)
    #expect {
      try withTensorErrors { Tensor.packedAttention(x, x, x, boundaries: boundaries) }
    } throws: {
      ($0 as? TorchError)?.operation == "packed_attention"
    }
  }

  /// Windows and soft caps against the definition, forwards and backwards, for windows around the block sizes.
  @Test(
    arguments: [(1, nil), (3, nil), (7, 2), (64, nil), (65, 5), (200, nil), (nil, 2)]
      as [(Int?, Double?)])
  func windowsAndSoftCapsEqualTheDefinition(_ window: Int?, _ cap: Double?) {
    for (dtype, lengths) in [
      (DType.float32, [5, 5, 5, 1, 0, 130, 64, 2, 2, 2]), (.bfloat16, [5, 5, 130, 64]),
      (.float32, [40]), (.float32, [150]),
    ] {
      let bounds = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      let total = bounds[lengths.count]
      let leaves = [4, 2, 2].enumerated().map { i, heads in
        (randn([total, heads, 8], seed: UInt64(i + 1)) * 2).to(dtype).requiringGrad()
      }
      let upstream = randn([total, 4, 8], seed: 9).to(dtype)
      let ours = Tensor.packedAttention(
        leaves[0], leaves[1], leaves[2], boundaries: bounds, scale: 0.3, window: window, softCap: cap)
      var parts: [Tensor] = []
      for (start, end) in zip(bounds, bounds.dropFirst()) where end > start {
        let part = leaves.map { $0[start..<end].to(.float32).transposed(0, 1) }
        let all = Tensor.ones([end - start, end - start])
        var hidden = all.upperTriangle(1)
        if let window { hidden = hidden + all.lowerTriangle(-window) }
        var scores = part[0].matmul(part[1].repeatInterleaved(2, axis: 0).transposed(1, 2)) * 0.3
        if let cap { scores = (scores / cap).tanh() * cap }
        let weights = scores.maskedFill(hidden .> 0, -.infinity).softmax(axis: -1)
        parts.append(weights.matmul(part[2].repeatInterleaved(2, axis: 0)).transposed(0, 1))
      }
      let plain = Tensor.concatenated(parts)
      let tolerance = dtype == .bfloat16 ? 0.06 : 1e-5
      #expect(ours.dtype == dtype)
      #expect(worst(ours, plain) < tolerance, "\(dtype), \(lengths)")
      let mine = Tensor.gradients(of: [ours], for: leaves, upstream: [upstream])
      let theirs = Tensor.gradients(of: [plain], for: leaves, upstream: [upstream.to(.float32)])
      for i in 0..<3 { #expect(worst(mine[i], theirs[i]) < 3 * tolerance, "\(dtype), \(lengths), gradient \(i)") }
    }
  }
}
