import Foundation
import Pages

/// WebGPT's text browser (Nakano 2021, 2112.09332, section 2) as a state machine over a ``Web``.
///
/// ```
/// var environment = BrowsingEnvironment(web: index, limits: .init(actions: 20))
/// var observation = environment.reset("Why do cats purr?")
/// while !environment.isOver { observation = try environment.step(model(observation)).observation }
/// ```
/// In Gymnasium's terms ``reset(_:)`` and ``step(_:)`` are the environment's, an observation is all that a model sees, an episode
/// *terminates* by an `End` and is *truncated* by the limits. The state depends on the question, the actions and what the Web gave
/// alone, so that an episode goes through again exactly from its record. Any other text than a command is an action that can't be
/// carried out; so is a link that isn't there, or a quote that isn't on the page: the next observation says so, and it counts.
public struct BrowsingEnvironment {
  /// What a step gives.
  public struct Step: Sendable, Equatable {
    /// What is seen next.
    public var observation: String
    /// Whether the action could be carried out.
    public var isValid: Bool
    /// Whether the episode came to its own end.
    public var terminated: Bool
    /// Whether a limit ended it.
    public var truncated: Bool
  }

  /// The Web that it browses.
  public let web: any Web
  /// The limits.
  public let limits: BrowsingLimits
  /// The question.
  public private(set) var question = ""
  /// What was kept.
  public private(set) var quotes: [BrowsingQuote] = []
  /// The actions as they were written.
  public private(set) var actions: [String] = []
  /// How many of them couldn't be carried out.
  public private(set) var invalidActions = 0
  /// The addresses of the pages that were opened, in order.
  public private(set) var visited: [String] = []
  /// How the episode ended; nil where it goes on or a limit ended it.
  public private(set) var end: BrowsingAction.End?
  /// What the episode saw of the Web.
  public private(set) var record = RecordedWeb()
  private var view: BrowsingView?
  private var history: [BrowsingView] = []
  private var remark: String?

  /// A browser; ``reset(_:)`` begins an episode.
  public init(web: any Web, limits: BrowsingLimits = BrowsingLimits()) { (self.web, self.limits) = (web, limits) }

  /// Begins an episode and gives what is seen first.
  @discardableResult
  public mutating func reset(_ question: String) -> String {
    self = BrowsingEnvironment(web: web, limits: limits)
    self.question = question.trimmingCharacters(in: .whitespacesAndNewlines)
    return observation
  }

  /// Whether a limit ended the episode.
  public var isTruncated: Bool {
    end == nil && (actions.count >= limits.actions || quotes.reduce(0) { $0 + $1.text.utf8.count } >= limits.quotes)
  }

  /// Whether the episode is over.
  public var isOver: Bool { end != nil || isTruncated }

  /// Whether an answer may be written: browsing is over, not by `Nonsense` or `Controversial`, and something was quoted.
  public var mayAnswer: Bool { isOver && !quotes.isEmpty && (end ?? .answer) == .answer }

  /// Carries an action out.
  ///
  /// - Throws: what the Web throws; the episode is then as before.
  public mutating func step(_ text: String) throws -> Step {
    precondition(!isOver, "the episode is over: reset it first")
    let before = self
    remark = nil
    do {
      if let action = BrowsingAction(parsing: text) {
        remark = try perform(action)
      } else {
        remark = "That is no action."
      }
    } catch {
      self = before
      throw error
    }
    let isValid = remark == nil
    actions.append(text)
    if !isValid { invalidActions += 1 }
    return Step(observation: observation, isValid: isValid, terminated: end != nil, truncated: isTruncated)
  }

  /// Carries a command out, or says why it can't be.
  private mutating func perform(_ action: BrowsingAction) throws -> String? {
    switch action {
    case .search(let query):
      let results = try web.search(query, count: limits.results)
      record.searches[query] = results
      open(BrowsingView(BrowsingView.results(results, of: query), url: nil, budget: limits.window))
    case .click(let id):
      guard let view else { return "There is no page in sight." }
      guard view.windows[view.window].links.contains(id) else { return "There is no link \(id) in sight." }
      return try open(view.targets[id])
    case .find(let text):
      guard var view else { return "There is no page in sight." }
      let match = TextMatch(view.document.text, keepsSpaces: true)
      let start = view.found.flatMap { $0.text == text ? $0.end : nil } ?? 0
      guard let range = match.range(of: text, from: start) ?? match.range(of: text) else {
        return "The text isn't on the page."
      }
      view.show(range.lowerBound)
      view.found = (text, range.upperBound)
      self.view = view
    case .quote(let text):
      guard let view, let url = view.url else { return "There is no page in sight to quote from." }
      guard let range = TextMatch(view.document.text).range(of: text) else { return "The text isn't on the page." }
      let words = view.document.text(in: range).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let room = limits.quotes - quotes.reduce(0) { $0 + $1.text.utf8.count }
      let quote = BrowsingQuote(url: url, title: view.document.title, text: Self.cut(words, to: room))
      guard !quotes.contains(quote) else { return "That is quoted already." }
      quotes.append(quote)
    case .scroll(let count):
      guard let view else { return "There is no page in sight." }
      let next = min(max(0, view.window + count), view.windows.count - 1)
      guard next != view.window else { return count > 0 ? "This is the page's end." : "This is the page's top." }
      self.view?.window = next
    case .top:
      guard view != nil else { return "There is no page in sight." }
      view?.window = 0
    case .back:
      guard let last = history.popLast() else { return "There is no page before." }
      view = last
    case .end(let reason):
      guard reason != .answer || !quotes.isEmpty else { return "There is no quote to answer from." }
      end = reason
    }
    return nil
  }

  private mutating func open(_ next: BrowsingView) {
    if let view { history.append(view) }
    view = next
  }

  private mutating func open(_ target: String) throws -> String? {
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let url = parts[0]
    let page = try web.page(url)
    record.pages[url] = .some(page)
    guard var page else { return "The page can't be opened." }
    if WordOverlap.has(limits.overlap, question, page.title + "\n" + page.text) {
      page = PageDocument(title: page.title, text: "")
    }
    var next = BrowsingView(page, url: url, budget: limits.window)
    if parts.count > 1, let place = page.anchors[parts[1]] { next.show(place) }
    open(next)
    visited.append(url)
    return nil
  }

  private static func cut(_ text: String, to bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var (kept, count) = ("", 0)
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      if count > bytes { break }
      kept.unicodeScalars.append(scalar)
    }
    return kept
  }

  /// What is seen: the question, what was kept and done, the page's window, and how many actions are left.
  public var observation: String {
    var parts = ["♦Question", Self.cut(question, to: 1_000), "♦Quotes"]
    for (number, quote) in quotes.enumerated() {
      parts.append("[\(number + 1)] \(Self.cut(quote.title, to: 100)): \(quote.text)")
    }
    parts.append("♦Past actions")
    parts += actions.suffix(limits.pastActions).map { Self.cut($0.replacing("\n", with: " "), to: 120) }
    if let remark { parts.append("(\(remark))") }
    parts += ["♦Title", Self.cut(view?.document.title ?? "", to: 200)]
    if let view {
      parts += [
        "♦Scrollbar: \(view.scrollBar)", "♦Text", view.windows[view.window].text.trimmingCharacters(in: .newlines),
      ]
    }
    return (parts + ["♦Actions left: \(limits.actions - actions.count)", "♦Next action"]).joined(separator: "\n")
  }

  /// What can be carried out next.
  public var choices: BrowsingChoices {
    guard let view else { return BrowsingChoices() }
    let window = view.windows[view.window]
    return BrowsingChoices(
      links: window.links.map { ($0, view.targets[$0]) },
      passages: view.url == nil ? [] : passages(view, in: window.range), hasPage: true, hasHistory: !history.isEmpty,
      windowsAbove: view.window, windowsBelow: view.windows.count - 1 - view.window, mayAnswer: !quotes.isEmpty)
  }

  /// Passages of the window that may be quoted: blocks, and sentences of long ones, that aren't quoted yet.
  private func passages(_ view: BrowsingView, in range: Range<Int>) -> [String] {
    var result: [String] = []
    for block in view.document.blocks where block.range.overlaps(range) && block.kind != .heading {
      let text = view.document.text(in: block.range.clamped(to: range))
      let lines = block.kind == .code ? text.split(separator: "\n").map(String.init) : Self.sentences(text)
      for line in lines {
        let words = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if words.utf8.count >= 20, !quotes.contains(where: { $0.text == words }), !result.contains(words) {
          result.append(words)
        }
      }
    }
    return result
  }

  private static func sentences(_ text: String) -> [String] {
    var (result, start) = ([String](), text.startIndex)
    for match in text.matches(of: /[.!?]["')\]]*\s+/) where text.distance(from: start, to: match.range.upperBound) >= 40
    {
      result.append(String(text[start..<match.range.upperBound]))
      start = match.range.upperBound
    }
    result.append(String(text[start...]))
    return result
  }
}
