import ArgumentParser
import Documents
import Foundation
import Tokenization
import Training

/// `apprentice tokenizer encode`.
struct TokenizerEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Turn text into token ids.",
    discussion: """
      Prints one line of ids for each line of the file, its line end left out; with --json each line \
      is an array. Control tokens spelt out in the text stay text unless --allow-special is given.

      EXAMPLE:
        apprentice tokenizer encode --tokenizer tokenizer --text "Once upon a time" --json
      """)

  @OptionGroup var tokenizerOptions: TokenizerOptions

  @Option(help: .init("A text file; each of its lines is encoded.", valueName: "path"))
  var file: String?

  @Option(help: "A text to encode.")
  var text: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Add the tokens that the tokenizer puts around a text, if it does.")
  var addSpecialTokens = true

  @Flag(help: "Let the text of control tokens stand for them.")
  var allowSpecial = false

  @Flag(help: "Print JSON arrays instead of ids with spaces between.")
  var json = false

  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard (file == nil) != (text == nil) else {
      throw ValidationError("Give either --file or --text.")
    }
  }

  func run() throws {
    let tokenizer = try TokenizerCommand.load(tokenizerOptions.tokenizer)
    if let text {
      print(line(of: tokenizer, for: Array(text.utf8)))
    } else if let file {
      let lines = try LineReader(path: file)
      while let bytes = try lines.next() { print(line(of: tokenizer, for: Array(bytes))) }
    }
  }

  private func line(of tokenizer: Tokenizer, for text: [UInt8]) -> String {
    let ids = text.withUnsafeBufferPointer {
      tokenizer.encode(utf8: $0, addSpecialTokens: addSpecialTokens, allowSpecial: allowSpecial)
    }
    let words = ids.map(String.init)
    return json ? "[" + words.joined(separator: ", ") + "]" : words.joined(separator: " ")
  }
}
