import Alignment
import ArgumentParser
import Documents
import Feedback
import Foundation
import LanguageModels
import Serving
import Settings
import Studio
import Torch

/// `apprentice studio`.
struct StudioCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studio",
    abstract: "Open the web studio: people label, talk to models and watch them learn.",
    discussion: """
      Prints a link that opens signed in as the studio's owner; others come in by invitations that the owner makes. With \
      --model, the model writes samples, can be talked to, and answers programs under /v1 at the same port. What people say is \
      kept in the store, a SQLite file. Only this machine reaches it unless --host says otherwise, which takes a password: \
      APPRENTICE_STUDIO_PASSWORD sets the owner's.

      EXAMPLE:
        apprentice studio --store feedback.sqlite
        apprentice studio --model runs/sft --port 8090
      """)

  @Option(help: .init("A checkpoint, a run or a GGUF file.", valueName: "path"))
  var model: String?

  @Option(help: .init("The feedback store; made where there is none.", valueName: "file"))
  var store = "feedback.sqlite"

  @Option(help: .init("The address to listen on.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(in: .from(0, to: 65_535), help: .init("The port to listen on; 0 takes a free one.", valueName: "number"))
  var port = 8090

  @Option(help: .init("The name of the studio's owner, where the store has none yet.", valueName: "name"))
  var owner = NSUserName()

  @Option(help: .init("The folder that holds the runs.", valueName: "folder"))
  var runs = "runs"

  @OptionGroup var inference: InferenceOptions
  @OptionGroup var template: ChatTemplateOptions
  @OptionGroup var configuration: ConfigurationOptions

  func run() async throws {
    var settings = Studio.Settings()
    (settings.address, settings.port, settings.owner, settings.runs) = (host, port, owner, runs)
    settings.password = ProcessInfo.processInfo.environment["APPRENTICE_STUDIO_PASSWORD"]
    settings.program = Bundle.main.executablePath
    settings.model = model
    let feedback = try FeedbackStore(path: store.expandingHome)
    var models: ModelServer?
    if let model {
      var source = ServedModels.Source(model: model)
      (source.draft, source.chatTemplate, source.weights) = (
        inference.draftModel, template.chatTemplate, inference.memory.settings.weights
      )
      source.device = try Device(parsing: inference.device)
      var limits = ModelHost.Settings()
      limits.defaults = try ModelFolder.generationDefaults(model).parameters()
      models = try await ModelServer(source: source, limits: limits, settings: ModelServer.Settings())
      for line in models?.summary ?? [] { Log.info(line) }
    }
    let studio = try Studio(store: feedback, models: models, settings: settings)
    // At once, also into a pipe or a file, where print would wait for more.
    try await studio.run { _, link in FileHandle.standardOutput.write(Data("Open \(link)\n".utf8)) }
  }
}
