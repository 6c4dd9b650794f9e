import Foundation
import Summarization
import Testing

/// Generated stories, their judge, and how well sentences are traced where the truth is known.
@Suite("Stories")
struct StoryTests {
  private let world = StoryWorld(seed: 3)

  @Test("a story states its facts, and the important ones more than once")
  func facts() {
    let story = world.story(0, in: .heldOut, passages: 40)
    #expect(story.passages.count == 40 && story.facts.count > 60)
    let important = StoryJudge.important(story)
    #expect(important.count == 10)
    let text = story.passages.map(\.text).joined(separator: " ")
    for fact in important { #expect(fact.gravity >= 2 && text.contains(fact.subject)) }
    // They recur, which the others hardly do, and they lie close together.
    let mentions = { (facts: [StoryFact]) in
      Double(facts.reduce(0) { $0 + (story.facts[$1] ?? 0) }) / Double(facts.count)
    }
    #expect(mentions(important) > 1.5 * mentions(story.facts.keys.filter { !important.contains($0) }))
    #expect(world.story(0, in: .heldOut, passages: 40).passages == story.passages)
    #expect(world.story(0, in: .training, passages: 40).passages != story.passages)
  }

  @Test("the judge: all that matters scores 1; silence, inventions, dreams and length lose")
  func judge() throws {
    let (story, judge) = (world.story(1, in: .heldOut, passages: 30), StoryJudge())
    let important = StoryJudge.important(story)
    let best = important.map(\.statement).joined(separator: " ")
    #expect(judge.score(best, of: story).total == 1 && judge.score(best, of: story).kept == 1)
    #expect(judge.score("", of: story).total == 0)
    let dream = try #require(story.passages.flatMap(\.sentences).first { $0.text.contains(" that ") && $0.fact == nil })
    let dreamt = dream.text.components(separatedBy: " that ").last ?? ""
    #expect(StoryFact(statement: dreamt) != nil && judge.score(dreamt, of: story).unfaithful == 1)
    #expect(judge.score(best + " " + dreamt, of: story).total == 0.5 * 0.75)
    #expect(judge.score(best + " " + important[0].statement, of: story).total == 0.75)
    #expect(judge.score("The story is about many things.", of: story).unfaithful == 1)
    let half = important.prefix(5).map(\.statement).joined(separator: " ")
    #expect(judge.score(half, of: story).kept == 0.5)
  }

  @Test("a node's judge knows the node's input alone")
  func nodes() {
    let facts = (0..<6).map {
      StoryFact(
        subject: "Mara", verb: ["stole", "found", "washed"][$0 % 3], target: "the ring", place: ["mill", "inn"][$0 / 3])
    }
    let node = StoryNode(
      summaries: [
        facts.prefix(4).map(\.statement).joined(separator: " "),
        facts.suffix(3).map(\.statement).joined(separator: " "),
      ], capacity: 2)
    // One is in both summaries, and a grave one that is told once weighs less than one that is told twice.
    #expect(node.best == [facts[0], facts[3]] && node.facts[facts[3]] == 2)
    #expect(StoryJudge().score(StoryWriter.best(node), of: node).total == 1)
  }

  @Test("writers: the good ones score 1, the others lose by what they did")
  func writers() {
    let (writer, judge) = (StoryWriter(seed: 1), StoryJudge())
    var scores: [StoryWriter.Quality: [Double]] = [:]
    for index in 0..<300 {
      let node = StoryReading.example(index, of: world)
      guard !node.best.isEmpty else { continue }
      let (text, quality) = writer.summary(node, index: index)
      scores[quality, default: []].append(judge.score(text, of: node).total)
    }
    func mean(_ quality: StoryWriter.Quality) -> Double {
      (scores[quality] ?? []).reduce(0, +) / Double(max(1, scores[quality]?.count ?? 0))
    }
    #expect(scores.count == 4 && scores[.good]?.allSatisfy { $0 > 0.999 } == true)
    #expect(mean(.partial) < 0.95 && mean(.unfaithful) < 0.6 && mean(.rambling) < 0.8)
  }

  @Test("by the reference writer recursion keeps nearly all that matters, the beginning of a story a small part")
  func readings() throws {
    let (stories, judge) = ((0..<6).map { world.story($0, in: .heldOut, passages: 40) }, StoryJudge())
    let write: StoryReading.Writer = { $0.map(StoryWriter.best) }
    func kept(_ summaries: [String]) -> Double {
      zip(summaries, stories).reduce(0) { $0 + judge.score($1.0, of: $1.1).kept } / Double(stories.count)
    }
    let recursion = kept(try StoryReading.recursion(stories, write).map(\.summary))
    #expect(recursion > 0.6)
    #expect(kept(try StoryReading.truncation(stories, write)) < 0.3)
    let first =
      stories.reduce(0) { $0 + judge.score(extract: StoryReading.firstSentences($1), of: $1).kept }
      / Double(stories.count)
    #expect(first < recursion - 0.2)
  }

  @Test("sentences are traced to those that say the same: precision and recall on generated stories")
  func alignment() {
    var (found, truth): ([[Int]], [Set<Int>]) = ([], [])
    for index in 0..<20 {
      let story = world.story(index, in: .heldOut, passages: 30)
      let sentences = story.passages.prefix(6).flatMap(\.sentences)
      let facts = Set(sentences.compactMap(\.fact)).sorted { $0.statement < $1.statement }
      let matches = SentenceAlignment().matches(of: facts.map(\.statement), in: sentences.map(\.text))
      found += matches.map { $0.prefix(1).map(\.source) }
      truth += facts.map { fact in Set(sentences.indices.filter { sentences[$0].fact == fact }) }
    }
    let quality = SentenceAlignment.Quality(found: found, truth: truth)
    #expect(quality.sentences > 300 && quality.precision > 0.9 && quality.recall > 0.9, "\(quality)")
    // What nothing below says has no source.
    #expect(
      SentenceAlignment().matches(of: ["Quite another matter entirely."], in: ["Mara stole the ring.", "It rained."])
        == [[]])
    // A sentence that joins two has both.
    let both = SentenceAlignment().matches(
      of: ["Mara stole the ring and Tobin burned the map."],
      in: ["It rained.", "Tobin burned the map.", "Mara stole the ring."])
    #expect(Set(both[0].map(\.source)) == [1, 2])
  }
}

/// Sentences, and the fixed decomposition.
@Suite("Sentences and shapes")
struct SentenceTests {
  @Test(
    "where sentences end",
    arguments: [
      ("Mr. Darcy bowed. He left.", ["Mr. Darcy bowed.", "He left."]),
      ("‘Why?’ she asked. ‘No!’ He ran.", ["‘Why?’ she asked.", "‘No!’", "He ran."]),
      ("It was J. Smith, of St. Ives. Then... nothing", ["It was J. Smith, of St. Ives.", "Then... nothing"]),
      ("他来了。她走了！", ["他来了。", "她走了！"]),
      ("One\n\nTwo", ["One", "Two"]), ("", []), ("...", ["..."]),
    ])
  func ends(_ text: String, _ sentences: [String]) { #expect(Sentences.texts(of: text) == sentences) }

  @Test("shapes: every passage once, groups no larger than allowed, chapters kept together where they fit")
  func shapes() {
    for count in [1, 2, 7, 8, 9, 40, 333] {
      let shape = TreeShape(chapters: (0..<count).map { $0 / 6 }) { $0 == 1 ? 8 : 4 }
      #expect(shape.leaves.last == [0..<count])
      for height in 1..<shape.leaves.count {
        #expect(shape.leaves[height].flatMap { $0 } == Array(0..<count))
        #expect(shape.children[height].allSatisfy { $0.count <= (height == 1 ? 8 : 4) && !$0.isEmpty })
      }
    }
    let chapters = TreeShape(chapters: (0..<24).map { $0 / 6 }) { _ in 8 }
    #expect(chapters.leaves[1] == [0..<6, 6..<12, 12..<18, 18..<24])
  }
}
