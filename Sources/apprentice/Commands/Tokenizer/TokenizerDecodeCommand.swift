import ArgumentParser
import Documents
import Foundation
import Tokenization
import Training

/// `apprentice tokenizer decode`.
struct TokenizerDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Turn token ids into text.",
    discussion: """
      Reads ids from --ids, or from each line of --file, as arrays or with spaces between. Prints one \
      text a line; with --json each is a JSON string, so that line breaks inside stay apart.

      EXAMPLE:
        apprentice tokenizer decode --tokenizer tokenizer --ids "464 2068 7586"
      """)

  @OptionGroup var tokenizerOptions: TokenizerOptions

  @Option(help: .init("A file with the ids of one text a line.", valueName: "path"))
  var file: String?

  @Option(help: .init("The ids of one text.", valueName: "ids"))
  var ids: String?

  @Flag(help: "Keep control tokens in the text.")
  var keepSpecialTokens = false

  @Flag(help: "Print JSON strings.")
  var json = false

  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (file == nil) != (ids == nil) else {
      throw ValidationError("Give either --file or --ids.")
    }
  }

  func run() throws {
    let tokenizer = try TokenizerCommand.load(tokenizerOptions.tokenizer)
    if let ids {
      guard let numbers = Self.numbers(in: ids, below: tokenizer.vocabularySize) else {
        throw ValidationError(Self.complaint(about: ids, tokenizer))
      }
      show(tokenizer, numbers)
    } else if let file {
      let lines = try LineReader(path: file)
      while let bytes = try lines.next() {
        let line = String(decoding: bytes, as: UTF8.self)
        guard let numbers = Self.numbers(in: line, below: tokenizer.vocabularySize) else {
          throw DataError(
            .badData, path: file, line: lines.line, problem: Self.complaint(about: line, tokenizer))
        }
        show(tokenizer, numbers)
      }
    }
  }

  private func show(_ tokenizer: Tokenizer, _ ids: [Int]) {
    let text = tokenizer.decode(ids, skipSpecialTokens: !keepSpecialTokens)
    print(json ? JSONValue.string(text).serialized() : text)
  }

  private static func complaint(about line: String, _ tokenizer: Tokenizer) -> String {
    "'\(line.prefix(60))' is not a list of ids from 0 to \(tokenizer.vocabularySize - 1)"
  }

  private static func numbers(in line: String, below limit: Int) -> [Int]? {
    let words = line.split { " ,[]\t".contains($0) }
    let numbers = words.compactMap { Int($0) }.filter { (0..<limit).contains($0) }
    return numbers.count == words.count ? numbers : nil
  }
}
