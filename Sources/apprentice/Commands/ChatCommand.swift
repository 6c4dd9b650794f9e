import ArgumentParser
import Foundation
import LanguageModels
import Tokenization
import Torch
import Training

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

  @Option(help: .init("The most tokens in an answer; what the context leaves unless given.", valueName: "count"))
  var maxTokens: Int?

  @Option(
    help: .init(
      "Divides the logits; 0 takes the most probable token. Default: the model's, or 0.8.", valueName: "value"))
  var temperature: Double?

  @Option(
    help: .init(
      "Keep the most probable tokens that hold this much probability. Default: the model's, or 0.95.", valueName: "p"))
  var topP: Double?

  @Option(help: .init("Same seed, same answers.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    let (decoder, tokenizer) = try ModelFolder.load(model, device: try Device(parsing: device))
    try decoder.pack(.float32)
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
      parameters.seed = seed &+ UInt64(session.turns)
      do {
        try Interruption.heeded { try session.answer(text, parameters, maxTokens: maxTokens, show: Terminal.write) }
        Terminal.write("\n")
      } catch let error as LanguageModels.ConfigurationError {
        Log.warning("\(error.description); /clear begins anew")
      }
    }
  }
}

/// A conversation with a model.
struct ChatSession {
  let scheduler: GenerationScheduler
  let tokenizer: Tokenizer
  let context: Int
  var system: String?
  private var messages: [JSONValue] = []

  init(scheduler: GenerationScheduler, tokenizer: Tokenizer, context: Int, system: String?) {
    self.scheduler = scheduler
    self.tokenizer = tokenizer
    self.context = context
    self.system = system
  }

  /// How many messages there are.
  var turns: Int { messages.count }

  private var all: [JSONValue] {
    (system.map { [["role": "system", "content": .string($0)]] } ?? []) + messages
  }

  /// Says something and shows the answer as it comes.
  mutating func answer(
    _ text: String, _ parameters: SamplingParameters, maxTokens: Int?, show: (String) -> Void
  ) throws {
    messages.append(["role": "user", "content": .string(text)])
    var isAnswered = false
    defer { if !isAnswered { messages.removeLast() } }
    var parameters = parameters
    let prompt: [Int]
    if try tokenizer.chatTemplate() != nil {
      prompt = tokenizer.encode(
        try tokenizer.applyChatTemplate(messages: .array(all), addGenerationPrompt: true),
        addSpecialTokens: false, allowSpecial: true)
    } else {
      // A model without a template sees a transcript, and stops where it would speak for the person.
      let lines = all.map { "\($0["role"]?.string ?? ""): \($0["content"]?.string ?? "")" }
      prompt = tokenizer.encode((lines + ["assistant:"]).joined(separator: "\n"))
      parameters.stop = ["\nuser:"]
    }
    guard prompt.count < context else {
      throw LanguageModels.ConfigurationError(
        "the conversation has \(prompt.count) tokens and the context is \(context)")
    }
    parameters.maxTokens = min(maxTokens ?? .max, context - prompt.count)
    let number = try scheduler.submit(GenerationRequest(prompt: prompt, parameters: parameters))
    var answer = ""
    while !scheduler.isIdle {
      // What was said before Control-C stays said.
      if Interruption.wasAsked {
        scheduler.cancel(number)
        break
      }
      for event in try scheduler.step() {
        switch event.kind {
        case .token(_, let text):
          answer += text
          show(text)
        case .finished(_, let text):
          answer += text
          show(text)
        case .failed(let problem): throw LanguageModels.ConfigurationError(problem)
        case .promptRead: break
        }
      }
    }
    messages.append(["role": "assistant", "content": .string(answer)])
    isAnswered = true
  }

  /// Does what a line beginning with '/' says, and reports.
  mutating func command(_ line: String) -> String {
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = parts.count > 1 ? parts[1] : ""
    switch parts[0] {
    case "/help":
      return """
        /system TEXT  what the conversation begins with; without a text, shows it
        /clear        forgets what was said, and empties the screen
        /save FILE    writes the conversation as {"messages": …}, which 'train sft' reads
        /quit         ends, as Ctrl-D does
        """
    case "/system":
      if !argument.isEmpty { system = argument }
      return system.map { "system: \($0)" } ?? "there is no system message"
    case "/clear":
      messages = []
      return "forgotten"
    case "/save":
      guard !argument.isEmpty else { return "/save needs a file's name" }
      let document: JSONValue = ["messages": .array(all)]
      do {
        try (document.serialized() + "\n").write(toFile: argument, atomically: true, encoding: .utf8)
        return "\(all.count) messages in \(argument)"
      } catch { return "\(argument): \(error.localizedDescription)" }
    default: return "there is no command \(parts[0]); /help lists them"
    }
  }
}
