/// A node of a story's tree, or another thing to summarise, with what a judge knows of it: its input alone.
public struct StoryNode: Sendable {
  /// What is to be summarised.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A passage.
    case leaf
    /// Summaries of consecutive parts.
    case node
    /// A summary so far and the passage after it.
    case update
    /// The beginning of a story, as much as is read at once.
    case beginning
  }

  /// The kind.
  public var kind: Kind
  /// What the model reads, up to where its summary begins.
  public var prompt: String
  /// The facts that the input states, with their mentions.
  public var facts: [StoryFact: Int]
  /// The most statements of the summary.
  public var capacity: Int
  /// The facts in the order in which they first come.
  private var order: [StoryFact]

  /// The most statements of a summary of a height; caps rise with height.
  public static func capacity(height: Int, isRoot: Bool) -> Int { isRoot ? 10 : min(9, 3 + 2 * height) }
  /// The most children of a node of a height.
  public static func fanIn(height: Int) -> Int { height == 1 ? 4 : 3 }
  /// The most statements of a whole story's summary.
  public static let storyCapacity = 10

  private init(_ kind: Kind, _ text: String, _ facts: [StoryFact], capacity: Int) {
    self.kind = kind
    prompt = "\(text)\n=\(capacity):"
    self.facts = facts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    self.capacity = capacity
    var seen: Set<StoryFact> = []
    order = facts.filter { seen.insert($0).inserted }
  }

  /// A passage, or the first passages of a story.
  public init(_ passages: [Story.Passage], capacity: Int) {
    self.init(
      passages.count == 1 ? .leaf : .beginning, passages.map(\.text).joined(separator: " "),
      passages.flatMap { $0.sentences.compactMap(\.fact) },
      capacity: capacity)
  }

  /// Summaries of consecutive parts: what they state is taken at its word.
  public init(summaries: [String], capacity: Int) {
    self.init(.node, summaries.joined(separator: "\n"), summaries.flatMap(StoryStatements.facts), capacity: capacity)
  }

  /// A summary so far and a passage.
  public init(summary: String, passage: Story.Passage) {
    self.init(
      .update, "\(summary)\n+ \(passage.text)", StoryStatements.facts(summary) + passage.sentences.compactMap(\.fact),
      capacity: Self.storyCapacity)
  }

  /// The facts that a summary of this capacity should keep: those of the greatest weight, of equal ones the first, in their order.
  public var best: [StoryFact] {
    let kept = Set(StoryJudge.heaviest(facts, order: order, capacity))
    return order.filter(kept.contains)
  }

  /// The facts in the order in which they first come.
  public var inOrder: [StoryFact] { order }
}

/// Reads the statements of a summary.
enum StoryStatements {
  /// The sentences of a summary.
  static func sentences(_ summary: String) -> [Substring] {
    summary.split(whereSeparator: { $0 == "." || $0 == "\n" }).filter { !$0.allSatisfy(\.isWhitespace) }
  }

  /// The facts that it states.
  static func facts(_ summary: String) -> [StoryFact] { sentences(summary).compactMap { StoryFact(statement: $0) } }
}
