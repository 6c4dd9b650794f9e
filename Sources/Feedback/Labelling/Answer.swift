import Foundation

/// What a labeller said about a task, in terms of what was shown.
///
/// In JSON it is an object with the members of its kind: `{"score": -3}`, `{"ranks": [1, 2, 1]}`,
/// `{"values": {"overall": 6, "hallucination": 0}}`.
public struct Answer: Sendable, Codable, Equatable {
  /// A passage of a response and what is wrong with it.
  public struct Passage: Sendable, Codable, Equatable {
    /// The passage's begin in the response, in Unicode scalars.
    public var start: Int
    /// The passage's end, not included.
    public var end: Int
    /// The passage itself, by which a shifted one is noticed.
    public var text: String
    /// What is wrong with it.
    public var comment: String
    /// How bad it is, from 0 (a trifle) to 1.
    public var severity: Double
    /// What should stand there.
    public var suggestion: String?

    /// Marks a passage.
    public init(start: Int, end: Int, text: String, comment: String, severity: Double, suggestion: String? = nil) {
      (self.start, self.end, self.text) = (start, end, text)
      (self.comment, self.severity, self.suggestion) = (comment, severity, suggestion)
    }
  }

  /// A turn of a conversation: what was said to the model, the two replies in the order shown, and which one was taken.
  public struct Turn: Sendable, Codable, Equatable {
    /// What the labeller wrote.
    public var user: String
    /// The replies as they were shown; the conversation goes on from the better one, or from the first of equals.
    public var replies: [String]
    /// From −4, the first is much better, to 4, the second is.
    public var score: Int
    /// The model that wrote them.
    public var model: String?

    /// Describes a turn.
    public init(user: String, replies: [String], score: Int, model: String? = nil) {
      (self.user, self.replies, self.score, self.model) = (user, replies, score, model)
    }
  }

  /// Of a demonstration: the text.
  public var text: String?
  /// Of a demonstration: the model whose sample it began as.
  public var model: String?
  /// Of a comparison: from −4, what was shown first is much better, to 4, the second is; 0 for equally good.
  public var score: Int?
  /// Of a ranking: each shown response's rank, 1 for the best; equal ones tie.
  public var ranks: [Int]?
  /// Of a rating: a value for each question of the form.
  public var values: [String: Double]?
  /// Of a rating: what was written where the form asks for words.
  public var words: [String: String]?
  /// Of a critique: the marked passages.
  public var passages: [Passage]?
  /// Of a critique: what is wrong with the whole.
  public var comment: String?
  /// Of a critique: the answer as it should have been.
  public var refinement: String?
  /// Of a conversation: its turns.
  public var turns: [Turn]?
  /// How each shown response was understood before the prompt was shown.
  public var readings: [String]?
  /// Whatever the labeller wants to say besides.
  public var note: String?

  /// An answer in which nothing is said yet.
  public init() {}

  /// An answer to a comparison.
  public init(score: Int) { self.score = score }

  /// An answer to a ranking.
  public init(ranks: [Int]) { self.ranks = ranks }

  /// An answer to a rating.
  public init(values: [String: Double]) { self.values = values }

  /// A demonstration.
  public init(text: String) { self.text = text }

  /// Reads an answer from JSON.
  public init(json: String) throws {
    do { self = try JSONDecoder().decode(Answer.self, from: Data(json.utf8)) } catch {
      throw ProjectError(.invalid, "the answer can't be read: \(error)")
    }
  }

  /// The answer as JSON, the same text for equal answers.
  public var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
