/// What can be carried out in a state, and a grammar that lets a model write nothing else.
public struct BrowsingChoices: Sendable {
  /// The links in sight with their addresses.
  public var links: [(id: Int, target: String)] = []
  /// The passages in sight that may be quoted.
  public var passages: [String] = []
  /// Whether a page or results are in sight.
  public var hasPage = false
  /// Whether there is a page to go back to.
  public var hasHistory = false
  /// How many windows lie above.
  public var windowsAbove = 0
  /// How many windows lie below.
  public var windowsBelow = 0
  /// Whether something is quoted, so that an answer may be written.
  public var mayAnswer = false

  /// A grammar in llama.cpp's notation (GBNF) of the actions that can be carried out.
  ///
  /// A text that looks for a passage in the page can't be known to be there, so `Find in page` isn't offered; a quote is one of the
  /// passages in sight.
  public var grammar: String {
    var actions = [#""Search " query"#]
    var rules = [#"query ::= [^ \n] [^\n]*"#]
    if !links.isEmpty {
      actions.append(#""Clicked on link " link"#)
      rules.append("link ::= " + links.map { "\"\($0.id)\"" }.joined(separator: " | "))
    }
    if !passages.isEmpty {
      actions.append(#""Quote: " passage"#)
      rules.append("passage ::= " + passages.map(Self.literal).joined(separator: " | "))
    }
    if windowsBelow > 0 { actions.append(#""Scrolled down 1""#) }
    if windowsAbove > 0 { actions.append(#""Scrolled up 1""#) }
    if hasHistory { actions.append(#""Back""#) }
    if mayAnswer { actions.append(#""End: Answer""#) }
    return (["root ::= " + actions.joined(separator: " | ")] + rules).joined(separator: "\n")
  }

  private static func literal(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// A grammar of answers from so many quotes: prose in which at least one is cited as `[n]`.
  public static func answerGrammar(quotes: Int) -> String {
    let numbers = (1...max(1, quotes)).map { "\"\($0)\"" }.joined(separator: " | ")
    return #"""
      root ::= claim (" " claim){0,3}
      claim ::= [^\[\]\n ] [^\[\]\n]{10,300} "[" number "]" "."?
      number ::= \#(numbers)
      """#
  }
}
