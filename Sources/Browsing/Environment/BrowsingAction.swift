/// One command of WebGPT's text browser (Nakano 2021, 2112.09332, table 1), in the words of the paper.
public enum BrowsingAction: Sendable, Equatable {
  /// Why an episode ends.
  public enum End: String, Sendable, Codable, CaseIterable {
    /// The question is answered from the quotes.
    case answer = "Answer"
    /// The question makes no sense.
    case nonsense = "Nonsense"
    /// The question has no answer that people agree on.
    case controversial = "Controversial"
  }

  /// `Search QUERY`: shows the results of the search engine.
  case search(String)
  /// `Clicked on link ID`: opens a link of the page in sight.
  case click(Int)
  /// `Find in page: TEXT`: goes to the next place with the text.
  case find(String)
  /// `Quote: TEXT`: keeps a passage of the page, the whole of it or as `start━end`.
  case quote(String)
  /// `Scrolled down N` and, below zero, `Scrolled up N`: N windows, at most three.
  case scroll(Int)
  /// `Top`: goes to the page's beginning.
  case top
  /// `Back`: goes to the page before.
  case back
  /// `End: Answer`, `End: Nonsense` or `End: Controversial`.
  case end(End)

  /// Reads a command; nil where the text is none.
  public init?(parsing text: String) {
    var line = Substring(text)
    while line.last?.isWhitespace == true { line.removeLast() }
    while line.first?.isWhitespace == true { line.removeFirst() }
    func rest(_ head: String) -> String? {
      guard line.hasPrefix(head) else { return nil }
      let rest = line.dropFirst(head.count).drop { $0 == " " }
      return rest.isEmpty ? nil : String(rest)
    }
    if line == "Top" {
      self = .top
    } else if line == "Back" {
      self = .back
    } else if let query = rest("Search ") {
      self = .search(query)
    } else if let id = rest("Clicked on link ").flatMap({ Int($0) }) {
      self = .click(id)
    } else if let text = rest("Find in page:") {
      self = .find(text)
    } else if let text = rest("Quote:") {
      self = .quote(text)
    } else if let count = rest("Scrolled down ").flatMap({ Int($0) }), (1...3).contains(count) {
      self = .scroll(count)
    } else if let count = rest("Scrolled up ").flatMap({ Int($0) }), (1...3).contains(count) {
      self = .scroll(-count)
    } else if let end = rest("End:").flatMap({ End(rawValue: $0) }) {
      self = .end(end)
    } else {
      return nil
    }
  }
}

extension BrowsingAction: CustomStringConvertible {
  /// The command as a model writes it.
  public var description: String {
    switch self {
    case .search(let query): "Search \(query)"
    case .click(let id): "Clicked on link \(id)"
    case .find(let text): "Find in page: \(text)"
    case .quote(let text): "Quote: \(text)"
    case .scroll(let count): count < 0 ? "Scrolled up \(-count)" : "Scrolled down \(count)"
    case .top: "Top"
    case .back: "Back"
    case .end(let reason): "End: \(reason.rawValue)"
    }
  }
}
