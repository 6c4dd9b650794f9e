import Testing
import Torch

@Suite struct PackedLinearTests {
  @Test func theErrorOfEightBitsStaysWithinTheQuantizationSteps() throws {
    let weight = randn([48, 64], seed: 1)
    let bias = randn([48], seed: 2)
    let x = randn([10, 64], seed: 3)
    let layer = try PackedLinear(weight: weight, bias: bias, format: .int8)
    #expect(layer.shape == [48, 64])
    let exact = x.linear(weight, bias)
    let error = (layer(x) - exact).abs()
    // Weights are off by at most half a step of their row, activations by at most half a step of the tensor (fbgemm
    // reduces them to seven bits): |error| ≤ Σ (|x| Δw/2 + (|w| + Δw/2) Δx/2).
    let weightStep = weight.abs().max(axis: 1) / 127
    let inputStep = (max(x.max().item(), 0) - min(x.min().item(), 0)) / 127
    let byWeight = x.abs().sum(axis: 1, keepAxes: true) * weightStep / 2
    let byInput = (weight.abs().sum(axis: 1) + weightStep * 32) * inputStep / 2
    #expect((error .<= byWeight + byInput + 1e-4).all())
    // And it is a quantised product, not the exact one.
    #expect(error.max().item() > 1e-4)
    // Both roundings are independent of the data, so most of them cancel.
    #expect(error.square().sum().item() < 0.03 * 0.03 * exact.square().sum().item())
  }

  @Test func leadingAxesAndAMissingBias() throws {
    let weight = randn([3, 8], seed: 1)
    let layer = try PackedLinear(weight: weight, format: .int8)
    let x = randn([2, 5, 8], seed: 2)
    #expect(layer(x).shape == [2, 5, 3])
    #expect(worst(layer(x), x.linear(weight)) < 0.1)
  }

  @Test func float32IsTheSameProductForAnyNumberOfRows() throws {
    for (inputs, outputs) in [(64, 48), (33, 7), (1, 1), (384, 130)] {
      let weight = randn([outputs, inputs], seed: 1)
      let bias = randn([outputs], seed: 2)
      let plain = try PackedLinear(weight: weight, format: .float32)
      let biased = try PackedLinear(weight: weight, bias: bias, format: .float32)
      for rows in [0, 1, 2, 17, 64, 65, 200] {
        let x = randn([rows, inputs], seed: 3)
        #expect(plain(x).shape == [rows, outputs])
        guard rows > 0 else { continue }
        #expect(worst(plain(x), x.linear(weight)) < 1e-4)
        #expect(worst(biased(x), x.linear(weight, bias)) < 1e-4)
      }
    }
  }

  @Test func packedRowsAndStridedInputsAreReadInTheirOwnOrder() throws {
    let weight = randn([8, 24], seed: 1).transposed()
    let layer = try PackedLinear(weight: weight, format: .float32)
    let x = randn([8, 5], seed: 2).transposed()
    #expect(worst(layer(x), x.linear(weight)) < 1e-5)
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
    let error = (layer(x) - x.linear(weight, bias)).abs().reshaped([10, 32])
    #expect((error .<= bound + 1e-3).all())
    #expect(error.max().item() > 1e-3)
    // By rounding the groups by hand: the same product.
    let low = groups.min(axis: 2).reshaped([32, 3, 1])
    let steps = step.reshaped([32, 3, 1])
    let rounded = (((groups - low) / steps).round() * steps + low).reshaped([32, 96])
    #expect(worst(layer(x), x.linear(rounded, bias)) < 2e-2)
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
