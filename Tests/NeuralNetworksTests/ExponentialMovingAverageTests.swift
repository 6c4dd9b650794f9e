import NeuralNetworks
import Testing
import Torch

@Suite struct ExponentialMovingAverageTests {
  private func layer() -> Linear {
    let layer = Linear(2, 2, bias: false, generator: Generator(seed: 1))
    layer.requireGradients()
    withoutGradients { layer.weight.fillInPlace(1) }
    return layer
  }

  private func set(_ layer: Linear, _ value: Double) {
    withoutGradients { layer.weight.fillInPlace(value) }
  }

  @Test func followsTheClosedForm() {
    let layer = layer()
    let average = ExponentialMovingAverage(of: layer, decay: 0.9)
    set(layer, 3)
    for _ in 0..<5 { average.update() }
    // 3 − 2·0.9⁵
    #expect(abs(average.state[0].tensor[0, 0].item() - (3 - 2 * 0.59049)) < 1e-6)
    #expect(layer.weight[0, 0].item() == 3)
  }

  @Test func warmUpForgetsTheStartSoon() {
    let layer = layer()
    let average = ExponentialMovingAverage(of: layer, decay: 0.999, warmsUp: true)
    set(layer, 3)
    average.update()  // decay 1/10
    #expect(abs(average.state[0].tensor[0, 0].item() - 2.8) < 1e-6)
    average.update()  // decay 2/11
    #expect(abs(average.state[0].tensor[0, 0].item() - (3 - 0.2 * 2 / 11)) < 1e-6)
  }

  @Test func isAppliedAndTakenBack() {
    let layer = layer()
    let average = ExponentialMovingAverage(of: layer, decay: 0.5)
    set(layer, 3)
    average.update()
    #expect(average.applied { layer.weight[0, 0].item() } == 2)
    #expect(layer.weight[0, 0].item() == 3)
    #expect(average.state[0].tensor[0, 0].item() == 2)
    #expect(layer.weight.requiresGrad)
  }

  @Test func resumesBitForBit() throws {
    let layer = layer()
    let average = ExponentialMovingAverage(of: layer, decay: 0.97, warmsUp: true)
    for i in 0..<4 {
      set(layer, Double(i) / 3)
      average.update()
    }
    let fresh = ExponentialMovingAverage(of: layer, decay: 0.97, warmsUp: true)
    try fresh.load(Dictionary(uniqueKeysWithValues: average.state.map { ($0.name, $0.tensor.clone()) }))
    set(layer, 0.7)
    average.update()
    fresh.update()
    for (a, b) in zip(average.state, fresh.state) {
      #expect(a.name == b.name && isSame(a.tensor, b.tensor))
    }
    #expect(throws: StateDictError.self) { try fresh.load(["weight": Tensor.ones([2, 2])]) }
  }
}
