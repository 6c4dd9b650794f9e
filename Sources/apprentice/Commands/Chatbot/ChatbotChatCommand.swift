import ArgumentParser
import Chatbot
import Console
import Documents
import Foundation
import PortableModels
import Settings
import Statistics

/// `apprentice chatbot chat`.
struct ChatbotChatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Talk to a chatbot in the terminal.",
    discussion: """
      It answers as its web page does, from weights in 8 bits. Piped input is read a line at a time. Every question stands \
      for itself: the chatbot remembers nothing.

      EXAMPLE:
        apprentice chatbot chat --model runs/grizzle
        apprentice chatbot chat --model site/model.bin --temperature 0.8
      """)

  @Option(help: .init("A run, a checkpoint or an exported model.bin.", valueName: "path"))
  var model: String

  @Option(in: .from(0, to: 100), help: .init("Divides the logits; 0 takes the most probable word.", valueName: "value"))
  var temperature = 0.5

  @Flag(
    name: .customLong("released-temperature"),
    help: "Draw as the published page did, which divided probabilities and didn't sample.")
  var drawsAsReleased = false

  @Option(help: .init("Same seed, same answers.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let bot = try Conversation(contentsOf: model)
    bot.draw = drawsAsReleased ? .released : .categorical
    let isTerminal = Terminal.isThere
    var terminal = Terminal(history: nil)
    let colour = Terminal.hasStyles ? (begin: "\u{1B}[1;36m", end: "\u{1B}[0m") : (begin: "", end: "")
    var turn = 0
    while let line = isTerminal ? terminal.readLine("> ", colour: colour) : readLine() {
      let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
      if text.isEmpty { continue }
      turn += 1
      print(
        bot.answer(text, temperature: temperature, seed: DerivedSeed(run: seed, for: "turn", step: turn).value))
      fflush(nil)
    }
  }
}
