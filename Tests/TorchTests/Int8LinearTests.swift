import Testing
import Torch

@Suite struct Int8LinearTests {
  @Test func theErrorStaysWithinTheQuantizationSteps() throws {
    let weight = randn([48, 64], seed: 1)
    let bias = randn([48], seed: 2)
    let x = randn([10, 64], seed: 3)
    let layer = try Int8Linear(weight: weight, bias: bias)
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
    let layer = try Int8Linear(weight: weight)
    let x = randn([2, 5, 8], seed: 2)
    #expect(layer(x).shape == [2, 5, 3])
    #expect(worst(layer(x), x.linear(weight)) < 0.1)
  }

  @Test func badWeightsThrow() {
    #expect(throws: TorchError.self) { try Int8Linear(weight: Tensor.ones([4])) }
  }
}
