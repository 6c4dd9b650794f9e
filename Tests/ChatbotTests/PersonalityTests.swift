import Chatbot
import Documents
import Foundation
import TestSupport
import Testing

/// Pairs that are combined of hand-written parts, and the rule that says what answers are in kind.
@Suite struct PersonalityTests {
  @Test func grizzleHasThreeThousandPairs() throws {
    let grizzle = try Personality.grizzle
    let pairs = try grizzle.pairs(3000, seed: 1)
    #expect(pairs.count == 3000 && Set(pairs.map(\.question)).count == 3000)
    // As the published file: some hundred answers, each for several questions in a row.
    let answers = Set(pairs.map(\.answer))
    #expect((400...900).contains(answers.count), "\(answers.count)")
    let kept = zip(pairs, pairs.dropFirst()).filter { $0.answer == $1.answer }.count
    #expect((0.65...0.85).contains(Double(kept) / 2999))
    // Nothing is left unfilled, every answer is a sentence.
    let odd = pairs.filter { pair in
      (pair.question + pair.answer).contains { "{}".contains($0) } || pair.answer.first?.isLetter != true
        || pair.answer.first?.isUppercase != true || !".!?".contains(pair.answer.last ?? " ")
        || pair.question.contains("  ") || pair.question.isEmpty
    }
    #expect(odd.isEmpty, "\(odd.prefix(3))")
    // The same seed, the same pairs, and fewer are the first of more.
    #expect(try grizzle.pairs(300, seed: 1) == Array(pairs.prefix(300)))
    #expect(try grizzle.pairs(300, seed: 2) != Array(pairs.prefix(300)))
    // Small enough for a page: words are what its size depends on.
    #expect(Vocabulary(pairs.map(\.answer), limit: 2000).count < 720)
  }

  @Test func answersAreAlignedAndWhatIsUnseenStaysUnseen() throws {
    let grizzle = try Personality.grizzle
    let pairs = try grizzle.pairs(600, seed: 3)
    // The bare questions stand inside the dressed ones.
    let check = AnswerCheck(grizzle)
    var wrong = 0
    for pair in pairs {
      let intents = grizzle.intents.filter { intent in
        intent.questions.contains { question in
          let pattern = question.replacing(/\{\w+\}/, with: "%")
          let parts = pattern.split(separator: "%", omittingEmptySubsequences: false)
          return parts.allSatisfy { $0.isEmpty || pair.question.contains($0) }
        }
      }
      let kinds = Set(intents.map(\.name))
      let paraphrase = Paraphrase(question: pair.question, intent: "", word: nil)
      guard let found = check.finding(pair.answer, to: paraphrase).intent, kinds.contains(found) else {
        wrong += 1
        continue
      }
    }
    #expect(wrong == 0)
    let bare = Set(grizzle.intents.flatMap(\.questions))
    let unseen = grizzle.intents.flatMap(\.unseen)
    #expect(unseen.count >= 120 && bare.isDisjoint(with: unseen))
    let asked = Set(try grizzle.pairs(3000, seed: 1).map(\.question))
    #expect(grizzle.paraphrases(seed: 1).allSatisfy { !asked.contains($0.question) })
  }

  @Test func shiftingMakesPairsWrong() throws {
    let pairs = try Personality.grizzle.pairs(3000, seed: 1)
    let shifted = pairs.shiftedByOne
    #expect(shifted.count == 2999 && shifted.map(\.question) == pairs.dropLast().map(\.question))
    #expect(shifted.map(\.answer) == pairs.dropFirst().map(\.answer))
    // A quarter, as in the published file (748 of 2,999).
    let wrong = zip(pairs, shifted).filter { $0.answer != $1.answer }.count
    #expect((0.15...0.35).contains(Double(wrong) / 2999), "\(wrong)")
    #expect([QuestionAnswer]().shiftedByOne.isEmpty)
  }

  @Test func answersAreInKindOrNot() throws {
    let grizzle = try Personality.grizzle
    let check = AnswerCheck(grizzle)
    let pizza = Paraphrase(question: "would you eat some pizza", intent: "like_food", word: "pizza")
    let right = check.finding("Ah, pizza. The answer of people who gave up on dinner. Happy now?", to: pizza)
    #expect(right.isInKind && right.namesTheWord == true)
    let other = check.finding("Ah, soup. The answer of people who gave up on dinner.", to: pizza)
    #expect(other.isInKind && other.namesTheWord == false)
    let wrong = check.finding("There is a window. It is like a screen, but true.", to: pizza)
    #expect(wrong.intent == "weather" && !wrong.isInKind && wrong.namesTheWord == nil)
    for text in ["", "...", "the of it is you you you", "🙂"] {
      let nothing = check.finding(text, to: pizza)
      #expect(nothing.intent == nil && !nothing.isInKind, "\(text)")
    }
  }

  @Test func distinctCountsWhatIsNotRepeated() {
    #expect(distinct(1, ["a b a", "b"]) == 0.5)
    #expect(distinct(2, ["a b a b", "a"]) == 2.0 / 3)
    #expect(distinct(2, ["a"]) == 0 && distinct(1, []) == 0)
  }

  @Test(arguments: [
    ("intents: []", "intents"),
    ("intents: [{name: a, questions: [], answers: [b]}]\nslots: {}", "questions"),
    ("slots: {}\nintents: [{name: a, questions: ['do you like {food}'], answers: [b]}]", "'{food}'"),
    ("slots: {food: [x]}\nintents: [{name: a, questions: [q], answers: ['{food}!']}]", "not all of its questions"),
    ("slots: {}\nintents: [{name: a, questions: [1], answers: [b]}]", "list of texts"),
    ("slots: {}\nintents: [{name: a, questions: [q], answers: [b], answer: [c]}]", "answers"),
    ("slotss: {}\nintents: [{name: a, questions: [q], answers: [b]}]", "slots"),
  ])
  func partsThatMakeNoSenseAreRefused(text: String, telling: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("parts.yaml", text)
    let error = #expect(throws: DataError.self) { _ = try Personality(path: path) }
    #expect(
      error?.description.contains(telling) == true && error?.description.contains(path) == true, "\(error as Any)")
  }

  @Test func asManyPairsAsThereAre() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "parts.yaml", "slots: {}\nintents: [{name: a, questions: [one, two], answers: [B.]}]")
    let parts = try Personality(path: path)
    #expect(Set(try parts.pairs(2, seed: 1).map(\.question)) == ["one", "two"])
    #expect(throws: DataError.self) { _ = try parts.pairs(3, seed: 1) }
  }

  @Test func vocabulariesKeepSpellings() {
    let words = Vocabulary(
      ["I see Paris. I am", "You and I saw Paris", "we see", "We saw"], limit: 100, special: ["<SOS>", "<EOS>"])
    #expect(words.words.prefix(3) == ["<SOS>", "<EOS>", "i"])
    func spelling(_ word: String) -> String? { words.number(of: word).map { words.spellings[$0] } }
    #expect(spelling("paris") == "Paris" && spelling("i") == "I" && spelling("we") == "we" && spelling("see") == "see")
    #expect(words.numbers(of: "I HATE paris!") == [2, words.number(of: "paris")].compactMap(\.self))
    #expect(Vocabulary(["a a a b b c"], limit: 2).words == ["a", "b"])
  }
}
