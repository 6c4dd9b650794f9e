import Documents
public import Evaluation

/// A chat model behind OpenAI's interface; nothing holds it to actions, so that what isn't one counts as invalid.
public final class ServerBrowsingModel: BrowsingModel {
  private let server: CompletionsServer
  private let temperature: Double

  /// A server's model.
  ///
  /// - Throws: what the server's chat interface throws.
  public init(server: CompletionsServer, temperature: Double = 0) throws {
    (self.server, self.temperature) = (server, temperature)
    _ = try server.chatPrompting(isMultiturn: true)
  }

  private func write(_ system: String, _ text: String, stops: [String], tokens: Int) throws -> String {
    let messages: JSONValue = [
      ["role": "system", "content": .string(system)], ["role": "user", "content": .string(text)],
    ]
    var result = ""
    let settings = GenerationSettings(stops: stops, maxTokens: tokens, temperature: temperature)
    try server.answer([.generation(context: messages.serialized(), settings, sample: 0)]) { _, response, _ in
      if case .text(let text) = response { result = text }
      return true
    }
    return result
  }

  /// The first line that the model writes.
  public func action(_ observation: String, choices: BrowsingChoices) throws -> String {
    try write(BrowsingPrompts.actions, observation, stops: ["\n"], tokens: 96)
  }

  /// The answer that the model writes.
  public func answer(_ question: String, quotes: [BrowsingQuote]) throws -> String {
    try write(BrowsingPrompts.answer, BrowsingPrompts.answering(question, quotes), stops: [], tokens: 192)
  }
}
