import NeuralNetworks
import Testing
import Torch

/// The named tensors of the fixture, as parameters that take its gradients.
private struct Problem {
  let golden: Golden
  let parameters: [(name: String, tensor: Tensor)]

  init(_ names: [String] = ["matrix", "wide", "vector", "cube"]) throws {
    let golden = try Golden("optimizers")
    self.golden = golden
    parameters = names.map { ($0, golden["start"][$0].tensor.requiringGrad()) }
  }

  func group(weightDecay: Double) -> [ParameterGroup] {
    [ParameterGroup(parameters: parameters, weightDecay: weightDecay)]
  }

  func giveGradients(at step: Int, absent: Set<String> = []) {
    for (name, tensor) in parameters {
      tensor.grad = absent.contains(name) ? nil : golden["grads"].list[step][name].tensor
    }
  }

  func rate(_ step: Int) -> Double { golden["learning_rates"].numbers[step] }

  /// The worst difference from the case's parameters over all steps.
  func worst(
    _ optimizer: any Optimizer, _ name: String, absent: [Int: Set<String>] = [:]
  ) -> Double {
    var worst = 0.0
    for (t, after) in golden["cases"][name].list.enumerated() {
      giveGradients(at: t, absent: absent[t] ?? [])
      optimizer.step(learningRate: rate(t))
      for (name, tensor) in parameters {
        worst = max(worst, difference(tensor, after[name].tensor))
      }
    }
    return worst
  }
}

@Suite struct OptimizerTests {
  @Test func adamWFollowsPyTorch() throws {
    let problem = try Problem()
    let optimizer = AdamW(
      problem.group(weightDecay: 0.1), options: .init(beta2: 0.95))
    #expect(problem.worst(optimizer, "adamw") < 1e-6)
  }

  @Test func adamWLeavesParametersWithoutGradientAlone() throws {
    let problem = try Problem()
    let optimizer = AdamW(problem.group(weightDecay: 0.1), options: .init(beta2: 0.95))
    #expect(
      problem.worst(
        optimizer, "adamw_absent", absent: [0: ["vector"], 2: ["cube"], 3: ["vector"]]) < 1e-6)
  }

  @Test func stochasticGradientDescentFollowsPyTorch() throws {
    for (name, momentum, nesterov, decay) in [
      ("sgd", 0.0, false, 0.1), ("sgd_momentum", 0.9, false, 0.1), ("sgd_nesterov", 0.9, true, 0),
    ] {
      let problem = try Problem()
      let optimizer = SGD(problem.group(weightDecay: decay), momentum: momentum, nesterov: nesterov)
      #expect(problem.worst(optimizer, name) < 1e-6, "\(name)")
    }
  }

  @Test func adafactorFollowsHuggingFace() throws {
    var fixed = Adafactor.Options()
    fixed.scalesByParameter = false
    var relative = Adafactor.Options()
    relative.relativeStep = true
    relative.warmsUp = true
    for (name, options, decay) in [
      ("adafactor", fixed, 0.1), ("adafactor_scaled", Adafactor.Options(), 0),
      ("adafactor_relative", relative, 0),
    ] {
      let problem = try Problem()
      #expect(
        problem.worst(Adafactor(problem.group(weightDecay: decay), options: options), name) < 2e-6,
        "\(name)")
    }
  }

  @Test func muonFollowsThePublishedFormula() throws {
    for (name, scaling) in [("muon", Muon.Scaling.matchAdamW), ("muon_original", .original)] {
      let problem = try Problem(["matrix", "wide"])
      var options = Muon.Options()
      options.scaling = scaling
      let optimizer = Muon(matrices: problem.group(weightDecay: 0.1), others: [], options: options)
      #expect(problem.worst(optimizer, name) < 5e-6, "\(name)")
    }
  }

  /// PyTorch runs Newton–Schulz in bfloat16, whose products differ in the third digit by the order of summation.
  @Test func muonInBFloat16StaysNearPyTorch() throws {
    for (name, scaling) in [
      ("muon_torch", Muon.Scaling.matchAdamW), ("muon_original_torch", .original),
    ] {
      let problem = try Problem(["matrix", "wide"])
      var options = Muon.Options()
      options.scaling = scaling
      options.precision = .bfloat16
      let optimizer = Muon(matrices: problem.group(weightDecay: 0.1), others: [], options: options)
      #expect(problem.worst(optimizer, name) < 5e-3, "\(name)")
    }
  }

  @Test func orthogonalizedMatricesHaveSingularValuesNearOne() {
    let generator = Generator(seed: 3)
    for shape in [[16, 16], [8, 32], [32, 8]] {
      let made = Muon.orthogonalized(Tensor.randn(shape, generator: generator))
      #expect(made.shape == shape)
      // Σσ² and Σσ⁴ of k values in 0.5 … 1.5.
      let gram = shape[0] < shape[1] ? made.matmul(made.transposed()) : made.transposed().matmul(made)
      let k = Double(min(shape[0], shape[1]))
      let squares = gram.diagonal().sum().item() / k
      let spread = (gram - Tensor.eye(Int(k))).norm().item() / k.squareRoot()
      #expect(squares > 0.5 && squares < 1.4)
      #expect(spread < 0.6)
    }
  }

  /// Every optimizer, stopped after three steps, saved, loaded into a fresh one: the same bits as without the stop.
  @Test func resumesBitForBit() throws {
    let matrices = ["matrix", "wide"]
    let makers: [(String, [String], ([ParameterGroup]) -> any Optimizer)] = [
      ("AdamW", matrices + ["vector", "cube"], { AdamW($0) }),
      ("SGD", matrices + ["vector"], { SGD($0, momentum: 0.9, nesterov: true) }),
      ("Adafactor", matrices + ["vector", "cube"], { Adafactor($0) }),
      ("Muon", matrices, { Muon(matrices: $0, others: []) }),
    ]
    for (name, tensors, make) in makers {
      let straight = try Problem(tensors)
      let through = make(straight.group(weightDecay: 0.1))
      for t in 0..<6 {
        straight.giveGradients(at: t)
        through.step(learningRate: straight.rate(t))
      }

      let broken = try Problem(tensors)
      var optimizer = make(broken.group(weightDecay: 0.1))
      for t in 0..<6 {
        if t == 3 {
          let saved = optimizer.state.map { ($0.name, $0.tensor.clone()) }
          optimizer = make(broken.group(weightDecay: 0.1))
          try optimizer.load(Dictionary(uniqueKeysWithValues: saved))
        }
        broken.giveGradients(at: t)
        optimizer.step(learningRate: broken.rate(t))
      }
      for (a, b) in zip(straight.parameters, broken.parameters) {
        #expect(isSame(a.tensor, b.tensor), "\(name) \(a.name)")
      }
      for (a, b) in zip(through.state, optimizer.state) {
        #expect(a.name == b.name && isSame(a.tensor, b.tensor), "\(name) \(a.name)")
      }
    }
  }

  @Test func aStateThatDoesNotFitIsRefusedWhole() throws {
    let problem = try Problem(["matrix", "vector"])
    let optimizer = AdamW(problem.group(weightDecay: 0))
    problem.giveGradients(at: 0)
    optimizer.step(learningRate: 0.1)
    var saved = Dictionary(uniqueKeysWithValues: optimizer.state.map { ($0.name, $0.tensor.clone()) })
    let before = optimizer.state.map { $0.tensor.clone() }
    saved["matrix.exp_avg"] = Tensor.ones([3, 5])
    saved["vector.step"] = nil
    saved["other.step"] = Tensor(1)
    saved["vector.exp_avg"] = Tensor.ones([7])
    #expect {
      try optimizer.load(saved)
    } throws: { error in
      let error = error as? StateDictError
      return error?.missing == ["vector.step"] && error?.unexpected == ["other.step"]
        && error?.mismatched.map(\.name) == ["matrix.exp_avg"]
    }
    for (a, b) in zip(optimizer.state, before) { #expect(isSame(a.tensor, b)) }
  }

  @Test func learningRateScaleAndGroupsAreSeparate() throws {
    let a = Tensor([1, 2]).to(.float32).requiringGrad()
    let b = Tensor([1, 2]).to(.float32).requiringGrad()
    let optimizer = SGD([
      ParameterGroup(parameters: [("a", a)], learningRateScale: 0.5, weightDecay: 0),
      ParameterGroup(parameters: [("b", b)], weightDecay: 1),
    ])
    a.grad = Tensor.ones([2])
    b.grad = Tensor.ones([2])
    optimizer.step(learningRate: 0.1)
    #expect(difference(a, Tensor([0.95, 1.95] as [Float])) < 1e-6)
    #expect(difference(b, Tensor([0.8, 1.7] as [Float])) < 1e-6)
    optimizer.zeroGradients()
    #expect(a.grad == nil && b.grad == nil)
  }

  @Test func clippingFollowsPyTorch() throws {
    for limit in try Golden("optimizers")["clip"].keys {
      let problem = try Problem()
      problem.giveGradients(at: 0)
      let expected = problem.golden["clip"][limit]
      let norm = clipGradients(
        of: problem.parameters.map(\.tensor), toNorm: try #require(Double(limit)))
      #expect(abs(norm - expected["norm"].number) < 1e-5)
      for (name, tensor) in problem.parameters {
        #expect(difference(try #require(tensor.grad), expected["grads"][name].tensor) < 1e-6)
      }
    }
  }

  @Test func clippingLeavesGradientsThatAreNotFinite() {
    let x = Tensor([1, 2] as [Float]).requiringGrad()
    x.grad = Tensor([Float.infinity, 3])
    #expect(clipGradients(of: [x], toNorm: 1) == .infinity)
    #expect(x.grad?.array() == [Float.infinity, 3])
    #expect(clipGradients(of: [], toNorm: 1) == 0)
  }
}
