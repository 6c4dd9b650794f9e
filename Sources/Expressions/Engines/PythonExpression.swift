/// A regular expression in the syntax of Python's `re`, matched by PCRE2.
///
/// What data sets and task files that were made for Python's tools hold. Strings are Unicode: `\d`, `\w` and `\s` go beyond ASCII.
///
/// ```swift
/// let number = try PythonExpression(#"(-?[$0-9.,]{2,})|(-?[0-9]+)"#)
/// let groups = try number.findAll(in: "about 1,200 and 7")   // [["1,200", nil], [nil, "7"]]
/// ```
///
/// Left out: conditions on groups, `\N{…}`, and the flags `L` and `a`.
public struct PythonExpression: Sendable {
  /// The expression as written.
  public let source: String
  private let pattern: PCREPattern

  /// Compiles an expression.
  ///
  /// - Throws: ``PCREError`` for one that can't be.
  public init(_ source: String) throws(PCREError) {
    self.source = source
    pattern = try PCREPattern(Self.translated(source), options: [.unicodeClasses])
  }

  /// The groups of every match, `re.findall`'s in another shape: the whole match where there is no group.
  public func findAll(in text: String) throws(PCREError) -> [[String?]] {
    let bytes = Array(text.utf8)
    return try pattern.allMatches(in: text).map { match in
      (match.count > 1 ? match[1...] : match[...]).map { $0.map { String(decoding: bytes[$0], as: UTF8.self) } }
    }
  }

  /// Whether the expression matches at some place of the text: `re.search`.
  public func isFound(in text: String) throws(PCREError) -> Bool { try pattern.matches(text) }

  /// The text with every match replaced: `re.sub`.
  ///
  /// - Parameters:
  ///   - replacement: text in which `\1` and `\g<1>` stand for groups.
  ///   - count: the most matches that are replaced; 0 replaces all.
  public func replacing(in text: String, with replacement: String, count: Int = 0) throws(PCREError) -> String {
    let bytes = Array(text.utf8)
    let parts = try Self.parts(of: replacement)
    var (result, done) = ([UInt8](), 0)
    let matches = try pattern.allMatches(in: text)
    for match in count > 0 ? matches.prefix(count) : matches[...] {
      guard let whole = match[0] else { continue }
      result += bytes[done..<whole.lowerBound]
      for part in parts {
        switch part {
        case .text(let text): result += text.utf8
        case .group(let number):
          guard match.indices.contains(number) else {
            throw PCREError(description: "\"\(replacement)\" names group \(number) of \"\(source)\", which has none")
          }
          if let range = match[number] { result += bytes[range] }
        }
      }
      done = whole.upperBound
    }
    result += bytes[done...]
    return String(decoding: result, as: UTF8.self)
  }

  private enum Part {
    case text(String)
    case group(Int)
  }

  private static func parts(of replacement: String) throws(PCREError) -> [Part] {
    var (parts, text) = ([Part](), "")
    var rest = Substring(replacement)
    func group(_ digits: Substring) {
      if !text.isEmpty { parts.append(.text(text)) }
      text = ""
      parts.append(.group(Int(digits) ?? 0))
    }
    while let mark = rest.popFirst() {
      guard mark == "\\", let next = rest.first else {
        text.append(mark)
        continue
      }
      if next.isASCII, next.isNumber {
        let digits = rest.prefix(2).prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        group(digits)
      } else if rest.hasPrefix("g<"), let end = rest.firstIndex(of: ">") {
        let name = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
        guard Int(name) != nil else {
          throw PCREError(description: "\"\(replacement)\": groups are named by number here, not '\(name)'")
        }
        rest = rest[rest.index(after: end)...]
        group(name)
      } else {
        rest.removeFirst()
        text += ["n": "\n", "t": "\t", "r": "\r", "f": "\u{0C}", "v": "\u{0B}", "\\": "\\"][next] ?? "\\\(next)"
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    return parts
  }

  /// The expression in PCRE2's dialect: `\Z` is the very end, `\uXXXX` a character, `{,n}` from none to n.
  private static func translated(_ source: String) -> String {
    var result = ""
    var rest = Substring(source)
    var isInClass = false
    while let mark = rest.popFirst() {
      switch mark {
      case "\\":
        guard let next = rest.popFirst() else { return result + "\\" }
        switch next {
        case "Z" where !isInClass: result += "\\z"
        case "u", "U":
          let digits = rest.prefix(next == "u" ? 4 : 8).prefix(while: \.isHexDigit)
          rest = rest.dropFirst(digits.count)
          result += "\\x{\(digits)}"
        default: result += "\\\(next)"
        }
      case "[" where !isInClass:
        isInClass = true
        result.append(mark)
        // A bracket that comes first is a character of the class.
        if rest.first == "^" { result.append(rest.removeFirst()) }
        if rest.first == "]" {
          rest.removeFirst()
          result += "\\]"
        }
      case "[": result += "\\["
      case "]" where isInClass:
        isInClass = false
        result.append(mark)
      case "{" where !isInClass && rest.first == ",": result += "{0"
      default: result.append(mark)
      }
    }
    return result
  }
}
