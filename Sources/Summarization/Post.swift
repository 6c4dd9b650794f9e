/// The part of a world that a post belongs to.
public enum PostSplit: UInt64, Sendable, Codable, CaseIterable {
  /// Posts for the pretraining corpus.
  case pretraining = 1
  /// Posts for demonstrations, comparisons and reinforcement learning.
  case training = 2
  /// Posts for evaluation: their facts occur together in no post of the other two splits.
  case heldOut = 3
}

/// A short message to a village's forum, with the facts that it states.
public struct Post: Sendable, Codable, Hashable {
  /// The part of the world that the post belongs to.
  public var split: PostSplit
  /// The post's number within its split.
  public var index: Int
  /// The message: three to six sentences on one line.
  public var text: String
  /// The facts that the message states of the matter, without those of its asides.
  public var facts: PostFacts
  /// Values that the post's asides mention: names, places and days that have nothing to do with
  /// the matter, and that a careless summary confuses with it.
  public var asides: [FactKind: String]

  /// The text that a model continues with a summary: the message and `TL;DR:` on a line of its own.
  ///
  /// A summary that follows starts with a space.
  public var prompt: String { text + "\nTL;DR:" }
}
