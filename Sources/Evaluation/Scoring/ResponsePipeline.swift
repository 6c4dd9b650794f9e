import Documents
import Expressions

/// The filters that a task's answers pass before they are scored: one entry of `filter_list`.
struct ResponsePipeline: Sendable {
  let name: String
  private let filters: [Filter]

  /// What is known of one request's answers on their way through filters: all of them, or one.
  indirect enum Value: Sendable, Equatable {
    case response(ModelResponse)
    case json(JSONValue)
    case list([Value])

    /// As the records of samples show it, which have no more than the number for a whole document.
    func json(of request: ModelRequest) -> JSONValue {
      switch self {
      case .response(.text(let text)): return .string(text)
      case .response(.score(let value, let isGreedy, _)):
        let number = JSONValue.string(JSONValue.double(value).pythonText)
        if case .rolling = request { return number }
        return .array([number, .string(isGreedy ? "True" : "False")])
      case .json(let value): return .string(value.pythonText)
      case .list(let values): return .array(values.map { $0.json(of: request) })
      }
    }

    var text: String? {
      switch self {
      case .response(let response): response.text
      case .json(let value): value.string
      case .list: nil
      }
    }
  }

  private enum Filter: Sendable {
    case takeFirst
    case takeFirstK(Int)
    case majorityVote
    case regex(PythonExpression, group: Int, fallback: String)
    case choiceLetter(PythonExpression, ChoiceLetters)
    case stripped
    case lowercased
    case uppercased
    case mapped([String: JSONValue], fallback: JSONValue)
  }

  /// How a letter is found by the text of a choice: the settings of `multi_choice_regex`.
  private struct ChoiceLetters: Sendable {
    var group: Int
    var fallback: String
    var ignoresCase: Bool
    var ignoresPunctuation: Bool
    var ignored: [PythonExpression]
  }

  static func list(of file: TaskFile) throws(DataError) -> [ResponsePipeline] {
    let key = "filter_list"
    guard let value = file.settings[key], !value.isNull else {
      return [ResponsePipeline(name: "none", filters: [.takeFirst])]
    }
    guard let entries = value.array else { throw file.error(at: key, "must be a list") }
    var made: [ResponsePipeline] = []
    for entry in entries {
      guard let name = entry["name"]?.string, let steps = entry["filter"]?.array else {
        throw file.error(at: key, "each entry needs a name and a list called filter")
      }
      if made.contains(where: { $0.name == name }) { throw file.error(at: key, "two entries are called '\(name)'") }
      var filters: [Filter] = []
      for step in steps { filters.append(try filter(step, of: file, in: name)) }
      made.append(ResponsePipeline(name: name, filters: filters))
    }
    guard !made.isEmpty else { throw file.error(at: key, "the list is empty") }
    return made
  }

  private static func filter(_ step: JSONValue, of file: TaskFile, in name: String) throws(DataError) -> Filter {
    let key = "filter_list"
    guard let function = step["function"]?.string else {
      throw file.error(at: key, "\(name): a filter needs a function")
    }
    func expression(_ source: String) throws(DataError) -> PythonExpression {
      do { return try PythonExpression(source) } catch { throw file.error(at: key, "\(name): \(error)") }
    }
    let pattern = step["regex_pattern"]?.string ?? #"#### (\-?[0-9\.\,]+)"#
    let group = step["group_select"]?.int ?? 0
    let fallback = step["fallback"]?.string ?? "[invalid]"
    switch function {
    case "take_first": return .takeFirst
    case "take_first_k":
      guard let k = step["k"]?.int, k > 0 else { throw file.error(at: key, "\(name): take_first_k needs k") }
      return .takeFirstK(k)
    case "majority_vote": return .majorityVote
    case "regex": return .regex(try expression(pattern), group: group, fallback: fallback)
    case "multi_choice_regex":
      var ignored: [PythonExpression] = []
      for source in step["regexes_to_ignore"]?.array?.compactMap(\.string) ?? [] {
        ignored.append(try expression(source))
      }
      return .choiceLetter(
        try expression(pattern),
        ChoiceLetters(
          group: group, fallback: fallback, ignoresCase: step["ignore_case"]?.bool ?? false,
          ignoresPunctuation: step["ignore_punctuation"]?.bool ?? false, ignored: ignored))
    case "remove_whitespace": return .stripped
    case "lowercase": return .lowercased
    case "uppercase": return .uppercased
    case "map":
      var table: [String: JSONValue] = [:]
      for (name, value) in step["mapping_dict"]?.object?.members ?? [] { table[name] = value }
      return .mapped(table, fallback: step["default_value"] ?? .null)
    default:
      let known = [
        "regex", "take_first", "take_first_k", "majority_vote", "multi_choice_regex", "remove_whitespace", "lowercase",
        "uppercase", "map",
      ]
      throw file.error(
        at: key, "\(name): there is no filter '\(function)' here",
        advice: "The filters are \(known.joined(separator: ", ")).")
    }
  }

  /// What the filters leave of one request's answers.
  func apply(to responses: [ModelResponse], of document: JSONObject) throws -> Value {
    try filters.reduce(.list(responses.map { .response($0) })) { try Self.apply($1, to: $0, document) }
  }

  private static func apply(_ filter: Filter, to value: Value, _ document: JSONObject) throws -> Value {
    guard case .list(let values) = value else {
      // After take_first a filter sees the characters of one text in the harness; nobody means that.
      return try apply(filter, to: .list([value]), document).first
    }
    func each(_ change: (String) throws -> String) rethrows -> Value {
      .list(try values.map { .json(.string(try change($0.text ?? ""))) })
    }
    switch filter {
    case .takeFirst: return values.first ?? .json(.null)
    case .takeFirstK(let k):
      guard values.count >= k else {
        throw TaskError("take_first_k needs \(k) answers a document, and there are \(values.count): raise repeats")
      }
      return .list(Array(values.prefix(k)))
    case .majorityVote:
      var counts: [(value: Value, count: Int)] = []
      for value in values {
        if let place = counts.firstIndex(where: { $0.value == value }) {
          counts[place].count += 1
        } else {
          counts.append((value, 1))
        }
      }
      let most = counts.map(\.count).max()
      return .list(counts.first { $0.count == most }.map { [$0.value] } ?? [])
    case .regex(let expression, let group, let fallback):
      return try each { try found(expression, in: $0, group: group) ?? fallback }
    case .choiceLetter(let expression, let letters):
      return try each { try letter(expression, letters, in: $0, choices: document["choices"]?.array ?? []) }
    case .stripped: return each(PythonText.strip)
    case .lowercased: return each { $0.lowercased() }
    case .uppercased: return each { $0.uppercased() }
    case .mapped(let table, let fallback):
      return .list(values.map { value in .json(value.text.flatMap { table[$0] } ?? fallback) })
    }
  }

  /// The chosen match's first group that is not empty, without white space around it; nil where nothing matches.
  private static func found(_ expression: PythonExpression, in text: String, group: Int) throws -> String? {
    let matches = try expression.findAll(in: text)
    guard !matches.isEmpty else { return nil }
    let place = group < 0 ? matches.count + group : group
    guard matches.indices.contains(place) else {
      throw TaskError("group_select \(group) of \(matches.count) matches of \(expression.source)")
    }
    let match = matches[place]
    guard match.count > 1 else { return PythonText.strip((match.first ?? nil) ?? "") }
    return match.compactMap { $0 }.first { !$0.isEmpty }.map(PythonText.strip)
  }

  private static func letter(
    _ expression: PythonExpression, _ letters: ChoiceLetters, in response: String, choices: [JSONValue]
  ) throws -> String {
    if let match = try found(expression, in: response, group: letters.group), !match.isEmpty { return match }
    func prepared(_ text: String) throws -> String {
      var text = try letters.ignored.reduce(text) { try $1.replacing(in: $0, with: "") }
      if letters.ignoresCase { text = text.lowercased() }
      if letters.ignoresPunctuation {
        text.unicodeScalars.removeAll {
          [
            .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation,
          ].contains($0.properties.generalCategory)
        }
      }
      return text
    }
    let names = choices.indices.map { String(UnicodeScalar(UInt8(65 + min($0, 25)))) }
    let texts = try choices.map { try prepared(PythonText.strip($0.pythonText)) }
    let answer = try prepared(response)
    // The longest choice that begins earliest, as an alternation of them finds it.
    let places = texts.indices.compactMap { i -> (Int, Int, Int)? in
      PythonText.place(of: texts[i], in: answer).map { ($0, -texts[i].unicodeScalars.count, i) }
    }
    let ordered = places.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    if !ordered.isEmpty, letters.group == 0 || letters.group == -1, !texts[ordered[0].2].isEmpty {
      return "(\(names[ordered[0].2]))"
    }
    if !names.isEmpty {
      let bare = try PythonExpression(#":[\s]*(\#(names.joined(separator: "|")))"#)
      if let match = try found(bare, in: response, group: letters.group) { return "(\(match))" }
    }
    return letters.fallback
  }
}

extension ResponsePipeline.Value {
  fileprivate var first: Self {
    if case .list(let values) = self { values.first ?? .json(.null) } else { self }
  }
}
