import Testing
import Torch

/// libtorch's own layers through our binding: an argument in the wrong place shows here.
@Suite struct LayerGoldenTests {
  @Test func convolutions() throws {
    let one = try Golden("conv1d")
    let a = try one("x").conv1d(one("w"), one("b"), stride: 2, padding: 1, dilation: 2, groups: 2)
    #expect(try worst(a, one("out")) < 1e-5)
    let two = try Golden("conv2d")
    let b = try two("x").conv2d(two("w"), two("b"), stride: 2, padding: 1, groups: 2)
    #expect(try worst(b, two("out")) < 1e-5)
    let back = try Golden("conv_transpose2d")
    let c = try back("x").convTranspose2d(back("w"), back("b"), stride: 2, padding: 1, outputPadding: 1)
    #expect(try worst(c, back("out")) < 1e-5)
    let pool = try Golden("pool")
    #expect(try worst(pool("x").maxPool2d(3, stride: 2, padding: 1), pool("max")) < 1e-6)
    #expect(try worst(pool("x").averagePool2d(2, stride: 2), pool("mean")) < 1e-6)
  }

  @Test func lstm() throws {
    let golden = try Golden("lstm")
    let weights = try (0..<8).map { try golden("w\($0)") }
    let result = try golden("x").lstm(
      hidden: golden("h"), cell: golden("c"), weights: weights, layers: 2, batchFirst: true)
    #expect(try worst(result.output, golden("out")) < 1e-5)
    #expect(try worst(result.hidden, golden("hn")) < 1e-5)
    #expect(try worst(result.cell, golden("cn")) < 1e-5)
  }

  @Test func normalizations() throws {
    let golden = try Golden("norms")
    let (x, w, b) = try (golden("x"), golden("w"), golden("b"))
    let last = x.transposed(1, 2)
    #expect(try worst(x.groupNorm(groups: 2, weight: w, bias: b, epsilon: 1e-5), golden("group")) < 1e-5)
    #expect(try worst(last.layerNorm(weight: w, bias: b, epsilon: 1e-5), golden("layer")) < 1e-5)
    #expect(try worst(last.rmsNorm(weight: w, epsilon: 1e-6), golden("rms")) < 1e-5)
    // Without gradients, as above, it is our own kernel.
    let wide = randn([3, 70, 129], seed: 6) * 4
    let scale = randn([129], seed: 7).requiringGrad()
    let trained = wide.rmsNorm(weight: scale, epsilon: 1e-5)
    #expect(withoutGradients { worst(wide.rmsNorm(weight: scale, epsilon: 1e-5), trained) } < 1e-6)
    let shift = randn([129], seed: 8)
    let far = wide + 50
    for bias in [shift, nil] {
      let centered = far.layerNorm(weight: scale, bias: bias, epsilon: 1e-5)
      #expect(withoutGradients { worst(far.layerNorm(weight: scale, bias: bias, epsilon: 1e-5), centered) } < 1e-5)
    }
    let batch = try Golden("batch_norm")
    let (mean, variance) = (Tensor.zeros([4]), Tensor.ones([4]))
    let out = x.batchNorm(
      weight: w, bias: b, runningMean: mean, runningVariance: variance, training: true, momentum: 0.1,
      epsilon: 1e-5)
    #expect(try worst(out, batch("out")) < 1e-5)
    #expect(try worst(mean, batch("mean")) < 1e-6)
    #expect(try worst(variance, batch("var")) < 1e-6)
  }

  @Test func maskedGroupedAttention() throws {
    let golden = try Golden("attention")
    let mask = try golden("mask").to(.bool)
    let out = try Tensor.attention(golden("q"), golden("k"), golden("v"), mask: mask)
    #expect(try worst(out, golden("out")) < 1e-5)
  }

  @Test func losses() throws {
    let golden = try Golden("losses")
    let logits = try golden("logits")
    let smooth = try logits.crossEntropy(golden("labels"), labelSmoothing: 0.1)
    #expect(try worst(smooth, golden("smooth")) < 1e-6)
    let binary = logits.binaryCrossEntropy(logits.sigmoid().round(), reduction: .sum)
    #expect(try worst(binary, golden("binary")) < 1e-6)
  }

  nonisolated(unsafe) static let unary: [(String, (Tensor) -> Tensor)] = [
    ("neg", { -$0 }), ("abs", { $0.abs() }), ("exp", { $0.exp() }), ("expm1", { $0.expm1() }),
    ("sin", { $0.sin() }), ("cos", { $0.cos() }), ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }),
    ("relu", { $0.relu() }), ("silu", { $0.silu() }), ("erf", { $0.erf() }), ("floor", { $0.floor() }),
    ("ceil", { $0.ceil() }), ("round", { $0.round() }), ("sign", { $0.sign() }),
    ("square", { $0.square() }), ("reciprocal", { $0.reciprocal() }), ("softplus", { $0.softplus() }),
    ("logsigmoid", { $0.logSigmoid() }), ("gelu", { $0.gelu() }),
    ("gelu_tanh", { $0.gelu(tanhApproximation: true) }), ("lgamma", { $0.logGamma() }),
    ("digamma", { $0.digamma() }), ("log", { $0.abs().log() }), ("log1p", { $0.abs().log1p() }),
    ("log2", { $0.abs().log2() }), ("sqrt", { $0.abs().sqrt() }), ("rsqrt", { $0.abs().rsqrt() }),
    ("elu", { $0.elu() }), ("leaky_relu", { $0.leakyReLU() }),
  ]

  @Test func elementwiseOps() throws {
    let golden = try Golden("unary")
    for (name, op) in Self.unary {
      #expect(try worst(op(golden("x").to(.float64)), golden(name)) < 1e-5, "\(name)")
    }
  }

  @Test func divisionByANumberIsNotRoundedToTheTensorsType() {
    // 1001 is no bfloat16: dividing by its rounding, 1000, would give 3.003.
    let x = Tensor([3000, 1001] as [Float]).to(.bfloat16)
    #expect((x / 1001).array() == (x.to(.float32) / 1001).to(.bfloat16).array() as [Float])
    #expect(worst((x / 1001).to(.float32), Tensor([3000 / 1001, 1] as [Float])) < 0.004)
    #expect((Tensor([7, 8]) / 2).array() == [3.5, 4] as [Float])
    #expect((Tensor(1, dtype: .float32) / 4).dtype == .float32)
  }

  @Test func fusedOptimizersTakePyTorchsSteps() throws {
    let adam = try Golden("adamw")
    let p = try adam("p")
    let (m, v, step) = (p.zerosLike(), p.zerosLike(), Tensor(0))
    for i in 0..<3 {
      try FusedOptimizers.adamW(
        parameters: [p], gradients: [adam("grads")[i]], first: [m], second: [v], steps: [step],
        learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.2)
    }
    #expect(try worst(p, adam("out")) < 1e-6)
    #expect(step.item() == 3)
    let sgd = try Golden("sgd")
    let q = try sgd("p")
    let momentum = q.zerosLike()
    for i in 0..<3 {
      try FusedOptimizers.sgd(
        parameters: [q], gradients: [sgd("grads")[i]], momenta: [momentum], learningRate: 0.1,
        momentum: 0.9, weightDecay: 0.2, nesterov: true, isFirst: i == 0)
    }
    #expect(try worst(q, sgd("out")) < 1e-6)
    let gradients = [Tensor([3, 0] as [Float]), Tensor(4)]
    #expect(FusedOptimizers.norm(gradients) == 5)
    FusedOptimizers.scale(gradients, by: 0.5)
    #expect(gradients[0].array() == [1.5, 0] as [Float] && gradients[1].item() == 2)
  }
}
