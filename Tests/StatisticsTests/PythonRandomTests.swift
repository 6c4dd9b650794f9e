import Statistics
import Testing

/// Held against CPython 3.11's `random` module.
@Suite struct PythonRandomTests {
  @Test("uniform numbers and bits are Python's, whatever the seed")
  func uniform() {
    let expected: [(seed: Int, numbers: [Double], bits: UInt64)] = [
      (0, [0.8444218515250481, 0.7579544029403025, 0.420571580830845], 17_809_683_713_383_489_082),
      (1234, [0.9664535356921388, 0.4407325991753527, 0.007491470058587191], 17_386_697_504_169_769_072),
      (-7, [0.32383276483316237, 0.15084917392450192, 0.6509344730398537], 15_149_836_622_520_594_227),
      ((1 << 40) + 3, [0.21978710637116716, 0.5494687768352203, 0.09461190973523603], 5_610_398_981_344_272_757),
    ]
    for (seed, numbers, bits) in expected {
      var random = PythonRandom(seed: seed)
      #expect(numbers.indices.map { _ in random.uniform() } == numbers, "\(seed)")
      #expect(random.next() == bits, "\(seed)")
    }
  }

  @Test("samples, from small and large populations, and choices are Python's")
  func samples() {
    var random = PythonRandom(seed: 1234)
    #expect(random.sample(from: 10, count: 3) == [7, 1, 0])
    #expect(random.sample(from: 1000, count: 8) == [92, 932, 965, 961, 826, 596, 35, 687])
    #expect(random.sample(from: 40, count: 8) == [5, 6, 22, 15, 1, 35, 34, 37])
    #expect(random.choices(from: 50, count: 6) == [32, 24, 23, 4, 35, 42])
    #expect(random.index(below: 7) == 4)
  }
}
