import Documents
public import Tokenization

/// A conversation with a model.
public struct ChatSession {
  let scheduler: GenerationScheduler
  let tokenizer: Tokenizer
  let context: Int
  /// The system message that the conversation begins with.
  public var system: String?
  private var messages: [JSONValue] = []

  /// - Parameter context: the most tokens of a conversation.
  public init(scheduler: GenerationScheduler, tokenizer: Tokenizer, context: Int, system: String?) {
    self.scheduler = scheduler
    self.tokenizer = tokenizer
    self.context = context
    self.system = system
  }

  /// The number of messages.
  public var turns: Int { messages.count }

  private var all: [JSONValue] {
    (system.map { [["role": "system", "content": .string($0)]] } ?? []) + messages
  }

  /// Says something and shows the answer as it comes.
  ///
  /// - Parameters:
  ///   - maxTokens: the most tokens of the answer; nil for what the context leaves.
  ///   - isStopped: asked between steps; an answer that is stopped stays as far as it was said.
  ///   - show: gets the answer piece by piece.
  public mutating func answer(
    _ text: String, _ parameters: SamplingParameters, maxTokens: Int? = nil, isStopped: () -> Bool = { false },
    show: (String) -> Void
  ) throws {
    messages.append(["role": "user", "content": .string(text)])
    var isAnswered = false
    defer { if !isAnswered { messages.removeLast() } }
    var parameters = parameters
    let prompt = try tokenizer.chatPrompt(messages: all)
    // A model without a template sees a transcript, and stops where it would speak for the person.
    if try tokenizer.chatFormat == nil { parameters.stop = ["\nuser:"] }
    guard prompt.count < context else {
      throw GenerationError(
        "the conversation has \(prompt.count) tokens and the context is \(context)")
    }
    parameters.maxTokens = min(maxTokens ?? .max, context - prompt.count)
    let number = try scheduler.submit(GenerationRequest(prompt: prompt, parameters: parameters))
    var answer = ""
    while !scheduler.isIdle {
      if isStopped() {
        scheduler.cancel(number)
        break
      }
      for event in try scheduler.step() {
        switch event.kind {
        case .token(_, let text):
          answer += text
          show(text)
        case .finished(_, let text):
          answer += text
          show(text)
        case .failed(let error): throw error
        case .promptRead: break
        }
      }
    }
    // A transcript has the space before what is said already.
    let isSpaced = try tokenizer.chatFormat == nil && answer.hasPrefix(" ")
    messages.append(["role": "assistant", "content": .string(isSpaced ? String(answer.dropFirst()) : answer)])
    isAnswered = true
  }

  /// Does what a line beginning with '/' says, and reports.
  public mutating func command(_ line: String) -> String {
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = parts.count > 1 ? parts[1] : ""
    switch parts[0] {
    case "/help":
      return """
        /system TEXT  what the conversation begins with; without a text, shows it
        /clear        forgets what was said, and empties the screen
        /save FILE    writes the conversation as {"messages": …}, which 'train sft' reads
        /quit         ends, as Ctrl-D does
        """
    case "/system":
      if !argument.isEmpty { system = argument }
      return system.map { "system: \($0)" } ?? "there is no system message"
    case "/clear":
      messages = []
      return "forgotten"
    case "/save":
      guard !argument.isEmpty else { return "/save needs a file's name" }
      let document: JSONValue = ["messages": .array(all)]
      do {
        try DurableFile.write(document.serialized() + "\n", to: argument)
        return "\(all.count) messages in \(argument)"
      } catch { return "\(error)" }
    default: return "there is no command \(parts[0]); /help lists them"
    }
  }
}
