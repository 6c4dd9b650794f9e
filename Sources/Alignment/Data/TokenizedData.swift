public import Documents
public import Feedback
public import LanguageModels
public import Tokenization

/// Data files as the learners take them: tokens that fit a model's context.
///
/// What does not fit is an error with its file and line, or left out and counted with `--skip-bad-lines`.
public struct TokenizedData {
  let tokenizer: Tokenizer
  let contextLength: Int
  /// Closes completions; a reward model is read at it.
  public let endOfText: Int?
  let options: ReadingOptions
  let warn: (String) -> Void

  /// - Parameter warn: gets what was left out, in words for a person.
  public init(
    _ tokenizer: Tokenizer, _ configuration: DecoderConfiguration, options: ReadingOptions = ReadingOptions(),
    warn: @escaping (String) -> Void = { _ in }
  ) {
    self.tokenizer = tokenizer
    self.options = options
    self.warn = warn
    contextLength = configuration.contextLength
    endOfText = tokenizer.eos ?? configuration.endOfText
  }

  /// Demonstrations with the loss on what the assistant says: completions, and every turn of a conversation; each record's pieces, of
  /// which there are several where no single text shows all turns.
  ///
  /// Completions that a label calls unwanted are left out.
  /// - Parameter skipLong: leaves out, and counts, those that are longer than the context.
  public func demonstrations(_ paths: [String], skipLong: Bool) throws -> [[TargetedTokens]] {
    var (long, unwanted) = (0, 0)
    let encoder = try DialogueEncoder(tokenizer, endOfText: endOfText)
    let found = try read(paths, minimum: 2, of: "demonstrations") { record -> [TargetedTokens] in
      guard let made = try examples(of: record, encoder) else {
        unwanted += 1
        return []
      }
      return try made.filter { example in
        if skipLong, example.tokens.count > contextLength {
          long += 1
          return false
        }
        try check(example.tokens.count, "the demonstration", record, flag: "--skip-long")
        return example.targets.contains { $0 >= 0 }
      }
    }
    if long > 0 { warn("left out \(long) demonstrations that are longer than the context") }
    if unwanted > 0 { warn("left out \(unwanted) completions whose label says that they are not wanted") }
    return found.filter { !$0.isEmpty }
  }

  /// The pieces of a demonstration; nil for a completion that isn't wanted.
  private func examples(of record: Record, _ encoder: DialogueEncoder) throws -> [TargetedTokens]? {
    let shape = DataShape(of: record, columns: options.columns)
    if shape == .messages {
      let conversation = try MessagesExample(record: record, columns: options.columns)
      guard conversation.messages.contains(where: { $0.role == "assistant" }) else {
        throw record.error(
          "no message is the assistant's", advice: "What the assistant says is what is learnt.")
      }
      return try named(record) { try encoder.examples(conversation.messages, tools: conversation.tools) }
    }
    // What is no feedback at all is told what a demonstration lacks.
    guard FeedbackFormat(shape) != nil else {
      _ = try record.text(in: options.columns.prompt, role: "prompt")
      throw record.error(
        "the record has no field '\(options.columns.completion)'",
        advice: "Name the right one with --completion-column.")
    }
    var pieces: [TargetedTokens] = []
    for item in try parser.items(of: record, shape: shape) {
      switch item {
      case .demonstration(let item):
        pieces.append(TargetedTokens(try named(record) { try encoder.answer(to: item.prompt, item.completion) }))
      case .rating(let item) where item.axis == "desirable":
        guard item.isDesirable == true else { return nil }
        pieces.append(TargetedTokens(try named(record) { try encoder.answer(to: item.prompt, item.response) }))
      default:
        throw record.error(
          "the record is a \(item.kind.rawValue), not a demonstration",
          advice: "Fine-tuning takes {\"prompt\", \"completion\"} or {\"messages\"}.")
      }
    }
    return pieces
  }

  /// Comparisons and rankings in any shape that an import knows, at least `minimum`.
  public func rankings(_ paths: [String], minimum: Int = 2) throws -> [RankedCompletions] {
    let encoder = try DialogueEncoder(tokenizer, endOfText: endOfText)
    // A record may hold what several people said of it.
    let found = try read(paths, minimum: min(1, minimum), of: "comparisons") { record -> [RankedCompletions] in
      let items = try parser.items(of: record)
      let found = try named(record) {
        try items.compactMap { item -> RankedCompletions? in
          switch item {
          case .comparison(let item): try RankedCompletions(item, encoder)
          case .ranking(let item): try RankedCompletions(item, encoder)
          default: nil
          }
        }
      }
      guard !found.isEmpty else {
        throw record.error(
          "the record is a \(items.first?.kind.rawValue ?? "nothing"), not a comparison",
          advice: "Give {\"prompt\", \"chosen\", \"rejected\"} or {\"prompt\", \"completions\", \"ranking\"}.")
      }
      for ranked in found { try checkLongest(of: ranked, record) }
      return found
    }.flatMap { $0 }
    try demand(found.count, minimum: minimum, of: "comparisons", paths)
    return found
  }

  /// Completions of prompts whose order nobody needs to have judged: `completions`, or a comparison's.
  public func unjudged(_ paths: [String]) throws -> [(ranked: RankedCompletions, record: Record)] {
    let encoder = try DialogueEncoder(tokenizer, endOfText: endOfText)
    return try read(paths, minimum: 1, of: "pairs") { record in
      let (prompt, responses): (Prompt, [Response])
      if let list = record["completions"]?.array {
        responses = try list.map { value in
          guard let text = value.string else {
            throw record.error("\"completions\" holds \(value.kind), not strings")
          }
          return Response(text)
        }
        guard responses.count >= 2 else {
          throw record.error("\(responses.count) completions where a pair needs two")
        }
        prompt = try parser.prompt(of: record)
      } else {
        guard case .comparison(let item)? = try parser.items(of: record).first else {
          throw record.error(
            "the record has neither 'completions' nor '\(options.columns.chosen)' and '\(options.columns.rejected)'")
        }
        (prompt, responses) = (item.prompt, [item.first, item.second])
      }
      let found = try named(record) { try RankedCompletions(prompt, responses, encoder) }
      try checkLongest(of: found, record)
      return (found, record)
    }
  }

  /// Prompts that leave room for `response` tokens, each with its record.
  public func prompts(
    _ paths: [String], response: Int
  ) throws -> [(ids: [Int], record: Record, prompt: Prompt)] {
    let encoder = try DialogueEncoder(tokenizer, endOfText: endOfText)
    return try read(paths, minimum: 1, of: "prompts") { record in
      let prompt = try parser.prompt(of: record)
      let ids = try named(record) { try encoder.prompt(prompt) }
      guard !ids.isEmpty else { throw record.error("the prompt is empty") }
      try check(ids.count + response, "the prompt with --response-length", record)
      return (ids, record, prompt)
    }
  }

  private var parser: FeedbackParser { FeedbackParser(.init(columns: options.columns)) }

  /// What a template says against a conversation, with the record's file and line.
  private func named<Result>(_ record: Record, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DataError { throw error } catch let error as any UserFacingError {
      throw record.error(error.description)
    }
  }

  private func checkLongest(of found: RankedCompletions, _ record: Record) throws(DataError) {
    let longest = found.completions.map(\.count).max() ?? 0
    try check(found.prompt.count + longest, "the longest completion with its prompt", record)
  }

  private func check(
    _ count: Int, _ what: String, _ record: Record, flag: String = "--skip-bad-lines"
  ) throws(DataError) {
    guard count <= contextLength else {
      throw record.error(
        "\(what) has \(count) tokens and the model's context is \(contextLength)",
        advice: "Shorten it, or leave such records out with \(flag).")
    }
  }

  private func read<Item>(
    _ paths: [String], minimum: Int, of name: String, _ body: (Record) throws -> Item?
  ) throws -> [Item] {
    let reader = try RecordReader(paths: paths, options: options.reader)
    var items: [Item] = []
    while let record = try reader.next() {
      do {
        if let item = try body(record) { items.append(item) }
      } catch let error as DataError { try reader.skip(error) }
    }
    if let report = reader.badLineReport { warn(report) }
    try demand(items.count, minimum: minimum, of: name, paths)
    return items
  }

  private func demand(_ count: Int, minimum: Int, of name: String, _ paths: [String]) throws(DataError) {
    guard count >= minimum else {
      throw DataError(
        .noInput, path: paths.joined(separator: ", "),
        problem: "\(count) usable \(name) where at least \(minimum) are needed",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
  }
}
