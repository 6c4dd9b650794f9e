import Statistics

/// The draws that make a level and what happens in it: SplitMix64, with bounded draws defined here.
struct LevelRandom {
  var generator: SeededGenerator

  init(state: UInt64) { generator = SeededGenerator(seed: state) }

  /// The stream of one level of one game.
  init(game: Game, level: Int32) {
    let seed = DerivedSeed(run: UInt64(UInt32(bitPattern: level)), for: game.rawValue)
    self.init(state: seed.value)
  }

  /// One of `0..<bound`.
  mutating func below(_ bound: Int) -> Int { generator.index(below: bound) }

  /// One of a range.
  mutating func integer(_ range: Range<Int>) -> Int { range.lowerBound + below(range.count) }

  /// A number from 0 (included) to 1 (excluded), with 24 random bits: every one is exact.
  mutating func unit() -> Float { Float(generator.next() >> 40) * 0x1p-24 }

  /// A number between two.
  mutating func between(_ low: Float, _ high: Float) -> Float { unit() * (high - low) + low }

  /// True as often as the probability says.
  mutating func chance(_ probability: Float) -> Bool { unit() < probability }

  /// Minus one or one.
  mutating func sign() -> Float { below(2) == 0 ? -1 : 1 }

  /// One of some elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// Different numbers of `0..<bound`, in the order drawn, as many as asked for or as there are.
  mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
    // The first steps of Fisher and Yates's shuffle.
    var pool = Array(0..<bound)
    let count = min(count, bound)
    for i in 0..<count { pool.swapAt(i, i + below(bound - i)) }
    return Array(pool[..<count])
  }
}
