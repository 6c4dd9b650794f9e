import Agents
import Foundation
import NeuralNetworks
import TestSupport
import Testing
import Torch
import Training

/// What agents' networks and PPO's update make, beside what plain PyTorch makes (`Fixtures/make_fixtures.py`).
@Suite struct AgentGoldenTests {
  private static func file(_ name: String) throws -> [String: Tensor] {
    try Safetensors(Bundle.module.fixtures.appendingPathComponent("\(name).safetensors")).tensors()
  }

  private static func under(_ prefix: String, _ all: [String: Tensor]) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: all.compactMap { name, tensor in
        name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), tensor) : nil
      })
  }

  /// The largest |a − b| / (1 + |b|).
  private static func distance(_ a: Tensor, _ b: Tensor) -> Double {
    guard a.shape == b.shape else { return .infinity }
    return ((a - b).abs() / (b.abs() + 1)).max().item()
  }

  @Test(arguments: [ActorCritic.Kind.impala, .small])
  func networksEqualPyTorch(kind: ActorCritic.Kind) throws {
    let all = try Self.file("networks")
    let network = ActorCritic(kind, shape: [32, 32, 3], actions: 15, generator: Generator(seed: 9))
    try network.load(Self.under("\(kind).weights.", all).mapValues { $0.to(.float32) / 512 })
    let seen = withoutGradients { network(all["\(kind).observations"] ?? .zeros([0])) }
    #expect(Self.distance(seen.logits, try #require(all["\(kind).logits"])) < 2e-5)
    #expect(Self.distance(seen.values, try #require(all["\(kind).values"])) < 2e-5)
    // In bfloat16 the same to three digits, and not to the bit.
    network.precision = .bfloat16
    let rounded = withoutGradients { network(all["\(kind).observations"] ?? .zeros([0])) }
    let apart = Self.distance(rounded.logits, try #require(all["\(kind).logits"]))
    #expect(apart > 0 && apart < 0.03, "\(apart)")
  }

  @Test(arguments: [true, false], [0, 7])
  func updateEqualsPyTorch(clipsValues: Bool, passSize: Int) throws {
    let all = try Self.file("update")
    let golden = try JSONSerialization.jsonObject(
      with: Data(contentsOf: Bundle.module.fixtures.appendingPathComponent("golden.json")))
    let updates = try #require((golden as? [String: Any])?["updates"] as? [[String: Any]])
    let expected = try #require(updates.first { $0["clip_vloss"] as? Bool == clipsValues })
    var options = AgentSettings()
    (options.clipsValues, options.passSize) = (clipsValues, passSize)
    let body = StridedBody(shape: [20, 20, 3], width: 1.0 / 8, generator: Generator(seed: 9))
    let network = ActorCritic(body: body, shape: [20, 20, 3], actions: 5, generator: Generator(seed: 9))
    try network.load(Self.under("before.", all))
    network.requireGradients()
    let optimizer = AdamW(
      [ParameterGroup(parameters: network.parameters)], options: .init(epsilon: AgentSettings.training.epsilon))
    func batch(_ name: String) throws -> Tensor { try #require(all[name]) }
    let statistics = AgentUpdate(options).backward(
      network,
      AgentBatch(
        observations: try batch("observations"), actions: try batch("actions"),
        logProbabilities: try batch("log_probabilities"), values: try batch("values"),
        advantages: try batch("advantages"), returns: try batch("returns"))
    ).array(of: Double.self)
    for (name, value) in zip(AgentUpdate.names, statistics) {
      guard let wanted = expected[name] as? Double else { continue }
      #expect(abs(value - wanted) < 1e-5 * (1 + abs(wanted)), "\(name): \(value), not \(wanted)")
    }
    let norm = optimizer.clipGradients(toNorm: AgentSettings.training.maxGradNorm)
    #expect(abs(norm - (expected["grad_norm"] as? Double ?? 0)) < 1e-5)
    // One of the two is clipped.
    #expect((norm > AgentSettings.training.maxGradNorm) == clipsValues)
    optimizer.step(learningRate: AgentSettings.training.learningRate)
    for (name, tensor) in Self.under("after.\(clipsValues ? 1 : 0).", all) {
      let own = try #require(network.parameters.first { $0.name == name }?.tensor)
      // Adam's first step is the rate in the gradient's direction: a small number of its size is what may differ.
      #expect((own - tensor).abs().max().item() < 2e-6, "\(name)")
    }
  }
}
