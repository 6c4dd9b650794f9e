public import Alignment

/// A way to find the final answer in a solution, each as the sets of its kind are graded.
public enum AnswerFormat: String, Sendable, Codable, CaseIterable, AnswerFinder {
  /// The number behind the first `#### `, commas dropped (grade-school-math's `extract_answer`).
  case gsm8k
  /// The inside of the last `\boxed{…}`, in the form in which MATH compares it.
  case boxed
  /// The last number of the text, in its shortest form: a chat model's answer.
  case number
  /// The number that a chat model marked: in the last box, else behind `####` in the last line, else its last number.
  case chat
  /// The last line that isn't empty, as it stands: Saxton's sets are compared so.
  case line

  /// The answer as it is compared, letter by letter; nil where there is none.
  ///
  /// The time it takes is linear in the text.
  public func answer(in text: String) -> String? {
    switch self {
    case .gsm8k: return Self.marked(in: text)
    case .boxed: return Self.boxed(in: text).map(MathAnswer.normalized)
    case .number: return NumberText.last(in: text)
    case .chat:
      if let boxed = Self.boxed(in: text), let number = NumberText.last(in: MathAnswer.normalized(boxed)) {
        return number
      }
      // In other lines it is a heading.
      if let line = Self.lastLine(of: text), let marked = Self.marked(in: line),
        let number = NumberText.shortest(marked)
      {
        return number
      }
      return NumberText.last(in: text)
    case .line: return Self.lastLine(of: text)
    }
  }

  private static func lastLine(of text: String) -> String? {
    text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map {
      String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
  }

  /// The match of `#### (\-?[0-9\.\,]+)` that comes first, without its commas.
  private static func marked(in text: String) -> String? {
    let bytes = text.utf8
    var place = bytes.startIndex
    let mark = Array("#### ".utf8)
    while let found = bytes[place...].firstRange(of: mark) {
      var end = found.upperBound
      if end < bytes.endIndex, bytes[end] == UInt8(ascii: "-") { end = bytes.index(after: end) }
      let digits = bytes[end...].prefix { isPart($0) }
      if !digits.isEmpty {
        return String(
          decoding: bytes[found.upperBound..<digits.endIndex].filter { $0 != UInt8(ascii: ",") }, as: UTF8.self)
      }
      place = bytes.index(after: found.lowerBound)
    }
    return nil
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",")
  }

  /// The inside of the last `\boxed{…}` or `\fbox{…}`, braces balanced; `\boxed 5` reaches to the next dollar sign.
  static func boxed(in text: String) -> String? {
    let bytes = Array(text.utf8)
    guard
      let (start, name) = ["\\boxed", "\\fbox"].lazy.compactMap({ name in
        bytes.lastRange(of: Array(name.utf8)).map { ($0, name) }
      }).first
    else { return nil }
    let rest = bytes[start.upperBound...]
    if name == "\\boxed", rest.first == UInt8(ascii: " ") {
      return String(decoding: rest.dropFirst().prefix { $0 != UInt8(ascii: "$") }, as: UTF8.self)
    }
    guard rest.first == UInt8(ascii: "{") else { return nil }
    var depth = 0
    for place in rest.indices {
      if rest[place] == UInt8(ascii: "{") { depth += 1 }
      if rest[place] == UInt8(ascii: "}") { depth -= 1 }
      if depth == 0 { return String(decoding: rest[(rest.startIndex + 1)..<place], as: UTF8.self) }
    }
    return nil
  }
}

extension [UInt8] {
  /// The last occurrence of some bytes.
  fileprivate func lastRange(of wanted: [UInt8]) -> Range<Int>? {
    var start = count - wanted.count
    while start >= 0 {
      if self[start] == wanted[0], self[start..<start + wanted.count].elementsEqual(wanted) {
        return start..<start + wanted.count
      }
      start -= 1
    }
    return nil
  }
}
