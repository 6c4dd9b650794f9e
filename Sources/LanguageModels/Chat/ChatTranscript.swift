public import Documents
import Foundation

/// What was said in a conversation, in the form in which fine-tuning reads it: `{"messages": […]}`.
public struct ChatTranscript: Sendable, Equatable {
  /// The system message before the conversation.
  public var system: String?
  /// The messages, without it, as OpenAI's interface has them.
  public var messages: [JSONValue]

  /// A conversation that begins, or goes on.
  public init(system: String? = nil, messages: [JSONValue] = []) {
    self.system = system
    self.messages = messages
  }

  /// Reads a conversation: an object with `messages`, or the list alone.
  ///
  /// - Throws: `DataError` for what is no conversation, and for one in which somebody still waits for an answer.
  public init(path: String) throws(DataError) {
    self.init()
    let file = try StructuredFile(path: path)
    guard let list = file.value.array ?? file.value["messages"]?.array else {
      throw DataError(
        .badData, path: path, problem: "this is no conversation",
        advice: "Give a JSON file of {\"messages\": [{\"role\", \"content\"}, …]}, such as /save writes.")
    }
    let steps: [ValueStep] = file.value.array == nil ? [.key("messages")] : []
    for (index, value) in list.enumerated() {
      guard let message = MessagesExample.Message(value),
        ["system", "developer", "user", "assistant", "tool"].contains(message.role)
      else {
        throw file.error(at: steps + [.index(index)], "message \(index + 1) lacks a known role or its text")
      }
      if index == 0, message.role == "system" || message.role == "developer" {
        system = message.content
      } else {
        messages.append(message.document)
      }
    }
    guard messages.last?["role"]?.string != "user" else {
      throw file.error(
        at: steps + [.index(list.count - 1)], "the last message waits for an answer",
        advice: "Take it out of the file and ask it again.")
    }
  }

  /// The system message, where there is one.
  public var opening: [JSONValue] { system.map { [["role": "system", "content": .string($0)]] } ?? [] }

  /// How much it is, for people.
  public var summary: String {
    let turns = messages.count { $0["role"]?.string == "user" }
    return turns == 1 ? "1 turn" : "\(turns) turns"
  }

  /// Writes it, so that a crash leaves the older file or this one.
  public func write(to path: String) throws(DataError) {
    let document: JSONValue = ["messages": .array(opening + messages)]
    try DurableFile.write(document.serialized() + "\n", to: path.expandingHome)
  }
}
