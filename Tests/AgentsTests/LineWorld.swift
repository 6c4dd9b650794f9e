import Agents

/// A tiny world for tests: a bright column somewhere in a dark picture, a reward for the action that names its place.
///
/// An episode is five pictures; a policy that sees nothing gets 1/places of the reward.
final class LineWorld: AgentEnvironments {
  static let size = 20
  static let places = 4
  static let length = 5
  let count: Int
  let observationShape = [size, size, 3]
  let actionCount = places
  private var random: [UInt64]
  private var place: [Int]
  private var time: [Int]
  private let pixels: UnsafeMutableBufferPointer<UInt8>
  private let gains: UnsafeMutableBufferPointer<Float>
  private var done: [Bool]

  init(count: Int, seed: UInt64) {
    self.count = count
    random = (0..<count).map { seed &* 1_000_003 &+ UInt64($0) }
    (place, time, done) = (
      Array(repeating: 0, count: count), Array(repeating: 0, count: count), Array(repeating: false, count: count)
    )
    pixels = .allocate(capacity: count * Self.size * Self.size * 3)
    gains = .allocate(capacity: count)
    pixels.initialize(repeating: 0)
    gains.initialize(repeating: 0)
    for i in 0..<count { show(i) }
  }

  deinit {
    pixels.deallocate()
    gains.deallocate()
  }

  var observations: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(pixels) }
  var rewards: UnsafeBufferPointer<Float> { UnsafeBufferPointer(gains) }
  func isDone(_ index: Int) -> Bool { done[index] }

  func step(_ actions: [Int32]) {
    for i in 0..<count {
      gains[i] = Int(actions[i]) == place[i] ? 1 : 0
      time[i] += 1
      done[i] = time[i] == Self.length
      if done[i] { time[i] = 0 }
      show(i)
    }
  }

  private func show(_ i: Int) {
    random[i] = random[i] &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    place[i] = Int(random[i] >> 33) % Self.places
    draw(i)
  }

  private func draw(_ i: Int) {
    let start = i * Self.size * Self.size * 3
    for p in 0..<Self.size * Self.size {
      let isBright = p % Self.size / (Self.size / Self.places) == place[i]
      for c in 0..<3 { pixels[start + 3 * p + c] = isBright ? 255 : 0 }
    }
  }

  func states() -> [[UInt8]] {
    (0..<count).map { i in
      (0..<8).map { UInt8(truncatingIfNeeded: random[i] >> (8 * UInt64($0))) } + [UInt8(place[i]), UInt8(time[i])]
    }
  }

  func restore(_ states: [[UInt8]]) {
    for (i, state) in states.enumerated() {
      random[i] = (0..<8).reduce(0) { $0 | UInt64(state[$1]) << (8 * UInt64($1)) }
      (place[i], time[i]) = (Int(state[8]), Int(state[9]))
      draw(i)
    }
  }
}
