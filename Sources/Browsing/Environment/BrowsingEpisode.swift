public import Documents
import Foundation

/// A question, what was done about it, and the answer with its references: the record of an episode.
public struct BrowsingEpisode: Sendable, Equatable, Codable {
  /// A quote that the answer cites.
  public struct Reference: Sendable, Equatable, Codable {
    /// The number in the answer.
    public var number: Int
    /// The passage and its page.
    public var quote: BrowsingQuote
  }

  /// The question.
  public var question: String
  /// The limits that were in force.
  public var limits: BrowsingLimits
  /// The actions as they were written.
  public var actions: [String]
  /// What was seen before each action.
  public var observations: [String]
  /// How many actions couldn't be carried out.
  public var invalidActions: Int
  /// The addresses of the pages that were opened.
  public var visited: [String]
  /// What was kept.
  public var quotes: [BrowsingQuote]
  /// How browsing ended; nil where a limit ended it.
  public var end: BrowsingAction.End?
  /// The answer; nil where there is none.
  public var answer: String?
  /// What the episode saw of the Web.
  public var web: RecordedWeb

  /// An episode that is over.
  public init(_ environment: BrowsingEnvironment, observations: [String], answer: String?) {
    question = environment.question
    limits = environment.limits
    actions = environment.actions
    self.observations = observations
    invalidActions = environment.invalidActions
    visited = environment.visited
    quotes = environment.quotes
    end = environment.end
    self.answer = answer
    web = environment.record
  }

  /// The quotes that the answer cites, in the order of their numbers.
  public var references: [Reference] {
    let cited = Set((answer ?? "").matches(of: /\[(\d{1,4})\]/).compactMap { Int($0.1) })
    return quotes.enumerated().compactMap { cited.contains($0 + 1) ? Reference(number: $0 + 1, quote: $1) : nil }
  }

  /// Whether the answer cites something, cites nothing that isn't there, and every page, read again, has what is cited of it.
  public func referencesHold(on web: any Web) throws -> Bool {
    let numbers = (answer ?? "").matches(of: /\[(\d{1,4})\]/).compactMap { Int($0.1) }
    guard !numbers.isEmpty, numbers.allSatisfy({ (1...max(1, quotes.count)).contains($0) }), !quotes.isEmpty else {
      return false
    }
    return try references.allSatisfy { try $0.quote.holds(on: web) }
  }

  /// Goes through the actions again on what was recorded.
  ///
  /// - Returns: the environment at the end, and what was seen before each action.
  public func replayed() throws -> (environment: BrowsingEnvironment, observations: [String]) {
    var environment = BrowsingEnvironment(web: web, limits: limits)
    var (observation, seen) = (environment.reset(question), [String]())
    for action in actions where !environment.isOver {
      seen.append(observation)
      observation = try environment.step(action).observation
    }
    return (environment, seen)
  }

  /// The answer with its references and the way to it, as `apprentice browse ask --json` prints it.
  public var summary: JSONValue {
    [
      "question": .string(question), "answer": answer.map { .string($0) } ?? .null,
      "references": .array(
        references.map {
          [
            "number": .int($0.number), "url": .string($0.quote.url), "title": .string($0.quote.title),
            "quote": .string($0.quote.text),
          ]
        }),
      "actions": .array(actions.map { .string($0) }), "invalid_actions": .int(invalidActions),
      "visited": .array(visited.map { .string($0) }), "end": end.map { .string($0.rawValue) } ?? .null,
    ]
  }
}
