import Testing
import Torch

@Suite struct LinearCrossEntropyTests {
  @Test(arguments: [0, 1, 2, 4, 9, 100])
  func equalsPyTorchAtEveryChunkSize(_ chunk: Int) throws {
    let golden = try Golden("cross_entropy")
    let hidden = try golden("hidden").requiringGrad()
    let table = try golden("table").requiringGrad()
    let loss = try Tensor.linearCrossEntropy(
      hidden, table, targets: golden("targets"), weights: golden("weights"), chunk: chunk)
    #expect(try worst(loss.sum, golden("sum")) < 1e-6)
    #expect(try worst(loss.each, golden("each")) < 1e-6)
    // An upstream factor, as gradient accumulation puts there.
    (loss.sum * 3).backward()
    #expect(try worst(hidden.grad, golden("dhidden") * 3) < 1e-6)
    #expect(try worst(table.grad, golden("dtable") * 3) < 1e-6)
    // Ignored rows get exactly nothing.
    #expect(hidden.grad?[2].abs().sum().item() == 0)
    #expect(hidden.grad?[5].abs().sum().item() == 0)
  }

  @Test func withoutWeightsEveryRowCountsOnce() throws {
    let golden = try Golden("cross_entropy")
    let loss = try Tensor.linearCrossEntropy(
      golden("hidden"), golden("table"), targets: golden("targets"))
    #expect(try worst(loss.sum, golden("each").sum()) < 1e-6)
  }

  @Test(arguments: [0, 2, 9])
  func logProbabilitiesEqualPyTorch(_ chunk: Int) throws {
    for temperature in [1.0, 0.7] {
      let inputs = try Golden("cross_entropy")
      let golden = try Golden("logprobs.\(temperature)")
      let hidden = try inputs("hidden").requiringGrad()
      let table = try inputs("table").requiringGrad()
      let result = try Tensor.linearLogProbabilities(
        hidden, table, targets: inputs("targets"), temperature: temperature, withEntropy: true,
        chunk: chunk)
      #expect(try worst(result.logProbabilities, golden("out")) < 1e-6)
      #expect(try worst(result.entropy, golden("entropy")) < 1e-5)
      try result.logProbabilities.backward(gradient: golden("upstream"))
      #expect(try worst(hidden.grad, golden("dhidden")) < 1e-5)
      #expect(try worst(table.grad, golden("dtable")) < 1e-5)
    }
  }

  /// Large random cases against libtorch's own log-softmax, in several types.
  @Test(arguments: [DType.float32, .bfloat16, .float16])
  func equalsThePlainComposition(_ dtype: DType) {
    let hidden = randn([150, 32], seed: 1).to(dtype).requiringGrad()
    let table = (randn([3000, 32], seed: 2) * 2).to(dtype).requiringGrad()
    let targets = Tensor.randint(0..<3000, [150], generator: Generator(seed: 3))
    let fast = Tensor.linearCrossEntropy(hidden, table, targets: targets, chunk: 64)
    // The product is rounded to the type, the softmax is not.
    let plain = hidden.matmul(table.transposed()).to(.float32)
      .crossEntropy(targets, reduction: .sum)
    let tolerance = dtype == .float32 ? 1e-5 : 0.02
    #expect(worst(fast.sum, plain) < tolerance)
    let ours = Tensor.gradients(of: [fast.sum], for: [hidden, table])
    let theirs = Tensor.gradients(of: [plain], for: [hidden, table])
    for i in 0..<2 {
      #expect(ours[i]?.dtype == dtype)
      #expect(worst(ours[i], theirs[i]) < tolerance)
    }
  }

  @Test(arguments: [0, 7]) func softCapsEqualThePlainComposition(_ chunk: Int) {
    let hidden = randn([40, 16], seed: 1).requiringGrad()
    let table = randn([90, 16], seed: 2).requiringGrad()
    let targets = Tensor.randint(0..<90, [40], generator: Generator(seed: 3))
    let logits = (hidden.matmul(table.transposed()) / 3).tanh() * 3
    func same(_ ours: Tensor, _ plain: Tensor) {
      #expect(worst(ours, plain) < 1e-5)
      let mine = Tensor.gradients(of: [ours.sum()], for: [hidden, table], retainGraph: true)
      let theirs = Tensor.gradients(of: [plain.sum()], for: [hidden, table], retainGraph: true)
      for i in 0..<2 { #expect(worst(mine[i], theirs[i]) < 1e-5) }
    }
    same(
      Tensor.linearCrossEntropy(hidden, table, targets: targets, chunk: chunk, softCap: 3).sum,
      logits.crossEntropy(targets, reduction: .sum))
    let chosen = (logits / 0.7).logSoftmax(axis: -1).gather(targets.unsqueezed(1), axis: 1).squeezed(1)
    same(
      Tensor.linearLogProbabilities(
        hidden, table, targets: targets, temperature: 0.7, chunk: chunk, softCap: 3
      ).logProbabilities, chosen)
  }

  @Test func vastLogitsNeitherOverflowNorVanish() {
    let hidden = Tensor([1e4, -1e4] as [Float], shape: [2, 1])
    let table = Tensor([1, 0.99, -1] as [Float], shape: [3, 1])
    let loss = Tensor.linearCrossEntropy(hidden, table, targets: Tensor([1, 0]))
    #expect(worst(loss.each, Tensor([100, 20000] as [Float])) < 1e-4)
  }

  @Test func aNaNShowsInTheLoss() {
    let hidden = Tensor.ones([2, 4])
    hidden[1, 2] = Tensor(.nan)
    let loss = Tensor.linearCrossEntropy(hidden, Tensor.ones([5, 4]), targets: Tensor([0, 1]))
    #expect(loss.sum.item().isNaN)
    #expect(loss.each[0].item().isFinite)
  }

  @Test func aFrozenSideGetsNoGradient() {
    let hidden = randn([4, 3], seed: 1).requiringGrad()
    let table = randn([5, 3], seed: 2)
    let targets = Tensor([0, 1, 2, 3])
    let free = randn([5, 3], seed: 2).requiringGrad()
    func gradient(_ table: Tensor) -> Tensor? {
      Tensor.gradients(
        of: [Tensor.linearCrossEntropy(hidden, table, targets: targets).sum], for: [hidden])[0]
    }
    #expect(worst(gradient(table), gradient(free)) < 1e-7)
    let sum = Tensor.linearCrossEntropy(hidden, table, targets: targets).sum
    sum.backward()
    #expect(table.grad == nil && hidden.grad != nil)
    #expect(!Tensor.linearCrossEntropy(hidden.detached(), table, targets: targets).sum.requiresGrad)
    withoutGradients {
      #expect(!Tensor.linearCrossEntropy(hidden, free, targets: targets).sum.requiresGrad)
    }
  }

  @Test func autocastComputesInItsType() {
    let hidden = randn([20, 16], seed: 1).requiringGrad()
    let table = randn([50, 16], seed: 2).requiringGrad()
    let targets = Tensor.arange(0, 20)
    let full = Tensor.linearCrossEntropy(hidden, table, targets: targets).sum
    let low = withAutocast(.bfloat16) {
      Tensor.linearCrossEntropy(hidden, table, targets: targets).sum
    }
    #expect(low.item() != full.item())
    #expect(worst(low, full) < 0.02)
    low.backward()
    #expect(hidden.grad?.dtype == .float32 && table.grad?.dtype == .float32)
  }

  @Test func misuseNamesTheOpAndTheShapes() {
    let hidden = randn([4, 3], seed: 1)
    let table = randn([5, 3], seed: 2)
    func refused(_ says: String, _ body: () -> Tensor) {
      #expect { try withTensorErrors(body) } throws: { "\($0)".contains(says) }
    }
    refused("target 5 lies outside the vocabulary of 5") {
      Tensor.linearCrossEntropy(hidden, table, targets: Tensor([0, 1, 5, 0])).sum
    }
    refused("[4, 3]") { Tensor.linearCrossEntropy(hidden, randn([5, 2], seed: 1), targets: Tensor([0, 1, 2, 3])).sum }
    refused("int64 targets") { Tensor.linearCrossEntropy(hidden, table, targets: Tensor.ones([4])).sum }
    refused("weights must be one for each of the 4 rows") {
      Tensor.linearCrossEntropy(hidden, table, targets: Tensor([0, 1, 2, 3]), weights: Tensor.ones([3])).sum
    }
    refused("temperature must be above 0") {
      Tensor.linearLogProbabilities(hidden, table, targets: Tensor([0, 1, 2, 3]), temperature: 0).logProbabilities
    }
    refused("target 7") {
      Tensor.linearLogProbabilities(hidden, table, targets: Tensor([0, 7, 2, 3])).logProbabilities
    }
  }
}
