public import Documents
public import Tokenization

/// Plain text as tokens, for pretraining and for the language-modelling loss in PPO.
public struct TextRows {
  let tokenizer: Tokenizer
  let options: ReadingOptions
  let endOfText: Int?
  let warn: (String) -> Void

  /// - Parameter warn: gets what was left out, in words for a person.
  public init(
    _ tokenizer: Tokenizer, options: ReadingOptions = ReadingOptions(), endOfText: Int?,
    warn: @escaping (String) -> Void = { _ in }
  ) {
    self.tokenizer = tokenizer
    self.options = options
    self.endOfText = endOfText
    self.warn = warn
  }

  /// The files' documents, each closed by the end of text.
  public func documents(_ paths: [String]) throws -> [[Int]] {
    let reader = try ExampleReader<TextExample>(
      paths: paths, columns: options.columns, options: options.reader)
    var documents: [[Int]] = []
    while let example = try reader.next() {
      documents.append(tokenizer.encode(example.text) + (endOfText.map { [$0] } ?? []))
    }
    if let report = reader.records.badLineReport { warn(report) }
    return documents
  }

  /// The documents packed into rows.
  public func rows(_ paths: [String], length: Int) throws -> TokenRows {
    try TokenRows(try documents(paths), length: length, path: paths.joined(separator: ", "))
  }
}
