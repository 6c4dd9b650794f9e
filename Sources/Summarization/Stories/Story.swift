/// A generated story: passages in chapters, with the facts that each sentence states.
public struct Story: Sendable {
  /// A sentence of a passage.
  public struct Sentence: Sendable, Equatable {
    /// Its words.
    public var text: String
    /// The fact that it states; nil of a sentence that states none, such as somebody's dream.
    public var fact: StoryFact?
  }

  /// A passage: a leaf of the tree.
  public struct Passage: Sendable, Equatable {
    /// Its chapter, from 0.
    public var chapter: Int
    /// Its sentences.
    public var sentences: [Sentence]

    /// The passage's text.
    public var text: String { sentences.map(\.text).joined(separator: " ") }
    /// The facts that it states, with their mentions.
    public var facts: [StoryFact: Int] {
      sentences.reduce(into: [:]) { if let fact = $1.fact { $0[fact, default: 0] += 1 } }
    }
  }

  /// The passages in their order.
  public var passages: [Passage]

  /// A story of some passages.
  public init(passages: [Passage]) { self.passages = passages }

  /// All facts with the number of their mentions.
  public var facts: [StoryFact: Int] { passages.reduce(into: [:]) { $0.merge($1.facts, uniquingKeysWith: +) } }
  /// The number of words.
  public var words: Int { passages.reduce(0) { $0 + $1.text.split(separator: " ").count } }
}

/// Stories of a seed: as many, and as long, as wanted.
///
/// What happens is told once and, where it matters, told again later; grave facts come together in a few chapters. Which of the others
/// matter is known by how often they come again, which no single passage shows. Besides there are days like any other, and dreams, fears
/// and lies, which are no facts although they are worded like them.
public struct StoryWorld: Sendable, Hashable {
  /// The part of a world that a story belongs to: their facts are drawn anew, from one vocabulary.
  public enum Split: UInt64, Sendable { case training = 1, heldOut = 2 }

  /// The seed of all stories.
  public var seed: UInt64

  /// The world of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// A story of so many passages.
  public func story(_ index: Int, in split: Split, passages: Int) -> Story {
    var random = StableGenerator(path: [seed, 11, split.rawValue, UInt64(bitPattern: Int64(index)), UInt64(passages)])
    let cast = random.permuted(StoryLexicon.people)
    let (heroes, others) = (Array(cast.prefix(6)), Array(cast.dropFirst(6).prefix(10)))
    let things = Array(random.permuted(StoryLexicon.things).prefix(10))
    func fact(
      _ things2: [String], _ toThings: [String], _ toPeople: [String], by people: [String],
      _ random: inout StableGenerator
    ) -> StoryFact {
      let subject = random.pick(people)
      let place = random.pick(StoryLexicon.places)
      if random.chance(0.6) {
        return StoryFact(subject: subject, verb: random.pick(toThings), target: random.pick(things2), place: place)
      }
      let target = random.pick(cast.prefix(16).filter { $0 != subject })
      return StoryFact(subject: subject, verb: random.pick(toPeople), target: target, place: place)
    }
    // Chapters of four to seven passages.
    var chapters: [Int] = []
    while chapters.count < passages {
      chapters += Array(
        repeating: (chapters.last ?? -1) + 1, count: min(passages - chapters.count, 4 + random.below(4)))
    }
    let chapterCount = (chapters.last ?? 0) + 1
    var told: [[(fact: StoryFact, isRecalled: Bool)]] = Array(repeating: [], count: passages)
    // Grave facts: three of four in a third of the chapters.
    let climaxes = Set(random.permuted(Array(0..<chapterCount)).prefix(max(1, chapterCount / 3)))
    let climactic = (0..<passages).filter { climaxes.contains(chapters[$0]) }
    for _ in 0..<max(2, passages * 3 / 10) {
      let own = fact(things, StoryLexicon.graveToThings, StoryLexicon.graveToPeople, by: heroes, &random)
      let place = random.chance(0.75) ? random.pick(climactic) : random.below(passages)
      told[place].append((own, false))
      recall(own, after: place, times: 1 + random.below(3), in: &told, &random)
    }
    for place in 0..<passages where random.chance(0.8) {
      let own = fact(things, StoryLexicon.notableToThings, StoryLexicon.notableToPeople, by: heroes + others, &random)
      told[place].append((own, false))
      // One in six is what the story comes back to.
      if random.chance(1 / 6) { recall(own, after: place, times: 3, in: &told, &random) }
    }
    for place in 0..<passages {
      for _ in 0..<1 + random.below(3) {
        told[place].append(
          (fact(things, StoryLexicon.minorToThings, StoryLexicon.minorToPeople, by: others + heroes, &random), false))
      }
    }
    return Story(
      passages: (0..<passages).map { place in
        passage(told[place], chapter: chapters[place], cast: Array(cast.prefix(16)), things, &random)
      })
  }

  private func recall(
    _ fact: StoryFact, after place: Int, times: Int, in told: inout [[(fact: StoryFact, isRecalled: Bool)]],
    _ random: inout StableGenerator
  ) {
    guard place + 1 < told.count else { return }
    for _ in 0..<times { told[place + 1 + random.below(told.count - place - 1)].append((fact, true)) }
  }

  private func passage(
    _ told: [(fact: StoryFact, isRecalled: Bool)], chapter: Int, cast: [String], _ things: [String],
    _ random: inout StableGenerator
  ) -> Story.Passage {
    // More than seven facts don't fit a passage: what is told anew goes first.
    let kept = told.sorted { !$0.isRecalled && $1.isRecalled }.prefix(7)
    var sentences = kept.map {
      Story.Sentence(text: Self.sentence($0.fact, isRecalled: $0.isRecalled, &random), fact: $0.fact)
    }
    if random.chance(0.6) {
      let dream = StoryFact(
        subject: random.pick(cast), verb: random.pick(StoryLexicon.graveToThings + StoryLexicon.notableToThings),
        target: random.pick(things),
        place: random.pick(StoryLexicon.places))
      let dreamer = random.pick(cast) { $0 != dream.subject } ?? cast[0]
      sentences.append(.init(text: "\(dreamer) \(random.pick(StoryLexicon.doubts)) \(dream.statement)", fact: nil))
    }
    for _ in 0..<max(1, 8 - sentences.count) {
      sentences.append(.init(text: random.pick(StoryLexicon.fillers), fact: nil))
    }
    return Story.Passage(chapter: chapter, sentences: random.permuted(sentences))
  }

  static func sentence(_ fact: StoryFact, isRecalled: Bool, _ random: inout StableGenerator) -> String {
    if isRecalled { return "\(random.pick(StoryLexicon.recalls)) \(fact.statement)" }
    switch random.below(5) {
    case 0: return fact.statement
    case 1: return "At the \(fact.place) \(fact.subject) \(fact.verb) \(fact.target)."
    case 2: return "It was at the \(fact.place), before noon, that \(fact.subject) \(fact.verb) \(fact.target)."
    case 3: return "\(fact.subject) came to the \(fact.place) alone and \(fact.verb) \(fact.target)."
    default: return "When the bells rang at the \(fact.place), \(fact.subject) \(fact.verb) \(fact.target)."
    }
  }
}
