import Documents

/// Reads calls at a place of a text that may go on.
struct CallParser {
  /// The finding at a place.
  enum Outcome: Equatable {
    /// Calls, which end before this index.
    case calls([ToolCall], end: Int)
    /// Text that may become calls.
    case unfinished
    /// Something else.
    case none
  }

  let bytes: [UInt8]
  /// Whether nothing follows.
  let isWhole: Bool
  /// The functions that may be called, with the schemas of their parameters.
  let functions: [String: JSONValue]

  /// The calls in a form that begin at an index.
  func calls(_ form: CallForm, at start: Int) -> Outcome {
    guard case .found(let body) = match(form.open, at: start) else { return outcome(of: match(form.open, at: start)) }
    switch form {
    case .object(_, let close): return closed(objects(at: spaceless(from: body)), by: close)
    case .named(_, let middle, let between, let close):
      return closed(named(middle, between, at: spaceless(from: body)), by: close)
    case .pairs(_, let middle, let equals, let between, let close, let empty):
      return pairs(middle, equals, between, close, empty, at: spaceless(from: body))
    }
  }

  // MARK: Text

  /// Whether a mark stands at an index.
  enum Match: Equatable {
    case found(Int)
    case unfinished
    case none
  }

  /// Finds a mark at an index, white space counting for nothing.
  func match(_ mark: String, at start: Int) -> Match {
    var i = start
    for byte in mark.utf8 where !Self.isSpace(byte) {
      i = spaceless(from: i)
      guard i < bytes.count else { return isWhole ? .none : .unfinished }
      guard bytes[i] == byte else { return .none }
      i += 1
    }
    return .found(i)
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  func spaceless(from start: Int) -> Int {
    var i = start
    while i < bytes.count, Self.isSpace(bytes[i]) { i += 1 }
    return i
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func outcome(of match: Match) -> Outcome { match == .unfinished ? .unfinished : .none }

  /// The same calls with what closes them, which a model that ends its turn may leave out.
  private func closed(_ outcome: Outcome, by close: String) -> Outcome {
    guard case .calls(let calls, let end) = outcome, !close.isEmpty else { return outcome }
    switch match(close, at: end) {
    case .found(let after): return .calls(calls, end: after)
    case .unfinished: return .unfinished
    case .none: return outcome
    }
  }

  // MARK: Objects

  /// An object that is a call, or a list of such.
  private func objects(at start: Int) -> Outcome {
    switch JSONSpan(of: bytes, from: start) {
    case .none: return .none
    case .unfinished: return isWhole ? .none : .unfinished
    case .whole(let end):
      guard let value = try? JSONValue(parsing: Array(bytes[start..<end])) else { return .none }
      let list = value.array ?? [value]
      let calls = list.compactMap(call)
      return calls.isEmpty || calls.count != list.count ? .none : .calls(calls, end: end)
    }
  }

  /// A call as an object holds it, in the words of the families.
  private func call(_ value: JSONValue) -> ToolCall? {
    if value["function"]?.object != nil { return value["function"].flatMap(call) }
    guard let name = ["name", "tool_name", "function"].lazy.compactMap({ value[$0]?.string }).first,
      functions[name] != nil
    else { return nil }
    let arguments = value["arguments"] ?? value["parameters"] ?? [:]
    return ToolCall(name: name, arguments: arguments.string ?? arguments.serialized())
  }

  // MARK: Names

  /// A function's name that stands at an index, or may.
  private func name(at start: Int, before next: String) -> (name: String, end: Int)?? {
    // The longest, for one function's name may begin another's.
    for name in functions.keys.sorted(by: { $0.utf8.count > $1.utf8.count }) {
      let rest = bytes[start...]
      if rest.count < name.utf8.count {
        if !isWhole, rest.elementsEqual(name.utf8.prefix(rest.count)) { return .some(nil) }
      } else if rest.starts(with: name.utf8) {
        let end = start + name.utf8.count
        if end < bytes.count, Self.isWord(bytes[end]), next.first?.isLetter != true { continue }
        return (name, end)
      }
    }
    return nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
      || byte == 0x2D
  }

  private func named(_ middle: [String], _ between: String?, at start: Int) -> Outcome {
    guard let found = name(at: start, before: middle[0]) else { return .none }
    guard let (name, nameEnd) = found else { return .unfinished }
    var i = nameEnd
    for (k, part) in middle.enumerated() {
      if k > 0 {
        i = spaceless(from: i)
        while i < bytes.count, Self.isWord(bytes[i]) { i += 1 }
      }
      guard case .found(let next) = match(part, at: i) else { return outcome(of: match(part, at: i)) }
      i = next
    }
    let brace = spaceless(from: i)
    switch JSONSpan(of: bytes, from: brace) {
    case .none: return .none
    case .unfinished: return isWhole ? .none : .unfinished
    case .whole(let end):
      guard let value = try? JSONValue(parsing: Array(bytes[brace..<end])), value.object != nil else { return .none }
      let own = ToolCall(name: name, arguments: value.serialized())
      guard let between, case .found(let next) = match(between, at: end) else {
        return between.map { match($0, at: end) } == .unfinished ? .unfinished : .calls([own], end: end)
      }
      switch named(middle, between, at: spaceless(from: next)) {
      case .calls(let more, let end): return .calls([own] + more, end: end)
      case .unfinished: return .unfinished
      case .none: return .calls([own], end: end)
      }
    }
  }

  // MARK: Pairs

  private func pairs(
    _ middle: String, _ equals: String, _ between: String, _ close: String, _ empty: String, at start: Int
  ) -> Outcome {
    guard let found = name(at: start, before: middle) else { return .none }
    guard let (name, nameEnd) = found else { return .unfinished }
    var arguments = JSONObject()
    if case .found(let end) = match(empty, at: nameEnd) { return .calls([made(name, arguments)], end: end) }
    var mark = middle
    var i = nameEnd
    while true {
      guard case .found(let keyStart) = match(mark, at: i) else { return outcome(of: match(mark, at: i)) }
      guard let (keyEnd, valueStart) = place(of: equals, from: spaceless(from: keyStart)) else {
        return isWhole ? .none : .unfinished
      }
      // The value reaches to what begins the next pair or closes the call, whichever comes first.
      let next = place(of: between, from: valueStart)
      let last = place(of: close, from: valueStart)
      guard let end = [next?.start, last?.start].compactMap({ $0 }).min() else { return isWhole ? .none : .unfinished }
      let key = text(spaceless(from: keyStart)..<keyEnd)
      arguments[key] = value(text(valueStart..<end), of: key, function: name)
      if let last, last.start == end { return .calls([made(name, arguments)], end: last.end) }
      (mark, i) = (between, end)
    }
  }

  private func made(_ name: String, _ arguments: JSONObject) -> ToolCall {
    ToolCall(name: name, arguments: JSONValue.object(arguments).serialized())
  }

  /// The first place of a mark from an index on.
  private func place(of mark: String, from start: Int) -> (start: Int, end: Int)? {
    for i in start..<max(start, bytes.count) where !Self.isSpace(bytes[i]) {
      if case .found(let end) = match(mark, at: i) { return (i, end) }
    }
    return nil
  }

  /// A value that was written as plain text: a text where the schema says so, else what JSON reads in it.
  private func value(_ text: String, of key: String, function: String) -> JSONValue {
    var view = text[...]
    if view.hasPrefix("\n") { view.removeFirst() }
    if view.hasSuffix("\n") { view.removeLast() }
    let plain = String(view)
    if functions[function]?["properties"]?[key]?["type"]?.string == "string" { return .string(plain) }
    return (try? JSONValue(parsing: plain)) ?? .string(plain)
  }
}
