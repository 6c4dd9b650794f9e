import Testing
import Torch

@Suite struct RotaryTests {
  @Test(arguments: ["rope.half", "rope.interleaved", "rope.partial", "rope.partial.interleaved"])
  func equalsComplexMultiplicationInPyTorch(_ name: String) throws {
    let golden = try Golden(name)
    let interleaved = name.hasSuffix("interleaved")
    let (cos, sin) = try (golden("cos"), golden("sin"))
    let x = try golden("x").requiringGrad()
    let out = x.rotary(cos: cos, sin: sin, interleaved: interleaved)
    #expect(try worst(out, golden("out")) < 1e-5)
    try out.backward(gradient: golden("upstream"))
    #expect(try worst(x.grad, golden("dx")) < 1e-5)

    // A view whose heads lie apart, as one takes from a joint projection of q, k and v.
    let apart = try Tensor.concatenated([golden("x"), golden("x") * 3], axis: 1)[0..., 0..<2]
    #expect(!apart.isContiguous)
    #expect(try worst(apart.rotary(cos: cos, sin: sin, interleaved: interleaved), golden("out")) < 1e-5)
    // A view whose features lie apart.
    let strided = try golden("x").transposed(0, 2).contiguous().transposed(0, 2)
    #expect(try worst(strided.rotary(cos: cos, sin: sin, interleaved: interleaved), golden("out")) < 1e-5)

    let low = try golden("x").to(.bfloat16).rotary(cos: cos, sin: sin, interleaved: interleaved)
    #expect(low.dtype == .bfloat16)
    #expect(try worst(low, golden("out")) < 0.02)
    // No kernel of ours: the composition that GPUs use too.
    let wide = try golden("x").to(.float64).rotary(cos: cos, sin: sin, interleaved: interleaved)
    #expect(try worst(wide, golden("out")) < 1e-5)
  }

  @Test func turningKeepsLengthsAndRelativeAngles() {
    let angle = Tensor.arange(0, 5, dtype: .float32).unsqueezed(1) * Tensor([1, 0.3] as [Float])
    let (cos, sin) = (angle.cos(), angle.sin())
    let q = randn([1, 1, 4], seed: 1).expanded([5, 1, 4]).rotary(cos: cos, sin: sin)
    let k = randn([1, 1, 4], seed: 2).expanded([5, 1, 4]).rotary(cos: cos, sin: sin)
    let scores = q.squeezed(1).matmul(k.squeezed(1).transposed())
    // Only the distance counts.
    #expect(worst(scores[0..<4, 0..<4], scores[1..<5, 1..<5]) < 1e-5)
    #expect(worst(q.norm(), randn([1, 1, 4], seed: 1).norm() * 5.0.squareRoot()) < 1e-5)
  }

  @Test func tablesOfTheWrongShapeAreRefused() {
    let x = randn([6, 2, 8], seed: 1)
    for (cos, sin) in [([6, 5], [6, 5]), ([5, 4], [5, 4]), ([6, 4], [6, 3]), ([6, 4], [2, 4])] {
      #expect {
        try withTensorErrors { x.rotary(cos: Tensor.ones(cos), sin: Tensor.ones(sin)) }
      } throws: {
        "\($0)".contains("rope") && "\($0)".contains("[6, 2, 8]") && "\($0)".contains("\(sin)")
      }
    }
  }
}
