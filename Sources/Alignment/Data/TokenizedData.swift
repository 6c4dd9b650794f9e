public import Documents
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

  /// Demonstrations with the loss on their completions.
  ///
  /// - Parameter skipLong: leaves out, and counts, those that are longer than the context.
  public func demonstrations(_ paths: [String], skipLong: Bool) throws -> [TargetedTokens] {
    var long = 0
    let found = try read(paths, minimum: 2, of: "demonstrations") { record -> TargetedTokens? in
      let example = try CompletionExample(record: record, columns: options.columns)
      let made = TargetedTokens(
        prompt: tokenizer.encode(example.prompt), completion: tokenizer.encode(example.completion),
        endOfText: endOfText)
      if skipLong, made.tokens.count > contextLength {
        long += 1
        return nil
      }
      try check(made.tokens.count, "the demonstration", record, flag: "--skip-long")
      return made.tokens.isEmpty ? nil : made
    }
    if long > 0 { warn("left out \(long) demonstrations that are longer than the context") }
    return found
  }

  /// Comparisons and rankings, at least `minimum`.
  public func rankings(_ paths: [String], minimum: Int = 2) throws -> [RankedCompletions] {
    try read(paths, minimum: minimum, of: "comparisons") { record in
      let found: RankedCompletions
      if record[options.columns.ranking] != nil {
        let example = try RankingExample(record: record, columns: options.columns)
        found = RankedCompletions(
          prompt: tokenizer.encode(example.prompt), completions: example.completions.map(closed),
          ranks: example.ranking)
      } else {
        let example = try PreferenceExample(record: record, columns: options.columns)
        found = RankedCompletions(
          prompt: tokenizer.encode(example.prompt),
          completions: [closed(example.chosen), closed(example.rejected)], ranks: [1, 2])
      }
      let longest = found.completions.map(\.count).max() ?? 0
      try check(found.prompt.count + longest, "the longest completion with its prompt", record)
      return found
    }
  }

  /// Completions of prompts whose order nobody needs to have judged: `completions`, or `chosen` and
  /// `rejected`.
  public func unjudged(_ paths: [String]) throws -> [(prompt: [Int], completions: [[Int]], record: Record)] {
    try read(paths, minimum: 1, of: "pairs") { record in
      let prompt = tokenizer.encode(try record.text(in: options.columns.prompt, role: "prompt"))
      var completions: [[Int]]
      if let list = record["completions"]?.array {
        completions = try list.map { value in
          guard let text = value.string else {
            throw record.error("\"completions\" holds \(value.kind), not strings")
          }
          return closed(text)
        }
        guard completions.count >= 2 else {
          throw record.error("\(completions.count) completions where a pair needs two")
        }
      } else {
        let example = try PreferenceExample(record: record, columns: options.columns)
        completions = [closed(example.chosen), closed(example.rejected)]
      }
      let longest = completions.map(\.count).max() ?? 0
      try check(prompt.count + longest, "the longest completion with its prompt", record)
      return (prompt, completions, record)
    }
  }

  /// Prompts that leave room for `response` tokens, each with its record.
  public func prompts(_ paths: [String], response: Int) throws -> [(ids: [Int], record: Record)] {
    try read(paths, minimum: 1, of: "prompts") { record in
      let ids = tokenizer.encode(try PromptExample(record: record, columns: options.columns).prompt)
      guard !ids.isEmpty else { throw record.error("the prompt is empty") }
      try check(ids.count + response, "the prompt with --response-length", record)
      return (ids, record)
    }
  }

  private func closed(_ text: String) -> [Int] { tokenizer.encode(text) + (endOfText.map { [$0] } ?? []) }

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
    guard items.count >= minimum else {
      throw DataError(
        .noInput, path: paths.joined(separator: ", "),
        problem: "\(items.count) usable \(name) where at least \(minimum) are needed",
        advice: "Look at the files with 'apprentice data inspect'.")
    }
    return items
  }
}
