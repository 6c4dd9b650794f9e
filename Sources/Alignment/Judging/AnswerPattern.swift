import Expressions

/// A rule that finds the answer in a text, such as the one by which a published set is graded.
public protocol AnswerFinder {
  /// The answer as it is compared and counted; nil where there is none.
  func answer(in text: String) -> String?
}

/// A pattern that finds the answer in a text.
public struct AnswerPattern: AnswerFinder {
  private let expression: PCREPattern?

  /// A pattern whose first group is the answer (the whole match where it has no group); nil takes the whole text.
  ///
  /// - Throws: what is wrong with the expression.
  public init(_ source: String? = nil) throws {
    expression = try source.map { try PCREPattern($0, options: .unicodeClasses) }
  }

  /// The answer at the pattern's first match, without the spaces around it and the commas between thousands; nil where
  /// nothing matches.
  public func answer(in text: String) -> String? {
    guard let expression else { return text.plainAnswer }
    // What takes more than PCRE2's limits has no answer that could be found.
    guard let match = (try? expression.firstMatch(in: text)) ?? nil else { return nil }
    return (match.count > 1 ? match[1] : match[0])?.plainAnswer
  }
}

extension String {
  /// Without the white space at its ends, and with `1,234,567` written `1234567` (GSM8K's rule; Cobbe 2021).
  ///
  /// Commas that don't part groups of three digits stay.
  var plainAnswer: String {
    let trimmed = drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return String(trimmed).replacing(/[0-9.,]+/) { match in
      match.output.wholeMatch(of: /[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?/) == nil
        ? String(match.output) : match.output.filter { $0 != "," }
    }
  }
}
