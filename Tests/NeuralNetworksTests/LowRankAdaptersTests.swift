import Foundation
import NeuralNetworks
import Testing
import Torch

/// The network of the fixture.
private final class Net: Module {
  let up: Linear
  let inner: [Linear]
  let down: Linear
  init(_ generator: Generator) {
    up = Linear(6, 10, generator: generator)
    inner = [
      Linear(10, 10, generator: generator), Linear(10, 10, bias: false, generator: generator),
    ]
    down = Linear(10, 4, generator: generator)
    super.init()
  }
  func callAsFunction(_ x: Tensor) -> Tensor {
    down(inner.reduce(up(x).tanh()) { $1($0).tanh() })
  }
}

@Suite struct LowRankAdaptersTests {
  private let generator = Generator(seed: 1)
  private let plain = LowRankConfiguration(rank: 3, alpha: 12, targets: ["up", "1"])

  private func dictionary(_ golden: Golden) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: golden.keys.map { ($0, golden[$0].tensor) })
  }

  @Test func forwardBackwardNamesAndMergeFollowPEFT() throws {
    for name in ["plain", "rank_stabilized", "dora"] {
      let golden = try Golden("adapters")["cases"][name]
      var configuration = plain
      configuration.isRankStabilized = name == "rank_stabilized"
      configuration.isWeightDecomposed = name == "dora"
      let net = Net(generator)
      try net.load(dictionary(golden["base"]))
      net.requireGradients(false)
      let adapters = try LowRankAdapters(configuration, for: net, generator: generator)
      #expect(Set(adapters.state.map(\.name)) == Set(golden["state"].keys))
      try adapters.load(dictionary(golden["state"]))
      adapters.requireGradients()

      let x = golden["input"].tensor
      try adapters.attach(to: net)
      let y = net(x)
      #expect(difference(y, golden["output"].tensor) < 2e-6)
      y.square().sum().backward()
      for (name, tensor) in adapters.parameters {
        #expect(difference(try #require(tensor.grad), golden["gradients"][name].tensor) < 2e-5)
      }
      #expect(net.parameters.allSatisfy { $0.tensor.grad == nil })

      try adapters.merge(into: net)
      for (name, tensor) in net.state {
        #expect(difference(tensor, golden["merged"][name].tensor) < 2e-6, "\(name)")
      }
      #expect(difference(net(x), golden["output"].tensor) < 2e-6)
    }
  }

  @Test func freshAdaptersChangeNothingAndMergingCanBeUndone() throws {
    let net = Net(generator)
    let x = Tensor.randn([3, 6], generator: generator)
    let base = net(x)
    let weights = net.state.map { $0.tensor.clone() }
    let adapters = try LowRankAdapters(plain, for: net, generator: generator)
    try adapters.attach(to: net)
    #expect(isSame(net(x), base))

    for (_, adapter) in adapters.layers { adapter.up.normalInPlace(generator: generator) }
    let changed = net(x)
    #expect(difference(changed, base) > 0.01)
    #expect(throws: AdapterError.self) { try adapters.unmerge(from: net) }
    try adapters.merge(into: net, keepingOriginals: true)
    #expect(net.up.attachments.isEmpty)
    #expect(difference(net(x), changed) < 2e-6)
    try adapters.unmerge(from: net)
    for ((_, tensor), old) in zip(net.state, weights) { #expect(isSame(tensor, old)) }
    #expect(isSame(net(x), changed))
    LowRankAdapters.detach(from: net)
    #expect(isSame(net(x), base))
  }

  /// Two sets over one base: each trains alone, and the base is the reference.
  @Test func severalSetsShareOneBase() throws {
    let net = Net(generator)
    net.requireGradients(false)
    let x = Tensor.randn([3, 6], generator: generator)
    let base = net(x)
    let policy = try LowRankAdapters(plain, for: net, generator: generator)
    let value = try LowRankAdapters(
      .init(rank: 2, alpha: 2, targets: ["down"]), for: net, generator: generator)
    policy.requireGradients()
    value.requireGradients()
    let optimizer = SGD(ParameterGroup.standard(for: policy, weightDecay: 0))
    try policy.attached(to: net) { net(x) }.square().sum().backward()
    optimizer.step(learningRate: 0.1)
    #expect(value.parameters.allSatisfy { $0.tensor.grad == nil })
    #expect(isSame(net(x), base))
    #expect(try isSame(value.attached(to: net) { net(x) }, base))
    #expect(try difference(policy.attached(to: net) { net(x) }, base) > 1e-4)
    #expect(net.up.attachments.isEmpty)
    let switchedOff = try policy.attached(to: net) { LowRankAdapters.detached(from: net) { net(x) } }
    #expect(isSame(switchedOff, base))
  }

  /// Several published layers in one matrix, each with an adapter of its own.
  @Test func rowsOfALayerHaveTheirOwnAdapters() throws {
    final class Fused: Module {
      let qkv: Linear
      init(_ generator: Generator) {
        qkv = Linear(6, 12, generator: generator)
        super.init()
      }
      override var adaptableLayers: [AdaptableLayer] {
        [("q_proj", 0..<6), ("k_proj", 6..<9), ("v_proj", 9..<12)].map {
          AdaptableLayer(path: "attn.\($0.0)", layer: qkv, rows: $0.1)
        }
      }
    }
    for isDecomposed in [false, true] {
      let net = Fused(generator)
      let x = Tensor.randn([5, 6], generator: generator)
      let base = net.qkv(x)
      let adapters = try LowRankAdapters(
        .init(rank: 2, targets: ["q_proj", "v_proj"], isWeightDecomposed: isDecomposed), for: net,
        generator: generator)
      #expect(adapters.layers.keys.sorted() == ["attn.q_proj", "attn.v_proj"])
      for (_, adapter) in adapters.layers {
        adapter.up.normalInPlace(generator: generator)
        adapter.magnitude?.uniformInPlace(0.5, 2, generator: generator)
      }
      let y = try adapters.attached(to: net) { net.qkv(x) }
      #expect(isSame(y[0..., 6..<9], base[0..., 6..<9]))
      #expect(difference(y[0..., 0..<6], base[0..., 0..<6]) > 0.01)
      try adapters.merge(into: net)
      #expect(difference(net.qkv(x), y) < 1e-5)
    }
  }

  @Test func foldersArePEFTsAndBadOnesAreRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let net = Net(generator)
    var configuration = plain
    configuration.isWeightDecomposed = true
    let adapters = try LowRankAdapters(configuration, for: net, generator: generator)
    for (_, adapter) in adapters.layers { adapter.up.normalInPlace(generator: generator) }
    try adapters.save(to: folder, extra: [("score.weight", Tensor.ones([1, 4]))])
    let read = try LowRankAdapters.configuration(of: folder)
    #expect(read.savedModules == ["score"] && read.rank == 3 && read.isWeightDecomposed)
    let again = try LowRankAdapters(read, for: net, generator: generator)
    let extra = try again.load(from: folder)
    #expect(extra.keys.sorted() == ["score.weight"])
    for (mine, theirs) in zip(adapters.state, again.state) {
      #expect(mine.name == theirs.name && isSame(mine.tensor, theirs.tensor))
    }
    let smaller = try LowRankAdapters(.init(rank: 2, targets: ["up"]), for: net, generator: generator)
    #expect {
      try smaller.load(from: folder)
    } throws: { "\($0)".contains("adapter_model.safetensors") && "\($0)".contains("inner.1.lora_A") }
    try FileManager.default.removeItem(at: folder.appendingPathComponent("adapter_config.json"))
    #expect { try LowRankAdapters.configuration(of: folder) } throws: {
      "\($0)".contains("adapter_config.json")
    }
  }

  @Test func dropoutDrawsFromTheRunsNumbers() throws {
    let net = Net(generator)
    let random = RandomSource(seed: 3)
    var configuration = plain
    configuration.dropout = 0.5
    let adapters = try LowRankAdapters(
      configuration, for: net, random: random, generator: generator)
    for (_, adapter) in adapters.layers { adapter.up.normalInPlace(generator: generator) }
    try adapters.attach(to: net)
    let x = Tensor.randn([3, 6], generator: generator)
    let still = net(x)
    #expect(isSame(net(x), still))
    adapters.train()
    let saved = random.state
    let first = net(x)
    #expect(difference(first, still) > 1e-3)
    random.state = saved
    #expect(isSame(net(x), first))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let net = Net(generator)
    #expect {
      try LowRankAdapters(.init(targets: ["q_proj"]), for: net, generator: generator)
    } throws: { "\($0)".contains("q_proj") && "\($0)".contains("down, up") }
    let adapters = try LowRankAdapters(plain, for: net, generator: generator)
    #expect(throws: AdapterError.self) { try adapters.attach(to: net.up) }
    final class Other: Module {
      let up: Linear
      let inner: [Linear]
      init(_ generator: Generator) {
        up = Linear(6, 10, generator: generator)
        inner = [Linear(10, 10, generator: generator), Linear(9, 10, generator: generator)]
        super.init()
      }
    }
    let other = Other(generator)
    #expect { try adapters.attach(to: other) } throws: { "\($0)".contains("inner.1") }
    #expect(other.up.attachments.isEmpty)
  }

  @Test func theConfigurationIsPEFTs() throws {
    let text = #"""
      {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "lora_alpha": 8, "bias": "none",
       "target_modules": ["q_proj"], "lora_dropout": 0.1, "use_rslora": true}
      """#
    let read = try JSONDecoder().decode(LowRankConfiguration.self, from: Data(text.utf8))
    var expected = LowRankConfiguration(
      rank: 4, alpha: 8, targets: ["q_proj"], dropout: 0.1, isRankStabilized: true)
    expected.task = "CAUSAL_LM"
    #expect(read == expected)
    #expect(read.scale == 4)
    let written = try JSONEncoder().encode(read)
    #expect(try JSONDecoder().decode(LowRankConfiguration.self, from: written) == read)
    for (bad, key) in [
      (text.replacingOccurrences(of: "[\"q_proj\"]", with: "\".*proj\""), "target_modules"),
      (text.replacingOccurrences(of: "\"r\"", with: "\"rank_pattern\": {\"q\": 2}, \"r\""), "rank_pattern"),
      (text.replacingOccurrences(of: "LORA", with: "IA3"), "peft_type"),
      (text.replacingOccurrences(of: "none", with: "all"), "bias"),
      (text.replacingOccurrences(of: "\"r\": 4", with: "\"r\": 0"), "r must"),
    ] {
      #expect {
        try JSONDecoder().decode(LowRankConfiguration.self, from: Data(bad.utf8))
      } throws: { "\($0)".contains(key) }
    }
  }
}
