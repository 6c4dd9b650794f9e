/// A cut of a plain-text file into documents.
public enum TextDivision: Sendable, Equatable, Hashable {
  /// One document between two occurrences of a mark, usually `<|endoftext|>`; a file without the
  /// mark is one document.
  case separator(String)
  /// One document per paragraph: blank lines divide.
  case paragraphs
  /// One document per line.
  case lines
  /// The whole file is one document, whatever it holds.
  case file

  /// The usual one: documents divided by `<|endoftext|>`.
  public static let endOfText = TextDivision.separator("<|endoftext|>")
}
