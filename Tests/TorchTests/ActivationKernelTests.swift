import Testing
import Torch

/// SiLU and GELU's tanh form, alone and as gates, against the same written with elementary ops.
@Suite struct ActivationKernelTests {
  private static func silu(_ x: Tensor) -> Tensor { x * x.sigmoid() }
  private static func gelu(_ x: Tensor) -> Tensor {
    let inner = (x + x * x * x * 0.044715) * 0.7978845608028654
    return x * 0.5 * (inner.tanh() + 1)
  }

  @Test(arguments: [DType.float32, .bfloat16], [false, true])
  func valuesAndGradientsFollowTheDefinition(_ dtype: DType, _ isGELU: Bool) throws {
    let plain = isGELU ? Self.gelu : Self.silu
    // Widths that are no multiple of a vector, more elements than one piece, and arguments where the curves are flat.
    for shape in [[1], [3, 5, 14], [7, 2 * 1365], [40, 600]] {
      let x = (randn(shape, seed: UInt64(shape.count)) * 4).to(dtype).requiringGrad()
      let exact = x.detached().to(.float64).requiringGrad()
      try check(isGELU ? x.gelu(tanhApproximation: true) : x.silu(), of: x, plain(exact), of: exact, dtype)
      guard shape[shape.count - 1] > 1 else { continue }
      let half = shape[shape.count - 1] / 2
      let parts = exact.split([half, half], axis: -1)
      try check(x.gated(gelu: isGELU), of: x, plain(parts[0]) * parts[1], of: exact, dtype)
    }
  }

  private func check(_ ours: Tensor, of x: Tensor, _ plain: Tensor, of exact: Tensor, _ dtype: DType) throws {
    #expect(ours.dtype == dtype)
    #expect(ours.shape == plain.shape)
    // Relative to what is there: bfloat16 has 8 bits.
    let tolerance = dtype == .bfloat16 ? 0.01 : 2e-6
    func far(_ a: Tensor, _ b: Tensor) -> Double {
      ((a.to(.float64) - b).abs() / (b.abs() + 0.1)).max().item()
    }
    #expect(far(ours, plain) < tolerance)
    let upstream = randn(ours.shape, seed: 5).to(dtype)
    let mine = try #require(Tensor.gradients(of: [ours], for: [x], upstream: [upstream])[0])
    let theirs = try #require(
      Tensor.gradients(of: [plain], for: [exact], upstream: [upstream.to(.float64)])[0])
    #expect(far(mine, theirs) < tolerance)
  }

  @Test func anOddWidthHasNoHalves() {
    #expect(throws: TorchError.self) {
      try withTensorErrors { Tensor.ones([2, 3]).gated(gelu: false) }
    }
  }
}
