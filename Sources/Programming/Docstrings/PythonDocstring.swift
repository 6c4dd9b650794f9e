import Foundation

/// The docstring of a Python function in a text, and the text around it.
public struct PythonDocstring: Sendable, Equatable {
  /// All that stands in front of the line on which it begins.
  public var before: String
  /// What stands between its quotes, its lines as they are indented there.
  public var text: String
  /// All behind the line on which it ends.
  public var after: String

  /// The docstring of a function; nil where the text defines no such function, or the function has none.
  ///
  /// - Parameter function: the name of the function; where it is defined more than once its last definition counts, as in Python.
  public init?(of function: String, in source: String) {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    guard
      let head = lines.lastIndex(where: { line in
        let words = line.drop { $0 == " " || $0 == "\t" }
        let name =
          words.hasPrefix("async def ") ? words.dropFirst(10) : words.hasPrefix("def ") ? words.dropFirst(4) : ""
        return name.hasPrefix(function) && name.dropFirst(function.count).drop { $0 == " " }.first == "("
      })
    else { return nil }
    // A signature may go over several lines: it ends at the colon outside of all brackets.
    guard let opening = Self.endOfSignature(lines, from: head) else { return nil }
    guard let start = lines[(opening + 1)...].firstIndex(where: { !$0.allSatisfy(\.isWhitespace) }) else { return nil }
    let first = lines[start].drop { $0 == " " || $0 == "\t" }
    let isRaw = first.hasPrefix("r\"") || first.hasPrefix("r'") || first.hasPrefix("R\"")
    let body = isRaw ? first.dropFirst() : first
    for quotes in ["\"\"\"", "'''", "\"", "'"] where body.hasPrefix(quotes) {
      let rest = lines[start...].joined(separator: "\n").dropFirst(lines[start].count - body.count + quotes.count)
      guard let end = Self.end(of: rest, quotes: quotes) else { return nil }
      before = lines[..<start].map { $0 + "\n" }.joined()
      text = String(rest[..<end.lowerBound])
      let tail = rest[end.upperBound...]
      after = tail.firstIndex(of: "\n").map { String(tail[tail.index(after: $0)...]) } ?? ""
      return
    }
    return nil
  }

  /// The number of the line on which a signature ends.
  private static func endOfSignature(_ lines: [Substring], from head: Int) -> Int? {
    var depth = 0
    var quote: Character?
    for (number, line) in lines[head...].enumerated() {
      var isEscaped = false
      scan: for character in line {
        if let open = quote {
          if isEscaped {
            isEscaped = false
          } else if character == "\\" {
            isEscaped = true
          } else if character == open {
            quote = nil
          }
          continue
        }
        switch character {
        case "#": break scan
        case "(", "[", "{": depth += 1
        case ")", "]", "}": depth -= 1
        case "'", "\"": quote = character
        case ":" where depth == 0: return head + number
        default: break
        }
      }
      quote = nil
    }
    return nil
  }

  /// Where a string's closing quotes stand.
  private static func end(of text: Substring, quotes: String) -> Range<Substring.Index>? {
    var place = text.startIndex
    while place < text.endIndex {
      if text[place] == "\\" {
        place = text.index(place, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
        continue
      }
      if text[place...].hasPrefix(quotes) { return place..<text.index(place, offsetBy: quotes.count) }
      if quotes.count == 1, text[place] == "\n" { return nil }
      place = text.index(after: place)
    }
    return nil
  }

  /// The words alone: the lines without their indentation and without blank ones around them, as `inspect.cleandoc` has them.
  public var words: String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A text without a function's docstring.
  public static func removed(of function: String, from source: String) -> String {
    guard let found = PythonDocstring(of: function, in: source) else { return source }
    return found.before + found.after
  }
}
