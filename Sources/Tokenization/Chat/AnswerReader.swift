public import Documents

/// Takes a model's answer apart, as it comes or whole: what it says, what it thinks, and what it calls.
///
/// ```swift
/// var reader = AnswerReader(format: try tokenizer.chatFormat, functions: ["look": schema])
/// for text in pieces { print(reader.append(text)) }
/// print(reader.finish())
/// ```
///
/// A whole answer is one piece, so streams and whole answers are read alike. What may yet become a mark is held back. Calls are
/// read where the model is done thinking, in the form that its template shows and in those of the large families; a text that
/// only resembles one stays text.
public struct AnswerReader: Sendable {
  /// A part of an answer.
  public enum Part: Sendable, Equatable {
    /// Text for the reader.
    case content(String)
    /// Text that the model wrote for itself.
    case reasoning(String)
    /// A call, whole.
    case call(ToolCall)
  }

  /// The marks around reasoning.
  public struct ReasoningMarks: Sendable, Equatable {
    /// The opening mark.
    public var open: String
    /// The closing mark.
    public var close: String
  }

  private enum Stage {
    case start, reasoning, answer
  }

  private let forms: [CallForm]
  private let functions: [String: JSONValue]
  private let marks: [ReasoningMarks]
  private let separatesReasoning: Bool
  private var stage: Stage
  /// The bytes that have come and aren't settled.
  private var pending: [UInt8] = []
  /// White space that is given out only before text.
  private var space: [UInt8] = []
  /// The mark that closes the reasoning that is being read.
  private var closing = ""
  private var hasContent = false
  private var hasReasoning = false
  private var hasCalls = false
  /// Whether a call ended just now, so that another may follow without a mark.
  private var isAfterCall = false

  /// A reader at the beginning of an answer.
  ///
  /// - Parameters:
  ///   - format: The model's; without one the usual forms are read.
  ///   - functions: The functions that may be called, by name, with the schemas of their parameters; none for no calls.
  ///   - prompt: The text that the answer goes on from: it may have opened the reasoning.
  public init(format: ChatFormat?, functions: [String: JSONValue] = [:], prompt: String = "") {
    self.functions = functions
    forms = functions.isEmpty ? [] : (format?.callForm.map { [$0] } ?? []) + CallForm.usual
    separatesReasoning = format?.reasoning != nil
    marks = format?.reasoning.map { [$0] } ?? ChatFormat.usualReasoning
    stage = .start
    if let own = format?.reasoning, prompt.trimmed.utf8.reversed().starts(with: own.open.utf8.reversed()) {
      (stage, closing) = (.reasoning, own.close)
    }
  }

  /// Takes more text in and gives out what it settles.
  public mutating func append(_ text: String) -> [Part] {
    pending += text.utf8
    return settled(isWhole: false)
  }

  /// Gives out what is left when nothing follows.
  public mutating func finish() -> [Part] {
    var parts = settled(isWhole: true)
    // White space at the end belongs to the text, unless calls stand there.
    if !hasCalls, !space.isEmpty { parts.append(.content(String(decoding: space, as: UTF8.self))) }
    space = []
    return parts.joined
  }

  private mutating func settled(isWhole: Bool) -> [Part] {
    var parts: [Part] = []
    while step(&parts, isWhole) {}
    return parts.joined
  }

  /// One step; false where nothing more can be said yet.
  private mutating func step(_ parts: inout [Part], _ isWhole: Bool) -> Bool {
    switch stage {
    case .start: return begin(&parts, isWhole)
    case .reasoning: return think(&parts, isWhole)
    case .answer: return pending.isEmpty ? false : answer(&parts, isWhole)
    }
  }

  // MARK: Reasoning

  /// Whether the answer begins with reasoning.
  private mutating func begin(_ parts: inout [Part], _ isWhole: Bool) -> Bool {
    let parser = CallParser(bytes: pending, isWhole: isWhole, functions: functions)
    let first = parser.spaceless(from: 0)
    if first == pending.count, !isWhole { return false }
    for mark in marks {
      switch parser.match(mark.open, at: first) {
      case .unfinished: return false
      case .none: continue
      case .found(let end):
        if !separatesReasoning { say(pending[..<end], &parts) }
        pending.removeFirst(end)
        (stage, closing) = (.reasoning, mark.close)
        return true
      }
    }
    stage = .answer
    return true
  }

  private mutating func think(_ parts: inout [Part], _ isWhole: Bool) -> Bool {
    let parser = CallParser(bytes: pending, isWhole: isWhole, functions: functions)
    var end = pending.count
    var closed: Int?
    let first = closing.utf8.first
    for i in pending.indices where pending[i] == first {
      switch parser.match(closing, at: i) {
      case .none: continue
      case .unfinished: end = i
      case .found(let after): (end, closed) = (i, after)
      }
      break
    }
    if separatesReasoning {
      var text = pending[..<end]
      if !hasReasoning { text = text.drop(while: CallParser.isSpace) }
      let kept = text.endIndex - text.reversed().prefix(while: CallParser.isSpace).count
      if kept > text.startIndex {
        parts.append(.reasoning(String(decoding: space + text[..<kept], as: UTF8.self)))
        (space, hasReasoning) = ([], true)
      }
      if hasReasoning { space += pending[max(kept, text.startIndex)..<end] }
      if closed != nil || isWhole { space = [] }
    } else {
      say(pending[..<(closed ?? end)], &parts)
    }
    pending.removeFirst(closed ?? end)
    guard closed != nil else { return false }
    stage = .answer
    return true
  }

  // MARK: Answers

  private mutating func answer(_ parts: inout [Part], _ isWhole: Bool) -> Bool {
    guard !functions.isEmpty else {
      say(pending[...], &parts)
      pending = []
      return false
    }
    let parser = CallParser(bytes: pending, isWhole: isWhole, functions: functions)
    for i in pending.indices {
      // Without a mark a call can stand only at the beginning or after another.
      let isBare = !hasContent || isAfterCall
      let before = pending[..<i]
      let place = isBare && before.allSatisfy { CallParser.isSpace($0) || (isAfterCall && Self.parts($0)) } ? i : nil
      if CallParser.isSpace(pending[i]) || (place != nil && isAfterCall && Self.parts(pending[i])) { continue }
      for form in forms where !form.open.isEmpty || place != nil {
        switch parser.calls(form, at: i) {
        case .none: continue
        case .unfinished:
          // Everything before is certain.
          guard i > 0, place == nil else { return false }
          say(before, &parts)
          pending.removeFirst(i)
          return false
        case .calls(let calls, let end):
          if place == nil { say(before, &parts) } else if !isAfterCall { space += before }
          parts += calls.map { .call($0) }
          pending.removeFirst(end)
          (hasCalls, isAfterCall) = (true, true)
          return true
        }
      }
      // Text has begun: no bare call can follow.
      if place != nil { return text(from: i, parser, &parts) }
    }
    // White space, and what may part two calls.
    guard isWhole || !isAfterCall else { return false }
    say(pending[...], &parts)
    pending = []
    return false
  }

  /// Gives out what is text for certain, and goes on from the first place where a mark may stand.
  private mutating func text(from start: Int, _ parser: CallParser, _ parts: inout [Part]) -> Bool {
    let next = pending.indices[(start + 1)...].first { i in
      forms.contains { form in form.open.utf8.first == pending[i] && parser.match(form.open, at: i) != .none }
    }
    let end = next ?? pending.count
    say(pending[..<end], &parts)
    pending.removeFirst(end)
    isAfterCall = false
    return !pending.isEmpty
  }

  /// Whether a byte may stand between two calls.
  private static func parts(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") }

  /// Text for the reader; white space at its end waits for what follows.
  private mutating func say(_ bytes: ArraySlice<UInt8>, _ parts: inout [Part]) {
    var bytes = bytes
    if !hasContent, hasCalls || hasReasoning || (stage == .answer && separatesReasoning && !closing.isEmpty) {
      bytes = bytes.drop(while: CallParser.isSpace)
      space = []
    }
    let kept = bytes.endIndex - bytes.reversed().prefix(while: CallParser.isSpace).count
    guard kept > bytes.startIndex else {
      space += bytes
      return
    }
    parts.append(.content(String(decoding: space + bytes[..<kept], as: UTF8.self)))
    space = Array(bytes[kept...])
    hasContent = true
    isAfterCall = false
  }
}

extension [AnswerReader.Part] {
  /// The same with neighbours of one kind joined.
  fileprivate var joined: [AnswerReader.Part] {
    reduce(into: []) { parts, next in
      switch (parts.last, next) {
      case (.content(let a)?, .content(let b)): parts[parts.count - 1] = .content(a + b)
      case (.reasoning(let a)?, .reasoning(let b)): parts[parts.count - 1] = .reasoning(a + b)
      default: parts.append(next)
      }
    }
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String { TemplateText.strip(self, nil) }
}
