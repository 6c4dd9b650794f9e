import Testing
import Training

@Suite("Held-out examples")
struct HeldOutTests {
  @Test("a draw by the seed, to the nearest number, that keeps the order and loses nothing")
  func draw() {
    let items = Array(0..<100)
    let a = HeldOut(items, share: 0.1, seed: 1) { $0 }
    #expect(a.evaluation.count == 10 && a.training.count == 90)
    #expect((a.training + a.evaluation).sorted() == items)
    #expect(a.evaluation == a.evaluation.sorted() && a.training == a.training.sorted())
    #expect(a.evaluation == HeldOut(items, share: 0.1, seed: 1) { $0 }.evaluation)
    #expect(a.evaluation != HeldOut(items, share: 0.1, seed: 2) { $0 }.evaluation)
    // Sorted data must not give a held-out set of one kind: the last rows would all be above 89.
    #expect(a.evaluation.contains { $0 < 50 } && a.evaluation != Array(90..<100))
  }

  @Test("examples of one prompt stay together")
  func prompts() {
    let items = (0..<60).map { (prompt: $0 % 6, number: $0) }
    for seed in 0..<20 as Range<UInt64> {
      let made = HeldOut(items, share: 0.1, seed: seed) { $0.prompt }
      let kept = Set(made.evaluation.map(\.prompt))
      #expect(kept.count == 1 && made.evaluation.count == 10)
      #expect(kept.isDisjoint(with: made.training.map(\.prompt)))
    }
  }

  @Test("something is always left to learn from, and a share that rounds to nothing keeps nothing")
  func ends() {
    #expect(HeldOut([1, 1, 1], share: 0.9, seed: 1) { $0 }.training == [1, 1, 1])
    #expect(HeldOut([1, 2], share: 0.99, seed: 1) { $0 }.training.count == 1)
    #expect(HeldOut(Array(0..<20), share: 0.02, seed: 1) { $0 }.evaluation.isEmpty)
    #expect(HeldOut(Array(0..<30), share: 0.02, seed: 1) { $0 }.evaluation.count == 1)
    #expect(HeldOut([Int](), share: 0.5, seed: 1) { $0 }.training.isEmpty)
  }
}
