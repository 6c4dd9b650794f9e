public import Documents
import Foundation
import Statistics

/// A personality in parts that somebody wrote by hand, of which pairs of questions and answers are combined.
///
/// A file in YAML or JSON has intents, each with questions, further questions that are kept for testing (`unseen`) and answers; openings and endings
/// that questions may have; parting shots for answers; and slots, words that a question names and its answer names again.
///
/// ```swift
/// let pairs = try Personality.grizzle.pairs(3000, seed: 1)
/// ```
public struct Personality: Sendable, Equatable {
  /// Questions that mean the same, and what is answered.
  public struct Intent: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Questions to learn from.
    public var questions: [String]
    /// Questions to test with.
    public var unseen: [String]
    /// Its answers.
    public var answers: [String]
  }

  /// The intents.
  public var intents: [Intent]
  /// The words for each slot.
  public var slots: [String: [String]]
  /// Texts that may stand before a question.
  public var openings: [String]
  /// Texts that may stand after one.
  public var endings: [String]
  /// The words with which a question begins that isn't a statement.
  public var questionWords: Set<String>
  /// Texts that may stand before such a question besides.
  public var questionOpenings: [String]
  /// Texts that may stand after it besides.
  public var questionEndings: [String]
  /// Texts that may stand after an answer.
  public var partings: [String]

  /// Mean, grumpy and sarcastic: the personality that comes with the package.
  public static var grizzle: Personality {
    get throws {
      let path = "Personality/grizzle.yaml"
      guard let url = Bundle.module.url(forResource: path, withExtension: nil) else {
        throw DataError(
          .noInput, path: "\(Bundle.module.bundlePath)/\(path)", problem: "the personality isn't there",
          advice: "Build the program anew.")
      }
      return try Personality(path: url.path)
    }
  }

  /// Reads a personality.
  ///
  /// - Throws: `DataError` with the line of what can't be understood.
  public init(path: String) throws(DataError) {
    let file = try StructuredFile(path: path)
    let fields = try file.fields()
    try fields.allowOnly(
      "openings", "endings", "question_words", "question_openings", "question_endings", "partings", "slots", "intents")
    openings = try Self.texts("openings", of: fields, mayBeEmpty: true)
    endings = try Self.texts("endings", of: fields, mayBeEmpty: true)
    questionWords = Set(try Self.texts("question_words", of: fields, mayBeEmpty: true))
    questionOpenings = try Self.texts("question_openings", of: fields, mayBeEmpty: true)
    questionEndings = try Self.texts("question_endings", of: fields, mayBeEmpty: true)
    partings = try Self.texts("partings", of: fields, mayBeEmpty: true)
    slots = [:]
    if fields.members["slots"] != nil {
      let named = try fields.fields("slots")
      for name in named.members.keys { slots[name] = try Self.texts(name, of: named, mayBeEmpty: false) }
    }
    intents = []
    for part in try fields.listOfFields("intents") {
      try part.allowOnly("name", "questions", "unseen", "answers")
      let intent = Intent(
        name: try part.string("name"), questions: try Self.texts("questions", of: part, mayBeEmpty: false),
        unseen: try Self.texts("unseen", of: part, mayBeEmpty: true),
        answers: try Self.texts("answers", of: part, mayBeEmpty: false))
      let asked = Set((intent.questions + intent.unseen).map(Self.slot(in:)))
      for text in intent.questions + intent.unseen + intent.answers {
        guard let slot = Self.slot(in: text) else { continue }
        guard slots[slot] != nil else {
          throw part.error(at: "name", "\(intent.name): '\(text)' names '{\(slot)}', which is not among the slots")
        }
        guard asked == [slot] else {
          throw part.error(at: "name", "\(intent.name): '\(text)' names '{\(slot)}', which not all of its questions do")
        }
      }
      intents.append(intent)
    }
    guard !intents.isEmpty else { throw fields.error(at: "intents", "must have one intent or more") }
  }

  private static func texts(
    _ name: String, of fields: StructuredFields, mayBeEmpty: Bool
  ) throws(DataError) -> [String] {
    if mayBeEmpty, fields.members[name] == nil { return [] }
    var texts: [String] = []
    for value in try fields.list(name) {
      guard let text = value.string else {
        throw fields.error(at: name, "must be a list of texts, not of such as \(StructuredFields.shown(value))")
      }
      texts.append(text)
    }
    guard mayBeEmpty || !texts.isEmpty else { throw fields.error(at: name, "must have one text or more") }
    return texts
  }

  /// The slot that a text names; one at most.
  static func slot(in text: String) -> String? {
    guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else { return nil }
    return String(text[text.index(after: open)..<close])
  }

  /// A text with its slot filled.
  package static func filled(_ text: String, with word: String?) -> String {
    guard let word, let slot = slot(in: text) else { return text }
    let made = text.replacingOccurrences(of: "{\(slot)}", with: word)
    return text.hasPrefix("{") ? made.prefix(1).uppercased() + made.dropFirst() : made
  }

  // MARK: Combining

  /// Pairs in runs of paraphrases that share an answer, as the published file has them: two to six, four on average.
  ///
  /// No question is there twice. Smaller numbers give the beginning of larger ones.
  ///
  /// - Throws: `DataError` where the parts don't combine to so many questions.
  public func pairs(_ count: Int, seed: UInt64) throws(DataError) -> [QuestionAnswer] {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "personality").value)
    var made: [QuestionAnswer] = []
    var asked: Set<String> = []
    var turn: [Intent] = []
    var failures = 0
    while made.count < count {
      // Each intent once before any comes again.
      if turn.isEmpty { turn = intents.shuffled(using: &random) }
      let intent = turn.removeLast()
      let word = word(for: intent, &random)
      var answer = Self.filled(intent.answers[random.index(below: intent.answers.count)], with: word)
      if !partings.isEmpty, random.index(below: 4) == 0 {
        answer += " " + partings[random.index(below: partings.count)]
      }
      let length = 2 + random.index(below: 5)
      for _ in 0..<length where made.count < count {
        let bare = intent.questions[random.index(below: intent.questions.count)]
        let question = dressed(Self.filled(bare, with: word), &random)
        guard asked.insert(question).inserted else {
          failures += 1
          continue
        }
        failures = 0
        made.append(QuestionAnswer(question, answer))
      }
      guard failures < 10_000 else {
        throw DataError(
          .badData, path: "",
          problem: "the personality's parts make hardly more than \(made.count) questions, not \(count)",
          advice: "Ask for fewer pairs, or write more questions.")
      }
    }
    return made
  }

  /// Questions of templates that ``pairs(_:seed:)`` never uses, each once; `repeats` times where they have a slot.
  public func paraphrases(repeats: Int = 3, seed: UInt64) -> [Paraphrase] {
    var random = SeededGenerator(seed: DerivedSeed(run: seed, for: "paraphrases").value)
    return intents.flatMap { intent in
      intent.unseen.flatMap { bare in
        (0..<(Self.slot(in: bare) == nil ? 1 : repeats)).map { _ in
          let word = word(for: intent, &random)
          return Paraphrase(question: Self.filled(bare, with: word), intent: intent.name, word: word)
        }
      }
    }
  }

  private func word(for intent: Intent, _ random: inout SeededGenerator) -> String? {
    let words = intent.questions.lazy.compactMap(Self.slot(in:)).first.flatMap { slots[$0] } ?? []
    return words.isEmpty ? nil : words[random.index(below: words.count)]
  }

  private func dressed(_ question: String, _ random: inout SeededGenerator) -> String {
    let asks = Vocabulary.words(question).first.map(questionWords.contains) ?? false
    let (before, after) = asks ? (openings + questionOpenings, endings + questionEndings) : (openings, endings)
    let opening = before.isEmpty ? "" : before[random.index(below: before.count)]
    let ending = after.isEmpty ? "" : after[random.index(below: after.count)]
    return opening + question + ending
  }
}

/// A question that was kept for testing, with its intent.
public struct Paraphrase: Sendable, Codable, Equatable {
  /// The question.
  public var question: String
  /// The intent's name.
  public var intent: String
  /// The word for its slot; nil where it has none.
  public var word: String?

  /// A question.
  public init(question: String, intent: String, word: String?) {
    (self.question, self.intent, self.word) = (question, intent, word)
  }
}
