extension PostWorld {
  /// Plain text of the forum for pretraining, one document an element: what people posted there,
  /// without labels.
  ///
  /// Three documents in ten are posts that end in their author's own `TL;DR:` line, as such authors
  /// write them: mostly a remark, a question or one sentence said again, and only now and then a
  /// summary. Two are posts with a reply that quotes them; two are posts with a reply or tags, or
  /// conversations, in which what was said comes up again; two are posts that a reader got right or
  /// wrong and that are confirmed or put right; one is a post alone. Text that repeats itself as much
  /// as forums do is what teaches a small model to copy, and corrections are what teaches it to
  /// notice that something isn't what was said. None states the facts of a held-out post.
  public func pretrainingCorpus(documents: Int) -> [String] {
    (0..<documents).map(document)
  }

  private func document(_ index: Int) -> String {
    let number = UInt64(bitPattern: Int64(index))
    var random = generator(.corpus, number)
    let post = post(index, in: .pretraining)
    switch random.below(10) {
    case 0: return post.text
    case 1, 2: return Self.discussion(of: post, &random)
    case 3, 4: return Self.quotation(of: post, &random)
    case 5: return Self.questions(about: post, &random)
    case 6: return Self.correction(of: post, &random)
    default: return "\(post.prompt) \(Self.carelessSummary(of: post, &random))"
    }
  }

  /// Writes the summary that an author puts under a post, which may be a careless one.
  static func carelessSummary(of post: Post, _ random: inout StableGenerator) -> String {
    let facts = post.facts
    let subject = Lexicon.person(named: facts.person).subject
    switch random.below(10) {
    case 0, 1: return random.pick(remarks)
    case 2: return "\(facts.person) wants \(facts.request)."
    case 3: return "the \(facts.thing) \(facts.problem)."
    case 4: return "what should \(subject) do about the \(facts.thing)?"
    case 5: return "be careful at the \(facts.place) on \(facts.day)."
    case 6, 7: return random.pick(post.text.split(separator: ". ").map(String.init)) + "."
    case 8: return written(random.chance(0.5) ? .partial : .unfaithful, for: post, &random).text
    default: return written(.rambling, for: post, &random).text
    }
  }

  /// The post with a reply that quotes some of its sentences, as forums do.
  private static func quotation(of post: Post, _ random: inout StableGenerator) -> String {
    let sentences = post.text.split(separator: ". ").map { $0.hasSuffix(".") ? $0.dropLast() : $0 }
    let start = random.below(sentences.count - 1)
    let quoted = sentences[start...].prefix(3).joined(separator: ". ")
    return "\(post.text)\nQuote: \(quoted).\nReply: \(random.pick(answers))"
  }

  private static let answers = [
    "I see.", "Sorry to hear that.", "That happens.", "Good luck!", "Same here.",
  ]

  /// The post, or what it's about, with what others make of it.
  private static func discussion(of post: Post, _ random: inout StableGenerator) -> String {
    let facts = post.facts
    let person = Lexicon.person(named: facts.person)
    switch random.below(4) {
    case 0:
      return "\(post.text)\nReply: Sorry to hear about \(facts.person)'s \(facts.thing). I was at "
        + "the \(facts.place) on \(facts.day) and saw how it \(facts.problem). I hope that "
        + "\(person.subject) gets \(facts.request)."
    case 1:
      return "\(post.text)\nReply: Do I read it right that the \(facts.thing) \(facts.problem) on "
        + "\(facts.day) at the \(facts.place)? Then \(facts.person) should get \(facts.request)."
    case 2:
      return "\(post.text)\nTags: \(facts.person), \(facts.thing), \(facts.problem), "
        + "\(facts.place), \(facts.day), \(facts.request)."
    default:
      return "\(facts.person): My \(facts.thing) \(facts.problem).\nMe: Where was that?\n"
        + "\(facts.person): At the \(facts.place).\nMe: When was that?\n\(facts.person): On "
        + "\(facts.day).\nMe: What do you want?\n\(facts.person): I want \(facts.request).\n"
        + "So \(facts.person) wants \(facts.request), since \(person.possessive) \(facts.thing) "
        + "\(facts.problem) at the \(facts.place) on \(facts.day)."
    }
  }

  /// The post with a reader's questions, each of which is confirmed or put right at once.
  private static func questions(about post: Post, _ random: inout StableGenerator) -> String {
    let asked = random.permuted(FactKind.allCases).prefix(3 + random.below(3)).map { kind in
      let right = phrase(kind, post.facts[kind], of: post)
      guard random.chance(0.5) else { return "\(right)? Yes." }
      return "\(phrase(kind, wrongValue(of: kind, for: post, &random), of: post))? No, \(right)."
    }
    return "\(post.text)\nQuestions: \(asked.joined(separator: " "))"
  }

  /// The post with a reader's account of it, and what its author says to that.
  private static func correction(of post: Post, _ random: inout StableGenerator) -> String {
    var writer = SummaryWriter(facts: post.facts)
    let order = random.permuted(FactKind.allCases)
    let wrong = Array(order.prefix(random.chance(0.4) ? 0 : 1 + random.below(2)))
    for kind in wrong { writer.facts[kind] = wrongValue(of: kind, for: post, &random) }
    writer.omitted = Set(order.suffix(random.below(3)))
    let answer =
      wrong.isEmpty
      ? "Right."
      : "No, " + wrong.map { phrase($0, post.facts[$0], of: post) }.joined(separator: " and ") + "."
    return "\(post.text)\nReply: So \(writer.summary(&random))\nAuthor: \(answer)"
  }

  /// A value as one says it by itself.
  private static func phrase(_ kind: FactKind, _ value: String, of post: Post) -> String {
    switch kind {
    case .person: value
    case .thing: "the \(value)"
    case .problem: "it \(value)"
    case .place: "at the \(value)"
    case .day: "on \(value)"
    case .request: "\(Lexicon.person(named: post.facts.person).subject) wants \(value)"
    }
  }

  private static let remarks = [
    "please help.", "read the whole post.", "what would you do?", "it was a strange week.",
    "any ideas?", "see above.",
  ]
}
