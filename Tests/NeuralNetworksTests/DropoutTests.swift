import NeuralNetworks
import Testing
import Torch

private final class Pair: Module {
  @Child var first: Dropout
  @Child var second: Dropout
  init(random: RandomSource) {
    super.init()
    first = Dropout(0.5, random: random)
    second = Dropout(0.25, random: random)
  }
  func callAsFunction(_ x: Tensor) -> Tensor { second(first(x)) }
}

@Suite struct DropoutTests {
  private let ones = Tensor.ones([200, 200])

  @Test func dropsTheStatedShareAndKeepsTheMean() {
    let dropout = Dropout(0.3, random: RandomSource(seed: 1))
    dropout.train()
    let y = dropout(ones)
    let kept = (y .!= 0).to(.float32).mean().item()
    #expect(abs(kept - 0.7) < 0.01)  // 40,000 draws: four standard errors
    #expect(abs(y.max().item() - 1 / 0.7) < 1e-6)
    #expect(abs(y.mean().item() - 1) < 0.015)
  }

  @Test func isTheIdentityInEvaluation() {
    let random = RandomSource(seed: 1)
    let dropout = Dropout(0.5, random: random)
    #expect(isSame(dropout(ones), ones))
    #expect(random.state.isEmpty)
    dropout.train()
    #expect(!isSame(dropout(ones), ones))
    dropout.train(false)
    #expect(isSame(dropout(ones), ones))
  }

  @Test func oneSourceServesTheTreeAndResumesExactly() {
    let random = RandomSource(seed: 7)
    let net = Pair(random: random)
    net.train()
    _ = net(ones)
    let saved = random.state
    let next = [net(ones), net(ones)]
    #expect(!isSame(next[0], next[1]))

    let later = RandomSource(seed: 99)
    let fresh = Pair(random: later)
    fresh.train()
    _ = fresh(ones)
    later.state = saved
    #expect(isSame(fresh(ones), next[0]))
    #expect(isSame(fresh(ones), next[1]))

    random.state = [:]
    let again = RandomSource(seed: 7)
    let other = Pair(random: again)
    other.train()
    #expect(isSame(net(ones), other(ones)))
  }
}
