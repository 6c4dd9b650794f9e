/// Markdown as a terminal shows it while it is being written: a light touch, and nothing of the text is lost.
///
/// Headings, `**strong**` and `*emphasised*` words and `` `code` `` are styled and lose their marks, list marks become bullets,
/// quotes get a bar, links show their address, and fenced blocks stay as they are, in another colour. What isn't closed in its line
/// is no mark but text, and so is everything else: underscores, tables, HTML, formulas. A line is shown as far as it is certain:
/// what stands behind an opening mark waits for the closing one or for the line's end.
///
/// ```swift
/// var style = MarkdownStyle()
/// for piece in ["a *li", "ght* touch"] { Terminal.write(style.take(piece)) }
/// Terminal.write(style.finish())
/// ```
/// The text must be safe already (``SafeText``): the only escape sequences are those that are made here.
public struct MarkdownStyle: Sendable {
  /// The place in the text.
  private enum Place: Equatable {
    /// At a line's beginning, where its kind isn't certain yet.
    case lineStart
    /// In a line of text.
    case text
    /// In a line of a fenced block, or in the line of its fence.
    case block
  }

  private static let strong = "\u{1B}[1m"
  private static let emphasised = "\u{1B}[3m"
  private static let code = "\u{1B}[36m"
  private static let faint = "\u{1B}[2m"
  private static let plain = "\u{1B}[0m"
  /// The longest text that waits for a closing mark.
  private static let longestSpan = 300

  private var place = Place.lineStart
  /// What has come and isn't shown.
  private var held: [Character] = []
  /// The mark that closes the fenced block, such as three backticks; nil outside of one.
  private var fence: (mark: Character, count: Int)?
  /// The style of the whole line, of a heading.
  private var lineStyle = ""
  /// The last character that was shown, by which a mark is told from a lone star.
  private var last: Character = "\n"

  /// A text that begins.
  public init() {}

  /// Takes more of the text, and gives what can be shown of it.
  public mutating func take(_ piece: String) -> String {
    var shown = ""
    for scalar in piece.unicodeScalars {
      // A scalar that joins the character before makes one with it; what was shown by then can't be taken back.
      if let before = held.last, !before.isNewline {
        let joined = String(before) + String(scalar)
        if joined.count == 1 {
          held[held.count - 1] = Character(joined)
          continue
        }
      }
      held.append(Character(scalar))
      shown += settle(isWhole: false)
    }
    return shown
  }

  /// What is left when nothing follows.
  public mutating func finish() -> String {
    let shown = settle(isWhole: true)
    defer { self = MarkdownStyle() }
    return lineStyle.isEmpty && place != .block ? shown : shown + Self.plain
  }

  /// Shows what is certain of what is held.
  private mutating func settle(isWhole: Bool) -> String {
    var shown = ""
    while !held.isEmpty {
      let (before, was) = (held.count, place)
      switch place {
      case .lineStart: shown += begin(isWhole)
      case .text: shown += go(isWhole)
      case .block: shown += block()
      }
      if held.count == before, place == was { break }
    }
    return shown
  }

  // MARK: Lines

  /// The beginning of a line, once it is certain what it begins.
  private mutating func begin(_ isWhole: Bool) -> String {
    let indentation = held.prefix { $0 == " " || $0 == "\t" }.count
    let rest = held[indentation...]
    guard let first = rest.first else { return isWhole ? begun(with: indentation) : "" }
    let isEnded = isWhole || rest.contains(where: \.isNewline)
    if let fence {
      let marks = rest.prefix { $0 == fence.mark }.count
      // The line closes the block where nothing but the mark is in it.
      if marks == rest.count, !isWhole { return "" }
      if marks >= fence.count, rest.dropFirst(marks).allSatisfy({ $0 == " " || $0.isNewline }) {
        if !isEnded { return "" }
        self.fence = nil
        return line(of: held.count, in: Self.faint)
      }
      place = .block
      return Self.code
    }
    switch first {
    case "`", "~":
      let marks = rest.prefix { $0 == first }.count
      if marks == rest.count, !isWhole { return "" }
      guard marks >= 3 else { return begun(with: indentation) }
      // Backticks in the same line are code in a line of text.
      guard isEnded else { return "" }
      if first == "`", rest.dropFirst(marks).contains("`") { return begun(with: indentation) }
      fence = (first, marks)
      return line(of: held.count, in: Self.faint)
    case "#":
      let marks = rest.prefix { $0 == "#" }.count
      if marks == rest.count, !isWhole { return "" }
      guard marks <= 6, rest.dropFirst(marks).first == " " else { return begun(with: indentation) }
      lineStyle = Self.strong
      held.removeFirst(indentation + marks + 1)
      place = .text
      return Self.strong
    case "-", "*", "+":
      guard let next = rest.dropFirst().first else { return isWhole ? begun(with: indentation) : "" }
      let marks = rest.prefix { $0 == first || $0 == " " }
      if first != "+", marks.count < rest.count, rest[rest.startIndex + marks.count].isNewline,
        marks.count(where: { $0 == first }) >= 3
      {
        held.removeFirst(indentation + marks.count)
        place = .text
        return Self.faint + String(repeating: "─", count: 24) + Self.plain
      }
      // A rule may still come of it.
      if marks.count == rest.count, !isWhole, marks.count < 80, marks.count(where: { $0 == first }) >= 2 { return "" }
      guard next == " " else { return begun(with: indentation) }
      let spaces = String(held[..<indentation])
      held.removeFirst(indentation + 2)
      (place, last) = (.text, " ")
      return spaces + "• "
    case ">":
      guard rest.count > 1 || isWhole else { return "" }
      held.removeFirst(indentation + 1)
      if held.first == " " { held.removeFirst() }
      return Self.faint + "│ " + Self.plain
    default: return begun(with: indentation)
    }
  }

  /// Goes on with a line of text after its indentation.
  private mutating func begun(with indentation: Int) -> String {
    let spaces = String(held[..<indentation])
    held.removeFirst(indentation)
    (place, last) = (.text, " ")
    return spaces
  }

  /// A whole line of so many characters in one style; its end, if it is among them, stands outside.
  private mutating func line(of count: Int, in style: String) -> String {
    let text = String(held.prefix(count).prefix { !$0.isNewline })
    held.removeFirst(text.count)
    guard held.first?.isNewline == true else { return style + text + Self.plain }
    held.removeFirst()
    return style + text + Self.plain + "\n"
  }

  /// A line of a fenced block.
  private mutating func block() -> String {
    let text = held.prefix { !$0.isNewline }
    let isEnded = text.count < held.count
    let shown = String(text) + (isEnded ? Self.plain + "\n" : "")
    held.removeFirst(text.count + (isEnded ? 1 : 0))
    if isEnded { place = .lineStart }
    return shown
  }

  // MARK: Text

  /// The next characters of a line of text.
  private mutating func go(_ isWhole: Bool) -> String {
    let first = held[0]
    if first.isNewline {
      held.removeFirst()
      let end = lineStyle.isEmpty ? "" : Self.plain
      (place, lineStyle, last) = (.lineStart, "", "\n")
      return end + "\n"
    }
    let line = held.prefix { !$0.isNewline }
    let isEnded = isWhole || line.count < held.count || line.count >= Self.longestSpan
    switch first {
    case "\\":
      guard held.count > 1 || isEnded else { return "" }
      if held.count > 1, "*_`#\\".contains(held[1]) { held.removeFirst() }
    case "`", "*":
      let marks = line.prefix { $0 == first }.count
      if marks == line.count, !isEnded { return "" }
      // A star behind a letter or digit multiplies more often than it emphasises.
      let isInside = last.isASCII && (last.isLetter || last.isNumber)
      let opens = first == "`" || (marks <= 3 && !isInside && marks < line.count && !line[marks].isWhitespace)
      if opens, let end = closing(line, marks, isEnded) {
        let inner = String(line[marks..<end])
        held.removeFirst(end + marks)
        last = first
        if first == "`" { return styled(Self.code, code(inner)) }
        let style = ["", Self.emphasised, Self.strong, Self.strong + Self.emphasised][marks]
        return styled(style, nested(inner, style))
      }
      // It may still be closed.
      if opens, !isEnded { return "" }
      held.removeFirst(marks)
      last = first
      return String(repeating: first, count: marks)
    case "[":
      if let link = link(line) {
        held.removeFirst(link.count)
        last = ")"
        return nested(link.text, "") + (link.address == link.text ? "" : " (\(link.address))")
      }
      if !isEnded, mayBeLink(line) { return "" }
    default: break
    }
    last = held.removeFirst()
    return String(last)
  }

  private func styled(_ style: String, _ text: String) -> String { style + text + Self.plain + lineStyle }

  /// Text inside a style, with its own marks.
  private func nested(_ text: String, _ style: String) -> String {
    guard text.contains(where: { "*`[\\".contains($0) }) else { return text }
    var inner = MarkdownStyle()
    (inner.place, inner.last, inner.lineStyle) = (.text, " ", lineStyle + style)
    inner.held = Array(text)
    return inner.settle(isWhole: true)
  }

  /// Code without the space that parts it from its marks.
  private func code(_ text: String) -> String {
    guard text.hasPrefix(" "), text.hasSuffix(" "), text.contains(where: { $0 != " " }) else { return text }
    return String(text.dropFirst().dropLast())
  }

  /// The index of the mark that closes the one at the line's beginning, if it is there for certain.
  private func closing(_ line: ArraySlice<Character>, _ marks: Int, _ isEnded: Bool) -> Int? {
    let mark = line[0]
    var i = marks
    while i < line.count {
      if mark == "*", line[i] == "\\" {
        i += 2
        continue
      }
      guard line[i] == "`" || line[i] == mark else {
        i += 1
        continue
      }
      let found = line[i]
      let count = line[i...].prefix { $0 == found }.count
      // More of them may follow.
      guard i + count < line.count || isEnded else { return nil }
      if found != mark {
        // Code hides stars.
        i = end(ofCode: line, from: i + count, count) ?? i + count
        continue
      }
      if count == marks, mark == "`" || !line[i - 1].isWhitespace { return i }
      // Three stars may close an inner style and then this one.
      if mark == "*", count == 3, marks < 3, !line[i - 1].isWhitespace { return i + 3 - marks }
      i += count
    }
    return nil
  }

  /// The index behind the backticks that close code.
  private func end(ofCode line: ArraySlice<Character>, from start: Int, _ marks: Int) -> Int? {
    var i = start
    while i < line.endIndex {
      let count = line[i...].prefix { $0 == "`" }.count
      if count == marks { return i + count }
      i += max(1, count)
    }
    return nil
  }

  // MARK: Links

  private func link(_ line: ArraySlice<Character>) -> (text: String, address: String, count: Int)? {
    guard let close = line.firstIndex(of: "]"), close > 1, close + 1 < line.count, line[close + 1] == "(",
      let end = line[(close + 2)...].firstIndex(of: ")")
    else { return nil }
    let address = String(line[(close + 2)..<end])
    guard !address.isEmpty, !address.contains(" ") else { return nil }
    return (String(line[1..<close]), address, end + 1)
  }

  private func mayBeLink(_ line: ArraySlice<Character>) -> Bool {
    guard let close = line.firstIndex(of: "]") else { return true }
    return close + 1 >= line.count || (line[close + 1] == "(" && !line[(close + 2)...].contains(")"))
  }
}
