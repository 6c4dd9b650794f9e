import Documents

/// The texts of a labelling tool's task: what was asked, and the answers that were judged, told apart by their names.
///
/// Neither Argilla nor Label Studio says in an export what a field is for, so its name must: `prompt`, `response_1`, `answer-b` and
/// their like. What has one other name only is the prompt.
struct LabelledTexts {
  var prompt: Prompt
  /// The answers in the order of their names.
  var answers: [(name: String, response: Response)]

  private static let prompts = [
    "prompt", "instruction", "question", "query", "messages", "chat", "conversation", "input", "context", "post",
    "text",
  ]
  private static let answerWords: Set<String> = [
    "response", "answer", "completion", "output", "generation", "candidate", "reply", "option", "summary", "text",
    "result",
    "chosen", "rejected",
  ]

  /// Sorts the fields of a task; nil where there is no text that could be a prompt.
  init?(_ fields: JSONObject) {
    var answers: [(name: String, number: String, response: Response)] = []
    var others: [(name: String, value: JSONValue)] = []
    for (name, value) in fields.members where value.string != nil || value.array != nil {
      // A list of things with texts in them is what a ranker shows.
      if let list = value.array, let found = Self.list(list) {
        answers += found.map { ($0.name, "", $0.response) }
        continue
      }
      guard let number = Self.answerNumber(name), let response = Self.response(value) else {
        others.append((name, value))
        continue
      }
      answers.append((name, number, response))
    }
    // `text` alone, or a lone answer beside no prompt, is what is asked.
    func rank(_ name: String) -> Int {
      Self.prompts.firstIndex { name.lowercased().contains($0) } ?? Self.prompts.count
    }
    if let best = others.min(by: { rank($0.name) < rank($1.name) }),
      others.count == 1 || rank(best.name) < Self.prompts.count, let prompt = Self.prompt(best.value)
    {
      self.prompt = prompt
    } else if answers.count == 1, let text = answers[0].response.messages == nil ? answers[0].response.text : nil {
      prompt = .text(text)
      answers = []
    } else {
      return nil
    }
    self.answers = answers.enumerated().sorted { a, b in
      a.element.number == b.element.number ? a.offset < b.offset : a.element.number < b.element.number
    }.map { ($0.element.name, $0.element.response) }
  }

  /// The number or letter at the end of an answer's name, empty where there is none; nil of another name.
  private static func answerNumber(_ name: String) -> String? {
    let parts = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard let last = parts.last else { return nil }
    let digits = last.reversed().prefix { $0.isNumber }.reversed()
    let word = String(last.dropLast(digits.count))
    let number = String(digits)
    func padded(_ number: String) -> String { String(repeating: "0", count: max(0, 9 - number.count)) + number }
    if !number.isEmpty,
      word.isEmpty
        ? parts.count > 1 && answerWords.contains(String(parts[parts.count - 2])) : answerWords.contains(word)
    {
      return padded(number)
    }
    if number.isEmpty, parts.count > 1, last.count == 1, answerWords.contains(String(parts[parts.count - 2])) {
      return String(last)
    }
    // A single answer; `text` and its like without a number are what is asked.
    if answerWords.subtracting(["text", "option"]).contains(word), number.isEmpty {
      return word == "rejected" ? "z" : ""
    }
    return nil
  }

  private static func response(_ value: JSONValue) -> Response? {
    value.string.map { Response($0) } ?? messages(value).map { Response($0) }
  }

  private static func prompt(_ value: JSONValue) -> Prompt? {
    value.string.map { .text($0) } ?? messages(value).map { .conversation($0, tools: nil) }
  }

  /// Turns as `{"role", "content"}`, as a chat field has them.
  private static func messages(_ value: JSONValue) -> [Prompt.Message]? {
    guard let list = value.array, !list.isEmpty else { return nil }
    let turns = list.compactMap { turn -> Prompt.Message? in
      guard let role = turn["role"]?.string ?? turn["author"]?.string,
        let content = turn["content"]?.string ?? turn["text"]?.string
      else { return nil }
      return Prompt.Message(role: role, content: content)
    }
    return turns.count == list.count ? turns : nil
  }

  /// The texts of a list whose members have an identifier, as a ranker shows them.
  private static func list(_ values: [JSONValue]) -> [(name: String, response: Response)]? {
    guard values.count > 1 else { return nil }
    let found = values.compactMap { value -> (String, Response)? in
      let id = value["id"].flatMap { $0.string ?? $0.int.map(String.init) }
      guard let id, value["role"] == nil else { return nil }
      return ["body", "text", "html", "title"].lazy.compactMap { value[$0]?.string }.first.map { (id, Response($0)) }
    }
    return found.count == values.count ? found.map { (name: $0.0, response: $0.1) } : nil
  }

  /// The place of the answer that a choice names: by its name, by the side it stood on, by its letter or number.
  ///
  /// - Returns: nil within the optional for a tie; nil for what names none.
  func choice(_ words: String) -> Int?? {
    if let place = answers.firstIndex(where: { $0.name == words }) { return .some(place) }
    let said = words.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if said.contains(where: { ["tie", "equal", "equally", "same", "both", "neither", "draw"].contains($0) }) {
      return .some(nil)
    }
    let sides = [
      ["left", "first", "a", "1"], ["right", "second", "b", "2"], ["third", "c", "3"], ["fourth", "d", "4"],
    ]
    let places = sides.indices.filter { !Set(sides[$0]).isDisjoint(with: said) }
    guard places.count == 1, let place = places.first, place < answers.count else { return nil }
    return .some(place)
  }
}
