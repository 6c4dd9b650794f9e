/// What decides about actions and writes answers: a model, a script, a person.
public protocol BrowsingModel {
  /// The next action.
  ///
  /// - Parameters:
  ///   - observation: all that is seen.
  ///   - choices: what can be carried out, for those who write by a grammar.
  func action(_ observation: String, choices: BrowsingChoices) throws -> String
  /// An answer that cites quotes as `[n]`.
  func answer(_ question: String, quotes: [BrowsingQuote]) throws -> String
}

extension BrowsingModel {
  /// Goes through an episode.
  ///
  /// - Parameter onStep: called with each action and whether it was carried out, as they come.
  /// - Throws: what the model and the Web throw.
  public func episode(
    _ question: String, web: any Web, limits: BrowsingLimits = BrowsingLimits(),
    onStep: (String, Bool) -> Void = { _, _ in }
  ) throws -> BrowsingEpisode {
    var environment = BrowsingEnvironment(web: web, limits: limits)
    var (observation, seen) = (environment.reset(question), [String]())
    while !environment.isOver {
      let action = try action(observation, choices: environment.choices)
      seen.append(observation)
      let step = try environment.step(action)
      onStep(action, step.isValid)
      observation = step.observation
    }
    let answer = environment.mayAnswer ? try answer(environment.question, quotes: environment.quotes) : nil
    return BrowsingEpisode(environment, observations: seen, answer: answer)
  }
}

/// What models are told and asked, the same for all of them.
enum BrowsingPrompts {
  static let actions = """
    You answer a question by browsing. Each turn you see the question, your quotes, your past actions and a window of a page, \
    and you write one action and nothing else:
    Search WORDS (shows results; use the few words that matter)
    Clicked on link NUMBER (opens the link 【NUMBER†text】)
    Quote: TEXT (keeps a passage of the page that answers the question)
    Find in page: TEXT
    Scrolled down 1
    Scrolled up 1
    Top
    Back
    End: Answer (once the quotes answer the question)
    Search first, open the result that fits, quote the sentence that answers the question, and end.
    """

  static let answer = """
    Answer the question in one or two sentences, from the numbered quotes alone. After each claim write the number of its quote \
    in brackets, such as [1].
    """

  /// The paper's form: the question, and each quote with its number, title and domain.
  static func answering(_ question: String, _ quotes: [BrowsingQuote]) -> String {
    let parts = quotes.enumerated().map { number, quote in
      "[\(number + 1)] \(quote.title)\(quote.domain.isEmpty ? "" : " (\(quote.domain))")\n\n\(quote.text)■"
    }
    return "\(question)■\n" + parts.joined(separator: "\n")
  }
}
