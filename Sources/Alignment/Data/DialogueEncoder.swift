public import Documents
public import Feedback
public import Tokenization

/// Prompts and what answers them as tokens: texts as they stand, conversations as the model's chat template writes them.
///
/// ```swift
/// let encoder = try DialogueEncoder(tokenizer, endOfText: tokenizer.eos)
/// let answer = try encoder.answer(to: .conversation(messages), Response("Good morning."))
/// ```
/// A turn's tokens are those of the whole conversation's text, so that training sees what generation sees. A model without a
/// template sees a transcript, as in `apprentice chat`.
public struct DialogueEncoder {
  let tokenizer: Tokenizer
  /// The token that closes an answer which no template closes.
  let endOfText: Int?
  /// The tokens that end a turn.
  private let ends: Set<Int>

  /// An encoder for a model's tokenizer.
  ///
  /// - Throws: `TokenizationError` for a chat template that can't be parsed.
  public init(_ tokenizer: Tokenizer, endOfText: Int?) throws {
    self.tokenizer = tokenizer
    self.endOfText = endOfText
    ends = Set(
      tokenizer.specialTokens.stops + (try tokenizer.chatFormat?.turnEnds ?? []) + (endOfText.map { [$0] } ?? []))
  }

  /// The tokens of an answer, and which of them are the model's own.
  public struct Answer: Sendable, Equatable {
    /// The prompt's tokens.
    public var prompt: [Int]
    /// The answer's, closed by the token that ends it.
    public var completion: [Int]
    /// Whether each of them is spoken by the assistant; the other side's turns in between are not.
    public var isSpoken: [Bool]
  }

  /// A prompt, up to the point at which the model speaks.
  public func prompt(_ prompt: Prompt) throws -> [Int] {
    switch prompt {
    case .text(let text): tokenizer.encode(text)
    case .conversation(let messages, let tools):
      try tokenizer.chatPrompt(messages: messages.map(\.document), tools: tools)
    }
  }

  /// A prompt and its answer.
  public func answer(to prompt: Prompt, _ response: Response) throws -> Answer {
    guard case .conversation(let messages, let tools) = prompt else {
      return plain(tokenizer.encode(prompt.plainText ?? ""), response.text)
    }
    guard let format = try tokenizer.chatFormat(offeringTools: tools != nil) else {
      let turns = response.turns
      let before = Tokenizer.transcript(of: (messages + turns.dropLast()).map(\.document))
      return plain(tokenizer.encode(before + "assistant:"), " " + (turns.last?.content ?? ""))
    }
    let all = (messages + response.turns).map(\.document)
    guard let spans = try format.spans(of: all, tools: tools, from: messages.count) else {
      throw DialogueError(
        description:
          "the chat template writes an answer otherwise once another follows it, so that answers of several turns can't be compared"
      )
    }
    let text = try tokens(spans)
    let isByAssistant = response.turns.first?.role == "assistant"
    let opening =
      isByAssistant
      ? spans.spoken.first?.lowerBound ?? spans.text.utf8.count
      : try format.render(messages: .array(messages.map(\.document)), tools: tools).utf8.count
    let boundary = text.ids.indices.first { text.starts[$0] >= opening } ?? text.ids.count
    // Behind the turn's end templates write a line break that belongs to what follows.
    let last = text.ids.lastIndex { ends.contains($0) }
    let end = last.map { $0 >= boundary ? $0 + 1 : text.ids.count } ?? text.ids.count
    var completion = Array(text.ids[boundary..<end])
    var isSpoken = Array(text.isSpoken[boundary..<end])
    if let endOfText, completion.last.map({ !ends.contains($0) }) ?? true {
      completion.append(endOfText)
      isSpoken.append(true)
    }
    return Answer(prompt: Array(text.ids[..<boundary]), completion: completion, isSpoken: isSpoken)
  }

  /// A conversation's pieces to learn from: one in which all of the assistant's turns are learnt, or one for each turn where no
  /// single text shows them as the model speaks them.
  public func examples(_ messages: [Prompt.Message], tools: JSONValue? = nil) throws -> [TargetedTokens] {
    let all = messages.map(\.document)
    guard let format = try tokenizer.chatFormat(offeringTools: tools != nil) else { return try turns(messages, tools) }
    guard let spans = try format.spans(of: all, tools: tools) else { return try turns(messages, tools) }
    var text = try tokens(spans)
    if !spans.isMarked, messages.last?.role == "assistant", let endOfText,
      !text.ids.indices.contains(where: { text.isSpoken[$0] && ends.contains(text.ids[$0]) })
    {
      text.ids.append(endOfText)
      text.isSpoken.append(true)
    }
    return [TargetedTokens(text.ids, learning: text.isSpoken)]
  }

  private func turns(_ messages: [Prompt.Message], _ tools: JSONValue?) throws -> [TargetedTokens] {
    try messages.indices.filter { messages[$0].role == "assistant" }.map { index in
      TargetedTokens(
        try answer(to: .conversation(Array(messages[..<index]), tools: tools), Response([messages[index]])))
    }
  }

  private func plain(_ prompt: [Int], _ text: String) -> Answer {
    // What a tokenizer puts around a text stands before the prompt, and not between it and its completion.
    let completion = tokenizer.encode(text, addSpecialTokens: false) + (endOfText.map { [$0] } ?? [])
    return Answer(prompt: prompt, completion: completion, isSpoken: completion.map { _ in true })
  }

  /// The tokens of a conversation with the bytes where they begin, and which of them are spoken.
  private func tokens(_ spans: ChatFormat.Spans) throws -> (ids: [Int], starts: [Int], isSpoken: [Bool]) {
    let encoding = try tokenizer.encoding(
      of: spans.text, addSpecialTokens: false, allowSpecial: true, truncation: .some(nil), padding: .some(nil))
    // A token knows its scalars, the ranges are of bytes.
    var bytes = [0]
    for scalar in spans.text.unicodeScalars { bytes.append(bytes[bytes.count - 1] + UTF8.width(scalar)) }
    // Tokenizers leave the spaces at a token's ends out of its place, up to leaving none: what lies between two tokens is the
    // second's.
    var (places, end) = ([Range<Int>](), 0)
    for offset in encoding.offsets {
      let place = min(end, bytes[offset.lowerBound])..<max(end, bytes[offset.upperBound])
      places.append(place)
      end = place.upperBound
    }
    var isSpoken = places.map { place in spans.spoken.contains { $0.overlaps(place) } }
    if !spans.isMarked {
      // The last token that ends a turn is the turn's last that the model speaks.
      for range in spans.spoken {
        let inside = places.indices.filter { places[$0].overlaps(range) }
        guard let end = inside.last(where: { ends.contains(encoding.ids[$0]) }) else { continue }
        for index in inside where index > end { isSpoken[index] = false }
      }
    }
    return (encoding.ids, places.map(\.lowerBound), isSpoken)
  }
}

extension TargetedTokens {
  /// An answer with its prompt: what the assistant speaks is learnt.
  public init(_ answer: DialogueEncoder.Answer) {
    self.init(answer.prompt + answer.completion, learning: answer.prompt.map { _ in false } + answer.isSpoken)
  }

  /// A text of which some tokens are learnt.
  init(_ tokens: [Int], learning isLearnt: [Bool]) {
    self.init(
      tokens: Array(tokens.dropLast()),
      targets: zip(tokens, isLearnt).dropFirst().map { $1 ? $0 : -100 })
  }
}

/// A conversation that a model's template doesn't let us learn from.
struct DialogueError: UserFacingError {
  /// The problem.
  var description: String
}
