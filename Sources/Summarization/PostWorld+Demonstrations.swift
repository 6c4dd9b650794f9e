extension PostWorld {
  /// A summary by one of the world's writers, who are of mixed quality: 30% of the summaries are
  /// good, 25% partial, 20% unfaithful and 25% rambling.
  ///
  /// - Parameters:
  ///   - post: The post to summarize.
  ///   - writer: Another writer's number gives another summary of the same post.
  /// - Returns: The summary with what its writer set out to do.
  public func demonstration(for post: Post, writer: Int = 0) -> WrittenSummary {
    var random = generator(
      .demonstration, post.split.rawValue, UInt64(bitPattern: Int64(post.index)),
      UInt64(bitPattern: Int64(writer)))
    let draw = random.below(100)
    let quality: WritingQuality =
      draw < 30 ? .good : draw < 55 ? .partial : draw < 75 ? .unfaithful : .rambling
    return Self.written(quality, for: post, &random)
  }

  /// A summary of the wanted quality.
  public func summary(
    _ quality: WritingQuality, for post: Post, writer: Int = 0
  ) -> WrittenSummary {
    var random = generator(
      .demonstration, post.split.rawValue, UInt64(bitPattern: Int64(post.index)),
      UInt64(bitPattern: Int64(writer)), 1)
    return Self.written(quality, for: post, &random)
  }

  static func written(
    _ quality: WritingQuality, for post: Post, _ random: inout StableGenerator
  ) -> WrittenSummary {
    var writer = SummaryWriter(facts: post.facts)
    let order = random.permuted(FactKind.allCases)
    switch quality {
    case .good:
      return WrittenSummary(text: writer.summary(&random), quality: quality)
    case .partial:
      writer.omitted = Set(order.prefix(2 + random.below(3)))
      return WrittenSummary(text: writer.summary(&random), quality: quality)
    case .unfaithful:
      for kind in order.prefix(1 + random.below(2)) {
        writer.facts[kind] = wrongValue(of: kind, for: post, &random)
      }
      return WrittenSummary(text: writer.summary(&random), quality: quality)
    case .rambling:
      writer.omitted = Set(order.prefix(random.below(2)))
      let opening = random.pick(Self.ramblingOpenings)
      let core = writer.summary(&random)
      let ending = random.permuted(Self.ramblingEndings).prefix(1 + random.below(2))
      let ended = ending.joined(separator: " ").replacing("PRICE", with: "\(post.facts.price)")
      return WrittenSummary(text: "\(opening) \(core) \(ended)", quality: quality)
    }
  }

  /// A wrong value: one that the post mentions in an aside where there is one, half of the time.
  static func wrongValue(
    of kind: FactKind, for post: Post, _ random: inout StableGenerator
  ) -> String {
    if let aside = post.asides[kind], random.chance(0.5) { return aside }
    return random.pick(Lexicon.values(kind)) { $0 != post.facts[kind] } ?? post.facts[kind]
  }

  static let ramblingOpenings = [
    "Well, long story short:", "So what happened is this:", "Let me try to say it in a few words:",
    "It is a sad story:",
  ]
  static let ramblingEndings = [
    "It cost PRICE euros.", "It was quite a week and we all felt sorry.",
    "Thanks for reading all of this.", "I could hardly believe it when I heard of it.",
    "That is all there is to say about it.",
  ]
}
