/// Which field of a record holds what.
///
/// The names given here are the usual ones (those of TRL's data sets); a file that calls its columns
/// otherwise is read by naming them, on the command line with `--prompt-column` and its like.
public struct ColumnNames: Sendable, Equatable, Codable {
  /// The field of ``TextExample/text``.
  public var text: String
  /// The field of the prompt.
  public var prompt: String
  /// The field of the completion.
  public var completion: String
  /// The field of the preferred completion.
  public var chosen: String
  /// The field of the other completion.
  public var rejected: String
  /// The field of a conversation.
  public var messages: String
  /// The field of several completions of one prompt.
  public var completions: String
  /// The field of their ranks.
  public var ranking: String

  /// Names the fields, the usual names where none is given.
  public init(
    text: String = "text", prompt: String = "prompt", completion: String = "completion",
    chosen: String = "chosen", rejected: String = "rejected", messages: String = "messages",
    completions: String = "completions", ranking: String = "ranking"
  ) {
    self.text = text
    self.prompt = prompt
    self.completion = completion
    self.chosen = chosen
    self.rejected = rejected
    self.messages = messages
    self.completions = completions
    self.ranking = ranking
  }
}
