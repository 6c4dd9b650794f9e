/// What an episode may take and how much of it is shown.
public struct BrowsingLimits: Sendable, Equatable, Codable {
  /// The most actions, those that can't be carried out included; the paper takes 100.
  public var actions = 100
  /// The most bytes of quotes together; browsing ends when they are reached.
  public var quotes = 4_000
  /// The bytes of a page that are seen at once.
  public var window = 2_000
  /// How many results a search shows.
  public var results = 8
  /// How many past actions are shown.
  public var pastActions = 10
  /// Blanks pages that share so many words in a row with the question; 0 blanks none.
  public var overlap = 10

  /// The paper's limits.
  public init() {}

  /// Limits for a small model.
  public init(actions: Int, quotes: Int = 4_000, window: Int = 2_000, results: Int = 8) {
    (self.actions, self.quotes, self.window, self.results) = (
      max(1, actions), quotes, max(200, window), max(1, results)
    )
  }
}
