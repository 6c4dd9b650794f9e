import Agents
import Foundation
import NeuralNetworks
import Reinforcement
import TestSupport
import Testing
import Torch

@Suite struct PlayingTests {
  @Test func rewardsAreScaledAsBaselinesDoes() throws {
    let golden = try JSONSerialization.jsonObject(
      with: Data(contentsOf: Bundle.module.fixtures.appendingPathComponent("golden.json")))
    let table = try #require((golden as? [String: Any])?["rewards"] as? [String: Any])
    let rewards = try #require(table["in"] as? [[Double]]), expected = try #require(table["out"] as? [[Double]])
    let ends = try #require(table["ends"] as? [[Bool]])
    var normalizer = RewardNormalizer(environments: 4, gamma: 0.99)
    for (step, row) in rewards.enumerated() {
      // Saved and read back in the middle, it goes on the same.
      if step == 20 {
        normalizer = try JSONDecoder().decode(RewardNormalizer.self, from: JSONEncoder().encode(normalizer))
      }
      let made = normalizer.normalize(row.map(Float.init), ends: ends[step])
      for (a, b) in zip(made, expected[step]) { #expect(abs(Double(a) - b) < 1e-6 * (1 + abs(b)), "step \(step)") }
    }
  }

  @Test func advantagesOfSeveralEnvironmentsAreThoseOfTheirEpisodes() {
    // Two environments of five steps; the first ends after its second, the second after its last.
    let rewards: [[Float]] = [[1, 0.5, -1, 2, 0.25], [0, 3, -2, 1, 1]]
    let values: [[Float]] = [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [1, 0.9, 0.8, 0.7, 0.6, 9]]
    let ends = [[false, true, false, false, false], [false, false, false, false, true]]
    func interleaved<T>(_ rows: [[T]]) -> [T] { rows[0].indices.flatMap { t in rows.map { $0[t] } } }
    let made = Advantages.generalized(
      rewards: interleaved(rewards), values: interleaved(values), ends: interleaved(ends), environments: 2, gamma: 0.9,
      lambda: 0.8)
    let episodes = [
      Advantages.generalized(rewards: [1, 0.5], values: [0.1, 0.2], gamma: 0.9, lambda: 0.8),
      Advantages.generalized(rewards: [-1, 2, 0.25], values: [0.3, 0.4, 0.5], next: 0.6, gamma: 0.9, lambda: 0.8),
      Advantages.generalized(rewards: rewards[1], values: Array(values[1].prefix(5)), gamma: 0.9, lambda: 0.8),
    ]
    let first = (0..<5).map { made.advantages[2 * $0] }, second = (0..<5).map { made.advantages[2 * $0 + 1] }
    #expect(first == episodes[0].advantages + episodes[1].advantages && second == episodes[2].advantages)
    #expect((0..<5).map { made.returns[2 * $0 + 1] } == episodes[2].returns)
  }

  @Test func whitenedTensorsAreWhitenedArrays() {
    let values: [Float] = [1, 2, 4, 9, -3]
    for (a, b) in zip(whitened(Tensor(values)).array(), whitened(values)) { #expect(abs(a - b) < 1e-6) }
    #expect(whitened(Tensor([3] as [Float])).array() == [3])
  }

  @Test func shortEpisodesAreSeenNoMoreOftenThanLongOnes() throws {
    // Environment 0 plays episodes of one step, environment 1 of nine: as many of each are counted.
    let network = ActorCritic(
      body: BlindBody(), shape: [1, 1, 3], actions: 2, generator: Generator(seed: 1))
    let result = try #require(
      try PolicyEvaluation.play(network, in: UnevenWorld(), episodes: 20, seed: 1))
    #expect(result.lengths.count { $0 == 1 } == 10 && result.lengths.count { $0 == 9 } == 10)
    #expect(result.returns.reduce(0, +) == 10 + 90)
    #expect(try PolicyEvaluation.play(network, in: UnevenWorld(), episodes: 20, seed: 1, isStopped: { true }) == nil)
  }

  @Test func actionsAreDrawnByTheirProbabilities() throws {
    let network = ActorCritic(body: BlindBody(), shape: [1, 1, 3], actions: 3, generator: Generator(seed: 1))
    let probabilities: [Float] = [0.2, 0.5, 0.3]
    withoutGradients {
      network.actor.weight.fillInPlace(0)
      network.actor.bias?.copyInPlace(Tensor(probabilities.map { log($0) }))
    }
    let world = CountingWorld(count: 100)
    _ = try PolicyEvaluation.play(network, in: world, episodes: 20_000, seed: 4)
    let total = Double(world.counts.reduce(0, +))
    for (count, p) in zip(world.counts, probabilities) {
      // Four standard errors of a share of 20,000 draws.
      #expect(abs(Double(count) / total - Double(p)) < 4 * (0.25 / total).squareRoot(), "\(world.counts)")
    }
  }
}

/// Two environments of one pixel, whose episodes have one step and nine; every step brings 1.
private final class UnevenWorld: AgentEnvironments {
  let count = 2
  let observationShape = [1, 1, 3]
  let actionCount = 2
  private var time = [0, 0]
  private var done = [false, false]
  private let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 6)
  private let gains = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2)
  init() {
    pixels.initialize(repeating: 0)
    gains.initialize(repeating: 1)
  }
  deinit {
    pixels.deallocate()
    gains.deallocate()
  }
  var observations: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(pixels) }
  var rewards: UnsafeBufferPointer<Float> { UnsafeBufferPointer(gains) }
  func isDone(_ index: Int) -> Bool { done[index] }
  func step(_ actions: [Int32]) {
    for i in 0..<2 {
      time[i] += 1
      done[i] = time[i] == [1, 9][i]
      if done[i] { time[i] = 0 }
    }
  }
  func states() -> [[UInt8]] { [] }
  func restore(_ states: [[UInt8]]) {}
}

/// Episodes of one step, and how often each action was taken.
private final class CountingWorld: AgentEnvironments {
  let count: Int
  let observationShape = [1, 1, 3]
  let actionCount = 3
  private(set) var counts = [0, 0, 0]
  private let pixels: UnsafeMutableBufferPointer<UInt8>
  private let gains: UnsafeMutableBufferPointer<Float>
  init(count: Int) {
    self.count = count
    pixels = .allocate(capacity: 3 * count)
    gains = .allocate(capacity: count)
    pixels.initialize(repeating: 0)
    gains.initialize(repeating: 0)
  }
  deinit {
    pixels.deallocate()
    gains.deallocate()
  }
  var observations: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(pixels) }
  var rewards: UnsafeBufferPointer<Float> { UnsafeBufferPointer(gains) }
  func isDone(_ index: Int) -> Bool { true }
  func step(_ actions: [Int32]) { for action in actions { counts[Int(action)] += 1 } }
  func states() -> [[UInt8]] { [] }
  func restore(_ states: [[UInt8]]) {}
}
