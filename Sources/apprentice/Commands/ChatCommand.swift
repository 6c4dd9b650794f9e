import Alignment
import ArgumentParser
import Console
import Documents
import Foundation
import LanguageModels
import Settings
import Statistics
import Tokenization
import Torch

/// `apprentice chat`.
struct ChatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Talk to a model in the terminal.",
    discussion: """
      Answers come as they are drawn. Lines that begin with '/' are commands: /help lists them. Piped input is read a \
      line at a time, so that conversations can be scripted. Once a conversation has outgrown the context, the model \
      no longer sees its oldest turns, and the command says so. Lines typed on a terminal come back with the up arrow \
      next time, from a file in ~/.local/state/apprentice; APPRENTICE_HISTORY names another folder, or none if empty.

      EXAMPLE:
        apprentice chat --model runs/sft --system "Answer in one sentence."
        apprentice chat --model runs/sft --conversation tea.json
      """)

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: .init("What the conversation begins with.", valueName: "text"))
  var system: String?

  @Option(
    help: .init(
      "A file that keeps the conversation: it is gone on with, and written at every answer.", valueName: "file")
  )
  var conversation: String?

  @Flag(inversion: .prefixedNo, help: "Show Markdown styled on a terminal.")
  var markdown = true

  @Option(
    in: .count(), help: .init("The most tokens in an answer; what the context leaves unless given.", valueName: "count")
  )
  var maxTokens: Int?

  @Option(
    in: .atLeast(0),
    help: .init(
      "Divides the logits; 0 takes the most probable token. Default: the model's, or 0.8.", valueName: "value"))
  var temperature: Double?

  @Option(
    in: .above(0, to: 1),
    help: .init(
      "Keep the most probable tokens that hold this much probability. Default: the model's, or 0.95.", valueName: "p"))
  var topP: Double?

  @Option(help: .init("Same seed, same answers.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let (decoder, tokenizer) = try memory.model(
      model, device: try Device(parsing: device), chatTemplate: template.chatTemplate)
    if !decoder.isPacked { try decoder.pack(.float32) }
    var session = try ChatSession(model: decoder, tokenizer: tokenizer, system: system)
    let parameters = try parameters(tokenizer, decoder)
    let isTerminal = Terminal.isThere
    let colour = Terminal.hasStyles ? (begin: "\u{1B}[1;36m", end: "\u{1B}[0m") : (begin: "", end: "")
    func say(_ remark: String) {
      var writer = AnswerWriter(hasMarkdown: false)
      writer.text(remark)
      writer.finish()
    }
    if let conversation { Log.info(try session.keep(in: conversation, system: system)) }
    if isTerminal { say("/help lists the commands; Ctrl-C stops an answer, Ctrl-D ends.") }
    fflush(nil)
    var terminal = Terminal(history: isTerminal ? LineHistory.usual(of: "chat") : nil)
    while let line = isTerminal ? terminal.readLine("> ", colour: colour) : readLine() {
      let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
      if text.isEmpty { continue }
      if ChatSession.isFarewell(text) { break }
      if text.hasPrefix("/") {
        if text == "/clear", isTerminal { Terminal.clear() }
        say(session.command(text))
        continue
      }
      try answer(text, &session, parameters)
    }
  }

  private func parameters(_ tokenizer: Tokenizer, _ decoder: Decoder) throws -> SamplingParameters {
    let defaults = try ModelFolder.generationDefaults(model)
    var parameters = defaults.parameters()
    parameters.temperature = temperature ?? defaults.temperature ?? 0.8
    parameters.topP = topP ?? defaults.topP ?? 0.95
    parameters.stopTokens = tokenizer.specialTokens.stops.filter { $0 < decoder.configuration.vocabularySize }
    try parameters.validate()
    return parameters
  }

  private func answer(_ text: String, _ session: inout ChatSession, _ parameters: SamplingParameters) throws {
    var parameters = parameters
    parameters.seed = DerivedSeed(run: seed, for: "turn", index: session.transcript.messages.count).value
    var writer = AnswerWriter(hasMarkdown: markdown)
    do {
      try Interruption.heeded {
        try session.answer(text, parameters, maxTokens: maxTokens, isStopped: { Interruption.wasAsked }) { piece in
          switch piece {
          case .text(let text): writer.text(text)
          case .thought(let text): writer.thought(text)
          case .note(let remark): if Terminal.isWatched { writer.note(remark) } else { Log.info(remark) }
          }
        }
      }
      writer.finish()
    } catch let error as GenerationError {
      Log.warning("\(error.description); /clear begins anew")
    }
  }
}
