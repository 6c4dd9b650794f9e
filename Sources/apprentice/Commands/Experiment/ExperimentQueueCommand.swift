import Alignment
import ArgumentParser
import Documents
import Experiments
import Feedback
import Foundation
import LanguageModels
import Settings
import Studio
import Tokenization
import Torch
import Training

/// `apprentice experiment queue`.
struct ExperimentQueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Put a studio project's comparisons in the order that tells most.",
    discussion: """
      A reward on the model's hidden vectors is learnt from the answers so far; the comparisons about which it says least come next. \
      With --watch it goes on as people answer, until every comparison is answered or Ctrl-C. The studio starts it itself for \
      projects whose settings say so.

      EXAMPLE:
        apprentice experiment queue --store feedback.sqlite --project summaries --model runs/sft --watch
      """)

  @Option(help: .init("The studio's feedback store.", valueName: "file"))
  var store = "feedback.sqlite"

  @Option(help: .init("The project's name or number.", valueName: "name"))
  var project: String

  @Option(help: .init("A language model or a reward model whose hidden vectors are the features.", valueName: "path"))
  var model: String

  @Option(
    help: .init("information, uncertainty or random.", valueName: "choice"),
    transform: { name in
      guard let choice = ComparisonQueue.Choice(rawValue: name) else {
        throw ValidationError("--by is information, uncertainty or random, not '\(name)'.")
      }
      return choice
    })
  var by = ComparisonQueue.Choice.information

  @Option(in: .count(), help: .init("How many to choose at a time.", valueName: "count"))
  var batch = 10

  @Option(
    in: .count(), help: .init("How many principal components of the hidden vectors to learn on.", valueName: "count"))
  var components = 32

  @Option(help: .init("The seed of everything random.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: .init("auto, cpu, cuda, cuda:N or mps.", valueName: "device"))
  var device = "auto"

  @Flag(help: "Go on as people answer.")
  var watch = false

  @OptionGroup var memory: SettingsOptions<InferenceSettings>
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let feedback = try FeedbackStore(path: store.expandingHome)
    let (decoder, tokenizer) = try memory.measured(model, device: try Device(parsing: device))
    let queue = try ProjectQueue(feedback, project: project, decoder, tokenizer, components: components, seed: seed)
    var chosen = try queue.choose(batch, by: by)
    if watch {
      InterruptSignals.install()
      chosen = try queue.watch(batch, by: by, isStopped: { InterruptSignals.stopRequested }) {
        Log.info("\($0) answers: the next \($1.count) are chosen")
      }
    }
    output.show(
      ["next": .array(chosen.map { .int($0) })],
      text: chosen.isEmpty
        ? "Nothing is left to ask." : "Next: the tasks \(chosen.map(String.init).joined(separator: ", ")).")
  }
}
