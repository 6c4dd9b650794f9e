import Tokenization
import Training

/// Plain text as tokens, for pretraining and for the language-modelling loss in PPO.
struct TextRows {
  let tokenizer: Tokenizer
  let options: DataOptions
  let endOfText: Int?

  init(_ tokenizer: Tokenizer, options: DataOptions, endOfText: Int?) {
    self.tokenizer = tokenizer
    self.options = options
    self.endOfText = endOfText
  }

  /// The files' documents, each closed by the end of text.
  func documents(_ paths: [String]) throws -> [[Int]] {
    let reader = try ExampleReader<TextExample>(
      paths: paths, columns: options.columns, options: options.readerOptions)
    var documents: [[Int]] = []
    while let example = try reader.next() {
      documents.append(tokenizer.encode(example.text) + (endOfText.map { [$0] } ?? []))
    }
    DataOptions.reportBadLines(of: reader.records)
    return documents
  }

  /// The documents packed into rows.
  func rows(_ paths: [String], length: Int) throws -> TokenRows {
    try TokenRows(try documents(paths), length: length, path: paths.joined(separator: ", "))
  }
}
