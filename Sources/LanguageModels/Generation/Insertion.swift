import Tokenization

/// Text that is written into a completion while it is drawn: a tool's result, where the completion asked for it.
///
/// After each token the text so far is shown to it. What it gives back is written next in the place of what the model would have
/// drawn, and the model goes on behind it as if it had written that itself.
///
/// ```swift
/// let clock = Insertion { text in text.hasSuffix("The time is ") ? "12:00" : nil }
/// var request = GenerationRequest(prompt: ids, parameters: .init())
/// request.insertion = clock
/// ```
/// The log-probabilities of inserted tokens are the model's, so that scores and gradients read the text as any other.
public final class Insertion: Sendable, Equatable {
  private let body: @Sendable (String) -> String?

  /// An insertion by a rule.
  ///
  /// - Parameter body: gets the completion's text so far; returns what follows it, or nil where the model goes on.
  public init(_ body: @escaping @Sendable (String) -> String?) { self.body = body }

  func text(after text: String) -> String? { body(text) }

  /// Whether it is the same rule.
  public static func == (left: Insertion, right: Insertion) -> Bool { left === right }
}

extension GenerationStream {
  /// Asks the request's insertion what follows the text, if nothing is being inserted already.
  func lookForInsertion(_ tokenizer: Tokenizer?) {
    guard inserted.isEmpty, let insertion = request.insertion, let tokenizer,
      let wanted = insertion.text(after: text), !wanted.isEmpty
    else { return }
    // Behind the last character: some tokenizers begin a text with a space of their own.
    let last = tokenizer.encode(String(text.suffix(1)), addSpecialTokens: false)
    let both = tokenizer.encode(text.suffix(1) + wanted, addSpecialTokens: false)
    inserted =
      both.starts(with: last) ? both.dropFirst(last.count) : tokenizer.encode(wanted, addSpecialTokens: false)[...]
  }
}
