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
  private let personality: Personality

  /// A check against a personality's answers.
  public init(_ personality: Personality) { self.personality = personality }

  /// Looks at an answer to a question.
  public func finding(_ answer: String, to question: Paraphrase) -> Finding {
    let words = Self.counts(answer)
    var best: (likeness: Double, intent: String, hasSlot: Bool)?
    for intent in personality.intents {
      for written in intent.answers {
        let slot = Personality.slot(in: written)
        // Whatever is named: being in kind and naming the right word are two things.
        let fillings = slot.flatMap { personality.slots[$0] } ?? [""]
        for word in fillings {
          let likeness = Self.likeness(words, Self.counts(Personality.filled(written, with: slot == nil ? nil : word)))
          if likeness > best?.likeness ?? Self.threshold { best = (likeness, intent.name, slot != nil) }
        }
      }
    }
    return Finding(
      intent: best?.intent, isInKind: best?.intent == question.intent,
      namesTheWord: best?.hasSlot == true ? question.word.map { Self.names(answer, $0) } : nil)
  }

  private static func names(_ answer: String, _ word: String) -> Bool {
    let (text, wanted) = (Vocabulary.words(answer), Vocabulary.words(word))
    return text.indices.contains { text[$0...].starts(with: wanted) }
  }

  private static func counts(_ text: String) -> [String: Int] {
    Vocabulary.words(text).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func likeness(_ a: [String: Int], _ b: [String: Int]) -> Double {
    let shared = a.reduce(0) { $0 + min($1.value, b[$1.key] ?? 0) }
    let all = a.values.reduce(0, +) + b.values.reduce(0, +)
    return all == 0 ? 0 : 2 * Double(shared) / Double(all)
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
