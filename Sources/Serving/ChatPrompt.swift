import Documents
import LanguageModels
import Tokenization

/// A conversation as a model reads it, and how its answer is to be read.
struct ChatPrompt: Sendable {
  let tokens: [Int]
  let text: String
  let format: ChatFormat?

  /// Writes a conversation by the model's template.
  ///
  /// - Parameter source: The request's member that the messages came from.
  init(
    _ host: ModelHost, messages: [JSONValue], from source: String = "messages", tools: JSONValue = .null,
    opensTurn: Bool = true, variables: JSONObject = JSONObject()
  ) throws {
    do {
      let tools = tools.isNull ? nil : tools
      text = try host.tokenizer.applyChatTemplate(
        messages: .array(messages), tools: tools, addGenerationPrompt: opensTurn, variables: variables)
      format = try host.tokenizer.chatFormat(offeringTools: tools != nil)
      tokens = host.tokenizer.encode(text, addSpecialTokens: false, allowSpecial: true)
    } catch {
      throw APIError.invalid("the chat template: \(error)", parameter: source, code: "chat_template")
    }
  }

  /// Lets a request end where the template ends a turn, and keep the marks that the answer is read by.
  func prepare(_ request: inout GenerationRequest, vocabulary: Int) {
    if let format { request.follow(format, vocabulary: vocabulary) }
  }

  /// A reader of the answer.
  ///
  /// - Parameter isConstrained: whether the answer's shape is given, which leaves no room to think first.
  func reader(_ tools: Tools, isConstrained: Bool) -> ChatReader {
    ChatReader(
      AnswerReader(format: format, functions: tools.callable, prompt: isConstrained ? "" : text),
      mostCalls: tools.mostCalls, format: format)
  }
}

/// Reads an answer as it comes, and names its calls.
struct ChatReader: Sendable {
  /// A call under the name by which its result comes back.
  struct Call: Sendable {
    var id: String
    var call: ToolCall

    /// Chat's form of a call.
    func json(index: Int?) -> JSONValue {
      var object: JSONObject = [
        "id": .string(id), "type": "function",
        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
      ]
      if let index { object["index"] = .int(index) }
      return .object(object)
    }
  }
  /// A part of the answer that some text has settled.
  enum Part: Sendable {
    case content(String)
    case reasoning(String)
    case call(Call)
  }

  private var reader: AnswerReader
  private let mostCalls: Int
  private let format: ChatFormat?
  /// The calls so far.
  private(set) var calls: [Call] = []

  init(_ reader: AnswerReader, mostCalls: Int, format: ChatFormat?) {
    (self.reader, self.mostCalls, self.format) = (reader, mostCalls, format)
  }

  /// Takes text in; the last of it, if nothing follows.
  mutating func read(_ text: String, isLast: Bool = false) -> [Part] {
    (reader.append(text) + (isLast ? reader.finish() : [])).compactMap { part in
      switch part {
      case .content(let text): return .content(text)
      case .reasoning(let text): return .reasoning(text)
      case .call(let call):
        // Where one call was asked for, the first is the answer.
        guard calls.count < mostCalls else { return nil }
        let id = format?.callIdentifier() ?? ChatFormat.usualCallIdentifier()
        calls.append(Call(id: id, call: call))
        return .call(calls[calls.count - 1])
      }
    }
  }
}
