import NeuralNetworks
import Testing
import Torch

private class Base: Module {
  @Parameter var scale: Tensor
  @Buffer("running") var statistics: Tensor
  init(_ width: Int) {
    super.init()
    scale = Tensor.ones([width])
    statistics = Tensor.zeros([width])
  }
}

private final class Block: Base {
  @Child("c_fc") var up: Linear
  @OptionalParameter("gate") var gate: Tensor?
  @OptionalParameter var missing: Tensor?
  let plain: Linear
  var optional: Linear?
  var absent: Linear?
  var modes: [Bool] = []

  init(_ generator: Generator) {
    plain = Linear(2, 2, bias: false, generator: generator)
    super.init(3)
    up = Linear(3, 5, generator: generator)
    gate = Tensor.zeros([2])
    optional = Linear(1, 1, bias: false, generator: generator)
  }
  override func modeChanged() { modes.append(isTraining) }
}

private final class Net: Module {
  @Child("wte") var embedding: Embedding
  @Child("h") var blocks: [Block]
  @Child("heads") var heads: [String: Linear]
  var others: [Module] = []
  init(_ generator: Generator) {
    super.init()
    embedding = Embedding(7, 3, generator: generator)
    blocks = [Block(generator), Block(generator)]
    heads = ["value": Linear(3, 1, generator: generator), "policy": Linear(3, 2, generator: generator)]
    others = [Dropout(0.1, random: RandomSource(seed: 1)), LayerNorm(3, bias: false)]
  }
}

private final class Tied: Module {
  @Child("wte") var embedding: Embedding
  @Child("lm_head") var head: Linear
  init(_ generator: Generator) {
    super.init()
    embedding = Embedding(7, 3, generator: generator)
    head = Linear(3, 7, bias: false, generator: generator)
    head.weight = embedding.weight
  }
}

@Suite struct ModuleTests {
  private let generator = Generator(seed: 1)

  private func copies(_ module: Module) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: module.state.map { ($0.name, $0.tensor.clone()) })
  }

  @Test func parametersAreNamedByTheTree() {
    let net = Net(generator)
    let block = { (i: Int) in
      [
        "h.\(i).scale", "h.\(i).gate", "h.\(i).c_fc.weight", "h.\(i).c_fc.bias", "h.\(i).plain.weight",
        "h.\(i).optional.weight",
      ]
    }
    #expect(
      net.parameters.map(\.name) == ["wte.weight"] + block(0) + block(1)
        + [
          "heads.policy.weight", "heads.policy.bias", "heads.value.weight", "heads.value.bias",
          "others.1.weight",
        ])
    #expect(
      net.state.map(\.name).filter { !net.parameters.map(\.name).contains($0) }
        == ["h.0.running", "h.1.running"])
    #expect(net.modules.map(\.name).prefix(4) == ["", "wte", "h.0", "h.0.c_fc"])
    #expect(net.parameterCount == 21 + 2 * (3 + 2 + 20 + 4 + 1) + 8 + 4 + 3)
  }

  @Test func anAttachedAdapterIsNoPartOfTheLayer() {
    let layer = Linear(3, 2, generator: generator)
    let adapter = LowRankAdapter(inputs: 3, outputs: 2, rank: 1, alpha: 1, generator: generator)
    layer.attachments = [.init(adapter: adapter)]
    #expect(layer.state.map(\.name) == ["weight", "bias"])
  }

  @Test func strictLoadingListsEverythingAndChangesNothing() {
    let net = Net(generator)
    let before = copies(net)
    var given = before.mapValues { $0 + 1 }
    given["wte.weight"] = Tensor.zeros([3, 7])
    given["h.0.running"] = nil
    given["h.1.gate"] = nil
    given["h.2.gate"] = Tensor.zeros([2])
    #expect {
      try net.load(given)
    } throws: { error in
      guard let found = error as? StateDictError else { return false }
      let text = "\(error)"
      return Set(found.missing) == ["h.0.running", "h.1.gate"] && found.unexpected == ["h.2.gate"]
        && found.mismatched.map(\.name) == ["wte.weight"] && text.contains("[3, 7]")
        && text.contains("[7, 3]") && text.contains("h.2.gate")
    }
    for (name, tensor) in net.state {
      #expect(before[name].map { isSame($0, tensor) } == true, "\(name)")
    }
  }

  @Test func loadingCopiesIntoTheSameTensors() throws {
    let net = Net(generator)
    net.requireGradients()
    let held = net.parameters[0].tensor
    var given = copies(net).mapValues { $0 + 1 }
    given["unknown"] = Tensor(0)
    try net.load(given, strict: false)
    #expect(given["wte.weight"].map { isSame($0, held) } == true)
    #expect(held.requiresGrad)
    #expect(net.parameters[0].tensor.sharesMemory(with: held))
  }

  @Test func modeReachesTheWholeTree() {
    let net = Net(generator)
    #expect(!net.blocks[1].plain.isTraining)
    net.train()
    #expect(net.modules.allSatisfy { $0.module.isTraining })
    net.train(false)
    #expect(net.modules.allSatisfy { !$0.module.isTraining })
    #expect(net.blocks[0].modes == [true, false])
  }

  @Test func gradientsAreTurnedOnAndForgotten() {
    let net = Net(generator)
    #expect(net.parameters.allSatisfy { !$0.tensor.requiresGrad })
    net.requireGradients()
    #expect(net.parameters.allSatisfy { $0.tensor.requiresGrad })
    #expect(!net.blocks[0].statistics.requiresGrad)
    net.blocks[0].up(Tensor.ones([1, 3])).sum().backward()
    #expect(net.blocks[0].up.weight.grad != nil)
    net.zeroGradients()
    #expect(net.parameters.allSatisfy { $0.tensor.grad == nil })
  }

  @Test func conversionKeepsGradientsAndWholeNumbers() {
    let net = Net(generator)
    net.requireGradients()
    let norm = BatchNorm(channels: 2)
    net.others.append(norm)
    net.to(.bfloat16)
    #expect(net.parameters.allSatisfy { $0.tensor.dtype == .bfloat16 || $0.name.hasPrefix("others.2") })
    #expect(net.parameters.filter { !$0.name.hasPrefix("others.2") }.allSatisfy { $0.tensor.requiresGrad })
    #expect(norm.runningMean.dtype == .bfloat16 && norm.batches.dtype == .int64)
    let held = net.embedding.weight
    net.to(.bfloat16)
    withoutGradients { net.embedding.weight.fillInPlace(2) }
    #expect(held[0, 0].item() == 2)
  }

  @Test func tiedWeightsAreOneParameter() throws {
    let tied = Tied(generator)
    tied.requireGradients()
    #expect(tied.parameters.map(\.name) == ["wte.weight"])
    #expect(tied.parameterCount == 21)
    tied.to(.float64)
    #expect(tied.parameters.map(\.name) == ["wte.weight"])
    #expect(tied.head.weight.sharesMemory(with: tied.embedding.weight))

    let y = tied.head(tied.embedding(Tensor(ids: [0, 1])))
    y.sum().backward()
    #expect(tied.embedding.weight.grad != nil && tied.head.weight.grad != nil)

    try tied.load(["lm_head.weight": Tensor.ones([7, 3])])
    #expect(tied.embedding.weight.sum().item() == 21)
    try tied.load(["wte.weight": Tensor.zeros([7, 3]), "lm_head.weight": Tensor.ones([7, 3])])
    #expect(tied.embedding.weight.sum().item() == 0)
    #expect(throws: StateDictError.self) {
      try tied.load(["wte.weight": Tensor.zeros([7, 3]), "lm_head.weight": Tensor.ones([3, 7])])
    }
    let optimizer = AdamW(ParameterGroup.standard(for: tied, weightDecay: 0))
    #expect(optimizer.parameters.count == 1)
  }

  @Test func standardGroupsDecayMatricesOnly() {
    let net = Net(generator)
    net.requireGradients()
    func names(_ groups: [ParameterGroup], decaying: Bool) -> Set<String> {
      Set(groups.filter { ($0.weightDecay > 0) == decaying }.flatMap { $0.parameters.map(\.name) })
    }
    let usual = ParameterGroup.standard(for: net, weightDecay: 0.1)
    let all = Set(net.parameters.map(\.name))
    let vectors = Set(net.parameters.filter { $0.tensor.rank < 2 }.map(\.name))
    #expect(names(usual, decaying: false) == vectors)
    #expect(names(usual, decaying: true) == all.subtracting(vectors))
    let spared = ParameterGroup.standard(for: net, weightDecay: 0.1, decayingEmbeddings: false)
    #expect(names(spared, decaying: false) == vectors.union(["wte.weight"]))

    net.blocks[0].requireGradients(false)
    let frozen = ParameterGroup.standard(for: net, weightDecay: 0.1).flatMap { $0.parameters.map(\.name) }
    #expect(frozen.allSatisfy { !$0.hasPrefix("h.0") } && frozen.contains("h.1.scale"))

    let split = ParameterGroup.muon(for: net, weightDecay: 0.1, heads: ["heads.value.weight"])
    let matrices = names(split.matrices, decaying: true)
    #expect(matrices.contains("h.1.c_fc.weight") && matrices.contains("heads.policy.weight"))
    #expect(!matrices.contains("wte.weight") && !matrices.contains("heads.value.weight"))
    #expect(names(split.others, decaying: true) == ["wte.weight", "heads.value.weight"])
  }

  @Test func bfloat16ComputesOverFloat32Weights() throws {
    let net = Linear(64, 64, generator: generator)
    net.requireGradients()
    let x = Tensor.randn([8, 64], generator: generator)
    let exact = Precision.float32.run { net(x) }
    let rough = Precision.bfloat16.run { net(x) }
    #expect(exact.dtype == .float32 && rough.dtype == .bfloat16)
    let error = difference(rough.to(.float32), exact)
    #expect(error > 0 && error < 0.02)
    rough.to(.float32).sum().backward()
    #expect(try #require(net.weight.grad).dtype == .float32)
    #expect(net(x).dtype == .float32)
  }
}
