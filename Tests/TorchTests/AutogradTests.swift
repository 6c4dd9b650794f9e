import Testing
import Torch

@Suite struct AutogradTests {
  @Test func gradientsOfSeveralOutputsAddUp() {
    let x = Tensor([1, 2] as [Float]).requiringGrad()
    let y = Tensor([3, 4] as [Float]).requiringGrad()
    let unused = Tensor([1] as [Float]).requiringGrad()
    let outputs = [(x * y).sum(), x.square()]
    let result = Tensor.gradients(
      of: outputs, for: [x, y, unused], upstream: [Tensor(1), Tensor([10, 100] as [Float])])
    #expect(result[0]?.array() == [3 + 20, 4 + 400] as [Float])
    #expect(result[1]?.array() == [1, 2] as [Float])
    #expect(result[2] == nil)
    #expect(x.grad == nil && y.grad == nil)
    Tensor.backward([(x * y).sum(), y.sum()])
    #expect(y.grad?.array() == [2, 3] as [Float])
  }

  @Test func gradientsAccumulateUntilCleared() {
    let x = Tensor([2] as [Float]).requiringGrad()
    for _ in 0..<3 { x.square().sum().backward() }
    #expect(x.grad?.array() == [12] as [Float])
    x.grad = nil
    x.square().sum().backward()
    #expect(x.grad?.array() == [4] as [Float])
    x.grad = Tensor([-1] as [Float])
    #expect(x.grad?.array() == [-1] as [Float])
  }

  @Test func aRetainedGraphRunsTwiceAndADroppedOneDoesNot() throws {
    let x = Tensor([2] as [Float]).requiringGrad()
    let y = x.exp().sum()
    y.backward(retainGraph: true)
    y.backward()
    #expect(worst(x.grad, Tensor([2 * Float(7.389056)])) < 1e-6)
    #expect { try withTensorErrors { y.backward() } } throws: {
      ($0 as? TorchError)?.operation == "backward"
    }
  }

  @Test func secondDerivatives() {
    let x = Tensor([2, 3] as [Float]).requiringGrad()
    let first = Tensor.gradients(of: [x.pow(3).sum()], for: [x], createGraph: true)[0]
    let second = first.map { Tensor.gradients(of: [$0.sum()], for: [x])[0] } ?? nil
    #expect(second?.array() == [12, 18] as [Float])
  }

  @Test func modesEndWithTheirScope() {
    struct Stop: Error {}
    let x = Tensor([1] as [Float]).requiringGrad()
    #expect(gradientsEnabled)
    #expect(throws: Stop.self) {
      try withoutGradients {
        #expect(!gradientsEnabled && !(x * 2).requiresGrad)
        withoutGradients { #expect(!gradientsEnabled) }
        #expect(!gradientsEnabled)
        throw Stop()
      }
    }
    #expect(gradientsEnabled && (x * 2).requiresGrad)
    #expect(!(x * 2).detached().requiresGrad)

    let a = randn([4, 4], seed: 1)
    #expect(throws: Stop.self) {
      try withAutocast(.bfloat16) {
        #expect(a.matmul(a).dtype == .bfloat16)
        // Losses stay in float32; on the CPU a softmax keeps its input's type, as in PyTorch.
        #expect(a.matmul(a).meanSquaredError(a).dtype == .float32)
        #expect(a.matmul(a).softmax(axis: -1).dtype == .bfloat16)
        withAutocast(.float16) { #expect(a.matmul(a).dtype == .float16) }
        #expect(a.matmul(a).dtype == .bfloat16)
        throw Stop()
      }
    }
    #expect(a.matmul(a).dtype == .float32)
    #expect(withAutocast(nil) { a.matmul(a).dtype } == .float32)
    #expect(withAutocast(.float32) { a.matmul(a).dtype } == .float32)
  }

  @Test func autocastFollowsAWeightThatChanges() {
    let weight = Tensor.ones([2, 2]).requiringGrad()
    let x = Tensor.ones([1, 2])
    func product() -> Double { withAutocast(.bfloat16) { x.matmul(weight).sum().item() } }
    #expect(product() == 4)
    withoutGradients { weight.fillInPlace(3) }
    // libtorch can cache the casted weight within a scope; it must not outlive it.
    #expect(product() == 12)
  }

  /// A step of PPO reads a weight without gradients, learns from it, changes it and reads it again, all in one scope.
  @Test func autocastFollowsAWeightWithinItsScope() throws {
    let weight = Tensor.ones([2, 2]).requiringGrad()
    let x = Tensor.ones([1, 2])
    withAutocast(.bfloat16) {
      #expect(withoutGradients { x.matmul(weight).sum().item() } == 4)
      x.matmul(weight).sum().backward()
      #expect(weight.grad?.array() == [1, 1, 1, 1])
      withoutGradients { weight.fillInPlace(3) }
      #expect(x.matmul(weight).sum().item() == 12)
    }
  }

  /// bfloat16 arguments, and float32 ones under autocast, are multiplied as their bfloat16 values and the result is rounded
  /// once, whether the processor has such a product or not; gradients come in the arguments' own type.
  @Test(arguments: [false, true]) func linearLayersInBFloat16(casts: Bool) throws {
    let dtype: DType = casts ? .float32 : .bfloat16
    func pair(_ shape: [Int], _ seed: UInt64) -> (low: Tensor, exact: Tensor) {
      let rounded = randn(shape, seed: seed).to(.bfloat16)
      return (rounded.to(dtype).requiringGrad(), rounded.to(.float32).requiringGrad())
    }
    let (x, w, b) = (pair([2, 5, 96], 1), pair([70, 96], 2), pair([70], 3))
    let y = withAutocast(casts ? .bfloat16 : nil) { x.low.linear(w.low, b.low) }
    let exact = x.exact.linear(w.exact, b.exact)
    #expect(y.dtype == .bfloat16 && y.shape == [2, 5, 70])
    // Half a unit in the last of 8 bits.
    #expect(worst(y.to(.float32), exact) < 0.004)
    // A sum of products with small integers rounds nothing on its way up.
    let upstream = Tensor.randint(-3..<4, [2, 5, 70], generator: Generator(seed: 4)).to(.float32)
    let low = Tensor.gradients(of: [(y.to(.float32) * upstream).sum()], for: [x.low, w.low, b.low])
    let right = Tensor.gradients(of: [(exact * upstream).sum()], for: [x.exact, w.exact, b.exact])
    for (mine, theirs) in zip(low, right) {
      #expect(mine?.dtype == dtype)
      #expect(worst(mine?.to(.float32), theirs) < 0.01)
    }
  }

  @Test func customBackward() {
    let x = Tensor([1, 2] as [Float]).requiringGrad()
    let y = Tensor([5, 6] as [Float]).requiringGrad()
    let constant = Tensor([1, 1] as [Float])
    // Two results with made-up derivatives; one input without a gradient.
    let out = Tensor.custom(
      [x, constant, y],
      forward: { inputs in
        #expect(!gradientsEnabled)
        return [inputs[0] + inputs[2], inputs[0] * 2]
      },
      backward: { gradients in
        #expect(!gradientsEnabled)
        return [
          gradients[0].map { $0 * 10 }, nil, gradients[1].map { $0 * 100 },
        ]
      })
    #expect(out[0].array() == [6, 8] as [Float] && out[1].array() == [2, 4] as [Float])
    let both = Tensor.gradients(of: [out[0].sum(), out[1].sum()], for: [x, y], retainGraph: true)
    #expect(both[0]?.array() == [10, 10] as [Float])
    #expect(both[1]?.array() == [100, 100] as [Float])
    // A result that nobody used: libtorch hands over zeros or nothing.
    let one = Tensor.gradients(of: [out[0].sum()], for: [x, y])
    #expect(one[0]?.array() == [10, 10] as [Float])
    #expect(one[1].map { $0.abs().sum().item() } ?? 0 == 0)
  }

  @Test func aCustomFunctionThatIsWrongIsAnError() {
    let x = Tensor([1, 2] as [Float]).requiringGrad()
    #expect {
      try withTensorErrors {
        Tensor.custom([x], forward: { [$0[0] * 2] }, backward: { _ in [] })[0].sum().backward()
      }
    } throws: { "\($0)".contains("backward") }
    let many = (0..<9).map { _ in Tensor([1] as [Float]).requiringGrad() }
    #expect {
      try withTensorErrors {
        Tensor.custom(many, forward: { [$0[0]] }, backward: { _ in [] })
      }
    } throws: { "\($0)".contains("at most 8 tensors, not 9") }
  }

  @Test func gradientsOfShapesAndPicksAreTheirInverse() {
    let x = randn([4, 5], seed: 1).requiringGrad()
    let index = Tensor([3, 0, 3])
    x[index].sum().backward()
    #expect(x.grad?.sum(axis: 1).array() == [5, 0, 0, 10] as [Float])
    x.grad = nil
    x[1..<3, .newAxis, 2].sum().backward()
    #expect(x.grad?.sum(axis: 0).array() == [0, 0, 2, 0, 0] as [Float])
  }
}
