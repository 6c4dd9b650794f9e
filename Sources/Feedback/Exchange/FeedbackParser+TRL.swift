package import Documents

extension FeedbackParser {
  /// A record in one of TRL's shapes, texts or conversations.
  func trlItem(_ record: Record, _ shape: DataShape?) throws(DataError) -> FeedbackItem {
    let columns = options.columns
    switch shape {
    case .preference, .dialogues: return .comparison(try trlComparison(record))
    case .ranking: return .ranking(try trlRanking(record))
    case .messages: return .demonstration(try trlConversation(record))
    default: break
    }
    let prompt = try prompt(of: record)
    let completion = try response(in: columns.completion, of: record)
    try check(completion, in: columns.completion, after: prompt, of: record)
    // `label` marks the unpaired shape: is this completion desirable?
    guard record.holds("label") else {
      return .demonstration(
        Demonstration(prompt: prompt, completion: completion, provenance: provenance()))
    }
    guard let p = try label(of: record), p == 0 || p == 1 else {
      throw record.error("the field 'label' is neither true nor false")
    }
    return .rating(
      Rating(
        prompt: prompt, response: completion, axis: "desirable", value: p, scale: 0...1, provenance: provenance()))
  }

  private func trlComparison(_ record: Record) throws(DataError) -> Comparison {
    let columns = options.columns
    let better = try response(in: columns.chosen, of: record)
    let worse = try response(in: columns.rejected, of: record)
    var prompt: Prompt
    var (chosen, rejected) = (better, worse)
    if record.holds(columns.prompt) { prompt = try self.prompt(of: record) } else { prompt = "" }
    let tools = try record.tools()
    if let left = whole(better, in: columns.chosen, after: prompt, of: record),
      let right = whole(worse, in: columns.rejected, after: prompt, of: record)
    {
      // Whole conversations: the turns in which they agree are the prompt, and what follows is compared.
      let shared = zip(left, right).prefix { $0 == $1 }.count
      let common = min(shared, left.count - 1, right.count - 1)
      guard common > 0 else {
        throw record.error(
          "'\(columns.chosen)' and '\(columns.rejected)' differ in their first message",
          advice:
            "Conversations that are compared begin alike; or give what they have in common as '\(columns.prompt)'.")
      }
      prompt = .conversation(Array(left.prefix(common)), tools: tools)
      chosen = Response(Array(left.dropFirst(common)))
      rejected = Response(Array(right.dropFirst(common)))
    } else if !record.holds(columns.prompt) {
      let (first, second) = (better.text, worse.text)
      let common = Self.commonBeginning(first, second)
      prompt = .text(String(first.unicodeScalars.prefix(common)))
      chosen = Response(String(first.unicodeScalars.dropFirst(common)))
      rejected = Response(String(second.unicodeScalars.dropFirst(common)))
    } else {
      try check(better, in: columns.chosen, after: prompt, of: record)
      try check(worse, in: columns.rejected, after: prompt, of: record)
    }
    let p = try label(of: record) ?? 1
    return Comparison(
      prompt: prompt, first: chosen, second: rejected, preferred: p == 0.5 ? nil : (p > 0.5 ? .first : .second),
      probability: [0, 0.5, 1].contains(p) ? nil : p, provenance: provenance())
  }

  /// The turns of a field that holds a whole conversation: the prompt's turns, or its text as the first user's turn, and more.
  ///
  /// - Returns: nil for a text, and for turns that only follow a prompt that is given.
  private func whole(
    _ response: Response, in field: String, after prompt: Prompt, of record: Record
  ) -> [Prompt.Message]? {
    guard record[field]?.array != nil else { return nil }
    let turns = response.turns
    guard record.holds(options.columns.prompt) else { return turns }
    switch prompt {
    case .conversation(let messages, _):
      return turns.count > messages.count && turns.starts(with: messages) ? turns : nil
    case .text(let text):
      let opening = turns.first { $0.role == "user" }?.content
      return turns.count > 1 && opening?.trimmed == text.trimmed ? turns : nil
    }
  }

  /// Refuses turns that don't follow from a prompt of plain text.
  private func check(
    _ response: Response, in field: String, after prompt: Prompt, of record: Record
  ) throws(DataError) {
    guard prompt.plainText == nil || response.messages == nil else {
      throw record.error(
        "the field '\(field)' has \(response.turns.count) messages, and the prompt is a text that isn't among them",
        advice: "Write the prompt as messages, too, or the completion as text.")
    }
  }

  /// The length in scalars of the beginning that two texts share, cut back to a space so that no word is cut in two.
  private static func commonBeginning(_ first: String, _ second: String) -> Int {
    let shared = zip(first.unicodeScalars, second.unicodeScalars).prefix { $0 == $1 }.map(\.0)
    return shared.lastIndex { $0.properties.isWhitespace } ?? 0
  }

  private func trlRanking(_ record: Record) throws(DataError) -> Ranking {
    // A prompt may be a conversation here, which the plain example does not know.
    var plain = record
    let prompt = try prompt(of: record)
    plain.fields[options.columns.prompt] = ""
    let example = try RankingExample(record: plain, columns: options.columns)
    let responses = example.completions.map { Response($0) }
    if let problem = Ranking.problem(responses, example.ranking, nil) {
      throw record.error(problem)
    }
    return Ranking(
      prompt: prompt, responses: responses, ranks: example.ranking, provenance: provenance())
  }

  private func trlConversation(_ record: Record) throws(DataError) -> Demonstration {
    let example = try MessagesExample(record: record, columns: options.columns)
    guard let last = example.messages.last, last.role == "assistant" else {
      throw record.error(
        "the last message is not the assistant's",
        advice: "A demonstration ends with what the assistant should say.")
    }
    return Demonstration(
      prompt: .conversation(Array(example.messages.dropLast()), tools: example.tools),
      completion: Response([last]), provenance: provenance())
  }

  /// The probability that a record's `label` states; nil where it has none.
  private func label(of record: Record) throws(DataError) -> Double? {
    guard record.holds("label"), let label = record["label"], label != "" else { return nil }
    guard let p = label.probability else {
      throw record.error("the field 'label' is not a probability from 0 to 1, nor true or false")
    }
    return p
  }

  /// The prompt of a record, a text or the turns so far.
  package func prompt(of record: Record) throws(DataError) -> Prompt {
    let field = options.columns.prompt
    guard record[field]?.array != nil else { return .text(try record.text(in: field, role: "prompt")) }
    return .conversation(try record.messages(in: field, role: "prompt"), tools: try record.tools())
  }

  /// A completion as text, or as the turns that TRL's conversational shape wraps it in.
  private func response(in field: String, of record: Record) throws(DataError) -> Response {
    guard record[field]?.array != nil else { return Response(try record.text(in: field, role: field)) }
    return Response(try record.messages(in: field, role: field))
  }
}

extension String {
  fileprivate var trimmed: Substring {
    let start = firstIndex { !$0.isWhitespace } ?? endIndex
    let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? endIndex
    return start < end ? self[start..<end] : ""
  }
}
