/// Tells which intent an answer belongs to: the one that has the most alike of all answers that were written.
///
/// Likeness is the F₁ of the words, counted as often as they stand there. It knows nothing of any model.
public struct AnswerCheck: Sendable {
  /// The findings about an answer.
  public struct Finding: Sendable, Codable, Equatable {
    /// The intent of the most similar answer; nil where none is similar.
    public var intent: String?
    /// Whether the answer is of the question's intent.
    public var isInKind: Bool
    /// Whether it names what the question named; nil where the question or the similar answer names nothing.
    public var namesTheWord: Bool?
  }

  /// The least likeness that counts.
  public static let threshold = 0.5

  /// An answer as it was written, with some word in its slot.
  private struct Written: Sendable {
    var intent: String
    var hasSlot: Bool
    var words: [String: Int]
    var count: Int
  }
  private let written: [Written]

  /// A check against a personality's answers.
  public init(_ personality: Personality) {
    // Whatever is named: being in kind and naming the right word are two things.
    written = personality.intents.flatMap { intent in
      intent.answers.flatMap { answer in
        let slot = Personality.slot(in: answer)
        return (slot.flatMap { personality.slots[$0] } ?? [""]).map { word in
          let words = Self.counts(Personality.filled(answer, with: slot == nil ? nil : word))
          return Written(
            intent: intent.name, hasSlot: slot != nil, words: words, count: words.values.reduce(0, +))
        }
      }
    }
  }

  /// Looks at an answer to a question.
  public func finding(_ answer: String, to question: Paraphrase) -> Finding {
    let words = Self.counts(answer)
    let count = words.values.reduce(0, +)
    var best: (likeness: Double, written: Written)?
    for written in written where written.count + count > 0 {
      let shared = words.reduce(0) { $0 + min($1.value, written.words[$1.key] ?? 0) }
      let likeness = 2 * Double(shared) / Double(written.count + count)
      if likeness > best?.likeness ?? Self.threshold { best = (likeness, written) }
    }
    return Finding(
      intent: best?.written.intent, isInKind: best?.written.intent == question.intent,
      namesTheWord: best?.written.hasSlot == true ? question.word.map { Self.names(answer, $0) } : nil)
  }

  private static func names(_ answer: String, _ word: String) -> Bool {
    let (text, wanted) = (Vocabulary.words(answer), Vocabulary.words(word))
    return text.indices.contains { text[$0...].starts(with: wanted) }
  }

  private static func counts(_ text: String) -> [String: Int] {
    Vocabulary.words(text).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

/// Distinct n-grams over all n-grams of some texts (Li 2016): how much a model repeats itself.
public func distinct(_ n: Int, _ texts: [String]) -> Double {
  var seen: Set<[String]> = []
  var count = 0
  for text in texts {
    let words = Vocabulary.words(text)
    for start in 0..<max(0, words.count - n + 1) {
      seen.insert(Array(words[start..<start + n]))
      count += 1
    }
  }
  return count == 0 ? 0 : Double(seen.count) / Double(count)
}
