import Torch

/// Ops of libtorch, and those of our own that a device takes by other ways than the processor.
func checkOps(_ check: Check) {
  for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 2e-2)] {
    func leaf(_ shape: [Int], _ seed: UInt64, _ at: Check.Place) -> Tensor {
      at(randn(shape, seed, dtype)).requiringGrad()
    }
    check.compare("linear, \(dtype)", tolerance) { at in
      let (x, w, b) = (leaf([70, 96], 1, at), leaf([130, 96], 2, at), leaf([130], 3, at))
      return withGradients([x.linear(w, b)], for: [x, w, b])
    }
    check.compare("layer norm, \(dtype)", tolerance) { at in
      let (x, w, b) = (leaf([300, 200], 1, at), leaf([200], 2, at), leaf([200], 3, at))
      return withGradients([x.layerNorm(weight: w, bias: b, epsilon: 1e-5)], for: [x, w, b])
    }
    check.compare("layer norm of width 1,024, \(dtype)", tolerance) { at in
      let (x, w, b) = (leaf([2000, 1024], 1, at), leaf([1024], 2, at), leaf([1024], 3, at))
      return withGradients([x.layerNorm(weight: w, bias: b, epsilon: 1e-5)], for: [x, w, b])
    }
    check.compare("RMS norm, \(dtype)", tolerance) { at in
      let (x, w) = (leaf([7, 5, 333], 1, at), leaf([333], 2, at))
      return withGradients([x.rmsNorm(weight: w, epsilon: 1e-5)], for: [x, w])
    }
    check.compare("RMS norm without gradients, \(dtype)", tolerance) { at in
      [at(randn([9, 64], 1, dtype)).rmsNorm(weight: at(randn([64], 2, dtype)), epsilon: 1e-5)]
    }
    for gelu in [false, true] {
      check.compare("\(gelu ? "GELU" : "SiLU") and its gate, \(dtype)", tolerance) { at in
        let x = leaf([40, 600], 1, at)
        return withGradients([gelu ? x.gelu(tanhApproximation: true) : x.silu(), x.gated(gelu: gelu)], for: [x])
      }
    }
    for interleaved in [false, true] {
      check.compare("rotary\(interleaved ? ", interleaved" : ""), \(dtype)", tolerance) { at in
        let x = leaf([30, 4, 40], 1, at)
        let angles = randn([30, 16], 2)
        let turned = x[0..., 1...].rotary(cos: at(angles.cos()), sin: at(angles.sin()), interleaved: interleaved)
        return withGradients([turned], for: [x])
      }
    }
    check.compare("softmax, log-sum-exp, \(dtype)", tolerance) { at in
      let x = leaf([50, 1000], 1, at)
      return withGradients([x.softmax(axis: -1), x.logSoftmax(axis: -1), x.logSumExp(axis: -1)], for: [x])
    }
  }
  check.compare("layer norm under autocast", 2e-2) { at in
    let (x, w, b) = (at(randn([64, 96], 1)).requiringGrad(), at(randn([96], 2)), at(randn([96], 3)))
    let table = at(randn([50, 96], 4)).requiringGrad()
    let y = withAutocast(.bfloat16, device: at.device) { x.layerNorm(weight: w, bias: b, epsilon: 1e-5).linear(table) }
    return withGradients([y], for: [x, table])
  }
  check.compare("embedding and its gradient", 1e-5) { at in
    let table = at(randn([500, 64], 1)).requiringGrad()
    let ids = at(Tensor.randint(0..<500, [2000], generator: Generator(seed: 2)))
    return withGradients([Tensor.embedding(table, ids)], for: [table])
  }
  check.compare("gathering, scattering, sorting", 1e-6) { at in
    let x = at(randn([20, 100], 1))
    let index = at(Tensor.randint(0..<100, [20, 7], generator: Generator(seed: 2)))
    let (values, places) = x.topK(5)
    return [
      x.gather(index, axis: 1), x.indexSelect(at(Tensor(ids: [3, 1, 1]))), values, places, x.cumulativeSum(axis: 1),
      x.argmax(axis: -1), x.rolled(1, axis: 0),
    ]
  }
  check.compare("AdamW, clipping, norms", 1e-5) { at in
    let parameters = (0..<5).map { at(randn([30, 20 + $0], UInt64($0))).requiringGrad() }
    let moments = (0..<2).map { _ in parameters.map { $0.detached().zerosLike() } }
    let steps = parameters.map { _ in at(Tensor(0)) }
    var norms: [Double] = []
    for step in 0..<3 {
      let gradients = parameters.indices.map { at(randn([30, 20 + $0], UInt64(50 + 10 * step + $0))) }
      norms.append(FusedOptimizers.norm(gradients))
      FusedOptimizers.scale(gradients, by: 0.5)
      FusedOptimizers.adamW(
        parameters: parameters, gradients: gradients, first: moments[0], second: moments[1], steps: steps,
        learningRate: 1e-2, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1)
    }
    return parameters + moments[0] + moments[1] + [Tensor(norms)]
  }
  let device = check.device
  check.report("a seed's numbers come again; dropout's share") {
    let draws = (0..<2).map { _ in Tensor.randn([1000], generator: Generator(seed: 5, device: device)) }
    let generator = Generator(seed: 6, device: device)
    let saved = generator.state
    let first = Tensor.ones([100_000], device: device).dropout(0.25, generator: generator)
    generator.state = saved
    let second = Tensor.ones([100_000], device: device).dropout(0.25, generator: generator)
    let share = (first .== 0).to(.float32).mean().item()
    return (
      max((draws[0] - draws[1]).abs().max().item(), (first - second).abs().max().item(), abs(share - 0.25) / 10), 1e-3
    )
  }
  checkLosses(check)
}

private func checkLosses(_ check: Check) {
  for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 3e-2)] {
    for cap in [nil, 5.0] as [Double?] {
      let name = "\(dtype)\(cap == nil ? "" : ", soft cap")"
      func inputs(_ at: Check.Place, vocabulary: Int = 3001) -> (Tensor, Tensor, Tensor, Tensor) {
        let targets = Tensor.randint(0..<vocabulary, [150], generator: Generator(seed: 3))
        targets[7] = Tensor(-100, dtype: .int64)
        return (
          at(randn([150, 32], 1, dtype)).requiringGrad(), at(randn([vocabulary, 32], 2, dtype)).requiringGrad(),
          at(targets),
          at(randn([150], 4).abs())
        )
      }
      check.compare("cross-entropy of a linear layer, \(name)", tolerance) { at in
        let (hidden, table, targets, weights) = inputs(at)
        let loss = Tensor.linearCrossEntropy(hidden, table, targets: targets, weights: weights, softCap: cap)
        return [loss.each] + withGradients([loss.sum], for: [hidden, table])
      }
      check.compare("its log-probabilities and entropy, \(name)", 4 * tolerance) { at in
        let (hidden, table, targets, _) = inputs(at, vocabulary: 4096)
        let (values, entropy) = Tensor.linearLogProbabilities(
          hidden, table, targets: targets, temperature: 0.7, withEntropy: true, chunk: 64, softCap: cap)
        return [entropy] + withGradients([values], for: [hidden, table])
      }
    }
  }
}
