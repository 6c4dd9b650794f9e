import ArgumentParser
import Documents
import Foundation
import Tokenization
import Training

/// `apprentice tokenizer render`.
struct TokenizerRenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Print a conversation as a model's chat template writes it.",
    discussion: """
      EXAMPLE:
        apprentice tokenizer render --model llama --messages chat.json --add-generation-prompt
      """)

  @Option(help: .init("A folder or a GGUF file with a tokenizer and its template.", valueName: "folder"))
  var model: String

  @Option(help: .init("A JSON array of messages with role and content.", valueName: "file"))
  var messages: String

  @Option(help: .init("A JSON array of tool definitions.", valueName: "file"))
  var tools: String?

  @Flag(help: "End with the opening of the assistant's turn.")
  var addGenerationPrompt = false

  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let tokenizer = try TokenizerCommand.load(model, template)
    let text = try tokenizer.applyChatTemplate(
      messages: try array(in: messages), tools: try tools.map { try array(in: $0) },
      addGenerationPrompt: addGenerationPrompt)
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  private func array(in path: String) throws -> JSONValue {
    let value = try JSONValue(contentsOf: path)
    guard case .array = value else {
      throw DataError(
        .badData, path: path, problem: "the file does not hold a JSON array",
        advice: #"Write one such as [{"role": "user", "content": "Hello"}]."#)
    }
    return value
  }
}
