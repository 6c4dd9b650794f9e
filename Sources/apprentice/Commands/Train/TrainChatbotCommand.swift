import ArgumentParser
import Chatbot
import Documents
import Settings
import Statistics
import Torch
import Training

/// `apprentice train chatbot`.
struct TrainChatbotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chatbot",
    abstract: "Train a small chatbot of two recurrent networks on questions and answers.",
    discussion: """
      Records hold "prompt" and "completion". Without data, pairs of a mean, grumpy, sarcastic personality are learnt, as many \
      as --pairs says. The best checkpoint by perplexity on pairs that are kept out is the chatbot.

      EXAMPLE:
        apprentice train chatbot --run runs/grizzle
        apprentice train chatbot --data pairs.jsonl --attention --run runs/mine
      """)

  @Option(parsing: .upToNextOption, help: .init("Files of questions and answers.", valueName: "path"))
  var data: [String] = []

  @Option(help: .init("A personality's parts (YAML or JSON) to combine instead of one's own data.", valueName: "file"))
  var personality: String?

  @Option(in: .count(from: 2), help: .init("Pairs combined of a personality's parts.", valueName: "count"))
  var pairs = 3000

  @Option(help: .init("Frozen vectors of the question's words, in GloVe's text format.", valueName: "file"))
  var vectors: String?

  @OptionGroup var training: TrainingOptions<ChatbotSettings>
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard data.isEmpty || personality == nil else {
      throw ValidationError("--data and --personality: give one of them.")
    }
  }

  func run() throws {
    let device = try Device(parsing: training.device)
    guard device == .cpu else {
      throw ValidationError("--device \(training.device): so small a network is trained on the processor alone.")
    }
    let seed = training.settings.seed
    let all =
      data.isEmpty
      ? try (personality.map { try Personality(path: $0) } ?? .grizzle).pairs(pairs, seed: seed)
      : try ExampleReader<QuestionAnswer>(paths: data).readAll()
    let study = ChatbotStudy(all, training.learner, seed: seed)
    let given = try vectors.map { try WordVectors(path: $0) }
    if study.evaluation.isEmpty { Log.warning("no pairs are kept for evaluation: the last checkpoint is the chatbot") }
    try training.drive(study.learner(training.settings, vectors: given), of: self)
  }
}
