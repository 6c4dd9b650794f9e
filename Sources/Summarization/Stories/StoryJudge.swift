/// Scores a summary by what it states, with the facts in hand: the gold judge of stories, that nobody is trained on.
///
///     coverage     = Σ weight of facts stated / Σ weight of the heaviest facts that there is room for
///     faithfulness = 0.5 ^ unfaithful                 statements that are no fact, each once
///     brevity      = max(0, 1 − over / 4)             statements above the capacity, repetitions among them
///     total        = coverage · faithfulness · brevity
///
/// Of a node it knows the node's input alone, of a story all of it.
public struct StoryJudge: Sendable, Hashable {
  /// The verdict on one summary.
  public struct Score: Sendable, Hashable, Codable {
    /// The share of what could be covered that is.
    public var coverage: Double
    /// The number of different statements that are no fact.
    public var unfaithful: Int
    /// The number of statements, repetitions included.
    public var statements: Int
    /// The share of the important facts that are stated.
    public var kept: Double
    /// The summary's length in words.
    public var words: Int
    /// coverage · faithfulness · brevity.
    public var total: Double
  }

  /// Makes the judge; it has no settings.
  public init() {}

  /// The verdict on a summary of a node.
  public func score(_ summary: String, of node: StoryNode) -> Score {
    score(summary, facts: node.facts, important: node.best, capacity: node.capacity)
  }

  /// The verdict on a summary of a story, by all that happens in it.
  public func score(_ summary: String, of story: Story) -> Score {
    let facts = story.facts
    return score(summary, facts: facts, important: Self.important(story), capacity: StoryNode.storyCapacity)
  }

  /// The important facts of a story: as many as its summary has room for.
  public static func important(_ story: Story) -> [StoryFact] {
    var seen: Set<StoryFact> = []
    let order = story.passages.flatMap { $0.sentences.compactMap(\.fact) }.filter { seen.insert($0).inserted }
    return heaviest(story.facts, order: order, StoryNode.storyCapacity)
  }

  static func heaviest(_ facts: [StoryFact: Int], order: [StoryFact], _ count: Int) -> [StoryFact] {
    let weighed = order.enumerated().map {
      ($0.element.weight(mentions: facts[$0.element] ?? 1), $0.offset, $0.element)
    }
    return weighed.sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(count).map { $0.2 }
  }

  private func score(_ summary: String, facts: [StoryFact: Int], important: [StoryFact], capacity: Int) -> Score {
    let sentences = StoryStatements.sentences(summary)
    var (stated, wrong): (Set<StoryFact>, Set<String>) = ([], [])
    for sentence in sentences {
      if let fact = StoryFact(statement: sentence), facts[fact] != nil {
        stated.insert(fact)
      } else {
        wrong.insert(sentence.split(separator: " ").joined(separator: " "))
      }
    }
    return Self.score(
      stated: stated, unfaithful: wrong.count, statements: sentences.count,
      words: summary.split(whereSeparator: \.isWhitespace).count, facts: facts,
      important: important, capacity: capacity)
  }

  /// The verdict on sentences taken from a story as they stand: those that state no fact take room and are not unfaithful.
  public func score(extract: [Story.Sentence], of story: Story) -> Score {
    Self.score(
      stated: Set(extract.compactMap(\.fact)), unfaithful: 0, statements: extract.count,
      words: extract.reduce(0) { $0 + $1.text.split(separator: " ").count }, facts: story.facts,
      important: Self.important(story),
      capacity: StoryNode.storyCapacity)
  }

  private static func score(
    stated: Set<StoryFact>, unfaithful: Int, statements: Int, words: Int, facts: [StoryFact: Int],
    important: [StoryFact], capacity: Int
  ) -> Score {
    func weight(_ some: some Sequence<StoryFact>) -> Double {
      some.reduce(0) { $0 + $1.weight(mentions: facts[$1] ?? 1) }
    }
    let possible = weight(important)
    let coverage = possible > 0 ? min(1, weight(stated.sorted { $0.statement < $1.statement }) / possible) : 0
    let over = max(0, statements - capacity)
    return Score(
      coverage: coverage, unfaithful: unfaithful, statements: statements,
      kept: important.isEmpty ? 1 : Double(important.count(where: stated.contains)) / Double(important.count),
      words: words,
      total: coverage * Double(sign: .plus, exponent: -unfaithful, significand: 1) * max(0, 1 - Double(over) / 4))
  }
}
