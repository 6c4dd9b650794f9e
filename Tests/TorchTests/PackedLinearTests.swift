import Testing
import Torch

@Suite struct PackedLinearTests {
  /// The product as it is made for inference.
  private func infer(_ layer: PackedLinear, _ x: Tensor) -> Tensor { withoutGradients { layer(x) } }

  @Test func theErrorOfEightBitsStaysWithinTheQuantizationSteps() throws {
    let weight = randn([48, 64], seed: 1)
    let bias = randn([48], seed: 2)
    let x = randn([10, 64], seed: 3)
    let layer = try PackedLinear(weight: weight, bias: bias, format: .int8)
    #expect(layer.shape == [48, 64])
    let exact = x.linear(weight, bias)
    let error = (infer(layer, x) - exact).abs()
    // Weights are off by at most half a step of their output, inputs by at most half a step of their row:
    // |error| ≤ Σ (|x| Δw/2 + (|w| + Δw/2) Δx/2).
    let weightStep = weight.abs().max(axis: 1) / 127
    let inputStep = x.abs().max(axis: 1, keepAxes: true) / 127
    let byWeight = x.abs().sum(axis: 1, keepAxes: true) * weightStep / 2
    let byInput = inputStep * (weight.abs().sum(axis: 1) + weightStep * 32) / 2
    #expect((error .<= byWeight + byInput + 1e-4).all())
    // And it is a quantised product, not the exact one.
    #expect(error.max().item() > 1e-4)
    // Both roundings are independent of the data, so most of them cancel.
    #expect(error.square().sum().item() < 0.03 * 0.03 * exact.square().sum().item())
  }

  /// Rounded by hand, for shapes that are no multiple of anything, in any number of rows: the sums are of whole numbers.
  @Test func eightBitsAreTheProductOfTheRoundedNumbersWhateverTheRows() throws {
    for (inputs, outputs) in [(1, 1), (7, 3), (64, 64), (130, 65), (259, 200)] {
      let weight = randn([outputs, inputs], seed: 1)
      let layer = try PackedLinear(weight: weight, format: .int8)
      let unit = weight.abs().max(axis: 1, keepAxes: true) / 127
      let rounded = (weight / unit).round()
      #expect(worst(layer.weight, rounded * unit) < 1e-6)
      let x = randn([40, inputs], seed: 2) * 3
      let rowUnit = x.abs().max(axis: 1, keepAxes: true) / 127
      let product = (x / rowUnit).round().linear(rounded) * rowUnit * unit.squeezed(1)
      // A number that lies between two steps may fall to either side.
      let step = (rowUnit * unit.squeezed(1) * 127).max().item()
      #expect(worst(infer(layer, x), product) < 2 * step)
      #expect(worst(infer(layer, x), product) < 0.02 * product.abs().max().item() + 1e-6)
      for rows in [1, 2, 5, 6, 7, 13, 40] {
        #expect(infer(layer, x.slice(0..<rows)).array() == Array(infer(layer, x).array().prefix(rows * outputs)))
      }
    }
    // A row of zeros has no unit.
    #expect(
      try infer(PackedLinear(weight: Tensor.zeros([3, 4]), format: .int8), Tensor.zeros([2, 4])).array()
        == [Float](repeating: 0, count: 6))
  }

  @Test(
    "what is added, activated or gated in the product's call is what is done after it",
    arguments: PackedLinear.Format.allCases)
  func endings(_ format: PackedLinear.Format) throws {
    for bias in [randn([96], seed: 2), nil] {
      let layer = try PackedLinear(weight: randn([96, 64], seed: 1), bias: bias, format: format)
      for shape in [[1, 64], [3, 64], [4, 64], [7, 64], [40, 64], [300, 64], [2, 3, 64]] {
        let x = randn(shape, seed: 3)
        let residual = randn(shape.dropLast() + [96], seed: 4)
        for dtype in [DType.float32, .bfloat16] {
          let tolerance = dtype == .float32 ? 1e-6 : 0.02
          let (x, residual) = (x.to(dtype), residual.to(dtype))
          let plain = infer(layer, x)
          withoutGradients {
            #expect(worst(layer(x, adding: residual), plain + residual) < tolerance)
            #expect(worst(layer(x, .silu, gated: false), plain.silu()) < tolerance)
            #expect(worst(layer(x, .tanhGELU, gated: false), plain.gelu(tanhApproximation: true)) < tolerance)
            #expect(worst(layer(x, .silu, gated: true), plain.gated(gelu: false)) < tolerance)
            #expect(worst(layer(x, .tanhGELU, gated: true), plain.gated(gelu: true)) < tolerance)
          }
        }
        // With gradients too, and x's is then that of all of it.
        let (a, b) = (x.clone().requiringGrad(), x.clone().requiringGrad())
        let weight = layer.weight
        let made = layer(a, .silu, gated: true).sum() + layer(a, adding: residual).square().sum()
        let expected =
          b.linear(weight, bias).gated(gelu: false).sum() + (b.linear(weight, bias) + residual).square().sum()
        made.backward()
        expected.backward()
        #expect(worst(a.grad, b.grad) < 1e-4)
      }
      let error = #expect(throws: TorchError.self) {
        try withTensorErrors { withoutGradients { layer(randn([2, 64], seed: 1), adding: randn([96], seed: 1)) } }
      }
      #expect(error.map { "\($0)".contains("[2, 96]") && "\($0)".contains("[96]") } == true)
    }
  }

  @Test func bfloat16IsTheProductWithTheRoundedWeight() throws {
    for (inputs, outputs) in [(1, 1), (33, 7), (64, 48), (200, 131)] {
      let weight = randn([outputs, inputs], seed: 1)
      let bias = randn([outputs], seed: 2)
      let layer = try PackedLinear(weight: weight, bias: bias, format: .bfloat16, limits: .standard)
      let rounded = weight.to(.bfloat16).to(.float32)
      #expect(layer.weight.array() == rounded.array())
      let all = infer(layer, randn([24, inputs], seed: 3))
      for rows in [1, 2, 3, 4, 5, 12, 13, 24] {
        let x = randn([24, inputs], seed: 3).slice(0..<rows)
        #expect(worst(infer(layer, x), x.linear(rounded, bias)) < 1e-4)
        #expect(infer(layer, x).array() == Array(all.array().prefix(rows * outputs)))
      }
      // Many rows may be rounded too, on processors that multiply bfloat16.
      for rows in [40, 64, 200, 257] {
        let x = randn([rows, inputs], seed: 3)
        #expect(worst(infer(layer, x), x.linear(rounded, bias)) < 0.02 * Double(inputs).squareRoot())
      }
    }
  }

  @Test(arguments: PackedLinear.Format.allCases)
  func gradientsOfInputsAreThoseOfTheRestoredWeight(_ format: PackedLinear.Format) throws {
    let weight = randn([48, 64], seed: 1)
    let bias = randn([48], seed: 2)
    let layer = try PackedLinear(weight: weight, bias: bias, format: format)
    let x = randn([2, 5, 64], seed: 3).requiringGrad()
    let upstream = randn([2, 5, 48], seed: 4)
    let y = layer(x)
    let plain = x.linear(layer.weight, bias)
    #expect(worst(y, plain) < 1e-5)
    let own = Tensor.gradients(of: [y], for: [x], upstream: [upstream])[0]
    #expect(worst(own, upstream.matmul(layer.weight)) < 1e-4)
    if format != .float32 { #expect(worst(layer.weight, weight) > 1e-4) }
  }

  @Test func leadingAxesAndAMissingBias() throws {
    let weight = randn([3, 8], seed: 1)
    let layer = try PackedLinear(weight: weight, format: .int8)
    let x = randn([2, 5, 8], seed: 2)
    #expect(infer(layer, x).shape == [2, 5, 3])
    #expect(worst(infer(layer, x), x.linear(weight)) < 0.1)
  }

  /// Between the rows where kernels change, which are measured and so fixed here.
  @Test func float32IsTheSameProductForAnyNumberOfRows() throws {
    for (inputs, outputs) in [(64, 48), (33, 7), (1, 1), (384, 130)] {
      let weight = randn([outputs, inputs], seed: 1)
      let bias = randn([outputs], seed: 2)
      let plain = try PackedLinear(weight: weight, format: .float32, limits: .standard)
      let biased = try PackedLinear(weight: weight, bias: bias, format: .float32, limits: .standard)
      let all = randn([256, inputs], seed: 4)
      for rows in [5, 8, 12, 13, 64, 65, 71] {
        #expect(infer(biased, all.slice(0..<rows)).array() == Array(infer(biased, all).array().prefix(rows * outputs)))
      }
      for rows in [0, 1, 2, 5, 12, 17, 64, 65, 200, 256, 257] {
        let x = randn([rows, inputs], seed: 3)
        #expect(infer(plain, x).shape == [rows, outputs])
        guard rows > 0 else { continue }
        #expect(worst(infer(plain, x), x.linear(weight)) < 1e-4)
        #expect(worst(infer(biased, x), x.linear(weight, bias)) < 1e-4)
      }
    }
  }

  @Test func packedRowsAndStridedInputsAreReadInTheirOwnOrder() throws {
    let weight = randn([8, 24], seed: 1).transposed()
    let layer = try PackedLinear(weight: weight, format: .float32)
    let x = randn([8, 5], seed: 2).transposed()
    #expect(worst(infer(layer, x), x.linear(weight)) < 1e-5)
  }

  @Test func fourBitsAreTheRoundedWeights() throws {
    let weight = randn([32, 96], seed: 1)
    let bias = randn([32], seed: 2)
    let layer = try PackedLinear(weight: weight, bias: bias, format: .int4)
    let x = randn([2, 5, 96], seed: 3)
    // Each weight is at most half a step of its group of 32 away.
    let groups = weight.reshaped([32, 3, 32])
    let step = (groups.max(axis: 2) - groups.min(axis: 2)) / 15
    let bound = x.abs().reshaped([10, 3, 32]).sum(axis: 2).matmul(step.transposed()) / 2
    let error = (infer(layer, x) - x.linear(weight, bias)).abs().reshaped([10, 32])
    #expect((error .<= bound + 1e-3).all())
    #expect(error.max().item() > 1e-3)
    // By rounding the groups by hand: the same product.
    let low = groups.min(axis: 2).reshaped([32, 3, 1])
    let steps = step.reshaped([32, 3, 1])
    let rounded = (((groups - low) / steps).round() * steps + low).reshaped([32, 96])
    #expect(worst(infer(layer, x), x.linear(rounded, bias)) < 2e-2)
  }

  @Test func badWeightsThrow() {
    for format in PackedLinear.Format.allCases {
      #expect(throws: TorchError.self) { try PackedLinear(weight: Tensor.ones([4]), format: format) }
      #expect(throws: TorchError.self) {
        try PackedLinear(weight: Tensor.ones([16, 32]), bias: Tensor.ones([4]), format: format)
      }
    }
    #expect(throws: TorchError.self) { try PackedLinear(weight: Tensor.ones([16, 33]), format: .int4) }
  }
}
