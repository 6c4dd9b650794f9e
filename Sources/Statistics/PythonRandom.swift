import RealModule

/// The numbers of Python's `random.Random`: the Mersenne twister (Matsumoto 1998), seeded and used as CPython does.
///
/// For drawing exactly what a tool in Python draws from the same seed; ``SeededGenerator`` is faster and smaller.
///
/// ```swift
/// var random = PythonRandom(seed: 1234)
/// let shots = random.sample(from: examples.count, count: 5).map { examples[$0] }   // random.Random(1234).sample(examples, 5)
/// ```
public struct PythonRandom: RandomNumberGenerator, Sendable {
  private var state = [UInt32](repeating: 0, count: 624)
  private var position = 624

  /// Seeds as `random.Random(seed)` does with a whole number.
  public init(seed: Int) {
    let magnitude = UInt64(seed.magnitude)
    var key = [UInt32(truncatingIfNeeded: magnitude)]
    if magnitude >> 32 != 0 { key.append(UInt32(truncatingIfNeeded: magnitude >> 32)) }
    fill(19_650_218)
    var (i, j) = (1, 0)
    for _ in 0..<max(624, key.count) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* 1_664_525)) &+ key[j] &+ UInt32(j)
      i += 1
      j = (j + 1) % key.count
      if i == 624 {
        state[0] = state[623]
        i = 1
      }
    }
    for _ in 0..<623 {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* 1_566_083_941)) &- UInt32(i)
      i += 1
      if i == 624 {
        state[0] = state[623]
        i = 1
      }
    }
    state[0] = 0x8000_0000
  }

  private mutating func fill(_ seed: UInt32) {
    state[0] = seed
    for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ (state[i - 1] >> 30)) &+ UInt32(i) }
  }

  /// The next 32 random bits.
  public mutating func nextWord() -> UInt32 {
    if position == 624 { turn() }
    var y = state[position]
    position += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  private mutating func turn() {
    state.withUnsafeMutableBufferPointer { state in
      func mixed(_ upper: UInt32, _ lower: UInt32) -> UInt32 {
        let y = (upper & 0x8000_0000) | (lower & 0x7FFF_FFFF)
        return (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
      }
      for i in 0..<227 { state[i] = state[i + 397] ^ mixed(state[i], state[i + 1]) }
      for i in 227..<623 { state[i] = state[i - 227] ^ mixed(state[i], state[i + 1]) }
      state[623] = state[396] ^ mixed(state[623], state[0])
    }
    position = 0
  }

  /// The next 64 random bits, `getrandbits(64)`.
  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return low | UInt64(nextWord()) << 32
  }

  /// `random()`: from 0 (included) to 1 (excluded), with 53 random bits.
  public mutating func uniform() -> Double {
    let (high, low) = (nextWord() >> 5, nextWord() >> 6)
    return (Double(high) * 67_108_864 + Double(low)) * (1 / 9_007_199_254_740_992)
  }

  /// `randrange(count)`, for counts below 2³².
  public mutating func index(below count: Int) -> Int {
    precondition(count > 0 && count <= Int(UInt32.max), "a number below \(count)")
    let bits = Int.bitWidth - count.leadingZeroBitCount
    while true {
      let drawn = Int(nextWord() >> UInt32(32 - bits))
      if drawn < count { return drawn }
    }
  }

  /// The places that `sample(population, count)` takes of a population.
  public mutating func sample(from population: Int, count: Int) -> [Int] {
    precondition(count >= 0 && count <= population, "\(count) of \(population)")
    var limit = 21
    if count > 5 { limit += Int(Double.pow(4, (Double.log(Double(count * 3)) / Double.log(4)).rounded(.up))) }
    if population <= limit {
      var pool = Array(0..<population)
      return (0..<count).map { i in
        let j = index(below: population - i)
        defer { pool[j] = pool[population - i - 1] }
        return pool[j]
      }
    }
    var selected: Set<Int> = []
    return (0..<count).map { _ in
      var j = index(below: population)
      while !selected.insert(j).inserted { j = index(below: population) }
      return j
    }
  }

  /// The places that `choices(population, k: count)` takes of a population, with replacement.
  public mutating func choices(from population: Int, count: Int) -> [Int] {
    let n = Double(population)
    return (0..<count).map { _ in Int(uniform() * n) }
  }
}
