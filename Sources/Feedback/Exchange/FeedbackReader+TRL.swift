import Documents

extension FeedbackReader {
  /// A record in one of TRL's shapes, texts or conversations.
  func trlItem(_ record: Record) throws(DataError) -> FeedbackItem {
    let columns = options.columns
    if record[columns.chosen] != nil { return .comparison(try trlComparison(record)) }
    if record[columns.completions] != nil { return .ranking(try trlRanking(record)) }
    if record[columns.messages] != nil { return .demonstration(try trlConversation(record)) }
    let prompt = try prompt(in: columns.prompt, of: record)
    let completion = try completion(in: columns.completion, of: record)
    // `label` marks the unpaired shape: is this completion desirable?
    guard let label = record["label"] else {
      return .demonstration(
        Demonstration(
          prompt: prompt, completion: Response(completion), provenance: provenance()))
    }
    guard let isDesirable = label.bool ?? label.int.flatMap({ [0: false, 1: true][$0] }) else {
      throw record.error("the field 'label' is neither true nor false")
    }
    return .rating(
      Rating(
        prompt: prompt, response: Response(completion), axis: "desirable",
        value: isDesirable ? 1 : 0, scale: 0...1, provenance: provenance()))
  }

  private func trlComparison(_ record: Record) throws(DataError) -> Comparison {
    let columns = options.columns
    var prompt: Prompt
    let chosen: String
    let rejected: String
    if record[columns.prompt] != nil {
      prompt = try self.prompt(in: columns.prompt, of: record)
      chosen = try completion(in: columns.chosen, of: record)
      rejected = try completion(in: columns.rejected, of: record)
    } else if record[columns.chosen]?.array != nil {
      // The implicit prompt: both conversations begin with the same turns.
      let better = try messages(in: columns.chosen, of: record)
      let worse = try messages(in: columns.rejected, of: record)
      guard better.dropLast() == worse.dropLast(), let good = better.last, let bad = worse.last
      else {
        throw record.error(
          "'\(columns.chosen)' and '\(columns.rejected)' differ before their last message")
      }
      prompt = .conversation(Array(better.dropLast()))
      (chosen, rejected) = (good.content, bad.content)
    } else {
      prompt = ""
      chosen = try record.text(in: columns.chosen, role: "chosen")
      rejected = try record.text(in: columns.rejected, role: "rejected")
    }
    var preferred: Comparison.Side? = .first
    var strength: Double?
    if let label = record["label"] {
      guard let p = label.double, (0...1).contains(p) else {
        throw record.error("the field 'label' is not a probability from 0 to 1")
      }
      preferred = p == 0.5 ? nil : (p > 0.5 ? .first : .second)
      if p != 0.5, p != 0, p != 1 { strength = (2 * p - 1).magnitude }
    }
    return Comparison(
      prompt: prompt, first: Response(chosen), second: Response(rejected), preferred: preferred,
      strength: strength, provenance: provenance())
  }

  private func trlRanking(_ record: Record) throws(DataError) -> Ranking {
    // A prompt may be a conversation here, which the plain example does not know.
    var plain = record
    let prompt = try prompt(in: options.columns.prompt, of: record)
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
    let messages = try messages(in: options.columns.messages, of: record)
    guard let last = messages.last, last.role == "assistant" else {
      throw record.error(
        "the last message is not the assistant's",
        advice: "A demonstration ends with what the assistant should say.")
    }
    return Demonstration(
      prompt: .conversation(Array(messages.dropLast())), completion: Response(last.content),
      provenance: provenance())
  }

  private func prompt(in field: String, of record: Record) throws(DataError) -> Prompt {
    if record[field]?.array != nil { return .conversation(try messages(in: field, of: record)) }
    return .text(try record.text(in: field, role: "prompt"))
  }

  /// A completion as text, or as the one message that TRL's conversational shape wraps it in.
  private func completion(in field: String, of record: Record) throws(DataError) -> String {
    guard record[field]?.array != nil else { return try record.text(in: field, role: field) }
    let turns = try messages(in: field, of: record)
    guard turns.count == 1 else {
      throw record.error("the field '\(field)' has \(turns.count) messages instead of one")
    }
    return turns[0].content
  }

  private func messages(
    in field: String, of record: Record
  ) throws(DataError) -> [MessagesExample.Message] {
    try MessagesExample(record: record, columns: ColumnNames(messages: field)).messages
  }
}
