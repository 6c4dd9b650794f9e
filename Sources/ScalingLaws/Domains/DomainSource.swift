import Alignment
import Statistics
import Training

/// A domain's sequences as a learner's batches: those of step n follow from n and the seed.
struct DomainSource: BatchSource {
  let domain: any ScalingDomain
  let part: DomainPart
  let rows: Int
  let seed: UInt64
  /// The sequences of the whole training.
  let count: Int
  /// How many different ones there are, read over and over in a new order each time; nil where there are always more.
  let unique: Int?
  private var order: EpochOrder?

  init(_ domain: any ScalingDomain, part: DomainPart, rows: Int, steps: Int, unique: Int?, seed: UInt64) {
    (self.domain, self.part, self.rows, self.unique, self.seed) = (domain, part, rows, unique, seed)
    count = rows * steps
    order = unique.map { EpochOrder(count: $0, seed: seed) }
  }

  mutating func batch(step: Int) -> [TargetedTokens] {
    let places = Array(step * rows..<(step + 1) * rows)
    let (first, count) = (step * rows, rows)
    let numbers = order?.indices(from: first, count: count) ?? places
    return numbers.map { number in
      var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "training sequences", index: number).value)
      return domain.sequence(part, &random)
    }
  }

  func name(step: Int) -> String { "the \(rows) sequences of step \(step + 1)" }
  var bytesPerExample: Int { 2 * MemoryLayout<Int>.stride * domain.context }
  var tokensPerExample: Int { domain.context }
}
