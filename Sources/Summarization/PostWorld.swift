/// A simulated forum whose posts, good and bad summaries and pretraining text are made to order.
///
///     let world = PostWorld(seed: 1)
///     let post = world.post(0, in: .training)
///     let summary = world.demonstration(for: post)
///     let score = GoldJudge().score(summary: summary.text, post: post)
///     print(post.prompt + " " + summary.text, score.total)
///
/// Everything is a function of the seed and an index: the same on every platform, in any order, in
/// any process. Making a post takes some microseconds, so nothing is kept.
///
/// It isn't a model of how people write. It's small enough that a decoder of a few million
/// parameters learns it in minutes, and hard enough that the steps differ: copying the right name
/// out of a post with two names must be learned, and demonstrations are of mixed quality, so that a
/// model which imitates them well is still far from the best summaries that it could write.
public struct PostWorld: Sendable, Codable, Hashable {
  /// The seed of all posts and texts of this world.
  public var seed: UInt64

  /// Makes the world of a seed.
  public init(seed: UInt64) {
    self.seed = seed
  }

  /// The purpose of a stream of random numbers; each has its own, so that a change in one kind of text
  /// leaves the others as they were.
  enum Purpose: UInt64 {
    case post = 1
    case demonstration = 2
    case corpus = 3
  }

  /// A post of one split; indices are numbers from zero on, as many as wanted.
  public func post(_ index: Int, in split: PostSplit) -> Post {
    var random = generator(.post, split.rawValue, UInt64(bitPattern: Int64(index)))
    var facts = Self.facts(&random)
    while facts.isHeldOut != (split == .heldOut) { facts = Self.facts(&random) }
    var composer = PostComposer(facts: facts, random: random)
    let text = composer.message()
    return Post(split: split, index: index, text: text, facts: facts, asides: composer.asides)
  }

  /// The posts of a range of indices.
  public func posts(_ indices: Range<Int>, in split: PostSplit) -> [Post] {
    indices.map { post($0, in: split) }
  }

  func generator(_ purpose: Purpose, _ path: UInt64...) -> StableGenerator {
    StableGenerator(path: [seed, purpose.rawValue] + path)
  }

  private static func facts(_ random: inout StableGenerator) -> PostFacts {
    let group = random.pick(Lexicon.groups)
    return PostFacts(
      person: random.pick(Lexicon.people).name, thing: random.pick(group.things),
      problem: random.pick(group.problems), place: random.pick(Lexicon.places),
      day: random.pick(Lexicon.days), request: random.pick(Lexicon.requests),
      price: random.pick(Lexicon.prices))
  }
}
