/// Writes a model's answer to a terminal as it comes, or to a pipe as it is.
///
/// On a terminal control characters are shown and not obeyed (``SafeText``), Markdown is styled (``MarkdownStyle``), and what a
/// model thinks before it speaks is faint. A pipe gets the answer byte for byte and no thoughts.
public struct AnswerWriter {
  private enum Part {
    case text, thought
  }

  private let isWatched: Bool
  private let isStyled: Bool
  private let write: (String) -> Void
  private var safe = SafeText()
  private var style: MarkdownStyle?
  private var part: Part?
  private var isAtLineStart = true

  /// A writer of one answer.
  ///
  /// - Parameters:
  ///   - isWatched: whether what is written goes to a terminal.
  ///   - isStyled: whether the terminal takes colours.
  ///   - hasMarkdown: whether the answer is Markdown.
  public init(
    isWatched: Bool = Terminal.isWatched, isStyled: Bool = Terminal.hasStyles, hasMarkdown: Bool = true,
    write: @escaping (String) -> Void = Terminal.write
  ) {
    (self.isWatched, self.isStyled, self.write) = (isWatched, isStyled, write)
    style = isWatched && isStyled && hasMarkdown ? MarkdownStyle() : nil
  }

  /// Writes text of the answer.
  public mutating func text(_ piece: String) {
    guard isWatched else { return put(piece) }
    begin(.text)
    let shown = safe.take(piece)
    put(style?.take(shown) ?? shown)
  }

  /// Writes text that the model wrote for itself.
  public mutating func thought(_ piece: String) {
    guard isWatched else { return }
    begin(.thought)
    put(safe.take(piece))
  }

  /// Writes a remark on a line of its own, on a terminal.
  public mutating func note(_ remark: String) {
    guard isWatched else { return }
    end()
    if !isAtLineStart { put("\n") }
    put(faint("(\(SafeText.of(remark)))") + "\n")
  }

  /// Ends the answer and its line.
  public mutating func finish() {
    end()
    // A program that reads answers line by line is owed one for an empty answer, too.
    if !isWatched || !isAtLineStart { put("\n") }
  }

  private func faint(_ text: String) -> String { isStyled ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

  private mutating func begin(_ next: Part) {
    guard part != next else { return }
    end()
    part = next
    if next == .thought, isStyled { write("\u{1B}[2m") }
  }

  /// Shows what is held back and takes the style off.
  private mutating func end() {
    let rest = safe.finish()
    switch part {
    case .text?: put((style?.take(rest) ?? rest) + (style?.finish() ?? ""))
    case .thought?:
      put(rest)
      if isStyled { write("\u{1B}[0m") }
      // What follows a thought begins anew.
      if !isAtLineStart { put("\n") }
      put("\n")
    case nil: break
    }
    part = nil
  }

  private mutating func put(_ text: String) {
    guard let last = text.last else { return }
    write(text)
    isAtLineStart = last.isNewline
  }
}
