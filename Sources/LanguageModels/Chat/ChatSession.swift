import Documents
import Foundation
public import Tokenization

/// A conversation with a model.
///
/// ```swift
/// var session = try ChatSession(model: model, tokenizer: tokenizer, system: "Be brief.")
/// try session.answer("Why is the sky blue?", SamplingParameters(temperature: 0.7)) { piece in
///   if case .text(let text) = piece { print(text, terminator: "") }
/// }
/// ```
/// When it has grown beyond the model's context, the model no longer sees the oldest turns; the conversation itself keeps them.
/// It holds tensors, so it stays on one thread.
public struct ChatSession {
  /// A piece of what there is to show.
  public enum Piece: Sendable, Equatable {
    /// Text of the answer.
    case text(String)
    /// Text that the model wrote for itself before it.
    case thought(String)
    /// A remark of the program's own, a clause without a full stop.
    case note(String)
  }

  /// The conversation: what was said, and the system message before it.
  public internal(set) var transcript: ChatTranscript
  /// The most tokens that the conversation and an answer have together.
  public let context: Int
  /// How many of the oldest messages the model no longer sees.
  public private(set) var leftOut = 0
  /// The file that the conversation is kept in.
  private(set) var file: String?

  private let scheduler: GenerationScheduler
  private let tokenizer: Tokenizer
  private let format: ChatFormat?

  /// A conversation that begins.
  ///
  /// - Parameters:
  ///   - context: the most tokens; the model's, or as many as there is memory for, unless given.
  ///   - system: what the conversation begins with.
  public init(model: Decoder, tokenizer: Tokenizer, context: Int? = nil, system: String? = nil) throws {
    let room = try CacheRoom(for: model).tokens()
    self.context = min(context ?? .max, model.configuration.contextLength, room)
    scheduler = GenerationScheduler(
      models: [model], tokenizer: tokenizer, limits: .init(batch: 1, prefillTokens: 512, reusesPrefixes: true),
      cacheTokens: self.context + PagedCache.page)
    self.tokenizer = tokenizer
    format = try tokenizer.chatFormat
    transcript = ChatTranscript(system: system)
  }

  /// Keeps the conversation in a file from now on: goes on with the one that is there, and writes after every change.
  ///
  /// - Parameter system: takes the place of the file's system message.
  /// - Returns: a remark.
  /// - Throws: `DataError` where the file holds no conversation or can't be written.
  public mutating func keep(in path: String, system: String? = nil) throws -> String {
    let path = path.expandingHome
    let found = FileManager.default.fileExists(atPath: path) ? try ChatTranscript(path: path) : nil
    if let found { take(found) }
    if let system { transcript.system = system }
    // A file that can't be written is told now and not after the first answer.
    try transcript.write(to: path)
    file = path
    return found.map { "goes on with \($0.summary) in \(path)" } ?? "the conversation is kept in \(path)"
  }

  mutating func take(_ other: ChatTranscript) {
    transcript = other
    leftOut = 0
  }

  /// Writes the conversation to its file, if it has one.
  func keep() throws {
    if let file { try transcript.write(to: file) }
  }

  /// Says something and shows the answer as it comes.
  ///
  /// - Parameters:
  ///   - maxTokens: the most tokens of the answer; nil for what the context leaves.
  ///   - isStopped: asked between steps; an answer that is stopped stays as far as it was said.
  ///   - show: gets the answer piece by piece.
  /// - Throws: ``GenerationError`` where the text leaves no room for an answer; the conversation is then as before.
  public mutating func answer(
    _ text: String, _ parameters: SamplingParameters, maxTokens: Int? = nil, isStopped: () -> Bool = { false },
    show: (Piece) -> Void
  ) throws {
    let before = (transcript, leftOut)
    transcript.messages.append(["role": "user", "content": .string(text)])
    do {
      let answer = try drawn(parameters, maxTokens: maxTokens, isStopped: isStopped, show: show)
      transcript.messages.append(answer)
    } catch {
      (transcript, leftOut) = before
      throw error
    }
    do { try keep() } catch { show(.note("the conversation could not be written: \(error)")) }
  }

  private mutating func drawn(
    _ parameters: SamplingParameters, maxTokens: Int?, isStopped: () -> Bool, show: (Piece) -> Void
  ) throws -> JSONValue {
    let (prompt, tokens) = try fitted(answer: maxTokens, show)
    var request = GenerationRequest(prompt: tokens, parameters: parameters)
    if let format {
      request.follow(format, vocabulary: scheduler.models[0].configuration.vocabularySize)
    } else {
      // A model without a template sees a transcript, and stops where it would speak for the person.
      request.parameters.stop = ["\nuser:"]
    }
    let room = context - tokens.count
    request.parameters.maxTokens = min(maxTokens ?? .max, room)
    let number = try scheduler.submit(request)
    var reader = AnswerReader(format: format, prompt: prompt)
    var (answer, thought) = ("", "")
    func read(_ parts: [AnswerReader.Part]) {
      for part in parts {
        switch part {
        case .content(let text):
          answer += text
          show(.text(text))
        case .reasoning(let text):
          thought += text
          show(.thought(text))
        case .call: break
        }
      }
    }
    var remark: String?
    while !scheduler.isIdle {
      if isStopped() {
        scheduler.cancel(number)
        break
      }
      for event in try scheduler.step() {
        switch event.kind {
        case .token(_, let text): read(reader.append(text))
        case .finished(let completion, let text):
          read(reader.append(text))
          if completion.finishReason == .length {
            remark =
              completion.ids.count < room
              ? "the answer was cut after \(completion.ids.count) tokens"
              : "the answer was cut: the context of \(context) tokens is full; the oldest turns make room for the next one"
          }
        case .failed(let error): throw error
        case .promptRead: break
        }
      }
    }
    read(reader.finish())
    if let remark { show(.note(remark)) }
    // A transcript has the space before what is said already.
    if format == nil, answer.hasPrefix(" ") { answer.removeFirst() }
    var message: JSONObject = ["role": "assistant", "content": .string(answer)]
    if !thought.isEmpty { message["reasoning_content"] = .string(thought) }
    return .object(message)
  }

  /// The conversation as the model reads it, without the oldest turns where those would leave no room for an answer.
  private mutating func fitted(answer: Int?, _ show: (Piece) -> Void) throws -> (text: String, tokens: [Int]) {
    // A quarter of the context is room enough to begin with where nobody says how long an answer is.
    let wanted = min(answer ?? context / 4, context / 2)
    let before = leftOut
    while true {
      let (text, tokens) = try tokenizer.writtenChatPrompt(
        messages: transcript.opening + transcript.messages[leftOut...])
      let next = transcript.messages.indices.dropFirst(leftOut + 1).first {
        transcript.messages[$0]["role"]?.string == "user"
      }
      guard context - tokens.count < max(1, wanted), let next else {
        guard tokens.count < context else {
          throw GenerationError(
            "the message has \(tokens.count) tokens with what stands before it, and the context is \(context): shorten it"
          )
        }
        if leftOut > before {
          let turns = transcript.messages[before..<leftOut].count { $0["role"]?.string == "user" }
          show(
            .note(
              "the context of \(context) tokens is full: the model no longer sees the oldest "
                + (turns == 1 ? "turn" : "\(turns) turns")))
        }
        return (text, tokens)
      }
      leftOut = next
    }
  }
}

extension GenerationRequest {
  /// Lets a completion end where a chat format ends a turn, and keeps the marks that its answers are read by.
  package mutating func follow(_ format: ChatFormat, vocabulary: Int) {
    if !parameters.ignoresEndOfText {
      parameters.stopTokens += format.turnEnds.filter { $0 < vocabulary && !parameters.stopTokens.contains($0) }
    }
    shownTokens = format.shownTokens
  }
}
