import Alignment
public import Experiments
public import Feedback
import Foundation
public import LanguageModels
import Statistics
public import Tokenization

/// The comparisons of a project, put in the order that tells most about what people prefer.
///
/// Each comparison is read by the model once; after that an answer costs milliseconds.
public final class ProjectQueue {
  private let store: FeedbackStore
  private let project: Int
  private let decoder: Decoder
  private let encoder: DialogueEncoder
  private let components: Int
  private let seed: UInt64
  /// The features of each task that was read.
  private var features: [Int: [Double]] = [:]

  /// A queue over a project.
  ///
  /// - Parameters:
  ///   - project: its name or number.
  ///   - components: how many principal components of the hidden vectors are learnt on.
  /// - Throws: ``ProjectError`` where there is no such project, or it isn't of comparisons.
  public init(
    _ store: FeedbackStore, project: String, _ decoder: Decoder, _ tokenizer: Tokenizer, components: Int = 32,
    seed: UInt64 = 0
  ) throws {
    let found = try store.ownerAccount().flatMap { owner in
      try store.projects(of: owner).first { $0.project.name == project || "\($0.project.id)" == project }
    }
    guard let found else { throw ProjectError(.notFound, "there is no project “\(project)” in the store") }
    (self.store, self.project, self.decoder) = (store, found.project.id, decoder)
    encoder = try DialogueEncoder(tokenizer, endOfText: decoder.configuration.endOfText)
    (self.components, self.seed) = (components, seed)
  }

  /// Chooses what is asked next and puts it in front.
  ///
  /// - Returns: the tasks' numbers; none where nothing is open.
  @discardableResult
  public func choose(_ count: Int, by choice: ComparisonQueue.Choice) throws -> [Int] {
    let tasks = try store.queuedComparisons(of: project)
    try read(tasks)
    let rows = tasks.compactMap { features[$0.id] }
    guard !rows.isEmpty else { return [] }
    let queue = try ComparisonQueue(differences: rows, components: components, seed: seed)
    var answers: [Int: Bool] = [:]
    for (place, task) in tasks.enumerated() {
      let sum = task.answers.reduce(0, +)
      if sum != 0 { answers[place] = sum < 0 }
    }
    var chance = SeededGenerator(seed: seed &+ UInt64(answers.count))
    let open = tasks.indices.filter { tasks[$0].isOpen }.shuffled(using: &chance)
    let next = try queue.next(count, answers: answers, open: open, by: choice, seed: seed).map { tasks[$0].id }
    try store.setNext(next, of: project)
    return next
  }

  /// Chooses anew whenever so many answers have come in, until nothing is open.
  ///
  /// - Parameter chosen: gets the number of answers and what comes next, after each choice.
  public func watch(
    _ count: Int, by choice: ComparisonQueue.Choice, isStopped: () -> Bool = { false },
    chosen: (Int, [Int]) -> Void = { _, _ in }
  ) throws -> [Int] {
    var last = -1
    var next: [Int] = []
    while !isStopped() {
      let tasks = try store.queuedComparisons(of: project)
      guard tasks.contains(where: \.isOpen) else { return [] }
      let answered = tasks.reduce(0) { $0 + $1.answers.count }
      // Those that were chosen are nearly used up, or new tasks came.
      if answered - last >= max(1, count / 2) || last < 0 || tasks.contains(where: { features[$0.id] == nil }) {
        next = try self.choose(count, by: choice)
        last = answered
        chosen(answered, next)
      }
      Thread.sleep(forTimeInterval: 0.5)
    }
    return next
  }

  private func read(_ tasks: [FeedbackStore.QueuedComparison]) throws {
    let new = tasks.filter { features[$0.id] == nil }
    let pairs = try new.map { try RankedCompletions($0.prompt, $0.responses, encoder) }
    for (task, row) in zip(new, PreferenceFeatures.differences(of: pairs, under: decoder)) { features[task.id] = row }
  }
}
