internal import Foundation
internal import Probability

/// Accuracy on held-out strings by number of examples, for several learners over many concepts.
///
/// For each concept and each number n, learners get the same n positive and n negative examples;
/// the held-out strings are half members and half not, none among the examples, two thirds of the
/// non-members near misses. Everything is drawn from the seed.
public struct RegexStudy: Sendable {
  /// The concepts.
  public var concepts = StringConcept.study
  /// The numbers of positive examples, and as many negative ones.
  public var exampleCounts = [1, 2, 3, 5, 10]
  /// The number of example sets that are drawn for each concept and number.
  public var repetitions = 2
  /// The number of members, and of non-members, that are held out.
  public var heldOut = 50
  /// The learners to compare.
  public var learners: [any StringLearner] = [
    BayesianLearner(), CharacterClassLearner(), RPNILearner(), AlternationLearner(),
  ]
  /// The seed.
  public var seed: UInt64 = 0

  /// The default study.
  public init() {}

  /// One learner's accuracy on one concept with one number of examples, averaged over repetitions.
  public struct Cell: Sendable, Hashable, Codable {
    /// The concept's name.
    public let concept: String
    /// The concept's group.
    public let group: String
    /// The learner's name.
    public let learner: String
    /// The number of positive examples.
    public let examples: Int
    /// The share of held-out strings classified rightly.
    public let accuracy: Double
  }

  /// Runs the study on all cores; the result does not depend on how many there are.
  public func run(progress: (@Sendable (String) -> Void)? = nil) async -> [Cell] {
    await withTaskGroup(of: (Int, [Cell]).self) { group in
      var next = 0
      var results = [[Cell]](repeating: [], count: concepts.count)
      func add(_ group: inout TaskGroup<(Int, [Cell])>) {
        guard next < concepts.count else { return }
        let index = next
        next += 1
        group.addTask { (index, cells(forConcept: index)) }
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { add(&group) }
      while let (index, cells) = await group.next() {
        results[index] = cells
        progress?(concepts[index].name)
        add(&group)
      }
      return results.flatMap { $0 }
    }
  }

  private func cells(forConcept index: Int) -> [Cell] {
    let concept = concepts[index]
    let sampler = ConceptSampler(concept, among: concepts)
    var cells: [Cell] = []
    for count in exampleCounts {
      var rights = [Int](repeating: 0, count: learners.count)
      var total = 0
      for repetition in 0..<repetitions {
        var random = RandomSource(
          seed: seed, stream: UInt64(index * 10_000 + count * 100 + repetition))
        let positives = sampler.positives(count, using: &random)
        let negatives = sampler.negatives(count, using: &random)
        let used = Set(positives + negatives)
        let members = sampler.positives(heldOut, excluding: used, using: &random)
        let others = sampler.negatives(
          max(1, members.count), excluding: used, using: &random)
        guard let examples = try? InductionExamples(positives: positives, negatives: negatives)
        else { continue }
        total += members.count + others.count
        for (place, learner) in learners.enumerated() {
          let accepts = learner.learn(examples)
          rights[place] += members.count(where: accepts) + others.count { !accepts($0) }
        }
      }
      for (place, learner) in learners.enumerated() where total > 0 {
        cells.append(
          Cell(
            concept: concept.name, group: concept.group, learner: learner.name, examples: count,
            accuracy: Double(rights[place]) / Double(total)))
      }
    }
    return cells
  }
}
