import ArgumentParser

/// `apprentice chatbot`.
struct ChatbotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chatbot",
    abstract: "Talk to a small chatbot, put it into a web page, or write its data out.",
    discussion: "'apprentice train chatbot' makes one.",
    subcommands: [
      ChatbotChatCommand.self, ChatbotExportCommand.self, ChatbotPairsCommand.self, ChatbotRatingsCommand.self,
    ])
}
