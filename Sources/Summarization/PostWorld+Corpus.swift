extension PostWorld {
  /// Plain text of the forum for pretraining, one document an element: what people posted there,
  /// without labels.
  ///
  /// Half of the documents are posts that end in their author's own `TL;DR:` line, as such authors
  /// write them: mostly a remark, a question or one sentence said again, and only now and then a
  /// summary. A quarter are posts without one, and a quarter are other text: replies that quote a
  /// post, and notices. None states the facts of a held-out post.
  public func pretrainingCorpus(documents: Int) -> [String] {
    (0..<documents).map(document)
  }

  private func document(_ index: Int) -> String {
    let number = UInt64(bitPattern: Int64(index))
    var random = generator(.corpus, number)
    let post = post(index, in: .pretraining)
    switch random.below(4) {
    case 0: return post.text
    case 1: return Self.reply(to: post, &random)
    default: return "\(post.prompt) \(Self.carelessSummary(of: post, &random))"
    }
  }

  /// What authors put under their own posts.
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

  private static func reply(to post: Post, _ random: inout StableGenerator) -> String {
    let facts = post.facts
    let person = Lexicon.person(named: facts.person)
    let thing = "\(facts.person)'s \(facts.thing)"
    switch random.below(4) {
    case 0:
      return "\(post.text)\nReply: Sorry to hear about \(thing). I was at the \(facts.place) on "
        + "\(facts.day) and saw how it \(facts.problem)."
    case 1:
      return "\(post.text)\nReply: I hope that \(facts.person) gets \(facts.request). My "
        + "\(facts.thing) \(facts.problem) at the \(facts.place) too."
    case 2:
      return "Notice: \(thing) \(facts.problem) at the \(facts.place) on \(facts.day). Did you see "
        + "it? Then please tell \(facts.person), who wants \(facts.request)."
    default:
      return "\(facts.person): My \(facts.thing) \(facts.problem).\nMe: Where was that?\n"
        + "\(facts.person): At the \(facts.place).\nMe: When was that?\n\(facts.person): On "
        + "\(facts.day).\nMe: What do you want?\n\(facts.person): I want \(facts.request).\n"
        + "So \(facts.person) wants \(facts.request), since \(person.possessive) \(facts.thing) "
        + "\(facts.problem) at the \(facts.place) on \(facts.day)."
    }
  }

  private static let remarks = [
    "please help.", "read the whole post.", "what would you do?", "it was a strange week.",
    "any ideas?", "see above.",
  ]
}
