import Documents
import Foundation

/// Asks a template what it does, by small conversations with words that can be found again.
struct ChatProbe {
  /// A template's expectations of messages.
  struct Habits: Sendable, Equatable {
    /// Whether arguments of calls are to be a text, which it joins with others, rather than an object.
    var takesArgumentsAsText = false
    /// Whether a turn that only calls is to have no content rather than an empty one.
    var takesNoContent = false
    /// Whether it writes no calls where a turn has a content, be it empty.
    var losesCallsBesideText = false
    /// Whether it refuses identifiers of calls that aren't nine letters or digits.
    var wantsShortIdentifiers = false
  }

  let template: ChatTemplate
  let variables: JSONObject

  // Words that no template holds and no filter changes.
  private static let question = "probequestion"
  private static let answer = "probeanswer"
  private static let names = ["probefunction", "probeother"]
  private static let keys = ["probekey", "probesecond"]
  private static let values = ["probevalue", "probelast"]
  private static let shortIDs = ["probe0001", "probe0002"]
  private static let longIDs = ["call_probe00000000000001", "call_probe00000000000002"]

  private static let user: JSONValue = ["role": "user", "content": .string(question)]

  private static var arguments: JSONValue {
    .object(JSONObject(zip(keys, values).map { (key: $0, value: .string($1)) }))
  }

  private static func tool(_ name: String) -> JSONValue {
    [
      "type": "function",
      "function": [
        "name": .string(name), "description": "probe",
        "parameters": [
          "type": "object", "properties": .object(JSONObject(keys.map { (key: $0, value: ["type": "string"]) })),
          "required": .array(keys.map { .string($0) }),
        ],
      ],
    ]
  }

  /// A way to put a turn that calls to a template.
  private struct Manner {
    var content: JSONValue = nil
    var asText = false
    var isShort = true
    var count = 1
    var isEmpty = false
  }

  private static func calling(_ manner: Manner) -> JSONValue {
    let arguments: JSONValue = manner.isEmpty ? [:] : Self.arguments
    let calls = (0..<manner.count).map { i -> JSONValue in
      [
        "id": .string((manner.isShort ? shortIDs : longIDs)[i]), "type": "function",
        "function": [
          "name": .string(names[i]),
          "arguments": manner.asText ? .string(arguments.serialized()) : arguments,
        ],
      ]
    }
    return ["role": "assistant", "content": manner.content, "tool_calls": .array(calls)]
  }

  private func text(_ messages: [JSONValue], tools: Bool = false, opensTurn: Bool = false) -> String? {
    try? template.render(
      messages: .array(messages), tools: tools ? .array(Self.names.map(Self.tool)) : nil,
      addGenerationPrompt: opensTurn,
      variables: variables)
  }

  private func text(_ manner: Manner) -> String? {
    // The functions are named in the list of tools too; only the call has the values.
    text([Self.user, Self.calling(manner)], tools: true).flatMap {
      $0.contains(manner.isEmpty ? Self.names[0] : Self.values[0]) ? $0 : nil
    }
  }

  /// The first rendering in which the call can be seen, whatever the content must be.
  private func anyText(asText: Bool, isShort: Bool = true) -> String? {
    text(Manner(asText: asText, isShort: isShort)) ?? text(Manner(content: "", asText: asText, isShort: isShort))
  }

  // MARK: Messages

  var habits: Habits {
    var habits = Habits()
    let pair = "\"\(Self.keys[0])\": \"\(Self.values[0])\""
    let showsObject = anyText(asText: false)?.contains(pair) ?? false
    let showsText = anyText(asText: true)?.contains(Self.arguments.serialized()) ?? false
    let isTaken = anyText(asText: false) != nil
    habits.takesArgumentsAsText = showsText && !showsObject && (!isTaken || isRepresentation)
    let asText = habits.takesArgumentsAsText
    let none = text(Manner(asText: asText))
    let empty = text(Manner(content: "", asText: asText))
    func count(_ text: String) -> Int { text.components(separatedBy: "None").count }
    habits.takesNoContent = none.map { none in empty.map { count(none) <= count($0) } ?? true } ?? false
    habits.losesCallsBesideText = none != nil && empty == nil
    habits.wantsShortIdentifiers =
      anyText(asText: asText, isShort: true) != nil && anyText(asText: asText, isShort: false) == nil
    return habits
  }

  /// Whether an object is printed as Python prints it, which no model is meant to see.
  private var isRepresentation: Bool {
    anyText(asText: false)?.contains("'\(Self.keys[0])': '\(Self.values[0])'") ?? false
  }

  // MARK: Turns

  /// The text after an assistant's answer.
  var turnEnd: String? {
    guard let whole = text([Self.user, ["role": "assistant", "content": .string(Self.answer)]]),
      let range = whole.range(of: Self.answer, options: .backwards)
    else { return nil }
    return String(whole[range.upperBound...])
  }

  // MARK: Calls

  /// The text of an assistant that calls two functions (or one, where a template takes no more), without the turn's
  /// end.
  func callText(_ habits: Habits, ends: [String]) -> String? {
    let content: JSONValue = habits.takesNoContent ? nil : ""
    guard
      let whole = [2, 1].lazy.compactMap({
        text(Manner(content: content, asText: habits.takesArgumentsAsText, count: $0))
      }).first,
      let plain = text(
        [Self.user, ["role": "assistant", "content": .string(Self.answer)]], tools: true),
      let answer = plain.range(of: Self.answer, options: .backwards)
    else { return nil }
    // The turn begins where both renderings part: not in the middle of a mark, of which both may have the beginning.
    let (a, b) = (Array(whole.unicodeScalars), Array(plain[..<answer.lowerBound].unicodeScalars))
    var start = zip(a, b).prefix { $0 == $1 }.count
    if start < b.count {
      while start > 0, !TemplateText.isSpace(a[start - 1]), !["]", ">"].contains(a[start - 1]) { start -= 1 }
    }
    var said = TemplateText.string(a[start...])
    guard said.contains(Self.values[0]), let last = said.range(of: Self.values[1], options: .backwards) else {
      return nil
    }
    let end = ends.compactMap { said.range(of: $0, range: last.upperBound..<said.endIndex)?.lowerBound }.min()
    said = String(said[..<(end ?? said.endIndex)]).trimmed
    let turnEnd = String(plain[answer.upperBound...]).trimmed
    return turnEnd.isEmpty || !said.hasSuffix(turnEnd) ? said : String(said.dropLast(turnEnd.count))
  }

  /// The form that a text of calls has.
  func callForm(_ text: String, _ habits: Habits) -> CallForm? {
    guard let name = text.range(of: Self.names[0]) else { return nil }
    return object(text, name) ?? named(text, name) ?? pairs(text, name, habits)
  }

  private func object(_ text: String, _ name: Range<String.Index>) -> CallForm? {
    let bytes = Array(text.utf8)
    for start in bytes.indices where text.utf8.distance(from: text.startIndex, to: name.lowerBound) > start {
      guard case .whole(let end) = JSONSpan(of: bytes, from: start),
        let value = try? JSONValue(parsing: Array(bytes[start..<end]))
      else { continue }
      let first = value.array?.first ?? value
      guard
        first["name"]?.string == Self.names[0] || first["tool_name"]?.string == Self.names[0]
          || first["function"]?["name"]?.string == Self.names[0]
      else { continue }
      let open = String(decoding: bytes[..<start], as: UTF8.self).trimmed
      // What stands before the next call is its opening.
      var close = String(decoding: bytes[end...], as: UTF8.self)
      if let next = close.range(of: Self.names[1]) {
        close = String(close[..<next.lowerBound])
        let opening = open.isEmpty ? close.range(of: "{") : close.range(of: open)
        close = String(close[..<(opening?.lowerBound ?? close.startIndex)])
      }
      close = close.trimmed
      return .object(open: open, close: [",", ";"].contains(close) ? "" : close)
    }
    return nil
  }

  private func named(_ text: String, _ name: Range<String.Index>) -> CallForm? {
    guard let (first, firstEnd) = arguments(text, after: name.upperBound) else { return nil }
    let middle = String(text[name.upperBound..<first])
    var parts = middle.components(separatedBy: Self.shortIDs[0])
    parts = parts.count == 2 ? parts : [middle]
    let open = String(text[..<name.lowerBound]).trimmed
    guard let other = text.range(of: Self.names[1], range: firstEnd..<text.endIndex),
      let (_, end) = arguments(text, after: other.upperBound)
    else {
      return .named(open: open, middle: parts, between: nil, close: String(text[firstEnd...]).trimmed)
    }
    let between = String(text[firstEnd..<other.lowerBound]).trimmed
    let close = String(text[end...]).trimmed
    // Where every call has marks of its own, each is read by itself.
    if between.hasSuffix(open), !open.isEmpty {
      return .named(open: open, middle: parts, between: nil, close: String(between.dropLast(open.count)).trimmed)
    }
    return .named(open: open, middle: parts, between: between, close: close)
  }

  /// The range of the arguments after a name, if they are an object.
  private func arguments(_ text: String, after index: String.Index) -> (String.Index, String.Index)? {
    guard let brace = text[index...].firstIndex(of: "{") else { return nil }
    let bytes = Array(text.utf8)
    let start = text.utf8.distance(from: text.startIndex, to: brace)
    guard case .whole(let end) = JSONSpan(of: bytes, from: start),
      (try? JSONValue(parsing: Array(bytes[start..<end])))?[Self.keys[0]] != nil
    else { return nil }
    return (brace, text.utf8.index(text.startIndex, offsetBy: end))
  }

  private func pairs(_ text: String, _ name: Range<String.Index>, _ habits: Habits) -> CallForm? {
    func after(_ word: String, _ start: String.Index) -> Range<String.Index>? {
      text.range(of: word, range: start..<text.endIndex)
    }
    guard let key = after(Self.keys[0], name.upperBound), let value = after(Self.values[0], key.upperBound),
      let second = after(Self.keys[1], value.upperBound), let last = after(Self.values[1], second.upperBound)
    else { return nil }
    let open = String(text[..<name.lowerBound]).trimmed
    func ending(_ start: String.Index, of text: String) -> String {
      let next = text.range(of: Self.names[1], range: start..<text.endIndex)?.lowerBound ?? text.endIndex
      let opening = open.isEmpty ? nil : text.range(of: open, range: start..<next)?.lowerBound
      return String(text[start..<(opening ?? next)]).trimmed
    }
    let bare = self.text(
      Manner(
        content: habits.takesNoContent ? nil : "", asText: habits.takesArgumentsAsText, count: 1, isEmpty: true))
    let empty = bare.flatMap { bare in
      bare.range(of: Self.names[0], options: .backwards).map { String(bare[$0.upperBound...]).trimmed }
    }
    let close = ending(last.upperBound, of: text)
    let words = [value.lowerBound, second.lowerBound]
    let equals = String(text[key.upperBound..<words[0]]).trimmed
    let between = String(text[value.upperBound..<words[1]]).trimmed
    guard !equals.isEmpty, !between.isEmpty, !close.isEmpty else { return nil }
    // What ends the turn after a call without arguments is no part of it.
    let shared = empty.map { empty in
      empty.range(of: Self.lastWord(of: close)).map { String(empty[..<$0.upperBound]) } ?? empty
    }
    return .pairs(
      open: open, middle: String(text[name.upperBound..<key.lowerBound]).trimmed, equals: equals, between: between,
      close: close, empty: shared ?? close)
  }

  /// The last mark of several, such as `</tool_call>`.
  private static func lastWord(of text: String) -> String {
    text.split { $0.isWhitespace }.last.map(String.init) ?? text
  }
}
