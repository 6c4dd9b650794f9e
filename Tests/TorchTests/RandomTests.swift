import Testing
import Torch

@Suite struct RandomTests {
  @Test func aSeedGivesPyTorchsNumbers() throws {
    let golden = try Golden("random")
    let generator = Generator(seed: 42)
    #expect(try Tensor.randn([20], generator: generator).array() == golden("normal").array() as [Float])
    #expect(try Tensor.rand([5], generator: generator).array() == golden("uniform").array() as [Float])
    let integers = Tensor.randint(0..<1000, [6], generator: generator)
    #expect(try integers.array(of: Int.self) == golden("integers").array(of: Int.self))
    #expect(try Tensor.randperm(7, generator: generator).array(of: Int.self) == golden("order").array(of: Int.self))
  }

  @Test func aRestoredStateDrawsWhatWouldHaveComeNext() {
    let generator = Generator(seed: 7)
    // An odd number of normals leaves half a Box–Muller pair in the state.
    _ = Tensor.randn([3], generator: generator)
    let state = generator.state
    func draw(_ g: Generator) -> [Float] {
      Tensor.randn([5], generator: g).array() + Tensor.rand([40], generator: g).array()
        + Tensor.ones([64]).dropout(0.5, generator: g).array()
    }
    let next = draw(generator)
    let other = Generator(seed: 1)
    other.state = state
    #expect(draw(other) == next)
    #expect(draw(other) != next)
    // Drawing elsewhere, and libtorch's global stream, change nothing.
    _ = draw(Generator(seed: 7))
    other.state = state
    #expect(draw(other) == next)
  }

  @Test func aBrokenStateIsAnError() {
    #expect(throws: TorchError.self) {
      try withTensorErrors { Generator(seed: 1).state = [1, 2, 3] }
    }
  }

  @Test func dropoutKeepsTheMeanAndItsGradient() {
    let x = Tensor.ones([200, 200]).requiringGrad()
    let y = x.dropout(0.25, generator: Generator(seed: 1))
    let kept = (y .> 0).to(.float64).mean().item()
    // Five standard deviations of a share of 40,000 draws.
    #expect(abs(kept - 0.75) < 5 * (0.75 * 0.25 / 40_000).squareRoot())
    #expect(Set(y.array()) == [0, Float(1 / 0.75)])
    y.sum().backward()
    #expect(x.grad?.array() == y.array())
    #expect(x.dropout(0, generator: Generator(seed: 1)).array() == x.array())
    #expect(x.dropout(1, generator: Generator(seed: 1)).abs().sum().item() == 0)
  }

  @Test func multinomialFollowsItsWeights() {
    let weights = Tensor([1, 0, 3] as [Float])
    let drawn = weights.multinomial(4000, replacement: true, generator: Generator(seed: 1)).array(of: Int.self)
    let ones = Double(drawn.count { $0 == 0 })
    #expect(!drawn.contains(1))
    #expect(abs(ones / 4000 - 0.25) < 5 * (0.25 * 0.75 / 4000).squareRoot())
    let order = weights.multinomial(2, generator: Generator(seed: 1)).array(of: Int.self)
    #expect(Set(order) == [0, 2])
  }

  @Test func inPlaceDrawsHaveTheirMoments() {
    let x = Tensor.empty([50_000])
    x.normalInPlace(mean: 3, standardDeviation: 2, generator: Generator(seed: 1))
    #expect(abs(x.mean().item() - 3) < 5 * 2 / 50_000.0.squareRoot())
    #expect(abs(x.variance().item() - 4) < 0.2)
    x.uniformInPlace(-1, 3, generator: Generator(seed: 1))
    #expect(x.min().item() >= -1 && x.max().item() < 3)
    #expect(abs(x.mean().item() - 1) < 0.03)
  }
}
