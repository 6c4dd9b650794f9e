import Experiments
import Probability
import Testing

/// The comparisons that are asked next.
@Suite("Which comparison comes next")
struct ComparisonQueueTests {
  /// Pairs along two directions, of which only the first has been asked about.
  private let differences: [[Double]] = (0..<40).map { (place: Int) -> [Double] in
    let length = 1 + 0.01 * Double(place)
    return place < 20 ? [length, 0] : [0, length]
  }

  @Test("by information, a direction that nobody was asked about comes before one that is known")
  func information() throws {
    let queue = try ComparisonQueue(differences: differences, components: 2)
    let answers = Dictionary(uniqueKeysWithValues: (0..<18).map { ($0, true) })
    let next = try queue.next(3, answers: answers, open: Array(18..<40), by: .information)
    #expect(next.count == 3 && next.allSatisfy { $0 >= 20 }, "\(next)")
    let posterior = try queue.posterior(answers)
    #expect(queue.probability(posterior, of: 19) > 0.9 && abs(queue.probability(posterior, of: 30) - 0.5) < 1e-6)
  }

  @Test("by uncertainty, what the reward is least sure of; by chance, the order given")
  func others() throws {
    let queue = try ComparisonQueue(differences: differences, components: 2)
    let answers = Dictionary(uniqueKeysWithValues: (0..<18).map { ($0, true) } + (20..<24).map { ($0, $0 % 2 == 0) })
    let next = try queue.next(
      16, answers: answers, open: Array(18..<40).filter { answers[$0] == nil }, by: .uncertainty)
    #expect(Set(next) == Set(24..<40), "\(next)")
    #expect(try queue.next(4, answers: [:], open: [7, 3, 30, 1, 2], by: .random) == [7, 3, 30, 1])
  }

  @Test("nothing open, more asked than there is, and no answer yet are no matter")
  func edges() throws {
    let queue = try ComparisonQueue(differences: differences, components: 8)
    #expect(try queue.next(5, answers: [:], open: [], by: .information).isEmpty)
    for choice in ComparisonQueue.Choice.allCases {
      #expect(try Set(queue.next(50, answers: [:], open: [4, 5, 6], by: choice)) == [4, 5, 6], "\(choice)")
    }
    #expect(throws: ExperimentError.self) { try ComparisonQueue(differences: [[1], [.nan]], components: 1) }
  }
}
