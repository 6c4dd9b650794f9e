import Documents
import Expressions

/// The filters after `|`.
enum TemplateFilters {
  static let names: Set<String> = [
    "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape", "first",
    "float",
    "forceescape", "format", "groupby", "indent", "int", "items", "join", "last", "length", "list", "lower", "map",
    "max",
    "min", "pprint", "regex_replace", "reject", "rejectattr", "replace", "reverse", "round", "safe", "select",
    "selectattr", "slice",
    "sort", "string", "striptags", "sum", "title", "tojson", "trim", "truncate", "unique", "upper", "urlencode",
    "wordcount",
  ]

  /// The value after a filter.
  static func apply(
    _ name: String, to value: TemplateValue, _ arguments: EvaluatedArguments,
    _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    try machine.charge()
    guard names.contains(name) else { throw machine.fault("no filter named '\(name)'") }
    switch name {
    case "map", "select", "reject", "selectattr", "rejectattr", "sort", "unique", "sum", "max",
      "min", "slice", "groupby",
      "dictsort", "batch", "join", "list", "first", "last", "reverse":
      return try ofSequences(name, value, arguments, machine)
    case "default", "d":
      let fallback = arguments.value(0, "default_value") ?? .string("")
      let alsoFalse = arguments.value(1, "boolean")?.isTrue ?? false
      if case .undefined = value { return fallback }
      return alsoFalse && !value.isTrue ? fallback : value
    case "length", "count":
      return .int(try length(of: value, machine))
    case "items":
      switch value {
      case .undefined: return .list([])
      case .dictionary(let dictionary):
        return .list(dictionary.members.map { .list([$0.key, $0.value], isTuple: true) })
      default: throw machine.fault("items needs a mapping, not \(value.kind)")
      }
    case "tojson": return .string(try json(value, arguments, machine))
    case "attr":
      guard case .string(let name)? = arguments.positional.first else {
        throw machine.fault("attr needs a name")
      }
      return try machine.attribute(name, of: value)
    case "int", "float", "abs", "round": return try ofNumbers(name, value, arguments, machine)
    default: return .string(try ofTexts(name, value, arguments, machine))
    }
  }

  private static func length(
    of value: TemplateValue, _ machine: TemplateInterpreter
  ) throws -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text):
      try machine.charge(text.utf8.count / 64)
      return text.unicodeScalars.count
    case .sequence(let list): return list.elements.count
    case .dictionary(let dictionary): return dictionary.members.count
    default: throw machine.fault("\(value.kind) has no length")
    }
  }

  // MARK: Texts

  private static func ofTexts(
    _ name: String, _ value: TemplateValue, _ arguments: EvaluatedArguments,
    _ machine: TemplateInterpreter
  ) throws -> String {
    let text = try machine.text(of: value)
    try machine.charge(text.utf8.count / 64)
    func string(_ index: Int, _ name: String) -> String? {
      switch arguments.value(index, name) {
      case nil, .some(.none): nil
      case let value?: value.text
      }
    }
    switch name {
    case "trim": return TemplateText.strip(text, string(0, "chars"))
    case "upper": return text.uppercased()
    case "lower": return text.lowercased()
    case "capitalize": return TemplateText.capitalized(text)
    case "title": return TemplateText.filterTitled(text)
    case "wordcount": return String(TemplateText.split(text, nil, limit: .max).count)
    case "regex_replace":
      guard let pattern = string(0, "pattern"), let new = string(1, "repl") else {
        throw machine.fault("regex_replace needs a pattern and a replacement")
      }
      do throws(PCREError) {
        return try PythonExpression(pattern).replacing(
          in: text, with: new, count: arguments.value(2, "count")?.integer ?? 0)
      } catch { throw machine.fault(error.description) }
    case "replace":
      guard let old = string(0, "old"), let new = string(1, "new") else {
        throw machine.fault("replace needs an old and a new text")
      }
      let limit = arguments.value(2, "count")?.integer ?? -1
      let places = old.isEmpty ? text.utf8.count + 1 : text.utf8.count / old.utf8.count
      guard places.multipliedReportingOverflow(by: new.utf8.count).overflow == false,
        places * new.utf8.count <= TemplateInterpreter.mostBytes
      else { throw machine.fault("a text of more than \(TemplateInterpreter.mostBytes) bytes") }
      return try machine.bounded(
        TemplateText.replace(text, old, new, limit: limit < 0 ? .max : limit))
    case "center":
      return try TemplateFormat.padded(text, to: arguments.value(0, "width")?.integer ?? 80, "^", " ", machine)
    case "pprint": return value.representation
    case "striptags":
      let bare = text.replacing(/<!--(?s:.*?)-->|<[^>]*>/, with: "")
      return TemplateText.split(bare, nil, limit: .max).joined(separator: " ")
    case "urlencode":
      let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/".utf8)
      let hex = Array("0123456789ABCDEF")
      return text.utf8.map {
        plain.contains($0) ? String(Unicode.Scalar($0)) : "%\(hex[Int($0 >> 4)])\(hex[Int($0 & 15)])"
      }
      .joined()
    case "truncate": return try truncated(text, arguments)
    case "escape", "e", "forceescape":
      let rules = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&#34;")]
      return rules.reduce(text) { TemplateText.replace($0, $1.0, $1.1) }
    case "indent": return try indented(text, arguments, machine)
    case "format": return try TemplateFormat.percent(text, arguments.positional, arguments.named, machine)
    default: return text
    }
  }

  private static func indented(
    _ text: String, _ arguments: EvaluatedArguments, _ machine: TemplateInterpreter
  ) throws -> String {
    let margin: String
    switch arguments.value(0, "width") {
    case .string(let text)?: margin = text
    case let value: margin = String(repeating: " ", count: min(max(value?.integer ?? 4, 0), 10_000))
    }
    let first = arguments.value(1, "first")?.isTrue ?? false
    let blank = arguments.value(2, "blank")?.isTrue ?? false
    let lines = TemplateText.lines(text + "\n")
    try machine.charge(lines.count * (1 + margin.utf8.count / 64))
    let rest = lines.dropFirst().map { blank || !$0.isEmpty ? margin + $0 : $0 }
    return try machine.bounded(
      (first ? margin : "") + ([lines.first ?? ""] + rest).joined(separator: "\n"))
  }

  /// A text cut after `length` characters, by default at the end of a word.
  private static func truncated(_ text: String, _ arguments: EvaluatedArguments) throws -> String {
    let length = arguments.value(0, "length")?.integer ?? 255
    let end = arguments.value(2, "end")?.text ?? "..."
    let leeway = arguments.value(3, "leeway")?.integer ?? 5
    let scalars = Array(text.unicodeScalars)
    guard scalars.count > length.addingReportingOverflow(leeway).partialValue else { return text }
    let kept = TemplateText.string(scalars.prefix(max(0, length - end.unicodeScalars.count)))
    if arguments.value(1, "killwords")?.isTrue ?? false { return kept + end }
    let words = kept.split(separator: " ", omittingEmptySubsequences: false)
    return (words.count > 1 ? words.dropLast().joined(separator: " ") : kept) + end
  }

  private static func json(
    _ value: TemplateValue, _ arguments: EvaluatedArguments, _ machine: TemplateInterpreter
  ) throws -> String {
    // transformers' order: tojson(x, ensure_ascii, indent, separators, sort_keys).
    try machine.charge(value.weight)
    guard var json = value.json else {
      throw machine.fault("\(value.kind) can't be written as JSON")
    }
    if arguments.value(3, "sort_keys")?.isTrue ?? false { json = json.sortedByKey }
    var separators: (item: String, key: String)?
    if case .sequence(let pair)? = arguments.value(2, "separators"), pair.elements.count == 2 {
      separators = (pair.elements[0].text, pair.elements[1].text)
    }
    let indent = arguments.value(1, "indent")?.integer.map { min(max($0, 0), 64) }
    return try machine.bounded(
      json.serialized(
        indent: indent, ascii: arguments.value(0, "ensure_ascii")?.isTrue ?? false,
        separators: separators))
  }

  // MARK: Numbers

  private static func ofNumbers(
    _ name: String, _ value: TemplateValue, _ arguments: EvaluatedArguments,
    _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    func parsed() -> Double? {
      if case .string(let text) = value { return Double(TemplateText.strip(text, nil)) }
      return value.number
    }
    switch name {
    case "int":
      if let whole = value.integer { return .int(whole) }
      if case .string(let text) = value {
        var digits = TemplateText.strip(text, nil)
        let base = arguments.value(1, "base")?.integer ?? 10
        let prefix = [2: "0b", 8: "0o", 16: "0x"][base]
        if let prefix, digits.lowercased().hasPrefix(prefix) { digits = String(digits.dropFirst(2)) }
        if (2...36).contains(base), let whole = Int(digits, radix: base) { return .int(whole) }
      }
      return parsed().flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .int($0) }
        ?? arguments.value(0, "default") ?? .int(0)
    case "float":
      return parsed().map { .double($0) } ?? arguments.value(0, "default") ?? .double(0)
    case "abs":
      if let whole = value.integer, whole != .min { return .int(abs(whole)) }
      guard let number = value.number else { throw machine.fault("abs needs a number") }
      return .double(abs(number))
    default:
      guard let number = value.number else { throw machine.fault("round needs a number") }
      let digits = min(max(arguments.value(0, "precision")?.integer ?? 0, -15), 15)
      let method = arguments.value(1, "method")?.text ?? "common"
      if let whole = value.integer, digits >= 0 { return method == "common" ? .int(whole) : .double(Double(whole)) }
      let scale = (0..<abs(digits)).reduce(1.0) { scale, _ in scale * 10 }
      func rounded(_ rule: FloatingPointRoundingRule) -> Double {
        digits < 0 ? (number / scale).rounded(rule) * scale : (number * scale).rounded(rule) / scale
      }
      switch method {
      case "ceil": return .double(rounded(.up))
      case "floor": return .double(rounded(.down))
      // As Python rounds: the nearest decimal to the number that the binary digits are.
      case _ where digits >= 0: return .double(Double(TemplateFormat.fixed(number, digits)) ?? number)
      default: return .double(rounded(.toNearestOrEven))
      }
    }
  }
}

extension JSONValue {
  /// The same document with the members of every object in the order of their names.
  fileprivate var sortedByKey: JSONValue {
    switch self {
    case .array(let elements): return .array(elements.map(\.sortedByKey))
    case .object(let object):
      return .object(
        JSONObject(
          object.members.map { (key: $0.key, value: $0.value.sortedByKey) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }))
    default: return self
    }
  }
}
