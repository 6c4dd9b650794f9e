import Alignment
import ArgumentParser
import Documents
import Foundation
import LanguageModels
import Statistics
import Tokenization
import Torch
import Training
import Settings

/// `apprentice chat`.
struct ChatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Talk to a model in the terminal.",
    discussion: """
      Answers come as they are drawn. Lines that begin with '/' are commands: /help lists them. Piped input is read a \
      line at a time, so that conversations can be scripted.

      EXAMPLE:
        apprentice chat --model runs/sft --system "Answer in one sentence."
      """)

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String

  @Option(help: .init("What the conversation begins with.", valueName: "text"))
  var system: String?

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
    var session = ChatSession(
      scheduler: GenerationScheduler(
        models: [decoder], tokenizer: tokenizer, limits: .init(batch: 1, prefillTokens: 512, reusesPrefixes: true),
        cacheTokens: decoder.configuration.contextLength + 16),
      tokenizer: tokenizer, context: decoder.configuration.contextLength, system: system)
    let defaults = try ModelFolder.generationDefaults(model)
    var parameters = defaults.parameters()
    parameters.temperature = temperature ?? defaults.temperature ?? 0.8
    parameters.topP = topP ?? defaults.topP ?? 0.95
    parameters.seed = seed
    parameters.stopTokens = tokenizer.specialTokens.stops.filter { $0 < decoder.configuration.vocabularySize }
    try parameters.validate()
    let isTerminal = Terminal.isThere
    let style =
      isatty(STDOUT_FILENO) == 1
      ? (prompt: "\u{1B}[1;36m", note: "\u{1B}[2m", end: "\u{1B}[0m") : (prompt: "", note: "", end: "")
    if isTerminal { print("\(style.note)/help lists the commands; Ctrl-C stops an answer, Ctrl-D ends.\(style.end)") }
    fflush(nil)
    var terminal = Terminal()
    while let line = isTerminal ? terminal.readLine("> ", colour: (style.prompt, style.end)) : readLine() {
      let text = line.trimmingCharacters(in: .whitespacesAndNewlines)
      if text.isEmpty { continue }
      if text == "/quit" || text == "/exit" { break }
      if text.hasPrefix("/") {
        if text == "/clear", isTerminal { Terminal.clear() }
        Terminal.write("\(style.note)\(session.command(text))\(style.end)\n")
        continue
      }
      parameters.seed = DerivedSeed(run: seed, for: "turn", index: session.turns).value
      do {
        try Interruption.heeded {
          try session.answer(
            text, parameters, maxTokens: maxTokens, isStopped: { Interruption.wasAsked }, show: Terminal.write)
        }
        Terminal.write("\n")
      } catch let error as GenerationError {
        Log.warning("\(error.description); /clear begins anew")
      }
    }
  }
}
