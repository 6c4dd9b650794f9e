import Alignment
import ArgumentParser
import Documents
import Foundation
import Tokenization

/// `apprentice tokenizer`.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a tokenizer, turn text into ids and back, render conversations.",
    subcommands: [
      TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
      TokenizerRenderCommand.self,
    ])

  /// Reads a tokenizer for a command that was given its folder or file.
  static func load(_ path: String, _ template: ChatTemplateOptions? = nil) throws -> Tokenizer {
    guard path == FileContents.standardInput || FileManager.default.fileExists(atPath: path) else {
      throw DataError(
        .noInput, path: path, problem: "there is no such tokenizer",
        advice: "Give a tokenizer.json, the folder or run that holds one, or a GGUF file.")
    }
    return try ModelFolder.loadTokenizer(path, chatTemplate: template?.chatTemplate)
  }
}

/// The input of `tokenizer encode` and `tokenizer decode`.
struct TokenizerOptions: ParsableArguments {
  @Option(help: .init("A tokenizer.json, the folder that holds one, or a GGUF file.", valueName: "path"))
  var tokenizer: String
}
