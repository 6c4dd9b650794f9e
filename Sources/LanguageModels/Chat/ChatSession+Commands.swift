import Documents

extension ChatSession {
  /// Whether a line ends the conversation.
  public static func isFarewell(_ line: String) -> Bool { ["/quit", "/exit", "/bye"].contains(line) }

  /// Does what a line beginning with '/' says, and reports.
  public mutating func command(_ line: String) -> String {
    let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    let argument = parts.count > 1 ? parts[1].trimmingPrefix(while: \.isWhitespace) : ""
    do { return try command(parts[0], String(argument)) } catch { return "\(error)" }
  }

  private mutating func command(_ name: String, _ argument: String) throws -> String {
    switch name {
    case "/help", "/?":
      return """
        /system TEXT  what the conversation begins with; without a text, shows it
        /undo         takes the last question and its answer back
        /clear        forgets what was said, and empties the screen
        /save FILE    writes the conversation as {"messages": …}, which 'train sft' reads
        /load FILE    goes on with such a conversation
        /quit         ends, as Ctrl-D does
        """
    case "/system":
      if !argument.isEmpty {
        transcript.system = argument
        try keep()
      }
      return transcript.system.map { "system: \($0)" } ?? "there is no system message"
    case "/undo":
      guard let last = transcript.messages.lastIndex(where: { $0["role"]?.string == "user" }) else {
        return "there is nothing to take back"
      }
      let shortened = Array(transcript.messages[..<last])
      take(ChatTranscript(system: transcript.system, messages: shortened))
      try keep()
      return "taken back; \(transcript.summary) left"
    case "/clear":
      take(ChatTranscript(system: transcript.system))
      try keep()
      return "forgotten"
    case "/save":
      guard !argument.isEmpty else { return "/save needs a file's name" }
      try transcript.write(to: argument)
      return "\((transcript.opening + transcript.messages).count) messages in \(argument)"
    case "/load":
      guard !argument.isEmpty else { return "/load needs a file's name" }
      take(try ChatTranscript(path: argument.expandingHome))
      try keep()
      return "goes on with \(transcript.summary)"
    default: return "there is no command \(name); /help lists them"
    }
  }
}
