import Documents
public import Statistics

/// Questions with the pages that answer them, and how a model does on them.
public struct BrowsingStudy: Sendable {
  /// A question and the page that answers it.
  public struct Item: Sendable, Equatable {
    /// The question.
    public var question: String
    /// How the addresses of the right pages end.
    public var pages: [String]
  }

  /// The questions.
  public var items: [Item]

  /// Reads questions: JSON Lines with `question` and `page`, or `pages`.
  ///
  /// - Throws: `DataError` that names the line.
  public init(path: String) throws {
    items = try RecordReader(paths: [path], options: .init()).readAll().map { record in
      let pages = record["pages"]?.array?.compactMap(\.string) ?? record["page"]?.string.map { [$0] } ?? []
      guard !pages.isEmpty else {
        throw record.error(
          "the question has no page", advice: "Give \"page\": the end of the address of the page that answers it.")
      }
      return Item(question: try record.text(in: "question"), pages: pages)
    }
    guard !items.isEmpty else { throw DataError(.noInput, path: path, problem: "there are no questions") }
  }

  /// What came of all of them: shares with Wilson's intervals.
  public struct Summary: Sendable {
    /// Questions.
    public var questions: Int
    /// Actions, and those that couldn't be carried out.
    public var actions: Int
    /// Actions that couldn't be carried out.
    public var invalidActions: Int
    /// Where a right page was among the results of the question's own words.
    public var found: Estimate
    /// Where a right page was opened.
    public var opened: Estimate
    /// Where there was an answer.
    public var answered: Estimate
    /// Where the answer cites, and all that it cites stands on the pages.
    public var referencesHold: Estimate
    /// Where the answer cites a passage of a right page.
    public var citesRightPage: Estimate

    /// What came of questions.
    public init(_ outcomes: [Outcome]) {
      func share(_ holds: (Outcome) -> Bool) -> Estimate {
        Estimate.wilson(successes: Double(outcomes.count(where: holds)), n: outcomes.count)
      }
      questions = outcomes.count
      actions = outcomes.reduce(0) { $0 + $1.episode.actions.count }
      invalidActions = outcomes.reduce(0) { $0 + $1.episode.invalidActions }
      found = share(\.isRightPageFound)
      opened = share(\.isRightPageOpened)
      answered = share { $0.episode.answer != nil }
      referencesHold = share(\.referencesHold)
      citesRightPage = share(\.citesRightPage)
    }
  }

  /// What came of one question.
  public struct Outcome: Sendable {
    /// The episode.
    public var episode: BrowsingEpisode
    /// Whether a right page was opened.
    public var isRightPageOpened: Bool
    /// Whether a right page was among the results of the question's own words.
    public var isRightPageFound: Bool
    /// Whether the answer cites, and all that it cites stands on the pages.
    public var referencesHold: Bool
    /// Whether the answer cites a passage of a right page.
    public var citesRightPage: Bool
  }

  /// Whether an address is that of one of the item's pages.
  static func isRight(_ url: String, _ item: Item) -> Bool {
    item.pages.contains { url == $0 || url.hasSuffix("/" + $0) }
  }

  /// Asks every question.
  public func outcomes(
    _ model: any BrowsingModel, web: any Web, limits: BrowsingLimits, onOutcome: (Int, Outcome) throws -> Void
  ) throws -> [Outcome] {
    try items.enumerated().map { number, item in
      let episode = try model.episode(item.question, web: web, limits: limits)
      let outcome = Outcome(
        episode: episode, isRightPageOpened: episode.visited.contains { Self.isRight($0, item) },
        isRightPageFound: try web.search(item.question, count: limits.results).contains { Self.isRight($0.url, item) },
        referencesHold: try episode.referencesHold(on: web),
        citesRightPage: episode.references.contains { Self.isRight($0.quote.url, item) })
      try onOutcome(number, outcome)
      return outcome
    }
  }
}
